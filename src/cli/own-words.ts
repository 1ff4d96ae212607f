/**
 * What the library says to programmers, in the words of the command.
 */

import type { Problem } from '../problem/errors.ts';

/** Where the library names an option of its function, the command names its own. */
export const ownWords: readonly (readonly [theirs: string, own: string])[] = [
  [
    'give it in the option now, such as new Date()',
    'give it as --made-at, such as --made-at 2026-11-29T12:00Z or --made-at now',
  ],
  [
    'give its text in the option includes',
    'with --includes FOLDER it is read, if it is a single file in FOLDER or has an absolute name',
  ],
  [
    'give the option listed, which is the value of a listed address, and the option mode',
    'give --listed with the value of a listed address, and say whether it is allowed or denied',
  ],
  ['give the option mode', 'say whether they are allowed or denied'],
  [
    'which are in rules: give the import the option mode, and its rules to createRules',
    'and does not say whether its entries are allowed or denied',
  ],
  ['in the option select, such as select: { column: "1" }', 'by --select, such as --select column=1'],
  ['the option listed', '--listed'],
  ['the option set', '--set'],
  [
    'write { allow: list }, { deny: list } or { mode, list }',
    'write { "allow": "FILE" } or { "deny": "FILE" }',
  ],
  ['unless whenEmpty is "deny"', 'unless --when-empty deny is given'],
  ['or set whenEmpty to "deny"', 'or give --when-empty deny to the commands that decide'],
];

/** The same problem, with the words of the command. */
export function inOwnWords<Found extends Problem>(problem: Found): Found {
  const message = ownWords.reduce((text, [theirs, own]) => text.replace(theirs, own), problem.message);
  return message === problem.message ? problem : { ...problem, message };
}
