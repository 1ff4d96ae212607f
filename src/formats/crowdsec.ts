/**
 * Decisions of CrowdSec: what its local API answers, and what `cscli decisions list` and `import` write and read.
 *
 * ```
 * { "new": [{ "duration": "3h59m57.6s", "origin": "CAPI", "scenario": "crowdsecurity/ssh-bf", "scope": "Ip",
 *             "type": "ban", "value": "192.0.2.7" }], "deleted": null }
 * ```
 *
 * A decision is an entry only if it bans an address or a range. It ends some time after the file was made.
 */

import { isNumber } from '../address/characters.ts';
import { scanEntry } from '../address/entry.ts';
import { defineFormat, type Format } from '../exchange/format.ts';
import type { EntryFields, Importing } from '../exchange/importing.ts';
import { BYTE_ORDER_MARK } from '../list/grammar.ts';
import { readInstant } from '../list/times.ts';
import { quote } from '../problem/say.ts';
import { type Cell, eachRecord } from '../syntax/cells.ts';
import { type JsonNode, other, readJson, Scalars, textOf } from '../syntax/json.ts';

/** Decisions of CrowdSec. */
export const crowdsec: Format = /* @__PURE__ */ defineFormat(
  { name: 'crowdsec', title: 'CrowdSec decisions', extension: '.json' },
  { read: readCrowdsec, select: ['origin', 'scenario'] },
);

/** What is read of a decision. */
type Field = 'value' | 'scope' | 'type' | 'duration' | 'until' | 'scenario' | 'origin' | 'simulated';

type Decision = ReadonlyMap<Field, Cell>;

/** The names of what is read, in JSON and in the header of CSV. `ip` has the scope before the address. */
const fields: readonly (readonly [name: string, field: Field])[] = [
  ['value', 'value'],
  ['ip', 'value'],
  ['scope', 'scope'],
  ['type', 'type'],
  ['action', 'type'],
  ['duration', 'duration'],
  ['expiration', 'duration'],
  ['until', 'until'],
  ['scenario', 'scenario'],
  ['reason', 'scenario'],
  ['origin', 'origin'],
  ['source', 'origin'],
  ['simulated', 'simulated'],
];

/** Those that are in JSON. */
const ofJson = fields.filter(([name]) => !['ip', 'action', 'expiration', 'source'].includes(name));

/** What else is known of a decision. */
const ofDecision = ['id', 'uuid', 'start_ip', 'end_ip'];

/** What else is known of an alert, whose decisions are within it. */
const ofAlert = [
  ...['capacity', 'created_at', 'events', 'events_count', 'kind', 'labels', 'leakspeed', 'machine_id'],
  ...['message', 'meta', 'remediation', 'scenario_hash', 'scenario_version', 'source', 'start_at', 'stop_at'],
];

function readCrowdsec(importing: Importing): void {
  const { text } = importing;
  const from = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
  const first = text.slice(from).trimStart().charAt(0);
  // A header begins with a letter, as the word null does.
  const isTable = first !== '' && !'[{<"'.includes(first) && text.slice(from).trim() !== 'null';
  if (isTable) readTable(importing);
  else readAnswer(importing);
}

/** Reads JSON: an array of decisions or of alerts that have decisions, or an answer with new and deleted ones. */
function readAnswer(importing: Importing): void {
  let isAnswer = false;
  let deleted = 0;
  const decision = decisionNode(importing);
  const stream = [
    ['new', { ...listOf(importing, decision), found: () => (isAnswer = true) }],
    [
      'deleted',
      {
        ...listOf(importing, { any: () => deleted++ }),
        found: (start: number) => (deletedAt = start),
      },
    ],
  ] as const;
  let deletedAt = 0;
  const root: JsonNode = {
    ...listOf(importing, decisionNode(importing, decision)),
    members: {
      named: stream,
      end: (start, end) => {
        if (!isAnswer)
          importing.refuse(start, end, 'syntax', 'expected an array of decisions, or an object with "new"');
      },
    },
  };
  if (!readJson(importing, root) || deleted === 0) return;
  const message = `${deleted} decisions that are over are left out: what is under "new" is the whole list only if the stream was asked for with startup=true`;
  importing.warn(deletedAt, deletedAt + 1, 'skipped', message);
}

