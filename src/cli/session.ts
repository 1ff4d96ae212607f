/**
 * What a command works with beside what it was asked for.
 */

import type { Options, Request } from './command.ts';
import type { Exit } from './exit.ts';
import type { Notices } from './notices.ts';
import type { Output } from './output.ts';
import { type Paint, paintFor } from './style.ts';

/** One run of a command. */
export interface Session {
  /** The answer. */
  readonly output: Output;
  /** Everything else. */
  readonly notices: Notices;
  /** Paints the answer. */
  readonly paint: Paint;
}

/** What a command does. */
export type Program<Table extends Options> = (request: Request<Table>, session: Session) => Promise<Exit>;

export function startSession(output: Output, notices: Notices): Session {
  return { output, notices, paint: paintFor(output.stream) };
}
