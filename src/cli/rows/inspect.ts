/** The row of `inspect`. */

import { defineCommand } from '../command.ts';

export const inspect = defineCommand({
  name: 'inspect',
  summary: 'say what is in a snapshot',
  operands: { usage: 'SNAPSHOT', least: 1, most: 1, areInputs: true },
  about: ['Shows its version, hash, size and counts.'],
  options: {
    format: { kind: 'choice', words: ['text', 'json'], about: 'how it is written (default: text)' },
  },
  examples: [{ line: 'inspect bad.ipv', about: 'what is in a snapshot' }],
  exits: { yes: 'it is a snapshot' },
});
