/** The row of `impact`. */

import { defineCommand } from '../command.ts';
import { changeOptions } from '../options.ts';

export const impact = defineCommand({
  name: 'impact',
  summary: 'compare two policies by a log: which clients a change affects',
  operands: { usage: 'LOG…', least: 1, most: Number.POSITIVE_INFINITY, areInputs: true },
  about: ['Counts the requests and the clients of logs whose verdict changes.'],
  options: {
    ...changeOptions,
    format: { kind: 'choice', words: ['text', 'json', 'ndjson'], about: 'how it is written (default: text)' },
  },
  examples: [
    {
      line: 'impact --before-allow office.txt --after-allow office-new.txt access.log',
      about: 'the clients of a log that a change affects',
    },
  ],
  exits: { yes: 'no client is affected', no: 'clients are affected' },
});
