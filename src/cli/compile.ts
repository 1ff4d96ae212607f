/** The command `compile`: a policy as a snapshot. */

import { ListError } from '../problem/errors.ts';
import { encodePolicy } from '../snapshot/encode.ts';
import { inspectSnapshot } from '../snapshot/info.ts';
import { CommandError, exits, usageError } from './exit.ts';
import { nameOf, STDIN } from './input.ts';
import { computing } from './interrupt.ts';
import { readPolicy } from './policies.ts';
import type { compile } from './rows/compile.ts';
import { refuseInput, saveFile } from './save.ts';
import type { Program } from './session.ts';
import { count, printable } from './style.ts';

export const run: Program<(typeof compile)['options']> = async ({ values }, { output, notices }) => {
  const file = values.output === STDIN ? undefined : values.output;
  if (file === undefined && output.isTerminal)
    throw usageError('A snapshot is bytes, which a terminal cannot show: name a file with --output FILE.');
  if (file !== undefined) refuseInput(file, [values.allow, values.deny, values.rules, values.exempt]);
  const policy = await readPolicy(values, notices);
  const snapshot = computing(() => {
    try {
      return encodePolicy(policy, { entries: !values['no-entries'] });
    } catch (error) {
      if (!(error instanceof ListError)) throw error;
      // Without entries, only times are refused: those that are over, too.
      if (values['no-entries'])
        throw new CommandError(
          'A snapshot needs its entries where some of them begin or end: leave out --no-entries.',
        );
      throw new CommandError(printable(error.message));
    }
  });
  if (file === undefined) await output.bytes(snapshot);
  const written = file === undefined ? snapshot.length : saveFile(file, snapshot);
  const { size, exemptions } = inspectSnapshot(snapshot);
  const exempt = exemptions > 0 ? `, ${count(exemptions, 'exemption')}` : '';
  const where = file === undefined ? '' : ` in ${nameOf(file)}`;
  notices.say(`ipverdict: ${count(size, 'entry', 'entries')}${exempt}, ${count(written, 'byte')}${where}.`);
  return exits.yes;
};