/** An array, or `null`, which is how an empty one is written. */
function listOf(importing: Importing, elements: JsonNode): JsonNode {
  return {
    elements,
    scalar: (start, end) => {
      const written = importing.text.slice(start, end);
      if (written !== 'null')
        importing.refuse(start, end, 'syntax', `expected decisions here, got ${quote(written)}`);
    },
  };
}

/**
 * A decision.
 *
 * @param within - a decision of an alert, where it may be an alert that is read
 */
function decisionNode(importing: Importing, within?: JsonNode): JsonNode {
  const { text } = importing;
  const scalars = new Scalars();
  let isAlert = false;
  const alert = [
    ['decisions', { ...listOf(importing, within ?? other), found: () => (isAlert = true) }] as const,
    ...ofAlert.map((name) => [name, other] as const),
  ];
  return {
    members: {
      named: [
        ...ofJson.map(([name], index) => [name, { scalar: scalars.taker(index) }] as const),
        ...ofDecision.map((name) => [name, other] as const),
        ...(within === undefined ? [] : alert),
      ],
      end: (start) => {
        const { count, fields: found, starts, ends } = scalars;
        const decision = new Map<Field, Cell>();
        for (let at = 0; at < count; at++) {
          const [from, to] = [starts[at] as number, ends[at] as number];
          const isText = text[from] === '"';
          const cell = {
            value: textOf(text, from, to),
            start: isText ? from + 1 : from,
            end: isText ? to - 1 : to,
          };
          const [, field] = ofJson[found[at] as number] as readonly [string, Field];
          if (isText || field === 'simulated') decision.set(field, cell);
        }
        scalars.clear();
        if (!isAlert) takeDecision(importing, decision, start, start + 1);
        isAlert = false;
      },
    },
  };
}

/** Reads CSV: the columns are found by their names. */
function readTable(importing: Importing): void {
  let columns: readonly (Field | undefined)[] | undefined;
  let isSplit = false;
  let isTable = true;
  const visit = (cells: readonly Cell[]): void => {
    const [start, end] = [cells[0]?.start ?? 0, cells.at(-1)?.end ?? 0];
    if (!isTable) return;
    if (columns === undefined) {
      const names = cells.map(({ value }) => value.toLowerCase());
      columns = names.map((name) => fields.find(([known]) => known === name)?.[1]);
      isSplit = names.includes('ip') && !names.includes('value');
      isTable = columns.includes('value');
      if (!isTable) importing.refuse(start, end, 'syntax', 'expected a header with the column value, or ip');
      return;
    }
    const decision = new Map<Field, Cell>();
    for (const [index, cell] of cells.entries()) {
      const field = columns[index];
      if (field !== undefined && cell.value !== '') decision.set(field, cell);
    }
    if (isSplit) splitScope(decision);
    takeDecision(importing, decision, start, end);
  };
  eachRecord(importing.text, ',', visit, (start, end, message) =>
    importing.refuse(start, end, 'syntax', message),
  );
  if (columns === undefined) importing.refuse(0, 0, 'truncated', 'expected a header, but the text is empty');
}

/** `Ip:192.0.2.7`; an address alone has no scope. */
function splitScope(decision: Map<Field, Cell>): void {
  const cell = decision.get('value');
  const colon = cell?.value.indexOf(':') ?? -1;
  if (cell === undefined || colon < 0 || scanEntry(cell.value, 0, cell.value.length)) return;
  const { value, start, end } = cell;
  decision.set('scope', { value: value.slice(0, colon), start, end: start + colon });
  decision.set('value', { value: value.slice(colon + 1), start: start + colon + 1, end });
}

/** Takes a decision as an entry, if it bans an address or a range. */
function takeDecision(importing: Importing, decision: Decision, start: number, end: number): void {
  const said = (field: Field): string | undefined => decision.get(field)?.value;
  if (!isWanted(importing, decision, start, end)) return;
  const [field, why] = whyLeftOut(said) ?? [];
  if (field !== undefined && why !== undefined) {
    const cell = decision.get(field) as Cell;
    importing.warn(cell.start, cell.end, 'skipped', `left out, as ${why}`);
    return;
  }
  const missing = (['value', 'scope', 'type'] as const).find((field) => !decision.has(field));
  if (missing !== undefined) {
    const message = `this decision has no ${missing}, without which it is not known whom it bans`;
    importing.error(start, end, 'syntax', message);
    return;
  }
  const until = untilOf(importing, decision, start, end);
  if (until === undefined) return;
  const value = decision.get('value') as Cell;
  const label = said('origin') === '' ? undefined : said('origin');
  const ofEntry: EntryFields = { note: said('scenario'), label, action: 'deny', until };
  const isLiteral = value.value === importing.text.slice(value.start, value.end);
  if (isLiteral) importing.entry(value.start, value.end, ofEntry);
  else importing.entryOf(value.value, value.start, value.end, ofEntry);
}

