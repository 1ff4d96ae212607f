/** The row of `convert`. */

import { defineCommand } from '../command.ts';
import { outputOptions, policyOptions } from '../options.ts';

export const convert = defineCommand({
  name: 'convert',
  summary: 'write a list, or a whole policy, in the format of another program',
  operands: { usage: '[FILE]', least: 0, most: 1, areInputs: true },
  about: [
    'Takes a list as FILE, or a policy as every command does. --mode says what the list is for, unless the file says so itself, or only entries are written.',
    'What the other format cannot say is named on standard error: no verdict is ever changed in silence. A policy that lets nobody in is not written where the other program would let everyone in.',
    'Files of other programs are read with --from, and refused when a line of them is bad or the end is missing. Rules with a condition beside the address, such as a port, are left out and named. A file with values needs --listed, one with lifetimes --made-at, and one that includes others --includes. A MaxMind database needs --select with a field of its records: note=FIELD and label=FIELD choose texts of them. Formats in YAML need the package "yaml".',
    'Exemptions are always list text.',
  ],
  options: {
    to: { kind: 'text', value: 'FORMAT', about: 'the format to write' },
    formats: { kind: 'flag', about: 'show the formats and do nothing else' },
    mode: { kind: 'choice', words: ['allow', 'deny'], about: 'what FILE is for' },
    ...policyOptions,
    ...outputOptions,
    strict: { kind: 'flag', about: 'write nothing when anything is lost, or left out of what was read' },
    'no-notes': { kind: 'flag', about: 'leave the notes out: fewer networks, as neighbours become one' },
    name: {
      kind: 'text',
      value: 'NAME',
      about: 'what the set, variable, matcher, table or object is called',
    },
    table: { kind: 'text', value: 'TABLE', about: 'nftables: the table of the sets, such as "inet filter"' },
    timeouts: {
      kind: 'flag',
      about: 'nftables, ipset: entries that end get a timeout, counted from the instant of --at',
    },
    dialect: { kind: 'choice', words: ['clickhouse', 'duckdb', 'postgresql'], about: 'sql: the database' },
    rows: {
      kind: 'choice',
      words: ['insert', 'csv', 'copy'],
      about: 'sql, cloudflare-list: how the rows are written',
    },
    method: {
      kind: 'text',
      value: 'METHOD',
      about: 'pg-hba: how those who are allowed log in (default: scram-sha-256)',
    },
    'listed-only': {
      kind: 'flag',
      about: 'mmdb: no records for addresses that are in no list',
    },
  },
  examples: [
    { line: 'convert bad.txt --mode deny --to nginx', about: 'directives of nginx' },
    {
      line: 'convert nginx.conf --from nginx --to nftables --output office.nft',
      about: 'sets of nftables that decide as nginx does',
    },
    {
      line: 'convert --allow office.txt --exempt guests.txt --to apache --strict',
      about: 'a whole policy, or nothing if Apache cannot say all of it',
    },
    { line: 'convert --policy bad.ipv --to plain', about: 'the list in a snapshot' },
    { line: 'convert --formats', about: 'the formats, and which of them are read and written' },
  ],
  exits: {
    yes: 'it was written',
    no: 'nothing was written: the format cannot say it, or with --strict not all of it',
  },
});
