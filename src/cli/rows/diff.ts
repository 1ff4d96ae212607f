/** The row of `diff`. */

import { defineCommand } from '../command.ts';
import { changeOptions, failOnChangeOptions } from '../options.ts';

export const diff = defineCommand({
  name: 'diff',
  summary: 'compare two policies: who gets in now, and who no longer',
  operands: { usage: '[BEFORE AFTER]', least: 0, most: 2, areInputs: true },
  about: [
    'Compares every address, not the lines of the files: spelling, order, splitting and notes make no difference. What is printed are the fewest prefixes with the addresses that are newly allowed and newly denied, and their numbers.',
    'The two policies are two files and --mode, or one --before- option and one --after- option. The types may differ: --before-allow and --after-deny is a switch of the mode. Options without "before" or "after" are for both sides.',
    'With --lists, the entries of two lists are compared as an audit would: added, removed, with another note, with other times. The same entry in another spelling or on another line is no difference.',
  ],
  options: {
    mode: { kind: 'choice', words: ['allow', 'deny'], about: 'what the two files are for' },
    lists: {
      kind: 'flag',
      about: 'compare the entries of two lists instead: added, removed, with another note or other times',
    },
    ...changeOptions,
    ...failOnChangeOptions,
    format: { kind: 'choice', words: ['text', 'json', 'ndjson'], about: 'how it is written (default: text)' },
  },
  examples: [
    { line: 'diff --mode allow office.txt office-new.txt', about: 'the addresses whose verdict changes' },
    {
      line: 'diff --before-allow office.txt --after-rules rules.json',
      about: 'what changes when several lists replace one',
    },
    { line: 'diff --before-deny bad.txt --after-policy bad.ipv', about: 'whether a snapshot is up to date' },
    { line: 'diff --lists office.txt office-new.txt', about: 'the entries that somebody edited' },
  ],
  exits: { yes: 'no difference, or none that --fail-on asks for', no: 'a difference' },
  json: [
    ['differs', 'whether there is a difference'],
    [
      'allowed',
      'the addresses that are newly allowed: `prefixes`, `ipv4Count` and `ipv6Count`; counts are decimal text',
    ],
    ['denied', 'the same for those that are newly denied'],
    ['mode', 'with --lists: `before` and `after` when the type of the list changes, else `null`'],
    [
      'added, removed',
      'with --lists: entries as `file`, `rule`, `list`, `line`, `text`, `canonical`, `note`, `from` and `until`; what an entry does not have is `null`',
    ],
    [
      'renoted, retimed',
      'with --lists: entries with another note or other times, each as `before` and `after`',
    ],
    [
      'prefix, verdict',
      'NDJSON: a line for each prefix with its new verdict; with --lists, `change` and its entries',
    ],
    ['prefixCount', 'NDJSON: in the last line, which has the counts of all, the number of prefixes'],
  ],
});
