/** What a process keeps, for jobs that run with `--expose-gc`. */

import { setImmediate } from 'node:timers/promises';

/** What is left after full collections. */
export async function settledMemory() {
  if (globalThis.gc === undefined) throw new Error('memory is measured with --expose-gc');
  // Buffers are freed after the collection that finds them unused.
  for (let time = 0; time < 4; time++) {
    globalThis.gc();
    await setImmediate();
  }
  return process.memoryUsage();
}
