/**
 * The files that a file of another program includes, by the option `--includes FOLDER`.
 *
 * Only regular files are read, only those that the text names, and only so much of them. Relative names count from the
 * folder. Names with a pattern are left to the reader of the format, which refuses what it needs and does not have.
 */

import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { checkImportOptions, type ImportOptions } from '../exchange/import-options.ts';
import { Importing } from '../exchange/importing.ts';
import { computing } from './interrupt.ts';
import type { Notices } from './notices.ts';
import { printable } from './style.ts';

/** More files than a list is made of. */
const MOST_FILES = 1_000;

/** More bytes of one file than the readers take of all. */
const MOST_BYTES = 64_000_000;

/** Remembers which names a reader asked for. */
class AskedNames extends Map<string, string> {
  readonly asked: Set<string> = new Set();

  override get(name: string): string | undefined {
    this.asked.add(name);
    return super.get(name);
  }

  override has(name: string): boolean {
    this.asked.add(name);
    return super.has(name);
  }
}

/** The texts of the included files, by the names that the text and these files have for them. */
export async function readIncludes(
  folder: string,
  text: string,
  options: ImportOptions,
  notices: Notices,
): Promise<Record<string, string>> {
  const { found, values } = checkImportOptions(options);
  const texts = new AskedNames();
  const tried = new Set<string>();
  for (let isNew = true; isNew && tried.size <= MOST_FILES; ) {
    isNew = false;
    texts.asked.clear();
    try {
      computing(() => found.implementation.read?.(new Importing(text, { ...values, includes: texts })));
    } catch {
      // The names up to here are known; what is wrong comes up again when the file is read.
    }
    for (const name of texts.asked) {
      if (tried.has(name) || tried.size > MOST_FILES) continue;
      tried.add(name);
      isNew = true;
      const included = await readIncluded(folder, name, notices);
      if (included !== undefined) texts.set(name, included);
    }
  }
  return Object.fromEntries(texts);
}

/** The text of a file; `undefined` when it cannot be had, which the reader of the format refuses where it matters. */
async function readIncluded(folder: string, name: string, notices: Notices): Promise<string | undefined> {
  const path = isAbsolute(name) ? name : join(folder, name);
  const reason = ['*', '?', '['].some((sign) => name.includes(sign))
    ? 'is a pattern, and only single files are read'
    : await readRegular(path).then(
        (text) => ({ text }),
        (thrown: NodeJS.ErrnoException) => reasons[thrown.code ?? ''] ?? `cannot be read: ${thrown.code}`,
      );
  if (typeof reason === 'string') {
    notices.complain(`ipverdict: warning: The included file ${printable(path)} ${reason}.`);
    return undefined;
  }
  notices.say(`ipverdict: ${printable(path)} is read, as it is included.`);
  return reason.text;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'cannot be read: permission was denied',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'is not UTF-8',
  NOT_REGULAR: 'is not a regular file',
  TOO_LARGE: 'is too large to be a list',
};

async function readRegular(path: string): Promise<string> {
  // A pipe would let the command wait for ever.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    if (!(await handle.stat()).isFile()) throw Object.assign(new Error(), { code: 'NOT_REGULAR' });
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of handle.createReadStream({ end: MOST_BYTES, autoClose: false })) {
      chunks.push(chunk as Uint8Array);
      length += (chunk as Uint8Array).length;
    }
    if (length > MOST_BYTES) throw Object.assign(new Error(), { code: 'TOO_LARGE' });
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks, length));
  } finally {
    await handle.close();
  }
}
