/**
 * The checksum and the content hash of a snapshot. `docs/snapshot-format.md` has the very same functions, without types.
 *
 * Four lanes take in a word each of every 16 bytes. A step of a lane is a bijection for each word, so no change within one
 * word goes unnoticed, whatever it is. Neither is a signature: those who can write a snapshot can make both fit.
 */

/** The lanes, after `bytes` from one offset to another. */
function mix(bytes: Uint8Array, from: number, to: number, lanes: readonly number[]): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let [a, b, c, d] = lanes as [number, number, number, number];
  let at = from;
  for (; at + 16 <= to; at += 16) {
    a = Math.imul(a ^ view.getInt32(at, true), 0x85ebca6b);
    b = Math.imul(b ^ view.getInt32(at + 4, true), 0x85ebca6b);
    c = Math.imul(c ^ view.getInt32(at + 8, true), 0x85ebca6b);
    d = Math.imul(d ^ view.getInt32(at + 12, true), 0x85ebca6b);
    a ^= a >>> 15;
    b ^= b >>> 15;
    c ^= c >>> 15;
    d ^= d >>> 15;
  }
  for (; at < to; at++) a = scatter(a ^ view.getUint8(at));
  return [a, b, c, d];
}

/** Lets each bit of a word change the others. */
function scatter(word: number): number {
  const once = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return twice ^ (twice >>> 16);
}

/** The lanes after the content: all that comes after the first 48 bytes, up to an offset. */
export function mixContent(bytes: Uint8Array, end: number): number[] {
  return mix(bytes, 48, end, [0x243f6a88, 0x05a308d3, 0x13198a2e, 0x03707344]);
}

/** The four words of the content hash. */
export function contentHash(content: readonly number[]): number[] {
  const sum = content.reduce((left, right) => scatter(left ^ right) + right, 0);
  return content.map((lane, index) => scatter(lane + Math.imul(sum, index + 1)));
}

/** One word of the lanes after the content and the first 48 bytes, in which the word at each of some offsets counts as 0. */
export function seal(bytes: Uint8Array, content: readonly number[], ...without: readonly number[]): number {
  const head = new Uint8Array(48);
  head.set(bytes.subarray(0, 48));
  for (const offset of without) head.fill(0, offset, offset + 4);
  const [a, b, c, d] = mix(head, 0, 48, content) as [number, number, number, number];
  return scatter(a + (b << 7) + (b >>> 25) + (c << 13) + (c >>> 19) + (d << 19) + (d >>> 13)) >>> 0;
}

/** The checksum that belongs at offset 12 of a snapshot, whatever is there now. */
export function checksum(bytes: Uint8Array): number {
  return seal(bytes, mixContent(bytes, bytes.length), 12);
}
