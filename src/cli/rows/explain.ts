/** The row of `explain`. */

import { defineCommand } from '../command.ts';
import { policyOptions } from '../options.ts';

export const explain = defineCommand({
  name: 'explain',
  summary: 'say why an address gets in or not',
  operands: { usage: 'ADDRESS', least: 1, most: 1, areInputs: false },
  about: [
    'Shows the verdict in a sentence, and every entry of every list that covers the address.',
    'An address that comes from somebody else is given after "--", so that it is not taken for an option.',
  ],
  options: {
    ...policyOptions,
    format: { kind: 'choice', words: ['text', 'json'], about: 'how it is written (default: text)' },
  },
  examples: [{ line: 'explain --allow office.txt 203.0.113.9', about: 'why this client gets in' }],
  exits: { yes: 'the address is allowed', no: 'the address is denied' },
  json: [
    ['client', 'the text that was given'],
    ['address, zone', 'its canonical text, and its zone without the `%`, or `null`'],
    ['verdict, reason', '`allow` or `deny`, and why'],
    ['message', 'one sentence'],
    ['hasEntries', 'whether the policy can name its entries; a snapshot without entries cannot'],
    ['entry', 'the entry that decided, as `decide` writes it'],
    ['covering', 'all entries of all lists that cover the address, the most specific first'],
  ],
});
