/** The command `convert`. */

import { CommandError } from './exit.ts';
import type { convert } from './rows/convert.ts';
import type { Program } from './session.ts';

export const run: Program<(typeof convert)['options']> = async () => {
  throw new CommandError('"convert" is not there yet.');
};
