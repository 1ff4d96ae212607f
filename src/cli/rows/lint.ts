/** The row of `lint`. */

import { defineCommand } from '../command.ts';
import { readingOptions, reportOptions } from '../options.ts';
import { problemFields } from './problem-fields.ts';

export const lint = defineCommand({
  name: 'lint',
  summary: 'find entries that look like a slip, and mend them',
  operands: { usage: 'FILE…', least: 1, most: Number.POSITIVE_INFINITY, areInputs: true },
  about: [
    'Finds what "check" finds, and what is legal but probably not intended: entries that decide nothing, that can be written in fewer lines, that are very wide, that are over, or that nobody uses.',
    'A note that ends with "lint-ignore CODE" silences warnings about its line.',
    'With --fix, every problem is mended for which that is certain: no verdict changes, and comments, line ends and all other lines stay as they are. The file is replaced at once, or not at all, and stays as it is when nothing is to be mended. What is left is reported, and makes the exit code.',
    'With --fix --dry-run, nothing is written. The difference is printed as a unified diff for "patch -p0" and "git apply -p0"; the exit code is that of what would be left.',
    'As text and for GitHub, the first 1,000 problems are written and the rest are counted; the other formats are always complete.',
  ],
  options: {
    mode: { kind: 'choice', words: ['allow', 'deny'], about: 'what the lists are for (default: deny)' },
    exempt: { kind: 'text', value: 'FILE', isInput: true, about: 'the exemptions that the policy has' },
    clients: {
      kind: 'text',
      value: 'LOG',
      isInput: true,
      about: 'a log whose lines start with the client: finds entries that none came from',
    },
    reach: {
      kind: 'choice',
      words: ['internet', 'private'],
      about: 'where clients come from (default: internet)',
    },
    fix: { kind: 'flag', about: 'write the files with every problem mended for which that is certain' },
    'dry-run': { kind: 'flag', about: 'with --fix: show the difference and write nothing' },
    'max-entries': readingOptions['max-entries'],
    at: {
      kind: 'instant',
      about: 'the instant for which entries are over or still to come (default: now)',
    },
    ...reportOptions,
  },
  examples: [
    { line: 'lint office.txt --mode allow', about: 'the doubtful entries of a list' },
    { line: 'lint --fix --dry-run guests.txt', about: 'what would be mended, as a diff' },
    { line: 'lint --fix office.txt guests.txt', about: 'mends two lists' },
    { line: 'lint guests.txt --clients access.log', about: 'the entries that no client of a log came from' },
  ],
  exits: { yes: 'no errors', no: 'errors, or what --fail-on says' },
  json: problemFields,
});
