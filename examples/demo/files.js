/** The input files. They are opened before anything is printed, so a wrong name is the only thing on the screen. */

import { open } from 'node:fs/promises';
import { UsageError } from './arguments.js';

const sentences = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EISDIR: 'is a directory, not a file',
  EACCES: 'cannot be read: permission was denied',
  EPERM: 'cannot be read: permission was denied',
};

/** A file-system error as one sentence. */
function failure({ name }, { code, message }) {
  return new UsageError(
    `The file ${name || '""'} ${sentences[code] ?? `cannot be read (${code ?? message})`}.`,
  );
}

/** Opens a file for reading. */
export async function openFile(file) {
  try {
    const handle = await open(file.path);
    if (!(await handle.stat()).isDirectory()) return handle;
    await handle.close();
  } catch (error) {
    throw failure(file, error);
  }
  throw failure(file, { code: 'EISDIR' });
}

/** The whole text of a list. */
export async function readText(handle, file) {
  try {
    return await handle.readFile('utf8');
  } catch (error) {
    throw failure(file, error);
  } finally {
    await handle.close();
  }
}

/** Far longer than any address: of an endless line, only the start is kept in memory. */
const LONGEST_LINE = 4096;

/** The lines of a file of any size, one by one. */
async function* readLines(handle) {
  let rest = '';
  for await (const chunk of handle.createReadStream({ encoding: 'utf8' })) {
    const lines = chunk.split(/[\r\n]+/);
    lines[0] = rest + lines[0];
    rest = lines.pop().slice(0, LONGEST_LINE);
    yield* lines;
  }
  yield rest;
}

/** The clients of a log: the first column of each line that is neither blank nor a comment. */
export async function* readClients(handle, file) {
  try {
    for await (const line of readLines(handle)) {
      // `trimStart` also drops a byte order mark at the very start of a file.
      const [client] = line.trimStart().split(/\s/, 1);
      if (client !== '' && !client.startsWith('#')) yield client;
    }
  } catch (error) {
    throw failure(file, error);
  }
}
