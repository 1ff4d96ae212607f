/** The row of `diff`. */

import { defineCommand } from '../command.ts';
import { changeOptions } from '../options.ts';

export const diff = defineCommand({
  name: 'diff',
  summary: 'compare two policies: who gets in now, and who no longer',
  operands: { usage: '[BEFORE AFTER]', least: 0, most: 2, areInputs: true },
  about: ['Compares every address, not the lines of the files.'],
  options: {
    ...changeOptions,
    lists: {
      kind: 'flag',
      about: 'compare the entries of two lists instead: added, removed, with another note',
    },
    format: { kind: 'choice', words: ['text', 'json', 'ndjson'], about: 'how it is written (default: text)' },
  },
  examples: [
    { line: 'diff --mode allow office.txt office-new.txt', about: 'the addresses whose verdict changes' },
  ],
  exits: { yes: 'no difference', no: 'a difference' },
});
