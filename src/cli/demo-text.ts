/** What the demo prints, as lines of text that fit into the window. All text of a file is made printable here. */

import type { Entry, Mode } from '../list/table.ts';
import type { Decision } from '../policy/decision.ts';
import type { Policy } from '../policy/policy.ts';
import type { Problem } from '../problem/errors.ts';
import type { Tally } from './demo-tally.ts';
import type { LocatedProblem } from './notices.ts';
import { renderProblems } from './problems.ts';
import { count, cut, type Paint, pad, printable, widthOf, wrap } from './style.ts';

const CLIENT_WIDTH = 41;
const ENTRY_WIDTH = 60;
const NOTE_WIDTH = 60;
/** Of lines longer than this, only the start is looked at. */
const LONGEST = 200;
/** How many errors, warnings and unused entries to show of each: a long list may have thousands. */
const SHOWN = 8;
/** In a window with less room, the reason is left out: the last column says it, too. */
const NARROW = 76;

/** Where lines go: how wide they can be, and whether they are coloured. */
export interface Page {
  readonly columns: number;
  readonly paint: Paint;
}

/** One client, and what was decided. */
export interface Row {
  readonly client: string;
  readonly decision: Decision;
}

/** What is shown of the first few items, and how many more there are. */
function showSome<Item>(items: readonly Item[], show: (item: Item) => readonly string[]): string[] {
  const lines = items.slice(0, SHOWN).flatMap(show);
  const more = items.length - SHOWN;
  return more > 0 ? [...lines, `  … and ${more.toLocaleString('en-US')} more`] : lines;
}

/** A part of a line and its colour. */
type Part = string | readonly [colour: Parameters<Paint>[0], text: string];

/** One line of parts, cut where the window ends. */
function layOut(parts: readonly Part[], { columns, paint }: Page): string {
  let room = columns;
  let line = '';
  for (const part of parts) {
    const [colour, whole] = typeof part === 'string' ? [undefined, part] : part;
    if (room <= 0 || whole === '') continue;
    const text = cut(whole, room);
    line += colour === undefined ? text : paint(colour, text);
    room = text === whole ? room - widthOf(text) : 0;
  }
  return line;
}

function shorten(text: string, width: number): string {
  return cut(printable(text.slice(0, LONGEST)), width);
}

/** The input: the list, who is exempt from it, and the clients. */
export function renderTitle(
  { mode, list, clients }: { readonly mode: Mode; readonly list: string; readonly clients: string },
  exemption: string,
  page: Page,
): string[] {
  return [
    layOut([['bold', 'ipverdict'], '  who gets in?'], page),
    '',
    layOut([`  ${mode === 'allow' ? 'Allow list' : 'Deny list '}  ${list}`], page),
    layOut([`  Exempt      ${exemption} `, ['dim', '(always allowed, whatever the list says)']], page),
    layOut([`  Clients     ${clients}`], page),
    '',
  ];
}

/** The lines that cannot be read, the first few in full. */
export function renderErrors(errors: readonly LocatedProblem[], { columns, paint }: Page): string[] {
  if (errors.length === 0) return [];
  const intro = `The library makes no policy of this list: ${count(errors.length, 'line')} cannot be read.`;
  const shown = showSome(errors, (error) => renderProblems([error], paint, columns));
  return [...wrap(intro, columns), '', ...shown, ''];
}

/** Says what leaving lines out means. The two kinds of list have opposite effects. */
export function renderLeftOut(
  errors: readonly Problem[],
  { size, mode }: { readonly size: number; readonly mode: Mode },
  { columns, paint }: Page,
): string[] {
  const [first] = errors;
  if (first === undefined) return [];
  const isOne = errors.length === 1;
  const left = isOne ? `line ${first.line}` : `those ${count(errors.length, 'line')}`;
  const [meant, now] = mode === 'allow' ? ['let in', 'denied'] : ['kept out', 'let in'];
  return [
    ...wrap(`The library never leaves a line out. This demo leaves out ${left}.`, columns).map((line) =>
      paint('yellow', line),
    ),
    ...wrap(
      `It goes on with the ${count(size, 'entry', 'entries')} that can be read: a client that was to be ${meant} by ${isOne ? 'that line' : 'those lines'} alone is ${now}.`,
      columns,
    ),
    '',
  ];
}

/** Why a list with nothing but bad lines is not used. */
export function renderRefusal(list: string, mode: Mode, columns: number): string[] {
  const why = `No entry of ${list} can be read, so this demo stops here: without its bad lines the list would be empty, and an empty ${mode} list lets everyone in.`;
  return wrap(why, columns);
}

/** An empty list is open, which deserves a line of its own. */
export function renderEmpty(
  { size, mode }: { readonly size: number; readonly mode: Mode },
  { columns, paint }: Page,
): string[] {
  if (size > 0) return [];
  const text = `The ${mode} list has no entries: it allows everyone until its first entry is written.`;
  return [...wrap(text, columns).map((line) => paint('yellow', line)), ''];
}

