/** The command `filter`. */

import { CommandError } from './exit.ts';
import type { filter } from './rows/filter.ts';
import type { Program } from './session.ts';

export const run: Program<(typeof filter)['options']> = async () => {
  throw new CommandError('"filter" is not there yet.');
};
