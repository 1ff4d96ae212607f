/** The command `diff --lists`: two lists entry by entry, as they are written. */

import { compareLists, type ListChange } from '../change/entries.ts';
import type { Entry, Mode } from '../list/table.ts';
import { RestrictionList } from '../manage/restriction-list.ts';
import type { ValuesOf } from './command.ts';
import { entryAsData } from './entries.ts';
import { type Exit, exits, usageError } from './exit.ts';
import { nameOf } from './input.ts';
import { computing } from './interrupt.ts';
import { writeDocument, writeLine } from './json.ts';
import { SourceTexts } from './located.ts';
import type { Notices } from './notices.ts';
import type { Side } from './options.ts';
import { type PolicyValues, readList } from './policies.ts';
import type { diff } from './rows/diff.ts';
import type { Session } from './session.ts';
import { requireImport, type Sides, sideNames, valuesOf } from './sides.ts';
import { count, grouped, type Paint, pad, printable } from './style.ts';

/** A list, and where its entries are. */
interface ReadList {
  readonly file: string;
  readonly list: RestrictionList;
  readonly lineOf: (entry: Entry) => number;
}

/** Compares the two lists that the options name. */
export async function diffLists(values: ValuesOf<(typeof diff)['options']>, session: Session): Promise<Exit> {
  for (const name of ['exempt', 'when-empty', 'at'] as const) {
    const ofSides = name === 'at' ? [] : sideNames.map((side) => `${side}-${name}` as const);
    const given = [name, ...ofSides].find((option) => values[option] !== undefined);
    if (given !== undefined)
      throw usageError(`--lists compares entries as they are written, so --${given} means nothing.`);
  }
  const failOn = values['fail-on'];
  if (failOn === 'allowed' || failOn === 'denied')
    throw usageError(
      `--lists compares entries and no verdicts, so --fail-on is change or never, not ${failOn}.`,
    );
  const [before, after] = [valuesOf(values, 'before'), valuesOf(values, 'after')];
  const files = { before: fileOf(before, 'before'), after: fileOf(after, 'after') };
  requireImport(values, [before, after]);
  const sides: Sides<ReadList> = {
    before: await readSide(files.before, before, session.notices),
    after: await readSide(files.after, after, session.notices),
  };
  const change = computing(() => compareLists(sides.before.list, sides.after.list));
  const format = values.format ?? 'text';
  if (format === 'json')
    await writeDocument(session.output, { differs: differs(change), ...asData(change, sides) });
  else if (format === 'ndjson') await writeLines(change, sides, session);
  else await writeText(change, sides, session);
  return differs(change) && failOn !== 'never' ? exits.no : exits.yes;
}

interface NamedFile {
  readonly mode: Mode;
  readonly file: string;
}

function fileOf({ allow, deny, rules, policy }: PolicyValues, side: Side): NamedFile {
  if (rules !== undefined || policy !== undefined)
    throw usageError(
      `--lists compares two lists, and --${side}-${policy === undefined ? 'rules' : 'policy'} is not a list.`,
    );
  if (allow !== undefined && deny !== undefined)
    throw usageError(`Give --${side}-allow or --${side}-deny, not both.`);
  if (allow !== undefined) return { mode: 'allow', file: allow };
  if (deny !== undefined) return { mode: 'deny', file: deny };
  throw usageError(`Name two files, or the list ${side}: --${side}-allow or --${side}-deny with a file.`);
}

async function readSide(
  { mode, file }: NamedFile,
  values: PolicyValues,
  notices: Notices,
): Promise<ReadList> {
  const texts = new SourceTexts();
  const { 'max-entries': maxEntries = Number.POSITIVE_INFINITY } = values;
  return texts.reporting(notices, async () => {
    const source = await readList(file, mode, values, texts, notices);
    const list = computing(() => RestrictionList.of(mode, source, { maxEntries }));
    return { file, list, lineOf: (entry) => texts.placeOf(entry)?.line ?? entry.line };
  });
}

