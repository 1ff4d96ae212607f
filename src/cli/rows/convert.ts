/** The row of `convert`. */

import { defineCommand } from '../command.ts';
import { importOptions, readingOptions } from '../options.ts';

export const convert = defineCommand({
  name: 'convert',
  summary: 'write a list in the format of another program',
  operands: { usage: 'FILE', least: 1, most: 1, areInputs: true },
  about: ['What the other format cannot say goes to standard error.'],
  options: {
    ...importOptions,
    to: { kind: 'text', value: 'FORMAT', about: 'the format to write' },
    'max-entries': readingOptions['max-entries'],
    at: readingOptions.at,
    output: {
      kind: 'text',
      short: 'o',
      value: 'FILE',
      about: 'the file to write (default: standard output)',
    },
    strict: { kind: 'flag', about: 'write nothing when the format cannot say all of it' },
  },
  examples: [{ line: 'convert bad.txt --to nginx', about: 'directives of nginx' }],
  exits: { yes: 'it was written', no: 'with --strict: the format cannot say all of it' },
});
