/**
 * Snapshots for threads in memory of a fixed size: a few slots, each used again when every reader has gone on. A reader
 * looks at one word before each question, so that it answers by the version that was published when it was asked.
 */

const PUBLISHED = 0;
const ACKNOWLEDGED = 1;
const LAST = 2;
const LENGTHS = 3;

export const SLOTS = 4;

/** Memory for readers and snapshots of a size; readers stop at the last version. */
export function createBoard(readers, slotSize, last) {
  const words = new Int32Array(new SharedArrayBuffer(4 * (LENGTHS + SLOTS + 2 * readers)));
  words[LAST] = last;
  return { words, readers, slotSize, bytes: new SharedArrayBuffer(SLOTS * slotSize) };
}

export const lastOf = ({ words }) => Atomics.load(words, LAST);
export const endAt = ({ words }, version) => Atomics.store(words, LAST, version);
export const published = ({ words }) => Atomics.load(words, PUBLISHED);
export const acknowledged = ({ words }) => Atomics.load(words, ACKNOWLEDGED);

const heldAt = (reader) => LENGTHS + SLOTS + 2 * reader;
const askedAt = (reader) => heldAt(reader) + 1;

/** The version that all readers have at least. */
export function lowestHeld({ words, readers }) {
  return Math.min(...Array.from({ length: readers }, (_, reader) => Atomics.load(words, heldAt(reader))));
}

/** How many questions a reader has asked. */
export const questionsOf = ({ words }, reader) => Atomics.load(words, askedAt(reader));

/** Says to all that every reader has this version. */
export const acknowledge = ({ words }, version) => Atomics.store(words, ACKNOWLEDGED, version);

/** Only says that there is a version; its bytes go another way. */
export const announce = ({ words }, version) => Atomics.store(words, PUBLISHED, version);

/** Whether no reader can still be looking at the slot that this version would use. */
export const hasRoom = (board, version) => lowestHeld(board) > version - SLOTS;

/** Puts a version in its slot, then says so. */
export function put(board, version, bytes) {
  const slot = version % SLOTS;
  new Uint8Array(board.bytes, slot * board.slotSize, board.slotSize).set(bytes);
  Atomics.store(board.words, LENGTHS + slot, bytes.length);
  Atomics.store(board.words, PUBLISHED, version);
}

/** The bytes of a version, not copied. */
export function bytesOf(board, version) {
  const slot = version % SLOTS;
  return new Uint8Array(board.bytes, slot * board.slotSize, Atomics.load(board.words, LENGTHS + slot));
}

/** A reader says which version it has, and how many questions it has asked. */
export function tell({ words }, reader, held, asked) {
  Atomics.store(words, heldAt(reader), held);
  Atomics.store(words, askedAt(reader), asked);
}
