/**
 * From the text of a list to a policy, even when some lines are bad.
 *
 * The library never leaves a line out: it makes no policy of a list with an error. A demo that stopped there would show
 * little, so this one leaves out the bad lines itself and says so. It keeps the one rule that matters: a list in which
 * every line was bad is not an empty list. An empty allow list is open, so going on would let everyone in.
 */

import { rewriteLines } from '../list/lines.ts';
import { type ParsedList, parseList } from '../list/reader.ts';
import type { Mode } from '../list/table.ts';
import { createPolicy, type Policy } from '../policy/policy.ts';
import { ListError, type Problem } from '../problem/errors.ts';

/** Allowed whatever the list says: health checks come from the server itself. */
export const EXEMPTION = '@loopback # Health checks';

/** A list without the lines that cannot be read. */
export interface DemoPolicy {
  /** `undefined` when no entry is left, and some lines were bad. */
  readonly policy: Policy | undefined;
  /** The problems of the lines that were left out. */
  readonly errors: readonly Problem[];
  readonly entries: ParsedList['entries'];
}

/** Makes a policy of the good lines of a list. */
export function policyOfGoodLines(text: string, mode: Mode): DemoPolicy {
  try {
    const policy = build(text, mode);
    return { policy, errors: [], entries: entriesOf(text, mode) };
  } catch (error) {
    if (!(error instanceof ListError)) throw error;
    // Emptied, so that the others keep their numbers.
    const bad = new Map(error.problems.map(({ line }) => [line, () => ['']] as const));
    const rest = rewriteLines(text, bad) ?? '';
    const entries = entriesOf(rest, mode);
    const policy = entries.length === 0 ? undefined : build(rest, mode);
    return { policy, errors: error.problems, entries };
  }
}

// The limit of 1,000 entries protects forms that people fill in; a file may be longer.
const maxEntries = Number.POSITIVE_INFINITY;

function build(text: string, mode: Mode): Policy {
  const shared = { exempt: EXEMPTION, maxEntries, at: new Date() };
  return createPolicy(mode === 'allow' ? { allow: text, ...shared } : { deny: text, ...shared });
}

function entriesOf(text: string, mode: Mode): ParsedList['entries'] {
  return parseList(text, { list: mode, maxEntries }).entries;
}
