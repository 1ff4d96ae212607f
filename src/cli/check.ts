/** The command `check`. */

import { CommandError } from './exit.ts';
import type { check } from './rows/check.ts';
import type { Program } from './session.ts';

export const run: Program<(typeof check)['options']> = async () => {
  throw new CommandError('"check" is not there yet.');
};
