/**
 * Custom lists of Cloudflare with addresses: the items that the API takes and answers, and the CSV that the dashboard
 * takes.
 *
 * ```
 * [{ "ip": "192.0.2.0/24", "comment": "Office" }, { "ip": "2001:db8::/48" }]
 * ```
 */

import type { Family } from '../address/scanner.ts';
import { formatNetwork, hostMask, increment, lastOf } from '../address/words.ts';
import type { Exporting, Item } from '../exchange/exporting.ts';
import { defineFormat, type Format } from '../exchange/format.ts';
import type { Importing } from '../exchange/importing.ts';
import { BYTE_ORDER_MARK } from '../list/grammar.ts';
import { type Cell, eachRecord, isFormula, writeCell } from '../syntax/cells.ts';
import { entryOf, type JsonNode, other, readJson, textOf } from '../syntax/json.ts';
import { afterBlanks } from '../syntax/json-text.ts';
import { refuseShape } from '../syntax/manifest.ts';

/** Custom lists of Cloudflare. */
export const cloudflareList: Format = /* @__PURE__ */ defineFormat(
  { name: 'cloudflare-list', title: 'Cloudflare custom list', extension: '.json' },
  { read: readList, write: writeList, options: ['rows'] },
);

function readList(importing: Importing): void {
  // Nobody says that an IPv4-mapped item finds IPv4 clients.
  importing.findsMapped = false;
  const { text } = importing;
  const start = afterBlanks(text, text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0);
  if ('[{'.includes(text.charAt(start)) && start < text.length) readItems(importing);
  else readCells(importing);
}

/** What else is in an item, and in an answer with items. */
const othersOfItem = ['id', 'created_on', 'modified_on'];
const othersOfAnswer = ['errors', 'messages'];

function readItems(importing: Importing): void {
  const { text } = importing;
  const items: JsonNode = { elements: itemNode(importing) };
  let hasResult = false;
  const result: JsonNode = {
    ...items,
    found: () => {
      hasResult = true;
    },
  };
  const success = (start: number, end: number): void => {
    if (text.slice(start, end) !== 'true')
      importing.refuse(start, end, 'syntax', 'the answer says that the request failed');
  };
  const end = (start: number): void => {
    if (!hasResult) importing.refuse(start, start + 1, 'syntax', 'expected an answer with items in result');
  };
  const named: readonly (readonly [string, JsonNode])[] = [
    ['result', result],
    ['success', { scalar: success }],
    ['result_info', pagesNode(importing)],
    ...othersOfAnswer.map((name) => [name, other] as const),
  ];
  readJson(importing, { ...items, members: { named, end } });
}

/** An answer has one page of the items, and names the next one. */
function pagesNode(importing: Importing): JsonNode {
  const { text } = importing;
  const after = (start: number, end: number): void => {
    const isLast = ['null', '""'].includes(text.slice(start, end));
    const message = 'this is one page of the list, and there are more after it: put all items into one array';
    if (!isLast) importing.refuse(start, end, 'truncated', message);
  };
  const unnamed = (): JsonNode => other;
  const cursors: JsonNode = { members: { named: [['after', { scalar: after }]], unnamed }, scalar: () => {} };
  return { members: { named: [['cursors', cursors]], unnamed }, scalar: () => {} };
}

function itemNode(importing: Importing): JsonNode {
  const { text } = importing;
  let ip: readonly [start: number, end: number] | undefined;
  let note: string | undefined;
  const comment = (start: number, end: number): void => {
    if (text.charAt(start) === '"') note = textOf(text, start, end);
    else if (text.slice(start, end) !== 'null')
      importing.error(start, end, 'syntax', 'a comment must be text in quotation marks');
  };
  const named: readonly (readonly [string, JsonNode])[] = [
    ['ip', { scalar: (start, end) => (ip = [start, end]) }],
    ['comment', { scalar: comment }],
    ...othersOfItem.map((name) => [name, other] as const),
  ];
  const end = (start: number): void => {
    if (ip === undefined) importing.error(start, start + 1, 'syntax', 'this item has no ip');
    else {
      const value = textOf(text, ...ip);
      if (!refuseShape(importing, value, ip[0] + 1, ip[1] - 1)) entryOf(importing, ...ip, { note });
    }
    ip = undefined;
    note = undefined;
  };
  return { members: { named, end } };
}

/** Names of columns that people put over a list. Cloudflare takes no header here. */
const headers = ['address', 'addr', 'cidr', 'ip', 'ip_address', 'network', 'value'];

function readCells(importing: Importing): void {
  let isFirst = true;
  const visit = (cells: readonly Cell[]): void => {
    const [address, description, third] = cells;
    if (address === undefined) return;
    const { value, start, end } = address;
    if (isFirst && headers.includes(value.toLowerCase())) {
      const message =
        'this list has no header, and one for Zero Trust is another format: read it with the format "csv"';
      importing.refuse(start, end, 'syntax', message);
    } else if (third !== undefined) {
      const message = 'a line has an address and a description: put one with a comma into quotation marks';
      importing.error(third.start, third.end, 'syntax', message);
    } else if (!refuseShape(importing, value, start, end))
      importing.entry(start, end, { note: description?.value });
    isFirst = false;
  };
  eachRecord(importing.text, ',', visit, (start, end, message) =>
    importing.refuse(start, end, 'syntax', message),
  );
}

