/** The row of `filter`. */

import { defineCommand } from '../command.ts';
import { policyOptions } from '../options.ts';

export const filter = defineCommand({
  name: 'filter',
  summary: 'print the lines of logs whose client a policy denies or allows',
  operands: { usage: '[LOG…]', least: 0, most: Number.POSITIVE_INFINITY, areInputs: true },
  about: [
    'Lines come out as they went in, to the byte: any encoding, any length, LF or CRLF. Standard input is read where no log is named, and files that end in ".gz" are unpacked.',
    'The client is the first field of a line, or what --field, --delimiter, --json or --any say. It is read as "decide" reads it: a field with a port or in brackets has no address, and a line without an address is denied. A client that begins after the first megabyte of its line is not looked for.',
    '--any takes the first address in the line, where letters, digits, dots and colons beside it would make it something else: "203.0.113.9:443" and "client=203.0.113.9" have one, "203.0.113.9.example.com" and "v1.2.3.4" have none.',
    'A file that cannot be read is named on standard error, the others are still filtered, and the exit code is 2.',
  ],
  options: {
    ...policyOptions,
    print: {
      kind: 'choice',
      words: ['denied', 'allowed', 'invalid', 'listed'],
      about:
        'which lines: by the verdict, without an address, or those whose client an entry covers (default: denied)',
    },
    'invert-match': { kind: 'flag', about: 'the other lines' },
    count: { kind: 'flag', short: 'c', about: 'print the number of lines instead, one sum for all logs' },
    'by-entry': { kind: 'flag', about: 'print how many of the lines each entry decided, most first' },
    'by-client': { kind: 'flag', about: 'print how many of the lines each client has, most first' },
    field: {
      kind: 'count',
      value: 'N',
      least: 1,
      about: 'the field with the client, counted from 1; blanks separate fields (default: 1)',
    },
    delimiter: {
      kind: 'text',
      value: 'CHARACTER',
      about: 'what separates fields instead, such as "," for CSV',
    },
    quoted: { kind: 'flag', about: 'fields may be in double quotes, with blanks or delimiters in them' },
    json: {
      kind: 'text',
      value: 'PATH',
      about: 'lines are JSON, and the client is at these keys: client.address',
    },
    any: { kind: 'flag', about: 'the client is the first address anywhere in the line' },
    format: {
      kind: 'choice',
      words: ['text', 'json', 'ndjson'],
      about: 'how counts are written (default: text)',
    },
  },
  examples: [
    { line: 'filter --deny bad.txt access.log', about: 'the requests that the policy denies' },
    { line: 'filter --allow office.txt --print allowed app.log.gz', about: 'the requests of the office' },
    { line: 'filter --deny bad.txt --by-entry access.log', about: 'which entries are used, and how much' },
    {
      line: 'filter --deny bad.txt --any --print listed access.log',
      about: 'what grepcidr -f bad.txt prints, by the first address of a line',
    },
    { line: 'filter --deny bad.txt --json client.address app.ndjson', about: 'logs in JSON' },
    {
      line: 'filter --deny bad.txt --delimiter , --field 3 --count clients.csv',
      about: 'the third column of CSV',
    },
  ],
  exits: { yes: 'a line was found', no: 'no line was found' },
  json: [
    ['lines', 'the number of all lines; in NDJSON the last line has it, with `found`'],
    ['found', 'how many of them were found'],
    [
      'entries',
      'with --by-entry, the largest count first: `count`, `verdict`, `reason`, and `entry` as `file`, `rule`, `list`, `line`, `text`, `canonical`, `note`, `from` and `until`; `null` where none decides',
    ],
    [
      'clients',
      'with --by-client, the largest count first: `count` and `client`; `null` for the lines without an address, and for the clients after the first 8,388,608, with a `reason`',
    ],
  ],
});
