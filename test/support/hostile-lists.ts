/**
 * Lists that are made to need a large tree: addresses that share bytes with one another for as long as they can, and
 * ranges whose ends no prefix has.
 */

/** How a hostile list is made. Every part is a number, so that a search can change one and keep the rest. */
export interface HostileShape {
  readonly family: 4 | 6;
  /** Whether IPv6 addresses are in 2000::/3, which has a root of its own. */
  readonly isGlobal: boolean;
  /**
   * `hosts` are single addresses, `ranges` lie one after another, `nested` ranges lie inside one another, and `narrow`
   * ones go from an address to another with the same first bytes.
   */
  readonly kind: 'hosts' | 'ranges' | 'nested' | 'narrow';
  /** For each byte, how many values it has among the addresses that share the bytes before it. */
  readonly values: readonly number[];
  /** How many ranges lie inside one another. */
  readonly depth: number;
  /** The first byte in which the ends of a narrow range differ. */
  readonly from: number;
  readonly seed: number;
}

/** The entries of a list of a shape. */
export function hostileList(shape: HostileShape, size: number): string[] {
  const random = numbersFrom(shape.seed);
  const addresses = (count: number): number[][] =>
    Array.from({ length: count }, () => hostileAddress(shape, random));
  if (shape.kind === 'hosts') return addresses(size).map(textOf);
  if (shape.kind === 'narrow') {
    return addresses(size).map((bytes) => {
      const other = bytes.map((byte, at) => (at < shape.from ? byte : byte ^ (1 + (random() % 254))));
      return rangeText(bytes, other);
    });
  }
  const ends = addresses(2 * size).sort(compareBytes);
  const depth = shape.kind === 'nested' ? shape.depth : 1;
  return Array.from({ length: size }, (_, index) => {
    const start = index - (index % depth);
    const inGroup = Math.min(depth, size - start);
    const at = 2 * start + (index - start);
    return rangeText(ends[at] as number[], ends[2 * start + 2 * inGroup - 1 - (index - start)] as number[]);
  });
}

/** Whole numbers below 2^32; the same ones for a seed (the generator is mulberry32). */
export function numbersFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** The values that a byte can have follow from the bytes before it. Few are 0 or 255, with which prefixes begin and end. */
function hostileAddress({ family, isGlobal, values, seed }: HostileShape, random: () => number): number[] {
  let path = seed;
  return values.map((count, at) => {
    path = Math.imul(path ^ (path >>> 15), 0x2c1b3c6d) ^ at;
    const first = Math.imul(path ^ (path >>> 13), 0x297a2d39) >>> 24;
    let byte = (first + (random() % count) * Math.floor(256 / count)) & 255;
    if (byte === 0 || byte === 255) byte ^= 0x55;
    if (family === 6 && isGlobal && at === 0) byte = 0x20 | (byte & 31);
    path = (path + Math.imul(byte + 1, 0x9e3779b1)) | 0;
    return byte;
  });
}

function compareBytes(left: readonly number[], right: readonly number[]): number {
  const at = left.findIndex((byte, index) => byte !== right[index]);
  return at < 0 ? 0 : (left[at] as number) - (right[at] as number);
}

function textOf(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from(
    { length: 8 },
    (_, at) => (bytes[2 * at] as number) * 256 + (bytes[2 * at + 1] as number),
  );
  return groups.map((group) => group.toString(16)).join(':');
}

function rangeText(one: readonly number[], other: readonly number[]): string {
  return compareBytes(one, other) <= 0
    ? `${textOf(one)}-${textOf(other)}`
    : `${textOf(other)}-${textOf(one)}`;
}
