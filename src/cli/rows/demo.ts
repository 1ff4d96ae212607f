/** The row of `demo`. */

import { defineCommand } from '../command.ts';

export const demo = defineCommand({
  name: 'demo',
  summary: 'show a list at work on a log',
  operands: { usage: '[LIST LOG]', least: 0, most: 2, areInputs: true },
  about: [
    'Decides about every client of an access log by a list, and shows why. Without files, it takes a list and a log of its own.',
    'One line of that list is bad on purpose. No other command leaves a bad line out; this one does, and says so.',
    'A log has one client a line, in the first column. The first 40 decisions are printed, and all of them are counted.',
  ],
  options: {
    deny: { kind: 'flag', about: 'read the list as a deny list; it is an allow list otherwise' },
  },
  examples: [
    { line: 'demo', about: 'the list and the log of the demo' },
    { line: 'demo office.txt access.log', about: 'an allow list of your own' },
    { line: 'demo --deny bad.txt access.log', about: 'a deny list of your own' },
  ],
  exits: { yes: 'every client was decided about', no: 'no line of the list can be used' },
});
