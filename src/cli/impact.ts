/** The command `impact`. */

import { CommandError } from './exit.ts';
import type { impact } from './rows/impact.ts';
import type { Program } from './session.ts';

export const run: Program<(typeof impact)['options']> = async () => {
  throw new CommandError('"impact" is not there yet.');
};
