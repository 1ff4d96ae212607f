/** The row of `inspect`. */

import { defineCommand } from '../command.ts';

export const inspect = defineCommand({
  name: 'inspect',
  summary: 'say what is in a snapshot',
  operands: { usage: 'SNAPSHOT', least: 1, most: 1, areInputs: true },
  about: ['Shows its version, hash, size and counts. All of it is checked for damage.'],
  options: {
    format: { kind: 'choice', words: ['text', 'json'], about: 'how it is written (default: text)' },
  },
  examples: [{ line: 'inspect bad.ipv', about: 'what is in a snapshot' }],
  exits: { yes: 'it is a snapshot' },
  json: [
    ['formatVersion, contentHash, byteLength', 'version of the format, hash of the content, length in bytes'],
    ['mode', '`allow` or `deny`'],
    ['size, exemptions', 'the numbers of entries and of exemptions'],
    ['hasEntries, hasNotes, hasTimes', 'whether it holds entries, notes and times'],
  ],
});
