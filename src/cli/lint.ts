/** The command `lint`. */

import { CommandError } from './exit.ts';
import type { lint } from './rows/lint.ts';
import type { Program } from './session.ts';

export const run: Program<(typeof lint)['options']> = async () => {
  throw new CommandError('"lint" is not there yet.');
};
