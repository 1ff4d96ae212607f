/** The command `decide`. */

import { exits } from './exit.ts';
import { readPolicy } from './policies.ts';
import type { decide } from './rows/decide.ts';
import type { Program } from './session.ts';
import { pad, printable } from './style.ts';

export const run: Program<(typeof decide)['options']> = async ({ values, operands }, session) => {
  const { output, notices, paint } = session;
  const policy = await readPolicy(values, notices);
  let exit: 0 | 1 = exits.yes;
  for (const address of operands) {
    const { verdict, entry, reason } = policy.decide(address);
    if (verdict === 'deny') exit = exits.no;
    const shown = paint(verdict === 'allow' ? 'green' : 'red', pad(verdict, 5));
    const because = entry === undefined ? reason : `line ${entry.line} ${printable(entry.text)}`;
    await output.line(`${shown} ${printable(address)} ${because}`);
  }
  return exit;
};
