/** The command `explain`. */

import { CommandError } from './exit.ts';
import type { explain } from './rows/explain.ts';
import type { Program } from './session.ts';

export const run: Program<(typeof explain)['options']> = async () => {
  throw new CommandError('"explain" is not there yet.');
};
