/**
 * HOT. From the bytes of a client to a label.
 */

import { scanClientBytes, type TextOf } from '../address/bytes.ts';
import { scanned } from '../address/scanner.ts';
import { NO_ADDRESS } from './find.ts';
import type { Radix } from './radix.ts';

/** A local name: hot code reloads an exported one at each use. */
const words = scanned;

/**
 * The label of the client in `bytes` from `start` to `end`, which is that of `findLabel` for their text: 0 when no entry
 * covers it, or NO_ADDRESS.
 */
export function findLabelOfBytes(
  radix: Radix,
  bytes: Uint8Array,
  start: number,
  end: number,
  textOf: TextOf,
): number {
  const family = scanClientBytes(bytes, start, end, textOf);
  if (family === 4) return radix.find4(words[0] as number);
  return family === 6 ? radix.find6() : NO_ADDRESS;
}
