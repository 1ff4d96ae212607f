/**
 * The first field of each line of a log, which is where its clients are: for `lint --clients` and the demo. The log may be
 * of any length and in any encoding.
 */

import type { Judge } from './filter-fields.ts';
import { LineFilter } from './filter-lines.ts';
import { isGzip, packedError } from './input.ts';
import type { Log } from './logs.ts';

/** Longer than an address with any zone. Of a longer field, only the start is given, and that is not an address. */
const LONGEST = 256;

const SPACE = 0x20;
const TAB = 0x09;

/** Gathers the first fields of lines. */
class FirstFields implements Judge {
  found: string[] = [];

  label(bytes: Uint8Array, start: number, end: number): number {
    let from = start;
    while (from < end && isBlank(bytes[from])) from++;
    let to = from;
    while (to < end && !isBlank(bytes[to]) && to - from <= LONGEST) to++;
    if (to > from) this.found.push((bytes as Buffer).toString('utf8', from, to));
    return 0;
  }
}

/** Gives the fields of the lines that are read together, in their order. Lines without a field are passed over. */
export async function* readFirstFields(file: string, log: Log): AsyncGenerator<string[]> {
  const fields = new FirstFields();
  const lines = new LineFilter(fields, { isWanted: () => false, count: undefined, copies: false });
  for (let isFirst = true; ; isFirst = false) {
    const room = lines.room();
    const length = await log.read(room);
    if (length === 0) break;
    if (isFirst && isGzip(room.subarray(0, length))) throw packedError(file);
    lines.take(length);
    const { found } = fields;
    fields.found = [];
    yield found;
  }
  lines.finish();
  yield fields.found;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}
