/**
 * The policy: the decision table, and the only place where the text of clients comes in.
 *
 * | # | when                                    | verdict                                    | reason            |
 * |---|-----------------------------------------|--------------------------------------------|-------------------|
 * | 1 | the client is not an address            | deny                                       | `invalid-address` |
 * | 2 | an exemption covers it                  | allow                                      | `exempt`          |
 * | 3 | the active list has no entries          | allow, or what `whenEmpty` says            | `empty-list`      |
 * | 4 | an entry of the active list covers it   | allow in an allow list, deny in a deny one | `listed`          |
 * | 5 | otherwise                               | deny in an allow list, allow in a deny one | `not-listed`      |
 *
 * Rows 2 to 5 are settled while the policy is built: in the tree, the label of an address is the number of the entry
 * that decides, counted from 1, with the exemptions before the entries of the list. So a decision is one scan and one
 * walk, and the label says the rest.
 */

import { identify } from '../address/address.ts';
import { type Clock, readList, warnOfRepetitions } from '../list/reader.ts';
import { type Entry, EntryTable, type Mode, noEntries } from '../list/table.ts';
import { openListProblem } from '../list/warnings.ts';
import { ListError, type Problem, problemOf } from '../problem/errors.ts';
import { attempt, defineGetter } from '../problem/foreign.ts';
import { findRepetitions, ListIntervals } from '../space/intervals.ts';
import { decideRuns, type FamilyRuns, type Runs } from '../space/runs.ts';
import { buildRadix } from '../tree/build.ts';
import { findLabel, NO_ADDRESS } from '../tree/find.ts';
import type { Radix } from '../tree/radix.ts';
import { currentOf } from './current.ts';
import { type Decision, decideByEntry, decideWithoutEntry, type Verdict } from './decision.ts';
import {
  type Explanation,
  explainInWords,
  findCovering,
  type PlacedEntry,
  whyNotNow,
  whyOfList,
} from './explanation.ts';
import { checkGuards, type Guards } from './guards.ts';
import { type CheckedInput, checkInput, type PolicyInput, type PolicyOptions } from './input.ts';
import { keepDecision, NOTHING_KEPT } from './kept.ts';

/** A compiled list that answers who gets in. Immutable; safe to share. */
export interface Policy {
  /** Whether the active list allows or denies. */
  readonly mode: Mode;
  /** Number of entries in the active list, as written. */
  readonly size: number;
  /** The warnings about the lists, in the order of the active list and then of the exemptions. Frozen. */
  readonly problems: readonly Problem[];
  /**
   * The next instant at which an entry begins or ends, after that for which the policy was made: from then on, make
   * another one. `undefined` when there is none. A fresh `Date` each time that it is read.
   */
  readonly changesAt: Date | undefined;
  /**
   * Decides about one client. Never throws, whatever it is given, and runs no code of what it is given.
   *
   * An IPv4-mapped client is the IPv4 client; a zone is ignored; everything that is not exactly an address is denied.
   * One scan of the text, at most 110 characters, and at most 5 steps for IPv4, 17 for IPv6. The decision of an entry is
   * made at its first hit and kept, so the same entry gives the same object and nothing is allocated. A policy keeps at
   * most 131,072 of them and then starts again.
   */
  decide(ip: string | null | undefined): Decision;
  /** Whether the verdict is `allow`. Allocates nothing. */
  allows(ip: string | null | undefined): boolean;
  /**
   * Decides, and tells everything that led to the decision. Reads every entry of the lists again, so that a policy need
   * not keep what only a person asks for.
   */
  explain(ip: string | null | undefined): Explanation;
}

const INVALID = /* @__PURE__ */ decideWithoutEntry('deny', 'invalid-address');

/**
 * The answers where no entry decides, rows 3 and 5. Shared: where a process has thousands of policies, they are small, and
 * each object of its own counts.
 */
export const unlistedAnswers: Readonly<
  Record<'empty-list' | 'not-listed', Readonly<Record<Verdict, Decision>>>
> = {
  'empty-list': {
    allow: /* @__PURE__ */ decideWithoutEntry('allow', 'empty-list'),
    deny: /* @__PURE__ */ decideWithoutEntry('deny', 'empty-list'),
  },
  'not-listed': {
    allow: /* @__PURE__ */ decideWithoutEntry('allow', 'not-listed'),
    deny: /* @__PURE__ */ decideWithoutEntry('deny', 'not-listed'),
  },
};

/** The entries of several lists, in the order of their labels: those of lists that allow before those that deny. */
export interface JoinedTable {
  readonly size: number;
  /** Makes the object of one entry, a new one for each call. */
  entry(index: number): Entry;
  /** The indexes of the entries in the order in which the lists were given. */
  inOrder(): Iterable<number>;
  /** All lists whose entries an explanation tells of, in order: the exemptions, and those of the rules. */
  readonly tables: readonly EntryTable[];
  /** Why the lists decide as they do about a client that these entries cover; without them, in fewer words. */
  whyOf(decision: Decision, covering?: readonly PlacedEntry[]): string;
  /** The exemptions and the lists, swept once more: another label in place of each. */
  decideRuns(relabel: (label: number) => number): FamilyRuns;
}

