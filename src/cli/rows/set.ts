/** The row of `set`. */

import { defineCommand } from '../command.ts';
import { readingOptions } from '../options.ts';

export const set = defineCommand({
  name: 'set',
  summary: 'calculate with the addresses of lists',
  operands: {
    usage: 'union|intersect|subtract|complement|minimize|count FILE…',
    least: 2,
    most: Number.POSITIVE_INFINITY,
    areInputs: true,
    words: ['union', 'intersect', 'subtract', 'complement', 'minimize', 'count'],
  },
  about: ['The answer is the fewest prefixes that have exactly these addresses.'],
  options: {
    ...readingOptions,
    format: { kind: 'choice', words: ['text', 'json', 'ndjson'], about: 'how it is written (default: text)' },
  },
  examples: [{ line: 'set subtract office.txt guests.txt', about: 'what is in the first list alone' }],
  exits: { yes: 'it was written' },
});
