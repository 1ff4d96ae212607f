/** The row of `demo`. */

import { defineCommand } from '../command.ts';

export const demo = defineCommand({
  name: 'demo',
  summary: 'show a list at work on a log',
  operands: { usage: '[LIST LOG]', least: 0, most: 2, areInputs: true },
  about: ['Without files, it decides about the clients of a log of its own.'],
  options: {
    deny: { kind: 'flag', about: 'read the list as a deny list; it is an allow list otherwise' },
  },
  examples: [{ line: 'demo', about: 'the list and the log of the demo' }],
  exits: { yes: 'every client was decided about', no: 'no line of the list can be used' },
});
