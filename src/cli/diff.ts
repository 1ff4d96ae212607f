/** The command `diff`. */

import { CommandError } from './exit.ts';
import type { diff } from './rows/diff.ts';
import type { Program } from './session.ts';

export const run: Program<(typeof diff)['options']> = async () => {
  throw new CommandError('"diff" is not there yet.');
};
