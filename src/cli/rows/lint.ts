/** The row of `lint`. */

import { defineCommand } from '../command.ts';
import { readingOptions } from '../options.ts';

export const lint = defineCommand({
  name: 'lint',
  summary: 'find what is legal but probably a mistake, and mend it',
  operands: { usage: 'FILE…', least: 1, most: Number.POSITIVE_INFINITY, areInputs: true },
  about: ['Finds entries that decide nothing, look like a mistake, or can be written in fewer lines.'],
  options: {
    mode: { kind: 'choice', words: ['allow', 'deny'], about: 'what the lists are for (default: deny)' },
    exempt: { kind: 'text', value: 'FILE', isInput: true, about: 'the exemptions that the policy has' },
    clients: {
      kind: 'text',
      value: 'LOG',
      isInput: true,
      about: 'clients that came, one a line: finds unused entries',
    },
    reach: {
      kind: 'choice',
      words: ['internet', 'private'],
      about: 'where clients come from (default: internet)',
    },
    fix: { kind: 'flag', about: 'write the files with every mistake mended for which that is certain' },
    'dry-run': { kind: 'flag', about: 'with --fix: show the difference and write nothing' },
    'max-entries': readingOptions['max-entries'],
    at: readingOptions.at,
    strict: { kind: 'flag', about: 'warnings count as errors for the exit code' },
    format: {
      kind: 'choice',
      words: ['text', 'json', 'ndjson', 'github', 'sarif'],
      about: 'how problems are written (default: text)',
    },
  },
  examples: [{ line: 'lint office.txt', about: 'the doubtful entries of a list' }],
  exits: { yes: 'no errors', no: 'errors, or with --strict warnings' },
});
