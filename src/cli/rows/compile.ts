/** The row of `compile`. */

import { defineCommand } from '../command.ts';
import { outputOptions, policyOptions } from '../options.ts';

export const compile = defineCommand({
  name: 'compile',
  summary: 'make a snapshot of a policy, which loads at once',
  operands: { usage: '', least: 0, most: 0, areInputs: false },
  about: [
    'A snapshot is used with --policy, and by "decodePolicy" of ipverdict/snapshot.',
    'A snapshot keeps the times of its entries, so --at plays no part in who gets in later. The same lists and the same --at give the same bytes. A file whose name ends in .gz is written as gzip, as it is read again.',
  ],
  options: {
    ...policyOptions,
    ...outputOptions,
    'no-entries': { kind: 'flag', about: 'leave the entries out: smaller, but nothing can be explained' },
  },
  examples: [{ line: 'compile --deny bad.txt --output bad.ipv', about: 'a snapshot' }],
  exits: { yes: 'it was written' },
});
