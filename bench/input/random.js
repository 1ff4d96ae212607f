/** Seeded randomness, so that two runs measure the same texts. */

/** @typedef {() => number} Random numbers from 0 up to 1 */

/**
 * A small random generator: numbers from 0 up to 1, the same for the same seed.
 * @param {number} seed
 * @returns {Random}
 */
export function mulberry32(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A number of so many bits. @param {Random} random @param {number} bits */
export function randomBits(random, bits) {
  let value = 0n;
  for (let word = 0; word < bits; word += 32) value = (value << 32n) | BigInt(Math.floor(random() * 2 ** 32));
  return BigInt.asUintN(bits, value);
}

/** @template T @param {Random} random @param {readonly T[]} items @returns {T} */
export function pick(random, items) {
  return items[Math.floor(random() * items.length)];
}

/** @template {{ share: number }} T @param {Random} random @param {readonly T[]} items @returns {T} */
export function pickShare(random, items) {
  let left = random() * items.reduce((sum, { share }) => sum + share, 0);
  for (const item of items) {
    left -= item.share;
    if (left < 0) return item;
  }
  return items[items.length - 1];
}

/** @template T @param {Random} random @param {T[]} items */
export function shuffle(random, items) {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [items[last], items[other]] = [items[other], items[last]];
  }
  return items;
}
