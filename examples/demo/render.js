/** What the demo prints, as lines of text. All text from a file is made printable here. */

import { count, cut, cutStart, pad, printable, widthOf } from './terminal.js';

const CLIENT_LENGTH = 41;
const ENTRY_LENGTH = 60;
const NOTE_LENGTH = 60;
const SOURCE_LENGTH = 60;
/** How many diagnostics, warnings and unused entries to show of each: a long list may have thousands. */
const SHOWN = 8;

/** Shows the first few items and says how many more there are. */
function showSome(items, show) {
  const lines = items.slice(0, SHOWN).flatMap(show);
  const more = items.length - SHOWN;
  return more > 0 ? [...lines, `  … and ${more.toLocaleString('en-US')} more`] : lines;
}

/** The input: the list, who is exempt from it, and the clients. */
export function renderTitle({ mode, list, clients }, exemption, colours) {
  return [
    `${colours.bold('ipverdict')}  who gets in?`,
    '',
    `  ${mode === 'allow' ? 'Allow list' : 'Deny list '}  ${list.name}`,
    `  Exempt      ${exemption} ${colours.dim('(always allowed, whatever the list says)')}`,
    `  Clients     ${clients.name}`,
    '',
  ];
}

/** A problem as a compiler shows it: what, where, and a caret under each faulty character. */
function renderDiagnostic(problem, sourceLine, fileName, colours) {
  const { severity, code, message, line, column, endColumn } = problem;
  const before = blankTabs(printable(cutStart(keepTabs(sourceLine.slice(0, column - 1)), SOURCE_LENGTH)));
  const part = printable(cut(sourceLine.slice(column - 1, endColumn - 1), SOURCE_LENGTH));
  const after = blankTabs(printable(cut(keepTabs(sourceLine.slice(endColumn - 1)), SOURCE_LENGTH)));
  const gutter = ' '.repeat(String(line).length);
  const carets = ' '.repeat(widthOf(before)) + colours.red('^'.repeat(Math.max(1, widthOf(part))));
  return [
    `${colours.red(colours.bold(severity))}: ${colours.bold(printable(message))} ${colours.dim(`(${code})`)}`,
    `  ${colours.dim(`${fileName}, line ${line}, column ${column}`)}`,
    `  ${colours.dim(`${gutter} |`)}`,
    `  ${colours.dim(`${line} |`)} ${before}${part}${after}`.trimEnd(),
    `  ${colours.dim(`${gutter} |`)} ${carets}`,
    '',
  ];
}

/** Tabs around the faulty part are layout, one column each. A tab that is itself the fault is written out. */
const TAB_MARK = '\ue000';
const keepTabs = (text) => text.replaceAll('\t', TAB_MARK);
const blankTabs = (text) => text.replaceAll(TAB_MARK, ' ');

/** The lines that cannot be read, the first few in full. */
export function renderErrors(errors, sourceLines, fileName, colours) {
  if (errors.length === 0) return [];
  const intro = `createPolicy builds nothing from this list: ${count(errors.length, 'line')} cannot be read.`;
  const show = (problem) => renderDiagnostic(problem, sourceLines[problem.line - 1], fileName, colours);
  const shown = showSome(errors, show);
  return [intro, '', ...shown, ...(errors.length > SHOWN ? [''] : [])];
}

/** Says what leaving lines out means. The two kinds of list have opposite effects. */
export function renderLeftOut(errors, { size, mode }, colours) {
  if (errors.length === 0) return [];
  const isOne = errors.length === 1;
  const left = isOne ? `line ${errors[0].line}` : `those ${count(errors.length, 'line')}`;
  const [meant, now] = mode === 'allow' ? ['let in', 'denied'] : ['kept out', 'let in'];
  return [
    `The library never leaves a line out. ${colours.yellow(`This demo leaves out ${left}`)}, and goes on with the`,
    `${count(size, 'entry', 'entries')} that can be read: a client that was to be ${meant} by ${isOne ? 'that line' : 'those lines'} alone is ${now}.`,
    '',
  ];
}

/** Why a list with nothing but bad lines is not used. */
export function renderRefusal({ list, mode }) {
  return [
    `No entry of ${list.name} can be read, so this demo stops here: without its bad lines the list would be`,
    `empty, and an empty ${mode} list lets everyone in.`,
  ];
}