/** What a policy says: all that it keeps of its lists. */
export interface PolicyLists {
  readonly mode: Mode;
  /** Labels up to this one allow, those above it deny. */
  readonly allowing: number;
  /** From clients to labels: 0 where no entry decides, then the exemptions from 1, then the entries of the lists. */
  readonly radix: Radix;
  /** The answer where no entry decides. */
  readonly unlisted: Decision;
  readonly exempt: EntryTable;
  /** The list of `createPolicy`, or those of `createRules`. */
  readonly active: EntryTable | JoinedTable;
}

/** A policy has no public way back to its lists. The policy itself is the key, so no look-alike passes for one. */
const listsByPolicy: WeakMap<object, PolicyLists> = /* @__PURE__ */ new WeakMap();

/** The lists of a policy, for questions about all addresses at once; `undefined` for anything that is not a policy. */
export function listsOf(policy: unknown): PolicyLists | undefined {
  return listsByPolicy.get(currentOf(policy) as object);
}

/** With more warnings than this, a policy describes them when they are first read. */
const MAX_DESCRIBED = 64;

/**
 * The policy as an object of functions that need no `this`: they can be passed on alone, and nobody can reach what they
 * use, not even through a prototype. A decision takes as long as with a class, with one policy or with many.
 *
 * Each variable that these functions capture costs every policy eight bytes, and each function costs 64.
 */
