/**
 * Block lists of programs that share files: those of PeerGuardian, and `ipfilter.dat` of eMule.
 *
 * ```
 * Some Company, Inc:192.0.2.0-192.0.2.255
 * 192.000.002.000 - 192.000.002.255 , 100 , Some Company, Inc
 * ```
 */

import { isNumber } from '../address/characters.ts';
import { defineFormat, type Format } from '../exchange/format.ts';
import type { Importing } from '../exchange/importing.ts';
import { trimEnd, trimStart } from '../list/grammar.ts';
import { eachFeedLine } from '../syntax/feed-lines.ts';

/** Lists of PeerGuardian, each line a name and a range. */
export const p2p: Format = /* @__PURE__ */ defineFormat(
  { name: 'p2p', title: 'PeerGuardian list', extension: '.p2p' },
  { read: readP2p },
);

/** The filter of eMule, each line a range, a level and a name. */
export const emule: Format = /* @__PURE__ */ defineFormat(
  { name: 'emule', title: 'eMule ipfilter.dat', extension: '.dat' },
  { read: readEmule },
);

/** Passes each line that is neither empty nor a comment. */
function eachRule(importing: Importing, visit: (start: number, end: number) => void): void {
  const { text } = importing;
  eachFeedLine(text, (lineStart, lineEnd) => {
    const start = trimStart(text, lineStart, lineEnd);
    const end = trimEnd(text, start, lineEnd);
    const isComment = text.startsWith('#', start) || text.startsWith('//', start);
    if (start < end && !isComment) visit(start, end);
  });
}

function readP2p(importing: Importing): void {
  const { text } = importing;
  eachRule(importing, (start, end) => {
    // A name can have colons, too.
    let colon = end - 1;
    while (colon >= start && text.charAt(colon) !== ':') colon--;
    const from = trimStart(text, colon + 1, end);
    if (colon < start || !text.slice(from, end).includes('-')) {
      const message = 'a line is a name, a colon and an IPv4 range: some name:192.0.2.0-192.0.2.255';
      importing.error(start, end, 'syntax', message);
    } else importing.entry(from, end, { note: text.slice(start, colon) });
  });
}

function readEmule(importing: Importing): void {
  const { text } = importing;
  eachRule(importing, (start, end) => {
    const [range = '', level, ...name] = text.slice(start, end).split(',');
    const to = trimEnd(text, start, start + range.length);
    const number = level?.trim();
    if (!range.includes('-')) {
      const message = 'a line is a range, a level and a name: 192.0.2.0 - 192.0.2.255 , 100 , some name';
      importing.error(start, end, 'syntax', message);
    } else if (number !== undefined && !isNumber(number)) {
      const message =
        'after the range comes a level, a number: without it nobody knows whether it is blocked';
      importing.error(start, end, 'syntax', message);
    } else if (Number(number ?? 0) > HIGHEST_BLOCKED) {
      importing.warn(start, end, 'skipped', `not blocked: the level is ${Number(number)}, and not below 128`);
    } else {
      const value = withoutPadding(text.slice(start, to));
      importing.entryOf(value, start, to, { action: 'deny', note: name.join(',') });
    }
  });
}

const HIGHEST_BLOCKED = 127;

/** Octets are padded with zeros to three digits, and decimal. Anything else is left as it is. */
function withoutPadding(range: string): string {
  const ends = range.split('-').map((end) => end.trim().split('.'));
  const isPadded = (octet: string): boolean => octet.length === 3 && isNumber(octet);
  return ends
    .map((octets) => octets.map((octet) => (isPadded(octet) ? `${Number(octet)}` : octet)).join('.'))
    .join('-');
}
