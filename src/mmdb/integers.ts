/**
 * Whole numbers that a double may not hold: those of 64 and 128 bits. The only place here that works with BigInt.
 */

/** A whole number above 2^53. */
export type BigInteger = bigint;

/** The largest number of 128 bits. */
const MOST = (1n << 128n) - 1n;

/** Reads a whole number of up to 16 bytes without a sign: a number where that is exact, else a BigInt. */
export function readInteger(bytes: Uint8Array, from: number, to: number): number | BigInteger {
  let value = 0;
  for (let at = from; at < to; at++) {
    const next = value * 256 + (bytes[at] as number);
    if (next > Number.MAX_SAFE_INTEGER) return readBig(bytes, from, to);
    value = next;
  }
  return value;
}

function readBig(bytes: Uint8Array, from: number, to: number): BigInteger {
  let value = 0n;
  for (let at = from; at < to; at++) value = (value << 8n) | BigInt(bytes[at] as number);
  return value;
}

/**
 * The bytes of a whole number without a sign, the highest first and without leading zeros: none for 0. `undefined` for a
 * number that is negative or has more than 128 bits.
 */
export function bytesOfInteger(value: number | BigInteger): Uint8Array | undefined {
  const given = BigInt(value);
  if (given < 0n || given > MOST) return undefined;
  const bytes: number[] = [];
  for (let rest = given; rest > 0n; rest >>= 8n) bytes.unshift(Number(rest & 255n));
  return Uint8Array.from(bytes);
}
