/** The row of `check`. */

import { defineCommand } from '../command.ts';
import { readingOptions } from '../options.ts';

export const check = defineCommand({
  name: 'check',
  summary: 'find what is wrong with lists',
  operands: { usage: 'FILE…', least: 1, most: Number.POSITIVE_INFINITY, areInputs: true },
  about: ['Shows every error and every warning, the line, and a mark below the part that is meant.'],
  options: {
    mode: { kind: 'choice', words: ['allow', 'deny'], about: 'what the lists are for (default: deny)' },
    ...readingOptions,
    strict: { kind: 'flag', about: 'warnings count as errors for the exit code' },
    format: {
      kind: 'choice',
      words: ['text', 'json', 'ndjson', 'github', 'sarif'],
      about: 'how problems are written (default: text)',
    },
  },
  examples: [{ line: 'check office.txt', about: 'the problems of a list' }],
  exits: { yes: 'no errors', no: 'errors, or with --strict warnings' },
});
