/** The command `completion`. */

import { CommandError } from './exit.ts';
import type { completion } from './rows/completion.ts';
import type { Program } from './session.ts';

export const run: Program<(typeof completion)['options']> = async () => {
  throw new CommandError('"completion" is not there yet.');
};