function assemble(lists: PolicyLists): Writable<Policy> {
  const { radix, unlisted } = lists;
  let kept = NOTHING_KEPT;

  // HOT, these two.
  const decide = (ip: string | null | undefined): Decision => {
    const label = findLabel(radix, ip);
    if (label <= 0) return label === 0 ? unlisted : INVALID;
    const { cells } = kept;
    const mask = cells.length - 1;
    for (let at = (label * 2) & mask; ; at = (at + 2) & mask) {
      const found = cells[at];
      if (found === label) return cells[at + 1] as Decision;
      if (found === undefined) break;
    }
    const decision = decideByLabel(lists, label);
    kept = keepDecision(kept, label, decision);
    return decision;
  };
  const allows = (ip: string | null | undefined): boolean => {
    const label = findLabel(radix, ip);
    if (label <= 0) return label !== NO_ADDRESS && unlisted.verdict === 'allow';
    return label <= lists.allowing;
  };

  const explain = (ip: string | null | undefined): Explanation => explainDecision(lists, ip, decide(ip));

  const { mode, active } = lists;
  return {
    mode,
    size: active.size,
    problems: NO_PROBLEMS,
    changesAt: undefined,
    decide,
    allows,
    explain,
  };
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

/** The decision by the entry of a label. */
export function decideByLabel({ allowing, exempt, active }: PolicyLists, label: number): Decision {
  const exemptions = exempt.size;
  return label <= exemptions
    ? decideByEntry('allow', 'exempt', exempt.entry(label - 1))
    : decideByEntry(label <= allowing ? 'allow' : 'deny', 'listed', active.entry(label - exemptions - 1));
}

function explainDecision(lists: PolicyLists, ip: unknown, decision: Decision): Explanation {
  const { exempt, active } = lists;
  const { address, zone } = identify(ip);
  const found = findCovering(ip, active instanceof EntryTable ? [exempt, active] : active.tables);
  const covering = Object.freeze(found.map(({ table, index }) => table.entry(index)));
  const message = explainBy(lists, ip, decision, found);
  return Object.freeze({ ...decision, address, zone, covering, message });
}

/** The sentence of an explanation. */
function explainBy(
  { mode, exempt, active }: PolicyLists,
  ip: unknown,
  decision: Decision,
  covering?: readonly PlacedEntry[],
): string {
  const isOne = active instanceof EntryTable;
  const why = isOne ? whyOfList(decision, mode) : active.whyOf(decision, covering);
  const isAsked = decision.reason === 'not-listed' && covering !== undefined;
  const later = isAsked ? whyNotNow(ip, isOne ? [exempt, active] : active.tables) : '';
  return explainInWords(ip, decision, why + later);
}

const NO_PROBLEMS: readonly Problem[] = /* @__PURE__ */ Object.freeze([]);

/**
 * Gives a policy its problems: at once when there are few, else when they are first read, as a list of a million lines
 * may have a warning for each. A getter costs a policy its fast properties, so only policies with many have one; and the
 * warnings are kept by nobody else.
 */
function describeLater(policy: Writable<Policy>, count: number, describeAll: () => Problem[]): void {
  const describe = (): readonly Problem[] => {
    const found = describeAll();
    return found.length === 0 ? NO_PROBLEMS : Object.freeze(found);
  };
  if (count <= MAX_DESCRIBED) {
    policy.problems = describe();
    return;
  }
  let problems: readonly Problem[] | undefined;
  defineGetter(policy, 'problems', () => {
    problems ??= describe();
    return problems;
  });
}

/**
 * Makes the policy of lists that have been read, and tests its guards.
 *
 * @param changesAt - when an entry begins or ends next, in milliseconds since 1970; Infinity for never
 * @param count - the number of warnings
 * @param describe - describes all of them
 */
export function makePolicy(
  lists: PolicyLists,
  guards: Guards,
  changesAt: number,
  count: number,
  describe: () => Problem[],
): Policy {
  const policy = assemble(lists);
  describeLater(policy, count, describe);
  if (changesAt < Number.POSITIVE_INFINITY) defineGetter(policy, 'changesAt', () => new Date(changesAt));
  listsByPolicy.set(Object.freeze(policy), lists);
  checkGuards(policy.decide, guards, (client, decision) => explainBy(lists, client, decision));
  return policy;
}

/**
 * Compiles one list and its options into a policy.
 *
 * Every bad line of every list is reported at once, and nothing is built. An empty list allows everyone until its
 * first entry, unless `whenEmpty` is `deny`; text whose every line is bad is not an empty list.
 *
 * @param list - `{ allow: list }` or `{ deny: list }`, where a list is text or items, or a managed list; with options
 * @param options - the options, if they are not given with the list
 * @returns an immutable policy
 * @throws {@link ListError} with every problem of every list and option
 * @remarks Building is linear in the text, apart from sorting. The policy keeps the text, four to 16 bytes an
 * entry, a tree, and about 700 bytes beside them.
 * @example
 * ```ts
 * import { createPolicy } from 'ipverdict';
 *
 * const policy = createPolicy({
 *   allow: `
 *     203.0.113.0/24   # Office
 *     2001:db8:12::/48 # Office
 *     198.51.100.7     # Build server
 *   `,
 *   exempt: '192.0.2.99 # Uptime probe',
 *   mustAllow: ['203.0.113.9'],
 * });
 * policy.decide('::ffff:203.0.113.9').entry?.note; // 'Office'
 * policy.decide('192.0.2.1').verdict; // 'deny'
 * policy.decide('unknown').reason; // 'invalid-address'
 * ```
 */
export function createPolicy(list: PolicyInput, options?: PolicyOptions): Policy {
  return compileList(attempt('options', 'the input', () => checkInput(list, options)));
}

/**
 * Makes the policy of an input that was checked, here or in another thread.
 *
 * @param clock - what time it is, for an input with times and without an instant
 */
export function compileList(input: CheckedInput, clock?: Clock): Policy {
  const intervals = new ListIntervals();
  const at = input.at ?? clock;
  const exempt = readList(input.exempt, { list: 'exempt', maxEntries: input.maxExemptions, at, intervals });
  const exemptions = exempt.table.size;
  const { mode, source, lines, maxEntries } = input;
  const active = readList(source, { list: mode, maxEntries, at, lines, intervals, firstOwner: exemptions });
  const errors = [...input.problems, ...active.errors, ...exempt.errors];
  if (errors.length > 0) throw new ListError(errors, { cause: active.cause ?? exempt.cause });
  const { size } = active.table;
  const families = intervals.sort();
  const repetitions = findRepetitions(families, exemptions + size, (owner) => owner < exemptions);
  warnOfRepetitions(exempt, repetitions);
  warnOfRepetitions(active, repetitions, exemptions);
  const lists: PolicyLists = {
    mode,
    allowing: mode === 'allow' ? exemptions + size : exemptions,
    radix: buildTree(families, (family) => decideRuns(family, exemptions, labelOf)),
    unlisted:
      size === 0
        ? unlistedAnswers['empty-list'][input.whenEmpty]
        : unlistedAnswers['not-listed'][mode === 'allow' ? 'deny' : 'allow'],
    exempt: exemptions === 0 ? noEntries : exempt.table,
    active: active.table,
  };
  const isOpen = mode === 'allow' && size === 0 && input.whenEmpty === 'allow';
  const [ofActive, ofExempt] = [active.warnings, exempt.warnings];
  const changesAt = Math.min(active.changesAt, exempt.changesAt);
  return makePolicy(lists, input, changesAt, ofActive.size + ofExempt.size, () => [
    ...(isOpen ? [openListProblem()] : []),
    ...ofActive.toProblems(lists.active as EntryTable),
    ...ofExempt.toProblems(lists.exempt),
  ]);
}

const labelOf = (owner: number): number => owner + 1;

/** The tree of all entries; when it would be too large, that is a problem of the lists like any other. */
export function buildTree<Family>(
  [ipv4, ipv6]: readonly [Family, Family],
  decide: (family: Family) => Runs,
): Radix {
  try {
    return buildRadix(decide(ipv4), decide(ipv6));
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ListError([problemOf('options', 'too-many-entries', cause.message)], { cause });
  }
}