/** An empty list is open, which deserves a line of its own. */
export function renderEmpty({ size, mode }, colours) {
  if (size > 0) return [];
  return [
    colours.yellow(`The ${mode} list has no entries: it allows everyone until its first entry is written.`),
    '',
  ];
}

/** `line 7  203.0.113.0/24  # Office`, the entry that decided. */
function renderEntry({ line, text, note, list }, colours, lineWidth = 1) {
  const place = list === 'exempt' ? pad('exempt', 5 + lineWidth) : `line ${String(line).padStart(lineWidth)}`;
  const comment = note === undefined ? '' : `  ${colours.dim(`# ${printable(cut(note, NOTE_LENGTH))}`)}`;
  return `${place}  ${printable(cut(text, ENTRY_LENGTH))}${comment}`;
}

const withoutEntry = {
  'invalid-address': 'not an address, and nothing is guessed',
  'not-listed': 'no line covers it',
  'empty-list': 'the list has no entries',
};

/** The decisions as a table with aligned columns. */
export function renderDecisions(rows, colours) {
  const names = rows.map(({ client }) => printable(cut(client, CLIENT_LENGTH)));
  const clientWidth = Math.max('Client'.length, ...names.map(widthOf));
  const reasonWidth = Math.max('Reason'.length, ...rows.map(({ decision }) => decision.reason.length));
  const entries = rows.map(({ decision }) => decision.entry);
  const lineWidth = Math.max(1, ...entries.map((entry) => String(entry?.line ?? '').length));
  const heading = `${pad('Client', clientWidth)}  Verdict  ${pad('Reason', reasonWidth)}  Deciding line`;
  const lines = rows.map(({ decision: { verdict, reason } }, index) => {
    const entry = entries[index];
    const colour = verdict === 'allow' ? colours.green : colours.red;
    const because =
      entry === undefined ? colours.dim(withoutEntry[reason]) : renderEntry(entry, colours, lineWidth);
    return `  ${pad(names[index], clientWidth)}  ${colour(pad(verdict, 7))}  ${pad(reason, reasonWidth)}  ${because}`;
  });
  return [`  ${colours.dim(heading)}`, ...lines];
}

/** The sentence of `explain` for the first client of each reason. */
export function renderReasons(policy, tally, colours) {
  const sentences = [...tally.examples.values()].map((client) => policy.explain(client).message);
  if (sentences.length === 0) return [];
  return [
    colours.bold('In words, one client of each reason'),
    ...sentences.map((sentence) => `  ${printable(sentence)}`),
    '',
  ];
}

/** The counts, the entries that decided about nobody, and the warnings of the list. */
export function renderSummary(tally, { problems, size }, unused, colours) {
  const { clients, verdicts, reasons } = tally;
  const number = (value) => value.toLocaleString('en-US');
  const width = Math.max(...[clients, ...reasons.values()].map((value) => number(value).length));
  const row = (value, label, colour = (text) => text) =>
    `  ${colour(`${number(value).padStart(width)}  ${label}`)}`;
  return [
    colours.bold('Summary'),
    row(clients, clients === 1 ? 'client' : 'clients'),
    row(verdicts.allow, 'allowed', colours.green),
    row(verdicts.deny, 'denied', colours.red),
    '',
    ...(clients === 0 ? [] : [colours.bold('By reason')]),
    ...[...reasons].map(([reason, decisions]) => row(decisions, reason)),
    ...(clients === 0 ? [] : ['']),
    colours.bold(`Never hit: ${number(unused.length)} of ${count(size, 'entry', 'entries')}`),
    ...renderEntries(unused, colours),
    colours.bold(`Warnings of the list: ${number(problems.length)}`),
    ...showSome(problems, (problem) => renderWarning(problem, colours)),
  ];
}

function renderEntries(entries, colours) {
  if (entries.length === 0) return [''];
  const lineWidth = Math.max(...entries.slice(0, SHOWN).map(({ line }) => String(line).length));
  return [...showSome(entries, (entry) => [`  ${renderEntry(entry, colours, lineWidth)}`]), ''];
}

function renderWarning({ line, code, text, message }, colours) {
  return [
    `  line ${line}  ${printable(cut(text, ENTRY_LENGTH))}  ${colours.yellow(code)}`,
    `    ${printable(message)}`,
  ];
}
