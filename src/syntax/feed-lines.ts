/**
 * Lines that end with a line feed, before which a carriage return may be, and with nothing else: a name in such a file can
 * have any other character.
 */

import { BYTE_ORDER_MARK } from '../list/grammar.ts';

/** Passes the start and the end of each line to `visit`. Linear. */
export function eachFeedLine(text: string, visit: (start: number, end: number) => void): void {
  let at = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
  while (at < text.length) {
    const feed = text.indexOf('\n', at);
    const end = feed < 0 ? text.length : feed;
    visit(at, end > at && text.charCodeAt(end - 1) === CARRIAGE_RETURN ? end - 1 : end);
    at = end + 1;
  }
}

const CARRIAGE_RETURN = 0x0d;
