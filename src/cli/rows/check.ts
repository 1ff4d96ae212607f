/** The row of `check`. */

import { defineCommand } from '../command.ts';
import { readingOptions, reportOptions } from '../options.ts';
import { problemFields } from './problem-fields.ts';

export const check = defineCommand({
  name: 'check',
  summary: 'find what is wrong with lists',
  operands: { usage: 'FILE…', least: 1, most: Number.POSITIVE_INFINITY, areInputs: true },
  about: [
    'Shows every error and every warning: its place as FILE:LINE:COLUMN, what is wrong and what to write instead, and the line with a mark below the part that is meant. The last line gives the counts.',
    'Lines and columns are counted from 1, columns in UTF-16 code units, in every format. With several files, one that cannot be read does not keep the others from being checked.',
    'As text and for GitHub, the first 1,000 problems are written and the rest are counted; the other formats are always complete.',
  ],
  options: {
    mode: {
      kind: 'choice',
      words: ['allow', 'deny'],
      about: 'what the lists are for (default: deny); an empty list that allows lets everyone in',
    },
    ...readingOptions,
    at: {
      kind: 'instant',
      about: 'no warnings about entries that do not count at this instant (default: warn about all)',
    },
    ...reportOptions,
  },
  examples: [
    { line: 'check office.txt guests.txt', about: 'the problems of two lists' },
    { line: 'check --fail-on warning --max-problems 20 bad.txt', about: 'exit code 1 for warnings, too' },
    { line: 'check --format sarif office.txt', about: 'what code scanning takes' },
    { line: 'check --from nginx nginx.conf', about: 'the problems of a file of nginx' },
  ],
  exits: { yes: 'no errors', no: 'errors, or what --fail-on says' },
  json: problemFields,
});
