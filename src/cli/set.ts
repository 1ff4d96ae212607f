/** The command `set`: addresses of lists in, prefixes out. */

import type { EntrySource, Mode } from '../list/table.ts';
import { RestrictionList } from '../manage/restriction-list.ts';
import { minimizeList } from '../minimize/list.ts';
import { createPolicy } from '../policy/policy.ts';
import { inSource, ListError } from '../problem/errors.ts';
import { AddressSet } from '../set/address-set.ts';
import type { Request } from './command.ts';
import { CommandError, exits, usageError } from './exit.ts';
import { nameOf, STDIN } from './input.ts';
import { computing } from './interrupt.ts';
import { countsAsData, writeDocument, writeLine } from './json.ts';
import { SourceTexts } from './located.ts';
import type { Notices } from './notices.ts';
import { type Answer, GatheredAnswer } from './output.ts';
import { suggest } from './parse.ts';
import { instantOf, readList } from './policies.ts';
import { type set, setOperations } from './rows/set.ts';
import { refuseInput, saveFile } from './save.ts';
import type { Program, Session } from './session.ts';
import { requireImport } from './sides.ts';
import { grouped, pad, printable } from './style.ts';

type Table = (typeof set)['options'];
type Values = Request<Table>['values'];

/** What an operation takes, and what it makes of it. */
interface Operation {
  readonly least: number;
  readonly most: number;
  readonly of: (sets: readonly [AddressSet, ...AddressSet[]]) => AddressSet;
}

const MANY = Number.POSITIVE_INFINITY;

const operations: Readonly<Record<(typeof setOperations)[number], Operation>> = {
  union: { least: 1, most: MANY, of: unite },
  intersect: {
    least: 2,
    most: MANY,
    of: ([first, ...others]) => others.reduce((left, right) => left.intersect(right), first),
  },
  subtract: { least: 2, most: MANY, of: ([first, ...others]) => first.subtract(unite(others)) },
  complement: { least: 1, most: 1, of: ([only]) => only.complement() },
  minimize: { least: 1, most: 1, of: ([only]) => only },
  count: { least: 1, most: MANY, of: unite },
};

function unite(sets: readonly AddressSet[]): AddressSet {
  return AddressSet.empty.union(...sets);
}

/** Where the answer goes. */
interface Destination extends Pick<Session, 'notices' | 'paint'> {
  readonly output: Answer;
}

export const run: Program<Table> = async ({ values, operands }, session) => {
  const [name, ...files] = operands as readonly [string, ...string[]];
  const operation = findOperation(name);
  requireOperands(name, operation, files);
  requireImport(values, [values]);
  if (values.notes && name !== 'minimize')
    throw usageError(`--notes is an option of minimize, and "${name}" has no notes.`);
  const file = values.output === STDIN ? undefined : values.output;
  if (file === undefined) {
    await answer(name, operation, files, values, session);
    return exits.yes;
  }
  refuseInput(file, files);
  const output = new GatheredAnswer();
  const { notices } = session;
  await answer(name, operation, files, values, { output, notices, paint: (_, text) => text });
  saveFile(file, output.text);
  notices.say(`ipverdict: ${nameOf(file)} is written.`);
  return exits.yes;
};

async function answer(
  name: string,
  operation: Operation,
  files: readonly string[],
  values: Values,
  destination: Destination,
): Promise<void> {
  const { notices } = destination;
  if (values.notes) return minimizeNoted(files[0] as string, values, destination);
  const at = instantOf(values.at);
  const sets: AddressSet[] = [];
  for (const file of files) sets.push(await readSet(file, values, at, notices));
  const result = computing(() => operation.of(sets as [AddressSet, ...AddressSet[]]));
  if (name === 'count') return writeCounts(files, sets, result, values, destination);
  await writePrefixes(result, values, destination);
  warnOfResult(result, notices);
}

function findOperation(name: string): Operation {
  const known = setOperations.find((operation) => operation === name);
  if (known !== undefined) return operations[known];
  const advice = suggest(name, setOperations) || `: it is one of ${setOperations.join(', ')}`;
  throw usageError(`There is no operation ${printable(name)}${advice}.`);
}

function requireOperands(name: string, { least, most }: Operation, files: readonly string[]): void {
  if (files.length > most)
    throw usageError(
      `"${name}" takes one list, and ${files.length} were given: join them first with "set union".`,
    );
  if (files.length < least) throw usageError(`"${name}" takes two lists or more.`);
}

/** A list of any format, and what its problems call it. */
interface AnyList {
  readonly source: EntrySource;
  readonly name: Mode;
}