/** Whether the option `select` wants a decision. */
function isWanted(importing: Importing, decision: Decision, start: number, end: number): boolean {
  let isSelected = true;
  for (const key of ['origin', 'scenario'] as const) {
    const said = decision.get(key)?.value;
    if (said === undefined && importing.options.select.has(key)) {
      const message = `this decision has no ${key}, so it is not known whether it is among those that select wants`;
      importing.error(start, end, 'syntax', message);
    }
    if (!importing.selects(key, said === undefined ? [] : [said])) isSelected = false;
  }
  return isSelected;
}

/** Why a decision is not about a client at an address that is denied, and in which field it says so. */
function whyLeftOut(said: (field: Field) => string | undefined): readonly [Field, string] | undefined {
  const [scope, type] = [said('scope'), said('type')];
  if (said('simulated')?.toLowerCase() === 'true')
    return ['simulated', 'the decision is only simulated, and nobody is banned'];
  if (scope !== undefined && !['ip', 'range'].includes(scope.toLowerCase()))
    return ['scope', `a decision about ${quote(scope)} is not about an address`];
  if (type !== undefined && type.toLowerCase() !== 'ban')
    return ['type', `${quote(type)} is not a ban, and only a ban denies a client`];
  return undefined;
}

/** When a decision ends. An end that is not known is an error, as without one the ban would last for ever. */
function untilOf(importing: Importing, decision: Decision, start: number, end: number): number | undefined {
  const date = decision.get('until');
  const instant = date === undefined ? '' : readInstant(date.value);
  if (typeof instant === 'number') return instant;
  const duration = decision.get('duration');
  if (duration === undefined) {
    importing.error(start, end, 'syntax', 'this decision has no duration, so it is not known when it ends');
    return undefined;
  }
  const milliseconds = readDuration(duration.value);
  if (milliseconds !== undefined) return importing.after(milliseconds, duration.start, duration.end);
  const message = `${quote(duration.value)} is not a duration such as 3h59m57.6s`;
  importing.error(duration.start, duration.end, 'instant-invalid', message);
  return undefined;
}

/** Nanoseconds of each unit; `µs` has the sign for micro or the letter mu. */
const units: readonly (readonly [unit: string, nanoseconds: number])[] = [
  ['ns', 1],
  ['us', 1e3],
  ['\u00b5s', 1e3],
  ['\u03bcs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
  ['m', 60e9],
  ['h', 3600e9],
  ['d', 86_400e9],
];

/** No duration is longer: whole nanoseconds in 64 bits. */
const LONGEST = 2 ** 63;

/** The milliseconds of a duration as Go writes it, such as `3h59m57.6s` or `-1m2.5s`, not less than it says. */
function readDuration(text: string): number | undefined {
  const isNegative = text.startsWith('-');
  let nanoseconds = 0;
  let at = isNegative || text.startsWith('+') ? 1 : 0;
  if (text.slice(at) === '0') return 0;
  do {
    const digits = at;
    while (at < text.length && (text.charAt(at) === '.' || isNumber(text.charAt(at)))) at++;
    const [whole = '', fraction = '', ...rest] = text.slice(digits, at).split('.');
    const unit = units.find(([name]) => text.startsWith(name, at));
    if (whole + fraction === '' || rest.length > 0 || unit === undefined) return undefined;
    const [name, size] = unit;
    nanoseconds += Number(whole) * size + Math.round(Number(`0.${fraction}`) * size);
    at += name.length;
  } while (at < text.length);
  if (nanoseconds >= LONGEST) return undefined;
  return Math.ceil((isNegative ? -nanoseconds : nanoseconds) / 1e6);
}
