/**
 * From a policy to bytes.
 */

import { endOfLine, HASH, trimEnd } from '../list/grammar.ts';
import { EntryTable } from '../list/table.ts';
import { currentOf } from '../policy/current.ts';
import { buildTree, type Policy, type PolicyLists } from '../policy/policy.ts';
import { requireLists } from '../policy/verdicts.ts';
import { ListError } from '../problem/errors.ts';
import { type Kind, optionProblem, requireOptions } from '../problem/options.ts';
import { describeType } from '../problem/say.ts';
import { hasTimes, tablesOf, warningsOf } from '../rules/instant.ts';
import type { RuleLists } from '../rules/lists.ts';
import type { Runs } from '../space/runs.ts';
import type { Radix } from '../tree/radix.ts';
import { BareLists, BareTable, withoutEntries } from './bare.ts';
import { type Content, flags, joinSnapshot, type SnapshotBytes, section } from './header.ts';
import { type Row, rowOf, warningCodes, writeRow } from './rows.ts';
import { encodeText } from './texts.ts';
import { bytesOfWords, encodeTree, isLarge, settle } from './tree.ts';
import { ByteWriter } from './varint.ts';

/** The options of {@link encodePolicy}. */
export interface EncodeOptions {
  /**
   * Whether to store the entries; `true` when not given. Without them, decisions have the same verdicts and reasons, but
   * no entry. A policy whose entries begin or end cannot do without them.
   */
  readonly entries?: boolean;
  /** Whether to store the notes of the entries; `true` when not given. */
  readonly notes?: boolean;
}

const yesOrNo: Kind<boolean> = (value) =>
  typeof value === 'boolean' ? undefined : `must be true or false, got ${describeType(value)}`;

/**
 * Writes a policy as bytes: to store it, to send it to other processes, or to share it among threads.
 *
 * The same lists give the same bytes on every runtime. Comments, blank lines and the blanks at the ends of lines are not
 * stored, as a policy does not need them. The bytes are neither secret nor signed: they hold the lists, and those who can
 * write them decide who gets in.
 *
 * @param policy - a policy from `createPolicy`, `createRules` or `decodePolicy`; of a live policy, its current version
 * @param options - what to leave out
 * @returns a snapshot, in an `ArrayBuffer` of its own
 * @throws `ListError` with `invalid-option`, when an option is wrong, or when the entries are left out that begin or end
 * @throws TypeError when the policy was not made by this package
 * @remarks Linear in the entries, apart from sorting where there are warnings or the entries are left out. 1,000 entries
 *   with notes take about 45 KB, a million without notes 31 MB. Takes 2 to 4 times as long as `createPolicy` took for
 *   the list, and 5 to 10 times as long for a policy from `decodePolicy`, whose texts have to be decoded.
 * @example
 * ```ts
 * import { createPolicy } from 'ipverdict';
 * import { decodePolicy, encodePolicy } from 'ipverdict/snapshot';
 *
 * const bytes = encodePolicy(createPolicy({ allow: '203.0.113.0/24 # Office' }));
 * decodePolicy(bytes).decide('203.0.113.9').entry?.note; // 'Office'
 * ```
 */
export function encodePolicy(policy: Policy, options?: EncodeOptions): SnapshotBytes {
  const { entries = true, notes = true } = requireOptions(options, { entries: yesOrNo, notes: yesOrNo });
  // That of a live policy may be another a moment later.
  const source = currentOf(policy);
  const lists = requireLists(source, 'policy', 'encodePolicy');
  if (lists.active instanceof BareLists) return encodeBare(lists, lists.active);
  if (entries) return encodeWhole(source, lists, notes);
  if (hasTimes(lists))
    throw new ListError([
      optionProblem('entries must be true for a policy whose entries begin or end, as they are needed then'),
    ]);
  const { runs, allowing } = withoutEntries(lists);
  const radix = buildTree<Runs>([runs.ipv4, runs.ipv6], (family) => family);
  const isRules = !(lists.active instanceof EntryTable);
  const active = new BareLists(lists.active.size, lists.mode, isRules, radix);
  return encodeBare({ ...lists, radix, allowing, exempt: new BareTable(lists.exempt.size) }, active);
}

/** What all snapshots say, and the rest of it. */
function contentOf(
  { mode, unlisted, active }: PolicyLists,
  radix: Radix,
  others: Pick<Content, 'flags' | 'exemptions'> & Partial<Content>,
): Content {
  const isOpen = unlisted.reason === 'empty-list' && unlisted.verdict === 'allow';
  const all =
    others.flags |
    (mode === 'allow' ? flags.allow : 0) |
    (isOpen ? flags.open : 0) |
    (isLarge(radix) ? flags.large : 0);
  return { instant: 0, change: 0, size: active.size, ...others, flags: all };
}

