/**
 * The table of commands. Parsing, help, the reference page and the completion of shells are made from it.
 */

import type { Command } from './command.ts';
import { check } from './rows/check.ts';
import { compile } from './rows/compile.ts';
import { completion } from './rows/completion.ts';
import { convert } from './rows/convert.ts';
import { decide } from './rows/decide.ts';
import { demo } from './rows/demo.ts';
import { diff } from './rows/diff.ts';
import { explain } from './rows/explain.ts';
import { filter } from './rows/filter.ts';
import { impact } from './rows/impact.ts';
import { inspect } from './rows/inspect.ts';
import { lint } from './rows/lint.ts';
import { set } from './rows/set.ts';

/** Every command, in the order of the help. */
export const commands = [
  check,
  lint,
  decide,
  explain,
  diff,
  impact,
  filter,
  convert,
  set,
  compile,
  inspect,
  completion,
  demo,
] as const satisfies readonly Command[];

export type CommandName = (typeof commands)[number]['name'];

export function findCommand(name: string): Command | undefined {
  return commands.find((command) => command.name === name) as Command | undefined;
}
