/** The command `inspect`. */

import { CommandError } from './exit.ts';
import type { inspect } from './rows/inspect.ts';
import type { Program } from './session.ts';

export const run: Program<(typeof inspect)['options']> = async () => {
  throw new CommandError('"inspect" is not there yet.');
};
