/** Whether memory stays flat: measured after a full collection, so that what is left is held by somebody. */

const MEGABYTE = 2 ** 20;

/** What this process holds now, in bytes. */
export function measure() {
  globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  // `external` has the array buffers in it.
  return { held: heapUsed + external, rss };
}

/**
 * Says how memory went, and what is wrong with that.
 * @param {string} name
 * @param {readonly { held: number, rss: number }[]} samples in order
 * @returns {string[]} problems
 */
export function judge(name, samples) {
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  const most = (part, field) => Math.max(...part.map((sample) => sample[field]));
  // Before that, code is compiled and caches fill.
  const early = samples.slice(quarter, 2 * quarter);
  const late = samples.slice(-quarter);
  if (early.length === 0) return [`${name}: too short to tell anything about memory`];
  const say = (field) =>
    `${(most(early, field) / MEGABYTE).toFixed(1)} MB, then ${(most(late, field) / MEGABYTE).toFixed(1)} MB`;
  console.log(`  ${name}: holds ${say('held')}; resident ${say('rss')}`);
  return [
    ['held', 1.1, 4],
    ['rss', 1.25, 48],
  ]
    .filter(([field, factor, more]) => most(late, field) > most(early, field) * factor + more * MEGABYTE)
    .map(([field]) => `${name}: memory grew (${field}): ${say(field)}`);
}

/** A rate for people. */
export function perSecond(count, seconds) {
  return `${Math.round(count).toLocaleString('en')} (${Math.round(count / seconds).toLocaleString('en')} a second)`;
}
