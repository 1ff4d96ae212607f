/** The command `set`. */

import { CommandError } from './exit.ts';
import type { set } from './rows/set.ts';
import type { Program } from './session.ts';

export const run: Program<(typeof set)['options']> = async () => {
  throw new CommandError('"set" is not there yet.');
};