/** The widest and the narrowest prefix that Cloudflare takes, by family. Its pages disagree; these are in all of them. */
const widest: Readonly<Record<Family, number>> = { 4: 8, 6: 12 };
const narrowest: Readonly<Record<Family, number>> = { 4: 32, 6: 64 };

/** How long a comment can be is not said anywhere; a description of a list has 500 characters. */
const MOST_BYTES = 500;

/** What is written of a policy: the text of each prefix with its note. */
type Lines = ReadonlyMap<string, string>;

function writeList(exporting: Exporting): string | undefined {
  const { mode, options } = exporting;
  const { rows } = options;
  if (rows !== undefined && rows !== 'csv')
    return exporting.refuseOption('rows can only be "csv" here, and without it JSON is written');
  // Without notes, neighbours become the prefixes that Cloudflare takes.
  const items = exporting.listed({ nested: options.notes });
  const lines = linesOf(exporting, items);
  const isRefused = refuseNarrow(exporting, items, lines);
  if (isRefused && mode === 'deny') {
    const message =
      'without the addresses that are refused, the list would let them in: nothing is written; with notes: false, neighbours are written as one prefix';
    exporting.lose('would-open', message);
    return undefined;
  }
  if (lines.size === 0 && mode === 'allow') return exporting.refuseOpen();
  if (rows === 'csv')
    return [...lines].map(([ip, note]) => `${note === '' ? ip : `${ip},${writeCell(note)}`}\n`).join('');
  const parts = [...lines].map(([ip, comment]) => JSON.stringify(comment === '' ? { ip } : { ip, comment }));
  return parts.length === 0 ? '[]\n' : `[\n  ${parts.join(',\n  ')}\n]\n`;
}

function linesOf(exporting: Exporting, items: readonly Item[]): Lines {
  const lines = new Map<string, string>();
  for (const item of items) {
    const { family, text, length, entry } = item;
    if (length > narrowest[family]) continue;
    const note = noteOf(exporting, item);
    const pieces = length < widest[family] ? cut(item) : [text];
    if (pieces.length > 1) {
      const message = `Cloudflare takes no prefix wider than /${widest[family]}: ${text} is written as ${pieces.length} of them`;
      exporting.lose('split', message, entry);
    }
    let hasLostNote = false;
    for (const piece of pieces) {
      if (!lines.has(piece)) lines.set(piece, note);
      else hasLostNote ||= note !== '';
    }
    if (hasLostNote)
      exporting.lose('duplicate', 'the same addresses are written only once, with the first note', entry);
  }
  return lines;
}

/** The widest prefixes that Cloudflare takes of one that is wider. */
function cut({ family, first, length }: Item): readonly string[] {
  const width = family === 4 ? 1 : 4;
  const start = first.slice();
  const end = first.slice();
  return Array.from({ length: 2 ** (widest[family] - length) }, () => {
    const text = formatNetwork(family, start, widest[family]);
    lastOf(start, widest[family], width, end);
    start.set(end);
    increment(start, width);
    return text;
  });
}

/**
 * Reports the addresses that Cloudflare does not take. None is widened: it would be others who are let in or kept out.
 *
 * @returns whether one of them is in no prefix that is written
 */
function refuseNarrow(exporting: Exporting, items: readonly Item[], lines: Lines): boolean {
  let isRefused = false;
  for (const { family, text, length, first, entry } of items) {
    if (length <= narrowest[family]) continue;
    const isCovered = isInside(first, lines);
    isRefused ||= !isCovered;
    const message = isCovered
      ? `Cloudflare takes no IPv6 prefix narrower than /64: ${text} is in another one that is written`
      : `Cloudflare takes no IPv6 prefix narrower than /64: ${text} is not written`;
    exporting.lose('address-refused', message, entry);
  }
  return isRefused;
}

function isInside(first: Int32Array, lines: Lines): boolean {
  const words = first.slice();
  for (let length = narrowest[6]; length >= widest[6]; length--) {
    for (let word = 0; word < 4; word++) words[word] = (words[word] as number) & ~hostMask(length, word);
    if (lines.has(formatNetwork(6, words, length))) return true;
  }
  return false;
}

/** A spreadsheet would run a note that begins like a formula, and a table of items is opened in one. */
function noteOf(exporting: Exporting, item: Item): string {
  const note = exporting.noteOf(item, { maxBytes: MOST_BYTES });
  if (exporting.options.rows !== 'csv' || !isFormula(note)) return note;
  const message = "a spreadsheet would take the note for a formula, so there is ' before it";
  exporting.lose('note-changed', message, item.entry);
  return `'${note}`;
}
