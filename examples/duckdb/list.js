/**
 * A list and a log that are made up: the same ones for the same numbers.
 */

/** A generator of numbers from 0 up to a bound (mulberry32). */
function numbersFrom(seed) {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}

const ipv4 = (next) => [1 + next(223), next(256), next(256), next(256)].join('.');

const ipv6 = (next) =>
  `2001:${(0xdb8 + next(4)).toString(16)}:${next(65536).toString(16)}::${next(65536).toString(16)}`;

/** Networks of both families, three quarters of them IPv4. */
export function makeList(count) {
  const next = numbersFrom(1);
  return Array.from({ length: count }, () =>
    next(4) > 0 ? `${ipv4(next)}/${16 + next(17)}` : `${ipv6(next)}/${32 + next(97)}`,
  ).join('\n');
}

/** Clients, some of which are IPv4 clients as a dual-stack socket reports them. */
export function makeClients(count) {
  const next = numbersFrom(2);
  return Array.from({ length: count }, () => {
    const kind = next(8);
    if (kind < 5) return ipv4(next);
    return kind < 6 ? `::ffff:${ipv4(next)}` : ipv6(next);
  });
}
