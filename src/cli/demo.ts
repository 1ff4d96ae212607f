/** The command `demo`. */

import { CommandError } from './exit.ts';
import type { demo } from './rows/demo.ts';
import type { Program } from './session.ts';

export const run: Program<(typeof demo)['options']> = async () => {
  throw new CommandError('"demo" is not there yet.');
};
