/** The row of `impact`. */

import { defineCommand } from '../command.ts';
import { changeOptions, failOnChangeOptions } from '../options.ts';
import { filter } from './filter.ts';

const { field, delimiter, quoted, json, any } = filter.options;

export const impact = defineCommand({
  name: 'impact',
  summary: 'compare two policies by a log: which clients a change affects',
  operands: { usage: 'LOG…', least: 1, most: Number.POSITIVE_INFINITY, areInputs: true },
  about: [
    'Counts the requests of logs whose verdict a change of policy would change, and names their clients, those with the most requests first, with the entries that decide before and after.',
    'The two policies are one --before- option and one --after- option, as for "diff"; options without "before" or "after" are for both sides. Where the client is in a line is said as for "filter": it is the first field when nothing else is said. A line without an address is denied by every policy, so it is not affected.',
    'Logs are one sum and may have any length. The totals are exact. So is the number of each client, unless more than 100,000 clients are affected: then the answer says by how much it may be too low.',
    'A file that cannot be read is named on standard error, the others are still counted, and the exit code is 2. It is 2, too, when there are lines and none of them has an address.',
  ],
  options: {
    ...changeOptions,
    ...failOnChangeOptions,
    field,
    delimiter,
    quoted,
    json,
    any,
    'max-clients': {
      kind: 'count',
      value: 'N',
      none: true,
      about: 'the most clients to name, or "none" for all of them (default: 10000)',
    },
    format: { kind: 'choice', words: ['text', 'json', 'ndjson'], about: 'how it is written (default: text)' },
  },
  examples: [
    {
      line: 'impact --before-allow office.txt --after-allow office-new.txt access.log',
      about: 'the clients of a log that a change affects',
    },
    {
      line: 'impact --before-deny bad.txt --after-rules rules.json --max-clients 10 access.log app.log.gz',
      about: 'the ten clients of two logs that are affected most',
    },
  ],
  exits: { yes: 'no client is affected, or none that --fail-on asks for', no: 'clients are affected' },
  json: [
    ['requests', 'the number of lines'],
    ['invalid', 'the lines without an address'],
    ['newlyAllowed, newlyDenied', 'the requests whose verdict changes'],
    [
      'clientCount',
      'the number of affected clients, of which `clients` has the first --max-clients; `null` when there are more than could be counted',
    ],
    [
      'clients',
      'the affected clients, most requests first: `address`, `requests`, `before` and `after`; in NDJSON each is a line, and the last line has everything else',
    ],
    [
      'before, after',
      '`verdict`, `reason`, and `entry` as `file`, `rule`, `list`, `line`, `text`, `canonical`, `note`, `from` and `until`, or `null` where no entry decides; `file` is `null` for a snapshot',
    ],
    [
      'undercount',
      'the number by which `requests` of a client may be too low; 0 means that all of them are exact',
    ],
  ],
});
