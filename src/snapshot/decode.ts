/**
 * From bytes to a policy, without building anything again.
 */

import { type EntryTable, noEntries } from '../list/table.ts';
import { openListProblem, WarningColumns } from '../list/warnings.ts';
import { makePolicy, type Policy, type PolicyLists, unlistedAnswers } from '../policy/policy.ts';
import { oneOf, requireOptions } from '../problem/options.ts';
import { changeAfter, type PlacedTables, tablesOf } from '../rules/instant.ts';
import { RuleLists, toRuleLists } from '../rules/lists.ts';
import { describerOf } from '../rules/rules.ts';
import { agrees } from './agreement.ts';
import { allowingLabel, BareLists, BareTable, labelsOf } from './bare.ts';
import { corrupt } from './error.ts';
import { bytesOf, flags, type Header, readHeader, section, verifyContent } from './header.ts';
import { type Row, readRow, warningCodes } from './rows.ts';
import { EntryTexts, StoredTable } from './tables.ts';
import { TextLines } from './texts.ts';
import { decodeTree, wordsOfBytes } from './tree.ts';
import { ByteReader } from './varint.ts';

/** The options of {@link decodePolicy}. */
export interface DecodeOptions {
  /**
   * What to check. `'all'`, when not given: the checksum and the whole structure. `'entries'`: also that the tree decides as
   * the entries say, which takes longer than `createPolicy`; for bytes from those who may not write the list, so that
   * what is compared, explained or approved is what decides. `'checksum'`: that the bytes are what was written, for bytes of
   * your own processes. In all cases no walk leaves the buffer or goes on for ever.
   */
  readonly verify?: 'entries' | 'all' | 'checksum';
}

/**
 * Makes a policy of a snapshot. It is a policy in every way: it decides and explains as the one that was encoded, and can
 * be compared, exported and encoded again.
 *
 * A large tree is used where it is, in the memory that was given, if that is aligned to four bytes: so threads that load
 * the same `SharedArrayBuffer` share it. Nobody may write to that memory afterwards. Who does can change whom the policy
 * lets in, but can neither crash it nor make it loop.
 *
 * Where entries begin or end, it decides for the instant for which the policy was encoded, however long ago: give it to
 * `createLivePolicy`, which keeps time.
 *
 * @param bytes - a snapshot
 * @param options - what to check
 * @returns an immutable policy
 * @throws {@link SnapshotError} when the bytes are not a snapshot, are damaged, or are of another version
 * @throws `ListError` with `invalid-option`, when an option is wrong
 * @throws TypeError when it is not given bytes
 * @remarks Linear in the bytes, with one pass for the checksum and one for the structure. Texts of entries and notes are
 *   decoded when they are asked for; when an entry has times, or with `'entries'`, each entry is read once. To compare them
 *   with the tree, they are also sorted.
 * @example
 * ```ts
 * import { createPolicy } from 'ipverdict';
 * import { decodePolicy, encodePolicy } from 'ipverdict/snapshot';
 *
 * const bytes = encodePolicy(createPolicy({ deny: '198.51.100.0/24' }));
 * const shared = new SharedArrayBuffer(bytes.length);
 * new Uint8Array(shared).set(bytes);
 * decodePolicy(shared).allows('198.51.100.7'); // false
 * ```
 */
export function decodePolicy(
  bytes: Uint8Array | ArrayBuffer | SharedArrayBuffer,
  options?: DecodeOptions,
): Policy {
  const { verify = 'all' } = requireOptions(options, { verify: oneOf('entries', 'all', 'checksum') });
  const given = keepSmall(bytesOf(bytes, 'decodePolicy'));
  const header = readHeader(given);
  verifyContent(given, header);
  return new SnapshotReader(header, verify).read();
}

/** Small ones are copied, so that nothing of the policy is in memory that is written to, moved or given back later. */
function keepSmall(bytes: Uint8Array): Uint8Array {
  return bytes.length <= SMALL ? new Uint8Array(bytes) : bytes;
}

