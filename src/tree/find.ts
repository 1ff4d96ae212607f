/**
 * HOT. From a client's text to a label.
 */

import { scanClient, scanned } from '../address/scanner.ts';
import type { Radix } from './radix.ts';

/** A local name: hot code reloads an exported one at each use. */
const words = scanned;

/** The answer of {@link findLabel} when the client is not an address. */
export const NO_ADDRESS = -1;

/**
 * HOT. The label of a client in a tree, 0 when no entry covers it, or NO_ADDRESS. Accepts any value, runs no foreign
 * code and allocates nothing.
 */
export function findLabel(radix: Radix, client: unknown): number {
  const family = scanClient(client);
  if (family === 4) return radix.find4(words[0] as number);
  return family === 6 ? radix.find6() : NO_ADDRESS;
}
