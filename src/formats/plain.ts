/**
 * Plain lists, an entry on each line: those of this package, and the netsets of FireHOL.
 *
 * ```
 * # Entries : 2 subnets
 * 192.0.2.0/24 # a note
 * 198.51.100.7,
 * ```
 */

import { inList } from '../address/advice.ts';
import { isNumber, seek } from '../address/characters.ts';
import { entryFaultOf } from '../address/entry-fault.ts';
import type { Exporting, Item } from '../exchange/exporting.ts';
import { defineFormat, type Format } from '../exchange/format.ts';
import type { EntryFields, Importing } from '../exchange/importing.ts';
import { eachLine, trimEnd, trimStart } from '../list/grammar.ts';
import { readTimes } from '../list/times.ts';

/** Lists with an entry on each line. */
export const plain: Format = /* @__PURE__ */ defineFormat(
  { name: 'plain', title: 'one entry a line', extension: '.txt' },
  { read: readPlain, write: writePlain, takes: ['comment'] },
);

/** The netsets and ipsets of FireHOL, whose comments say what they are. */
export const netset: Format = /* @__PURE__ */ defineFormat(
  { name: 'netset', title: 'FireHOL netset', extension: '.netset' },
  { read: readNetset, write: writeNetset },
);

function readPlain(importing: Importing): void {
  readLines(importing, importing.options.comment ?? '#', () => {});
}

/**
 * Reads the entries of all lines.
 *
 * @param onComment - is told of each comment on a line of its own
 */
function readLines(
  importing: Importing,
  sign: string,
  onComment: (start: number, end: number) => void,
): void {
  const { text } = importing;
  let comment = -1;
  eachLine(text, (_line, lineStart, lineEnd) => {
    // Searched natively, and not again before it is passed.
    if (comment < lineStart) comment = text.indexOf(sign, lineStart);
    if (comment < 0) comment = text.length;
    const contentEnd = Math.min(comment, lineEnd);
    const start = trimStart(text, lineStart, contentEnd);
    const end = withoutComma(text, start, trimEnd(text, start, contentEnd));
    if (start === end) {
      if (contentEnd < lineEnd) onComment(contentEnd + sign.length, lineEnd);
      return;
    }
    const fields = contentEnd < lineEnd ? { note: text.slice(contentEnd + sign.length, lineEnd) } : undefined;
    if (!importing.tryEntry(start, end, fields)) readOther(importing, start, end, fields);
  });
}

/** Lists that were cut out of programs have a comma or a semicolon after each entry. */
function withoutComma(text: string, start: number, end: number): number {
  const last = text.charAt(end - 1);
  return end > start + 1 && (last === ',' || last === ';') ? trimEnd(text, start, end - 1) : end;
}

/** A name, an entry with times, or a mistake. */
function readOther(importing: Importing, start: number, end: number, fields: EntryFields | undefined): void {
  const { text } = importing;
  if (importing.tryName(start, end, fields)) return;
  const times = readTimes(text, start, end);
  if (times !== undefined && times.fault === undefined) {
    const from = Number.isNaN(times.from) ? undefined : times.from;
    const until = Number.isNaN(times.until) ? undefined : times.until;
    importing.entry(start, times.end, { note: fields?.note, from, until });
    return;
  }
  const {
    code,
    start: at,
    end: to,
    message,
    mend,
  } = times?.fault ?? entryFaultOf(text, start, end, importing.settingOf(inList));
  importing.error(mend?.start ?? at, mend?.end ?? to, code, message, mend?.text);
}

function readNetset(importing: Importing): void {
  const { text, declared } = importing;
  readLines(importing, '#', (start, end) => {
    const comment = text.slice(start, end);
    const colon = comment.indexOf(':');
    if (colon < 0) return;
    const name = comment.slice(0, colon).trim().toLowerCase();
    const value = comment.slice(colon + 1).trim();
    if (name === 'entries') {
      const digits = value.slice(0, seek(value, 0, ' ,'));
      if (isNumber(digits)) declared.entries = Number(digits);
    } else if (name === 'version') declared.version = value;
    else if (name === 'this file date') {
      const created = readDate(value);
      if (created !== undefined) declared.created = created;
    }
  });
  const count = importing.groups.reduce((sum, { entries }) => sum + entries.length, 0);
  const { entries } = declared;
  // These counts are often wrong in files that are whole.
  if (entries !== undefined && entries !== count)
    importing.warn(0, 0, 'count-differs', `the header says ${entries} entries, and there are ${count}`);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A date as the program `date` writes it: `Sat Jul  9 13:19:27 UTC 2022`. */
function readDate(value: string): Date | undefined {
  const [, month = '', day = '', time = '', zone, year = ''] = value.split(' ').filter((word) => word !== '');
  const number = `${months.indexOf(month) + 1}`.padStart(2, '0');
  const written = `${year}-${number}-${day.padStart(2, '0')}T${time}.000Z`;
  const read = new Date(zone === 'UTC' ? written : '');
  // It must give back what was written: the platform reads other texts, too.
  return read.toJSON() === written ? read : undefined;
}

function writePlain(exporting: Exporting): string | undefined {
  return writeLines(exporting, exporting.listed({ nested: true, ranges: [4, 6] }));
}

function writeNetset(exporting: Exporting): string | undefined {
  const items = exporting.listed({ nested: true });
  const lines = writeLines(exporting, items);
  return lines && `# Entries         : ${items.length} subnets\n${lines}`;
}

function writeLines(exporting: Exporting, items: readonly Item[]): string | undefined {
  // A list without entries lets everyone in.
  if (items.length === 0 && exporting.mode === 'allow') return exporting.refuseOpen();
  const lines = items.map((item) => {
    const note = exporting.noteOf(item, { maxBytes: Number.POSITIVE_INFINITY });
    return note === '' ? `${item.text}\n` : `${item.text} # ${note}\n`;
  });
  return lines.join('');
}