const SMALL = 0x10_0000;

/** As many rules as `createRules` takes, each with its `except`, and the exemptions. */
const MOST_ROWS = 200_001;

/** The lowest characters of entries, except for ranges with blanks, blanks before an entry, and times; and of notes. */
const LOWEST_IN_ENTRY = 0x2d;
const LOWEST_IN_NOTE = 0x20;

const noBytes: Uint8Array = /* @__PURE__ */ new Uint8Array(0);

class SnapshotReader {
  readonly #header: Header;
  readonly #isChecked: boolean;
  /** Whether the tree is compared with the entries. */
  readonly #isCompared: boolean;
  #entries: EntryTexts | undefined = undefined;

  constructor(header: Header, verify: DecodeOptions['verify']) {
    this.#header = header;
    this.#isChecked = verify !== 'checksum';
    this.#isCompared = verify === 'entries';
  }

  read(): Policy {
    const { size } = this.#header;
    const mode = this.#has('allow') ? 'allow' : 'deny';
    const isRules = this.#has('rules');
    const verdict = this.#has('open') ? 'allow' : 'deny';
    const unlisted =
      isRules || size > 0
        ? unlistedAnswers['not-listed'][mode === 'allow' ? 'deny' : 'allow']
        : unlistedAnswers['empty-list'][verdict];
    const isOpen = verdict === 'allow' && mode === 'allow';
    const first = isOpen ? [openListProblem()] : [];
    const noGuards = { mustAllow: undefined, mustDeny: undefined };
    if (!this.#has('entries')) {
      const lists = { mode, unlisted, ...this.#readBare(isRules) } as const;
      return makePolicy(lists, noGuards, Number.POSITIVE_INFINITY, first.length, () => [...first]);
    }
    const lists: PolicyLists = { mode, unlisted, ...this.#readLists() };
    const tables = tablesOf(lists);
    if (this.#isChecked) this.#checkEntries(lists, tables);
    const read = this.#readWarnings(tables);
    let count = first.length;
    for (const { reading } of read) count += reading.warnings.size;
    const describe = describerOf(read);
    return makePolicy(lists, noGuards, this.#changesAt(tables), count, () => [...first, ...describe()]);
  }

  #has(flag: keyof typeof flags): boolean {
    return (this.#header.flags & flags[flag]) !== 0;
  }

  #section(name: keyof typeof section): Uint8Array {
    return this.#header.sections.get(section[name]) ?? noBytes;
  }

  #readTree(labels: readonly [number, number]): PolicyLists['radix'] {
    return decodeTree(this.#section('tree'), this.#has('large'), labels, this.#isChecked);
  }

  #readBare(isRules: boolean): Pick<PolicyLists, 'allowing' | 'radix' | 'exempt' | 'active'> {
    const { size, exemptions, sections } = this.#header;
    const mode = this.#has('allow') ? 'allow' : 'deny';
    const allows = this.#has('allowing');
    const mayAllow = isRules ? allows : mode === 'allow';
    if (sections.size !== 1 || allows !== (mayAllow && size > 0))
      throw corrupt('its flags and its sections differ about entries');
    const radix = this.#readTree(labelsOf(exemptions, size, isRules, allows));
    const active = new BareLists(size, mode, isRules, radix);
    return { allowing: allowingLabel(allows), radix, exempt: new BareTable(exemptions), active };
  }

  #readLists(): Pick<PolicyLists, 'allowing' | 'radix' | 'exempt' | 'active'> {
    const { size, exemptions } = this.#header;
    const rows = this.#readRows();
    const tables = this.#readTables(rows);
    const exempt = exemptions === 0 ? noEntries : (tables.at(-1) as EntryTable);
    const radix = this.#readTree([1, exemptions + size]);
    if (!this.#has('rules')) {
      const allowing = this.#has('allow') ? exemptions + size : exemptions;
      return { allowing, radix, exempt, active: tables[0] as EntryTable };
    }
    const rules: Parameters<typeof toRuleLists>[0][number][] = [];
    for (let at = 0; at < rows.length - 1; at++) {
      const { name, mode, isExcept } = rows[at] as Row;
      if (isExcept) continue;
      const except = rows[at + 1]?.isExcept ? (tables[at + 1] as EntryTable) : undefined;
      rules.push({
        checked: { place: `rules[${rules.length}]`, name, mode },
        list: { reading: { table: tables[at] as EntryTable } },
        except: except && { reading: { table: except } },
      });
    }
    const order = this.#has('mostSpecific') ? 'most-specific' : 'first-match';
    const active = new RuleLists(exempt, toRuleLists(rules), order);
    return { allowing: active.allowing, radix, exempt, active };
  }

  /** The rows of all lists, which have as many entries as the header says. */
  #readRows(): readonly Row[] {
    const { size, exemptions } = this.#header;
    const reader = new ByteReader(this.#section('tables'));
    const rows: Row[] = [];
    while (reader.left > 0) {
      if (rows.length >= MOST_ROWS) throw corrupt('it has more rules than there may be');
      rows.push(readRow(reader, size + exemptions + this.#section('texts').length));
    }
    const last = rows.at(-1);
    const isRules = this.#has('rules');
    let count = 0;
    let isWrong = last === undefined || last.size !== exemptions || (!isRules && rows.length !== 2);
    let wasRule = false;
    rows.forEach((row, at) => {
      const isLast = at === rows.length - 1;
      isWrong ||= row.isExcept && (isLast || !wasRule || row.mode !== rows[at - 1]?.mode);
      isWrong ||= isLast && row.mode !== 'allow';
      isWrong ||= row.name !== undefined && (row.isExcept || isLast || !isRules);
      isWrong ||= row.hasTimes && !this.#has('times');
      if (!row.isExcept && !isLast) count += row.size;
      wasRule = isRules && !row.isExcept;
    });
    const isOther = !isRules && rows[0]?.mode !== (this.#has('allow') ? 'allow' : 'deny');
    const hasTimes = rows.some((row) => row.hasTimes);
    if (isWrong || isOther || count !== size || hasTimes !== this.#has('times'))
      throw corrupt('its lists are not those that it says');
    return rows;
  }

  #readTables(rows: readonly Row[]): EntryTable[] {
    let size = 0;
    let numbered = 0;
    for (const row of rows) {
      size += row.size;
      if (row.hasLines) numbered += row.size;
    }
    const texts = this.#readLines('texts', 'textOffsets', size, LOWEST_IN_ENTRY);
    const noteOf = this.#readNumbers('noteOf', this.#has('notes') ? size : 0, false);
    let notes = 0;
    for (const note of noteOf) {
      if (note > notes + 1) throw corrupt('its notes are not numbered as they first appear');
      notes = Math.max(notes, note);
    }
    const entries = new EntryTexts(
      texts,
      this.#readLines('notes', 'noteOffsets', notes, LOWEST_IN_NOTE),
      noteOf,
    );
    this.#entries = entries;
    const lines = this.#readNumbers('lines', numbered, true);
    const { instant } = this.#header;
    let first = 0;
    let line = 0;
    return rows.map(({ size: own, hasTimes, hasLines, mode, isExcept }, at) => {
      const list = at === rows.length - 1 ? 'exempt' : isExcept ? 'except' : mode;
      const ofTable = hasLines ? lines.subarray(line, line + own) : undefined;
      if (ofTable?.every((number, index) => number === index + 1))
        throw corrupt('a list has the lines that it would have without them');
      const table = new StoredTable(list, own, hasTimes ? instant : undefined, entries, first, ofTable);
      first += own;
      if (hasLines) line += own;
      return table;
    });
  }

  #readLines(
    name: 'texts' | 'notes',
    offsets: 'textOffsets' | 'noteOffsets',
    count: number,
    lowest: number,
  ): TextLines {
    const bytes = this.#section(name);
    const stored = this.#section(offsets);
    const isStored = this.#has('large') && bytes.length > 0;
    if (isStored !== stored.length > 0)
      throw corrupt('a text lacks its offsets, or has some that it cannot have');
    return new TextLines(bytes, count, isStored ? wordsOfBytes(stored) : undefined, this.#isChecked, lowest);
  }

  /** Numbers in memory that nobody else has: as they are, or each as a varint. */
  #readNumbers(name: 'noteOf' | 'lines', count: number, areLines: boolean): Int32Array {
    const bytes = this.#section(name);
    const isLarge = this.#has('large');
    if (count > bytes.length || (isLarge && count * 4 !== bytes.length))
      throw corrupt('a section has not as many numbers as it should');
    const numbers = isLarge ? wordsOfBytes(bytes).slice() : new Int32Array(count);
    if (!isLarge) {
      const reader = new ByteReader(bytes);
      let previous = 0;
      for (let at = 0; at < count; at++) {
        previous = areLines ? previous + reader.readSigned() : reader.read();
        if (previous !== (previous | 0)) throw corrupt('a number is out of range');
        numbers[at] = previous;
      }
      reader.finish();
    }
    if (numbers.some((number) => number < (areLines ? 1 : 0))) throw corrupt('a number is out of range');
    return numbers;
  }

  /**
   * Reads the entries if any of them could have times: one that is not read as it is written would end never, or vanish, when
   * a live policy goes to another instant. To compare them with the tree, they are read in any case.
   */
  #checkEntries(lists: PolicyLists, tables: PlacedTables): void {
    const entries = this.#entries as EntryTexts;
    entries.checkNotes();
    entries.isStrict = true;
    if (this.#isCompared) {
      if (!agrees(lists)) throw corrupt('its tree does not decide as its entries say');
    } else if (!entries.arePlain) {
      for (const [, table] of tables)
        for (let index = 0; index < table.size; index++) table.read(index, () => {});
    }
    entries.endChecks();
    for (const [, table] of tables) {
      if (table.instant !== undefined && !(table as StoredTable).hasTimes)
        throw corrupt('a list is said to have times and has none');
    }
  }

  /** The warnings of each table that has some, or all tables without them. */
  #readWarnings(tables: PlacedTables): Parameters<typeof describerOf>[0] {
    const read = tables.map(([source, table]) => ({
      source,
      reading: { table, warnings: new WarningColumns() },
    }));
    const reader = new ByteReader(this.#section('warnings'));
    let previous = -1;
    while (reader.left > 0) {
      const at = reader.read(read.length - 1);
      const code = reader.read(warningCodes.length - 1);
      const { table, warnings } = (read[at] as (typeof read)[number]).reading;
      const index = reader.read(table.size - 1);
      const other = reader.read(table.size - 1);
      const name = warningCodes[code] as (typeof warningCodes)[number];
      const repeats = name === 'duplicate';
      // Of the warnings about one entry, that it repeats another is the last.
      const place = (at * 2 ** 29 + index) * 8 + (repeats ? 7 : code);
      if (place <= previous || (repeats ? other >= index : other !== index))
        throw corrupt('its warnings are not in order');
      previous = place;
      warnings.add(name, index, other);
    }
    return read;
  }

  #changesAt(tables: PlacedTables): number {
    const { change, instant } = this.#header;
    const changesAt = this.#has('changes') ? change : Number.POSITIVE_INFINITY;
    // Too late an instant would keep an entry that has ended.
    if (this.#isChecked && this.#has('times') && changeAfter(tables, instant) !== changesAt)
      throw corrupt('its entries begin or end at another instant');
    return changesAt;
  }
}
