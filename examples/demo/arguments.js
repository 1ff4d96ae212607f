/** The command line: which files, which kind of list, or what is wrong with the arguments. */

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { count, printable } from './terminal.js';

export const usage = `Decides about every client of an access log by an ipverdict list.

  npm run demo                                     the list and the clients of the demo
  npm run demo -- my-list.txt my-clients.txt       your own
  npm run demo -- --deny my-list.txt my-clients.txt

  my-list.txt      one entry a line: an address, a prefix, a range or a @name, then "# note"
  my-clients.txt   one client a line, in the first column: an access log will do

  --deny           read the list as a deny list; it is an allow list otherwise
  --help           this text

Exit codes: 0 when every client was decided about, 1 when no line of the list can be used,
2 when the command or a file cannot be read.
`;

/** Bad usage: one sentence for the reader, and exit code 2. */
export class UsageError extends Error {}

const ownFile = (name) => ({
  path: fileURLToPath(new URL(name, import.meta.url)),
  name: `examples/demo/${name}`,
});

/** Reads the arguments: `{ isHelp, mode, list, clients }`. A file is a path and a name to show. */
export function readArguments(commandLine, environment) {
  let mode = 'allow';
  let isHelp = false;
  const names = [];
  let areAllNames = false;
  for (const argument of commandLine) {
    if (areAllNames || !argument.startsWith('-')) names.push(argument);
    else if (argument === '--') areAllNames = true;
    else if (argument === '--deny') mode = 'deny';
    else if (argument === '--help' || argument === '-h') isHelp = true;
    else
      throw new UsageError(`There is no option ${printable(argument)}; the options are --deny and --help.`);
  }
  if (isHelp) return { isHelp };
  if (names.length === 0) return { mode, list: ownFile('office.txt'), clients: ownFile('clients.txt') };
  if (names.length !== 2) {
    const given = count(names.length, 'file');
    throw new UsageError(
      `Two files are needed, a list and its clients, and ${given} came: npm run demo -- my-list.txt my-clients.txt`,
    );
  }
  // npm runs scripts in the folder of the package, but file names are relative to where the command was typed.
  const folder = (environment.npm_lifecycle_event === 'demo' && environment.INIT_CWD) || process.cwd();
  const [list, clients] = names.map((name) => ({ path: resolve(folder, name), name: printable(name) }));
  return { isHelp, mode, list, clients };
}
