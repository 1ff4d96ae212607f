/** The row of `decide`. */

import { defineCommand } from '../command.ts';
import { policyOptions } from '../options.ts';

export const decide = defineCommand({
  name: 'decide',
  summary: 'say for each address whether it gets in',
  operands: { usage: '[ADDRESS…]', least: 0, most: Number.POSITIVE_INFINITY, areInputs: false },
  about: ['Without addresses, one is read from each line of standard input.'],
  options: {
    ...policyOptions,
    format: {
      kind: 'choice',
      words: ['text', 'json', 'ndjson'],
      about: 'how verdicts are written (default: text)',
    },
  },
  examples: [{ line: 'decide --allow office.txt 203.0.113.9', about: 'one verdict' }],
  exits: { yes: 'every address is allowed', no: 'an address is denied' },
});