function encodeBare(lists: PolicyLists, active: BareLists): SnapshotBytes {
  const radix = settle(lists.radix);
  const { exemptions } = lists.exempt as BareTable;
  const own = (active.isRules ? flags.rules : 0) | (lists.allowing > 1 ? flags.allowing : 0);
  return joinSnapshot(contentOf(lists, radix, { flags: own, exemptions }), [
    [section.tree, encodeTree(radix)],
  ]);
}

function encodeWhole(policy: Policy, lists: PolicyLists, withNotes: boolean): SnapshotBytes {
  const radix = settle(lists.radix);
  const tables = tablesOf(lists).map(([, table]) => table);
  const rows = rowsOf(lists);
  const texts: string[] = [];
  const notes = new Map<string, number>();
  const noteOf: number[] = [];
  for (const table of tables) {
    for (let index = 0; index < table.size; index++) {
      const line = table.lineText(index);
      const hash = endOfLine(line, 0, HASH);
      texts.push(line.slice(0, trimEnd(line, 0, hash)));
      const note = withNotes ? table.note(index) : undefined;
      if (note !== undefined && !notes.has(note)) notes.set(note, notes.size + 1);
      noteOf.push(note === undefined ? 0 : (notes.get(note) as number));
    }
  }
  const large = isLarge(radix);
  const written = new ByteWriter();
  for (const row of rows) writeRow(written, row);
  const [textBytes, noteBytes] = [encodeLines(texts), encodeLines([...notes.keys()])];
  const none = new Uint8Array(0);
  const change = policy.changesAt?.getTime();
  const instant = tables.find((table) => table.instant !== undefined)?.instant;
  const own = [
    [flags.entries, true],
    [flags.rules, !(lists.active instanceof EntryTable)],
    [flags.mostSpecific, 'order' in lists.active && (lists.active as RuleLists).order === 'most-specific'],
    [flags.notes, notes.size > 0],
    [flags.times, instant !== undefined],
    [flags.changes, change !== undefined],
  ] as const;
  const content = contentOf(lists, radix, {
    flags: own.reduce((sum, [flag, isSet]) => sum | (isSet ? flag : 0), 0),
    exemptions: lists.exempt.size,
    instant: instant ?? 0,
    change: change ?? 0,
  });
  return joinSnapshot(content, [
    [section.tree, encodeTree(radix)],
    [section.tables, written.view()],
    [section.texts, textBytes],
    [section.textOffsets, large ? offsetsOf(textBytes) : none],
    [section.notes, noteBytes],
    [section.noteOffsets, large ? offsetsOf(noteBytes) : none],
    [section.noteOf, notes.size === 0 ? none : encodeNumbers(noteOf, large)],
    [section.lines, encodeLineNumbers(tables, rows, large)],
    [section.warnings, policy.problems.length === 0 ? none : encodeWarnings(tables)],
  ]);
}

/** The rows of the lists, in the order of their tables. */
function rowsOf({ mode, exempt, active }: PolicyLists): Row[] {
  const last = rowOf(exempt, 'allow');
  if (active instanceof EntryTable) return [rowOf(active, mode), last];
  const ofRules = (active as RuleLists).rules.flatMap((rule) => {
    const own = rowOf(rule.table, rule.mode, rule.name);
    return rule.except === undefined ? [own] : [own, rowOf(rule.except, rule.mode)];
  });
  return [...ofRules, last];
}

/** Lines of text, each with a line feed at its end. */
function encodeLines(lines: readonly string[]): Uint8Array {
  return encodeText(lines.length === 0 ? '' : `${lines.join('\n')}\n`);
}

/** Where each line starts, and the end of the last; nothing for no lines. */
function offsetsOf(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return bytes;
  const offsets = [0];
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) offsets.push(at + 1);
  return bytesOfWords(offsets);
}

function encodeNumbers(numbers: readonly number[], large: boolean): Uint8Array {
  if (large) return bytesOfWords(numbers);
  const writer = new ByteWriter();
  for (const number of numbers) writer.write(number);
  return writer.view();
}

/** The lines of the entries, of those tables in which they are not numbered one by one: as differences, where packed. */
function encodeLineNumbers(tables: readonly EntryTable[], rows: readonly Row[], large: boolean): Uint8Array {
  const lines = tables.flatMap((table, at) =>
    rows[at]?.hasLines ? Array.from({ length: table.size }, (_, index) => table.line(index)) : [],
  );
  if (large) return bytesOfWords(lines);
  const writer = new ByteWriter();
  let previous = 0;
  for (const line of lines) {
    writer.writeSigned(line - previous);
    previous = line;
  }
  return writer.view();
}

/** The warnings about entries, in the order of the tables and their entries. */
function encodeWarnings(tables: readonly EntryTable[]): Uint8Array {
  const writer = new ByteWriter();
  tables.forEach((table, at) => {
    const found: (readonly number[])[] = [];
    warningsOf(table).forEach((code, index, other) => {
      found.push([at, warningCodes.indexOf(code), index, other]);
    });
    found.sort((left, right) => (left[2] as number) - (right[2] as number));
    for (const number of found.flat()) writer.write(number);
  });
  return writer.view();
}
