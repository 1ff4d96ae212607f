/** The row of `filter`. */

import { defineCommand } from '../command.ts';
import { policyOptions } from '../options.ts';

export const filter = defineCommand({
  name: 'filter',
  summary: 'print the lines of logs whose client a policy denies or allows',
  operands: { usage: '[LOG…]', least: 0, most: Number.POSITIVE_INFINITY, areInputs: true },
  about: ['Lines come out as they went in, to the byte.'],
  options: {
    ...policyOptions,
  },
  examples: [{ line: 'filter --deny bad.txt access.log', about: 'the requests that the policy denies' }],
  exits: { yes: 'a line was found', no: 'no line was found' },
});
