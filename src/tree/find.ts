/**
 * HOT. From the text of a client to a label.
 */

import { scanClient, scanned } from '../address/scanner.ts';
import type { Radix } from './radix.ts';

/** A name of its own: hot code loads one that is exported anew each time. */
const words = scanned;

/** What {@link findLabel} answers when the client is no address. */
export const NO_ADDRESS = -1;

/**
 * HOT. The label of a client in a tree, 0 when no entry covers it, or NO_ADDRESS. Takes anything, runs no foreign code
 * and allocates nothing.
 * @internal
 */
export function findLabel(radix: Radix, client: unknown): number {
  const family = scanClient(client);
  if (family === 4) return radix.find4(words[0] as number);
  return family === 6 ? radix.find6() : NO_ADDRESS;
}
