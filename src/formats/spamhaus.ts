/**
 * DROP of Spamhaus: a network on each line with the number of its record, as text or as JSON.
 *
 * ```
 * 192.0.2.0/24 ; SBL256894
 * {"cidr":"192.0.2.0/24","sblid":"SBL256894","rir":"arin"}
 * {"type":"metadata","timestamp":1713873241,"size":52,"records":1}
 * ```
 */

import { defineFormat, type Format } from '../exchange/format.ts';
import type { Importing } from '../exchange/importing.ts';
import { BYTE_ORDER_MARK, eachLine, trimEnd, trimStart } from '../list/grammar.ts';
import { readField } from '../problem/foreign.ts';

/** The DROP lists of Spamhaus. */
export const spamhausDrop: Format = /* @__PURE__ */ defineFormat(
  { name: 'spamhaus-drop', title: 'Spamhaus DROP', extension: '.txt' },
  { read: readDrop },
);

function readDrop(importing: Importing): void {
  const { text } = importing;
  const first = trimStart(text, text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0, text.length);
  if (text.charAt(first) === '{') readRecords(importing);
  else readText(importing);
}

/** `192.0.2.0/24 ; SBL256894`, where a line that begins with a semicolon is a comment. */
function readText(importing: Importing): void {
  const { text } = importing;
  eachLine(text, (_line, lineStart, lineEnd) => {
    let sign = lineStart;
    while (sign < lineEnd && text.charAt(sign) !== ';') sign++;
    const start = trimStart(text, lineStart, sign);
    const end = trimEnd(text, start, sign);
    if (start < end) importing.entry(start, end, { note: text.slice(sign + 1, lineEnd) });
  });
}

/** The records since the last line of metadata, which says how many of them there are. */
interface Section {
  count: number;
  isClosed: boolean;
}

/**
 * Each line is an object, and the last one says how many records there are: without it, the file may have been cut off. Several
 * files may follow each other.
 */
function readRecords(importing: Importing): void {
  const { text, declared } = importing;
  const section: Section = { count: 0, isClosed: false };
  eachLine(text, (_line, lineStart, lineEnd) => {
    const start = trimStart(text, lineStart, lineEnd);
    const end = trimEnd(text, start, lineEnd);
    if (start === end) return;
    const record = parse(text.slice(start, end));
    if (record === undefined) {
      importing.refuse(start, end, 'syntax', 'this is not a JSON object: each line of the feed is one');
      return;
    }
    if (readField(record, 'type') === 'metadata') {
      closeSection(importing, record, section, start, end);
      const time = readField(record, 'timestamp');
      if (typeof time === 'number' && Math.abs(time) < 8.64e12) declared.created = new Date(time * 1000);
      return;
    }
    section.isClosed = false;
    section.count++;
    const [cidr, id] = [readField(record, 'cidr'), readField(record, 'sblid')];
    if (typeof cidr !== 'string') {
      importing.refuse(start, end, 'syntax', 'the record has no text "cidr"');
      return;
    }
    const [from, to] = placeOf(text, cidr, start, end);
    importing.entryOf(cidr, from, to, typeof id === 'string' ? { note: id } : undefined);
  });
  if (!section.isClosed)
    importing.refuse(
      text.length,
      text.length,
      'truncated',
      'the last line is not the metadata of the feed: it was cut off, so fetch it again',
    );
}

function closeSection(
  importing: Importing,
  record: unknown,
  section: Section,
  start: number,
  end: number,
): void {
  const records = readField(record, 'records');
  const isNumber = typeof records === 'number';
  if (isNumber) importing.declared.entries = (importing.declared.entries ?? 0) + records;
  if (!isNumber || records !== section.count) {
    const says = isNumber ? `says ${records} records` : 'does not say how many records there are';
    importing.refuse(
      start,
      end,
      'truncated',
      `the feed ${says}, and there are ${section.count}: fetch it again`,
    );
  }
  section.count = 0;
  section.isClosed = true;
}

function parse(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Where a value is on its line: as it is, or with its slash escaped; else the line. */
function placeOf(text: string, value: string, start: number, end: number): readonly [number, number] {
  const line = text.slice(start, end);
  for (const written of [value, value.replaceAll('/', '\\/')]) {
    const at = line.indexOf(`"${written}"`);
    if (at >= 0) return [start + at + 1, start + at + 1 + written.length];
  }
  return [start, end];
}
