/** The row of `set`. */

import { defineCommand } from '../command.ts';
import { outputOptions, readingOptions } from '../options.ts';

/** What can be calculated. */
export const setOperations = ['union', 'intersect', 'subtract', 'complement', 'minimize', 'count'] as const;

export const set = defineCommand({
  name: 'set',
  summary: 'calculate with the addresses of lists',
  operands: {
    usage: `${setOperations.join('|')} FILE…`,
    least: 2,
    most: Number.POSITIVE_INFINITY,
    areInputs: true,
    words: setOperations,
  },
  about: [
    'The answer is the fewest prefixes that have exactly these addresses, one a line, IPv4 before IPv6.',
    'The operation "union" has what is in any of the lists, "intersect" what is in all of them, "subtract" what is in the first one and in none of the others, "complement" everything that is not in its one list. "minimize" writes one list in fewer prefixes; with --notes in fewer entries that keep their notes, and comments stay.',
    'The operation "count" says how many addresses are in each list, and in all of them together, each address counted once.',
    'Entries with times count at the instant of --at. An answer without addresses is an empty file: as an allow list it would let everyone in, so standard error says when that happens.',
  ],
  options: {
    notes: { kind: 'flag', about: 'of minimize: keep notes, times and comments' },
    ...readingOptions,
    ...outputOptions,
    format: { kind: 'choice', words: ['text', 'json', 'ndjson'], about: 'how it is written (default: text)' },
  },
  examples: [
    { line: 'set subtract office.txt guests.txt', about: 'what is in the first list alone' },
    { line: 'set union bad.txt guests.txt --output all.txt', about: 'two lists as one' },
    { line: 'set intersect office.txt bad.txt', about: 'who is in both lists' },
    { line: 'set minimize --notes bad.txt', about: 'the same list in fewer lines' },
    { line: 'set count office.txt bad.txt', about: 'the number of addresses of each list' },
  ],
  exits: { yes: 'it was written' },
  json: [
    ['prefixes', 'the prefixes of the answer; in NDJSON each is a line with `prefix`'],
    ['ipv4Count, ipv6Count', 'the number of addresses, as decimal text'],
    [
      'entries',
      'of minimize --notes: `text`, `note`, `from` and `until`; what an entry does not have is `null`',
    ],
    [
      'lists',
      'of count: for each list `file`, `ipv4Count`, `ipv6Count` and `prefixCount`, the number of its fewest prefixes',
    ],
    ['together', 'of count: the same for the addresses of all lists'],
  ],
});
