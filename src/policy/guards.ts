/**
 * The guard against locking yourself out: clients that a finished policy must allow, or deny, before anyone can use it.
 */

import { ListError, type Problem, type ProblemCode, problemOf } from '../problem/errors.ts';
import { eachItem, hasItems, isIterator } from '../problem/foreign.ts';
import type { Decision, Verdict } from './decision.ts';

/** The guards, as they were given; undefined when they were not. */
export interface Guards {
  readonly mustAllow: unknown;
  readonly mustDeny: unknown;
}

/** More clients than anyone guards; a longer iterable is treated as endless. */
export const MAX_GUARDS = 100_000;

/**
 * Tests the guards.
 *
 * @param inWords - explains a decision in one sentence
 * @throws ListError with a problem for each guard that fails
 */
export function checkGuards(
  decide: (client: string) => Decision,
  { mustAllow, mustDeny }: Guards,
  inWords: (client: unknown, decision: Decision) => string,
): void {
  const problems: Problem[] = [];
  let cause: unknown;
  const check = (
    source: 'mustAllow' | 'mustDeny',
    code: ProblemCode,
    wanted: Verdict,
    clients: unknown,
  ): void => {
    if (clients === undefined) return;
    const before = problems.length;
    let line = 1;
    let isRead = false;
    try {
      const items = typeof clients === 'string' ? [clients] : (clients as Iterable<string>);
      isRead =
        hasItems(items) &&
        eachItem(items, MAX_GUARDS, (client) => {
          const decision = decide(client as string);
          const isAddress = decision.reason !== 'invalid-address';
          if (decision.verdict !== wanted || !isAddress) {
            const why = isAddress ? 'the guard fails' : `${source} takes single addresses`;
            const place = { source, line, text: typeof client === 'string' ? client : '' };
            problems.push(problemOf(place, code, `${why}: ${inWords(client, decision)}`));
          }
          line++;
        }) &&
        !(line === 1 && isIterator(items));
    } catch (thrown) {
      cause ??= thrown;
    }
    if (isRead) return;
    const message = `${source} could not be read as an array of up to ${MAX_GUARDS} addresses`;
    problems.splice(before, 0, problemOf({ source, line }, 'invalid-option', message));
  };
  check('mustAllow', 'must-allow', 'allow', mustAllow);
  check('mustDeny', 'must-deny', 'deny', mustDeny);
  if (problems.length > 0) throw new ListError(problems, { cause });
}