/** Reads a list of any format. Whether it allows or denies plays no part, as long as it does only one of them. */
async function readAnyList(
  file: string,
  values: Values,
  texts: SourceTexts,
  notices: Notices,
): Promise<AnyList> {
  if (values.from === undefined)
    return { source: await readList(file, 'deny', values, texts, notices), name: 'deny' };
  const { importSource } = await import('./imports-lists.ts');
  const imported = await importSource(undefined, { file, values, texts, notices });
  if ('list' in imported) return { source: imported.list, name: imported.mode ?? 'allow' };
  throw new CommandError(`${nameOf(file)} allows some and denies others, so its addresses are not one set.`);
}

/** The addresses of a list, at an instant where it has times. */
async function readSet(file: string, values: Values, at: Date, notices: Notices): Promise<AddressSet> {
  const texts = new SourceTexts();
  return texts.reporting(notices, async () => {
    const { source, name } = await readAnyList(file, values, texts, notices);
    try {
      return computing(() => addressesOf(source, values, at));
    } catch (error) {
      if (!(error instanceof ListError)) throw error;
      const placed = error.problems.map((problem) => inSource(problem, name));
      throw new ListError(placed, { cause: error.cause });
    }
  });
}

function addressesOf(source: EntrySource, values: Values, at: Date): AddressSet {
  const maxEntries = values['max-entries'] ?? Number.POSITIVE_INFINITY;
  if (maxEntries === Number.POSITIVE_INFINITY) {
    try {
      return AddressSet.of(source);
    } catch (error) {
      const isTimed = (one: unknown): boolean =>
        one instanceof ListError && one.problems.some(({ code }) => code === 'instant-required');
      if (!isTimed(error)) throw error;
    }
  }
  // A set has no clock. A policy has one, and denies the addresses of its deny list and no others.
  return AddressSet.allowedBy(createPolicy({ deny: source, maxEntries, at })).complement();
}

async function writePrefixes(result: AddressSet, values: Values, { output }: Destination): Promise<void> {
  if (values.format === 'json') return writeDocument(output, { ...result.toJSON() });
  const isJson = values.format === 'ndjson';
  for (const prefix of result) await (isJson ? writeLine(output, { prefix }) : output.line(prefix));
}

/** An empty list and one of all addresses are what a mistake leaves, and an allow list of either lets everyone in. */
function warnOfResult(result: AddressSet, notices: Notices): void {
  if (result.isEmpty)
    notices.complain('ipverdict: warning: The result is empty. As an allow list it would let everyone in.');
  else if (result.equals(AddressSet.all))
    notices.complain(
      'ipverdict: warning: The result is every address. As an allow list it would let everyone in.',
    );
}

async function writeCounts(
  files: readonly string[],
  sets: readonly AddressSet[],
  all: AddressSet,
  { format }: Values,
  { output, paint }: Destination,
): Promise<void> {
  const lists = sets.map((one, index) => ({ file: files[index] as string, ...countsAsData(one) }));
  if (format === 'json') return writeDocument(output, { lists, together: countsAsData(all) });
  if (format === 'ndjson') {
    for (const list of lists) await writeLine(output, list);
    return writeLine(output, { together: countsAsData(all) });
  }
  const rows = [...sets, ...(sets.length > 1 ? [all] : [])].map(
    ({ ipv4Count, ipv6Count, prefixes }, index) => {
      const numbers = [ipv4Count, ipv6Count, prefixes.length].map(grouped);
      return [...numbers, index < files.length ? nameOf(files[index] as string) : 'together'];
    },
  );
  const heading = ['IPv4 addresses', 'IPv6 addresses', 'prefixes', ''];
  const widths = heading.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] as string).length)),
  );
  const lineOf = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 3 ? cell : pad('', (widths[column] as number) - cell.length) + cell))
      .join('  ');
  await output.line(paint('dim', lineOf(heading).trimEnd()));
  for (const row of rows) await output.line(lineOf(row));
}

/** Fewer entries with their notes. What is written is list text again. */
async function minimizeNoted(file: string, values: Values, { output, notices }: Destination): Promise<void> {
  if (values.at !== undefined)
    throw usageError('--notes keeps entries with their times, so --at means nothing: leave out one of them.');
  const texts = new SourceTexts();
  const maxEntries = values['max-entries'] ?? Number.POSITIVE_INFINITY;
  const list = await texts.reporting(notices, async () => {
    const { source, name } = await readAnyList(file, values, texts, notices);
    return computing(() => minimizeList(RestrictionList.of(name, source, { maxEntries })));
  });
  const { entries } = list;
  if (values.format === undefined || values.format === 'text') {
    const text = `${list}`;
    await output.write(text === '' || text.endsWith('\n') ? text : `${text}\n`);
  } else {
    const items = entries.map(({ text, note = null, from, until }) => ({
      text,
      note,
      from: from?.toISOString() ?? null,
      until: until?.toISOString() ?? null,
    }));
    if (values.format === 'json') await writeDocument(output, { entries: items });
    else for (const item of items) await writeLine(output, item);
  }
  if (entries.length === 0) warnOfResult(AddressSet.empty, notices);
}
