/**
 * HAProxy: files of addresses for `src -f`, and maps for `map_ip`.
 *
 * ```
 * # only in the first column
 * 192.0.2.0/24 a value, in a map
 * ```
 *
 * A line ends at its line feed, and HAProxy reads nothing of it after a carriage return.
 */

import { seek, skip } from '../address/characters.ts';
import type { Exporting } from '../exchange/exporting.ts';
import { defineFormat, type Format } from '../exchange/format.ts';
import type { EntryFields, ImportedEntry, Importing } from '../exchange/importing.ts';
import { bytesOf } from '../exchange/notes.ts';
import { BYTE_ORDER_MARK } from '../list/grammar.ts';
import { readNetmask } from '../syntax/netmask.ts';
import { type Place, ValueReader } from '../syntax/values.ts';

/** A file of addresses, one on each line. */
export const haproxy: Format = /* @__PURE__ */ defineFormat(
  { name: 'haproxy', title: 'HAProxy ACL file', extension: '.acl' },
  { read: readAcl, write: (exporting) => writeLines(exporting, '') },
);

/** A file of networks with values. */
export const haproxyMap: Format = /* @__PURE__ */ defineFormat(
  { name: 'haproxy-map', title: 'HAProxy map', extension: '.map' },
  { read: readMap, takes: ['listed'], write: (exporting) => writeLines(exporting, ` ${LISTED}`) },
);

/** The value of an address that is listed, as it is written. */
const LISTED = '1';

/** HAProxy cuts longer lines, and reads the rest as a line of its own. */
const MOST_BYTES = 16_383;

function readAcl(importing: Importing): void {
  importing.mapsClients = true;
  eachContent(importing, (start, end) => takeAddress(importing, { start, end }));
  warnOfEmbedded(
    importing,
    importing.groups.flatMap(({ entries }) => entries),
  );
}

/** Visits the lines that are not empty and not comments, without the blanks before them. */
function eachContent(importing: Importing, visit: (start: number, end: number) => void): void {
  const { text } = importing;
  let carriage = -1;
  for (let start = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0; start < text.length; ) {
    const feed = text.indexOf('\n', start);
    const lineEnd = feed < 0 ? text.length : feed;
    if (carriage < start) carriage = text.indexOf('\r', start);
    if (carriage < 0) carriage = text.length;
    const end = Math.min(carriage, lineEnd);
    const isLong = (lineEnd - start) * 3 > MOST_BYTES && bytesOf(text.slice(start, lineEnd)) > MOST_BYTES;
    if (isLong) {
      const message = `the line has more than ${MOST_BYTES} bytes: HAProxy cuts it and reads the rest as another line`;
      importing.refuse(start, lineEnd, 'syntax', message);
    } else if (text[start] !== '#') {
      if (end + 1 < lineEnd) {
        const message = 'HAProxy does not read what comes after a carriage return: write a line feed';
        importing.error(end, end + 1, 'syntax', message);
      } else {
        let from = start;
        while (from < end && BLANKS.includes(text[from] as string)) from++;
        if (from < end) visit(from, end);
      }
    }
    start = lineEnd + 1;
  }
}

/** Takes an address or a prefix, or an IPv4 address with a netmask. */
function takeAddress(importing: Importing, { start, end }: Place, fields?: EntryFields): boolean {
  const written = importing.text.slice(start, end);
  const slash = written.indexOf('/');
  const mask = slash < 0 ? undefined : readNetmask(written.slice(0, slash), written.slice(slash + 1));
  if (mask?.prefix !== undefined) return importing.entryOf(mask.prefix, start, end, fields);
  if (mask !== undefined) {
    const message = `not a netmask: HAProxy compares only its bits; write a prefix length, or ${mask.inverse} if it is a wildcard mask`;
    importing.error(start + slash + 1, end, 'wildcard-mask', message);
    return false;
  }
  if (!written.includes('-')) return importing.entry(start, end, fields);
  importing.error(
    start,
    end,
    'syntax',
    'HAProxy takes an address or a prefix here: write a range as prefixes',
  );
  return false;
}

/** IPv4 entries decide about IPv6 clients, too, whose addresses have an IPv4 address in them. */
function warnOfEmbedded(importing: Importing, entries: readonly ImportedEntry[]): void {
  if (!entries.some(({ address }) => !address.includes(':'))) return;
  const message =
    'with its IPv4 entries HAProxy matches clients such as ::192.0.2.1 and 2002:c000:201::1, too, which are not entries here';
  importing.warn(0, 0, 'ipv4-look-alike', message);
}

function readMap(importing: Importing): void {
  const { text } = importing;
  importing.findsMapped = false;
  importing.mapsClients = true;
  const values = new ValueReader(importing, 'first');
  eachContent(importing, (start, lineEnd) => {
    const line = text.slice(start, lineEnd);
    const end = seek(line, 0, BLANKS);
    const value = line.slice(skip(line, end, BLANKS), lengthWithoutBlanks(line));
    const place = { start, end: start + end };
    values.add(value, undefined, place, (fields) => takeAddress(importing, place, fields));
  });
  values.finish();
  warnOfEmbedded(importing, values.entries);
}

const BLANKS = ' \t';

function lengthWithoutBlanks(line: string): number {
  let length = line.length;
  while (BLANKS.includes(line[length - 1] as string)) length--;
  return length;
}

/** With `# ` before it, a note is a line that is not cut. */
const noteShape = { maxBytes: 16_000 };

function writeLines(exporting: Exporting, value: string): string {
  const items = exporting.listed({ nested: true, withoutMapped: true });
  if (items.some(({ family }) => family === 4)) {
    const message =
      'with IPv4 entries HAProxy matches clients such as ::192.0.2.1 and 2002:c000:201::1, too, whatever the policy says about them';
    exporting.lose('ipv4-look-alike', message);
  }
  const lines = items.map((item) => {
    const note = exporting.noteOf(item, noteShape);
    return `${note === '' ? '' : `# ${note}\n`}${item.text}${value}\n`;
  });
  // A file without addresses matches nobody, whatever the rules make of that.
  return lines.length === 0 ? '# no addresses\n' : lines.join('');
}
