/** The row of `decide`. */

import { defineCommand } from '../command.ts';
import { policyOptions } from '../options.ts';

export const decide = defineCommand({
  name: 'decide',
  summary: 'say for each address whether it gets in',
  operands: { usage: '[ADDRESS…]', least: 0, most: Number.POSITIVE_INFINITY, areInputs: false },
  about: [
    'Without addresses, one is read from each line of standard input, and its verdict comes out at once. What is not an address is denied, and so is an empty line; standard input without a line is exit code 2.',
    'Addresses that come from somebody else are given after "--", so that none of them is taken for an option: decide --allow office.txt -- "$CLIENT".',
  ],
  options: {
    ...policyOptions,
    format: {
      kind: 'choice',
      words: ['text', 'json', 'ndjson'],
      about: 'how verdicts are written (default: text)',
    },
  },
  examples: [
    { line: 'decide --allow office.txt 203.0.113.9', about: 'one verdict' },
    { line: 'decide --rules rules.json --format ndjson 203.0.113.9 10.0.0.5', about: 'verdicts as data' },
    { line: 'decide --deny bad.txt < clients.txt', about: 'a verdict for each line of a file' },
  ],
  exits: { yes: 'every address is allowed', no: 'an address is denied' },
  json: [
    ['decisions', 'one for each address; NDJSON has each of them on a line of its own'],
    ['address', 'the text that was given'],
    ['verdict, reason', '`allow` or `deny`, and why'],
    [
      'entry',
      'the entry that decided as `file`, `rule`, `list`, `line`, `text`, `canonical`, `note`, `from` and `until`; what it does not have is `null`, and so is an entry that is not there',
    ],
  ],
});