function differs({ mode, added, removed, renoted, retimed }: ListChange): boolean {
  return mode !== undefined || added.length + removed.length + renoted.length + retimed.length > 0;
}

function dataOf(entry: Entry, { file, lineOf }: ReadList) {
  return entryAsData(entry, { file, line: lineOf(entry) });
}

/** The change with nothing missing and nothing but data. */
function asData({ mode, added, removed, renoted, retimed }: ListChange, { before, after }: Sides<ReadList>) {
  const pairOf = (pair: Sides<Entry>) => ({
    before: dataOf(pair.before, before),
    after: dataOf(pair.after, after),
  });
  return {
    mode: mode ?? null,
    added: added.map((entry) => dataOf(entry, after)),
    removed: removed.map((entry) => dataOf(entry, before)),
    renoted: renoted.map(pairOf),
    retimed: retimed.map(pairOf),
  };
}

/** A line for each change, and one with the numbers of all. */
async function writeLines(change: ListChange, sides: Sides<ReadList>, { output }: Session): Promise<void> {
  const { mode, added, removed, renoted, retimed } = asData(change, sides);
  for (const entry of added) await writeLine(output, { change: 'added', after: entry });
  for (const entry of removed) await writeLine(output, { change: 'removed', before: entry });
  for (const pair of renoted) await writeLine(output, { change: 'renoted', ...pair });
  for (const pair of retimed) await writeLine(output, { change: 'retimed', ...pair });
  const numbers = {
    added: added.length,
    removed: removed.length,
    renoted: renoted.length,
    retimed: retimed.length,
  };
  await writeLine(output, { differs: differs(change), mode, ...numbers });
}

async function writeText(
  change: ListChange,
  { before, after }: Sides<ReadList>,
  { output, paint }: Session,
): Promise<void> {
  const { mode, added, removed, renoted, retimed } = change;
  const line = (word: string, colour: Parameters<Paint>[0], place: string, what: string): Promise<void> =>
    output.line(`${paint(colour, pad(word, 7))} ${paint('dim', place)} ${what}`);
  if (mode !== undefined) await output.line(`${paint('yellow', 'mode   ')} ${mode.before} → ${mode.after}`);
  for (const entry of added) await line('added', 'green', placeOf(entry, after), describe(entry));
  for (const entry of removed) await line('removed', 'red', placeOf(entry, before), describe(entry));
  for (const pair of renoted) {
    const notes = `${noteOf(pair.before)} → ${noteOf(pair.after)}`;
    await line('renoted', 'yellow', placeOf(pair.after, after), `${printable(pair.after.text)} ${notes}`);
  }
  for (const pair of retimed) {
    const times = `${timesOf(pair.before)} → ${timesOf(pair.after)}`;
    await line('retimed', 'yellow', placeOf(pair.after, after), `${printable(pair.after.text)} ${times}`);
  }
  if (!differs(change)) return output.line('No difference: both lists have the same entries.');
  const numbers = [
    `${count(added.length, 'entry', 'entries')} added`,
    `${grouped(removed.length)} removed`,
    `${grouped(renoted.length)} with another note`,
    `${grouped(retimed.length)} with other times`,
  ];
  await output.line(`${numbers.join(', ')}.`);
}

function placeOf(entry: Entry, { file, lineOf }: ReadList): string {
  return `${nameOf(file)}:${lineOf(entry)}`;
}

/** The entry as a line of a list. */
function describe(entry: Entry): string {
  const times = entry.from === undefined && entry.until === undefined ? '' : ` ${timesOf(entry)}`;
  const note = entry.note === undefined ? '' : ` ${noteOf(entry)}`;
  return `${printable(entry.text)}${times}${note}`;
}

function noteOf({ note }: Entry): string {
  return note === undefined ? 'no note' : `# ${printable(note)}`;
}

function timesOf({ from, until }: Entry): string {
  const times = [from && `from ${from.toISOString()}`, until && `until ${until.toISOString()}`];
  return times.filter((time) => time !== undefined).join(' ') || 'always';
}
