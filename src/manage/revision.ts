/**
 * The revision of a list: a hash by which two people who edit the same list notice each other.
 *
 * It is MurmurHash3 (x86, 128 bits) of the mode, a line feed and the text, over UTF-16 code units in little-endian
 * order. Nothing in it depends on the runtime, and it needs no platform, which would have a hash only as a promise or
 * under another name.
 *
 * With 128 bits, two lists do not get the same revision by accident. The hash is not cryptographic: anyone who may write a
 * list can make two texts with one revision. That gains nothing, as the same person can save either text anyway. So a
 * revision says that nothing has changed by accident; it proves nothing about who wrote a list.
 */

import type { Mode } from '../list/table.ts';

/** The revision of a list with a mode and a text: 32 hexadecimal digits. */
export function revisionOf(mode: Mode, text: string): string {
  return hash(`${mode}\n${text}`)
    .map((word) => (word >>> 0).toString(16).padStart(8, '0'))
    .join('');
}

/** The numbers of the published algorithm, for each of its four lanes. */
interface Lane {
  readonly multiplier: number;
  readonly turn: number;
  readonly turnOfState: number;
  readonly addend: number;
}

const lanes: readonly Lane[] = [
  { multiplier: 0x239b961b, turn: 15, turnOfState: 19, addend: 0x561ccd1b },
  { multiplier: 0xab0e9789, turn: 16, turnOfState: 17, addend: 0x0bcaa747 },
  { multiplier: 0x38b34ae5, turn: 17, turnOfState: 15, addend: 0x96cd1c35 },
  { multiplier: 0xa1e38b93, turn: 18, turnOfState: 13, addend: 0x32ac3b17 },
];

/** Code units in a block: two in each lane. */
const BLOCK = 8;

function hash(text: string): number[] {
  const state = [0, 0, 0, 0];
  const whole = text.length - (text.length % BLOCK);
  for (let at = 0; at < whole; at += BLOCK) {
    lanes.forEach(({ turnOfState, addend }, lane) => {
      const mixed = rotate((state[lane] as number) ^ scramble(text, at, lane), turnOfState);
      state[lane] = (Math.imul(mixed + (state[(lane + 1) % 4] as number), 5) + addend) | 0;
    });
  }
  // The last block is padded with zeros, and a lane of zeros changes nothing.
  lanes.forEach((_, lane) => {
    state[lane] = (state[lane] as number) ^ scramble(text, whole, lane) ^ (text.length * 2);
  });
  addUp(state);
  lanes.forEach((_, lane) => {
    state[lane] = mixBits(state[lane] as number);
  });
  addUp(state);
  return state;
}

/** Two code units of a block, as the lane takes them in. */
function scramble(text: string, block: number, lane: number): number {
  const at = block + lane * 2;
  // After the end a code unit is NaN, which is 0 as bits.
  const word = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);
  const { multiplier, turn } = lanes[lane] as Lane;
  return Math.imul(rotate(Math.imul(word, multiplier), turn), (lanes[(lane + 1) % 4] as Lane).multiplier);
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

/** Adds all lanes to the first, and the first to all others. */
function addUp(state: number[]): void {
  const sum = state.reduce((left, right) => (left + right) | 0);
  state.forEach((word, lane) => {
    state[lane] = lane === 0 ? sum : (word + sum) | 0;
  });
}

/** The last step of MurmurHash3: each bit of a word comes to depend on all of them. */
export function mixBits(word: number): number {
  const once = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return twice ^ (twice >>> 16);
}
