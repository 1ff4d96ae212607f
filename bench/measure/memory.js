/** What a process keeps, for jobs that run with `--expose-gc`. */

import { setImmediate } from 'node:timers/promises';

/**
 * Bytes that are left after full collections. Long texts count as heap, although newer versions of Node keep them beside
 * it.
 */
export async function settledMemory() {
  if (globalThis.gc === undefined) throw new Error('memory is measured with --expose-gc');
  // Buffers are freed after the collection that finds them unused.
  for (let time = 0; time < 4; time++) {
    globalThis.gc();
    await setImmediate();
  }
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
  return { heap: heapUsed + external - arrayBuffers, buffers: arrayBuffers, resident: rss };
}
