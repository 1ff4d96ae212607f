/** The command `compile`. */

import { CommandError } from './exit.ts';
import type { compile } from './rows/compile.ts';
import type { Program } from './session.ts';

export const run: Program<(typeof compile)['options']> = async () => {
  throw new CommandError('"compile" is not there yet.');
};