/** `line 7  203.0.113.0/24  # Office`, the entry that decided. */
function entryParts({ line, text, note, list }: Entry, lineWidth = 1): Part[] {
  const place = list === 'exempt' ? pad('exempt', 5 + lineWidth) : `line ${String(line).padStart(lineWidth)}`;
  const entry = `${place}  ${shorten(text, ENTRY_WIDTH)}`;
  return note === undefined ? [entry] : [entry, ['dim', `  # ${shorten(note, NOTE_WIDTH)}`]];
}

const withoutEntry: Readonly<Record<string, string>> = {
  'invalid-address': 'not an address, and nothing is guessed',
  'not-listed': 'no line covers it',
  'empty-list': 'the list has no entries',
};

/** The decisions as a table with aligned columns. */
export function renderDecisions(rows: readonly Row[], page: Page): string[] {
  const isNarrow = page.columns < NARROW;
  const most = isNarrow ? Math.max(8, Math.floor(page.columns / 2) - 3) : CLIENT_WIDTH;
  const names = rows.map(({ client }) => shorten(client, most));
  const clientWidth = Math.max('Client'.length, ...names.map(widthOf));
  const reasonWidth = Math.max('Reason'.length, ...rows.map(({ decision }) => decision.reason.length));
  const lineWidth = Math.max(1, ...rows.map(({ decision: { entry } }) => String(entry?.line ?? '').length));
  const reasonCell = (reason: string): string => (isNarrow ? '' : `${pad(reason, reasonWidth)}  `);
  const heading = `  ${pad('Client', clientWidth)}  Verdict  ${reasonCell('Reason')}Deciding line`;
  const lines = rows.map(({ decision: { verdict, reason, entry } }, index) => {
    const because: Part[] =
      entry === undefined ? [['dim', withoutEntry[reason] as string]] : entryParts(entry, lineWidth);
    const parts: Part[] = [
      `  ${pad(names[index] as string, clientWidth)}  `,
      [verdict === 'allow' ? 'green' : 'red', pad(verdict, 7)],
      `  ${reasonCell(reason)}`,
      ...because,
    ];
    return layOut(parts, page);
  });
  return [layOut([['dim', heading]], page), ...lines];
}

/** The sentence of `explain` for the first client of each reason. */
export function renderReasons(policy: Policy, tally: Tally, { columns, paint }: Page): string[] {
  const sentences = [...tally.examples.values()].map((client) => policy.explain(client).message);
  if (sentences.length === 0) return [];
  return [
    paint('bold', 'In words, one client of each reason'),
    ...sentences.flatMap((sentence) => wrap(printable(sentence), columns - 2).map((line) => `  ${line}`)),
    '',
  ];
}

/** The counts, the entries that decided about nobody, and the warnings of the list. */
export function renderSummary(
  tally: Tally,
  { problems, size }: { readonly problems: readonly Problem[]; readonly size: number },
  unused: readonly Entry[],
  page: Page,
): string[] {
  const { clients, verdicts, reasons } = tally;
  const { paint } = page;
  const number = (value: number): string => value.toLocaleString('en-US');
  const width = Math.max(...[clients, ...reasons.values()].map((value) => number(value).length));
  const row = (value: number, label: string): string => `${number(value).padStart(width)}  ${label}`;
  return [
    paint('bold', 'Summary'),
    `  ${row(clients, clients === 1 ? 'client' : 'clients')}`,
    `  ${paint('green', row(verdicts.allow, 'allowed'))}`,
    `  ${paint('red', row(verdicts.deny, 'denied'))}`,
    '',
    ...(clients === 0 ? [] : [paint('bold', 'By reason')]),
    ...[...reasons].map(([reason, decisions]) => `  ${row(decisions, reason)}`),
    ...(clients === 0 ? [] : ['']),
    paint('bold', `Never hit: ${number(unused.length)} of ${count(size, 'entry', 'entries')}`),
    ...renderEntries(unused, page),
    paint('bold', `Warnings of the list: ${number(problems.length)}`),
    ...showSome(problems, (problem) => renderWarning(problem, page)),
  ];
}

function renderEntries(entries: readonly Entry[], page: Page): string[] {
  if (entries.length === 0) return [''];
  const lineWidth = Math.max(...entries.slice(0, SHOWN).map(({ line }) => String(line).length));
  return [...showSome(entries, (entry) => [layOut(['  ', ...entryParts(entry, lineWidth)], page)]), ''];
}

function renderWarning({ line, code, text, message }: Problem, page: Page): string[] {
  return [
    layOut([`  line ${line}  ${shorten(text, ENTRY_WIDTH)}  `, ['yellow', code]], page),
    ...wrap(printable(message), page.columns - 4).map((line) => `    ${line}`),
  ];
}
