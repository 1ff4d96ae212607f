/**
 * The difference of two texts as a unified diff, which `patch -p0` and `git apply -p0` apply.
 *
 * Lines that both texts have once, in the same order, stay; so the work is that of sorting, however long the texts are.
 */

/** Lines around a change that are shown with it. */
const CONTEXT = 3;

/** A stretch of lines of the first text, and the stretch of the second one that takes its place. */
interface Change {
  readonly from: number;
  readonly to: number;
  readonly newFrom: number;
  readonly newTo: number;
}

/** Lines with their line feeds; a carriage return is a character like any other. */
function splitLines(text: string): string[] {
  const lines: string[] = [];
  for (let start = 0; start < text.length; ) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed + 1;
    lines.push(text.slice(start, end));
    start = end;
  }
  return lines;
}

/** The lines of a unified diff, each with its line feed; none when the texts are the same. */
export function* unifiedDiff(file: string, before: string, after: string): Iterable<string> {
  const [old, now] = [splitLines(before), splitLines(after)];
  const changes = findChanges(old, now);
  if (changes.length === 0) return;
  const name = diffName(file);
  yield `--- ${name}\n`;
  yield `+++ ${name}\n`;
  for (const hunk of intoHunks(changes)) yield* writeHunk(hunk, old, now);
}

/** The name of a file as Git writes it: a tab after blanks, and quoted when a character needs it. */
function diffName(file: string): string {
  const bytes = [...Buffer.from(file)];
  const isPlain = bytes.every((byte) => byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c);
  if (isPlain) return file.includes(' ') ? `${file}\t` : file;
  const quoted = bytes.map((byte) => {
    if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
    if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
    return `\\${byte.toString(8).padStart(3, '0')}`;
  });
  return `"${quoted.join('')}"`;
}

/** Where the texts differ, from start to end. */
function findChanges(old: readonly string[], now: readonly string[]): Change[] {
  const changes: Change[] = [];
  const open: Change[] = [{ from: 0, to: old.length, newFrom: 0, newTo: now.length }];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const { from, to, newFrom, newTo } = trimSame(part, old, now);
    if (from === to && newFrom === newTo) continue;
    const kept = from === to || newFrom === newTo ? [] : findKept({ from, to, newFrom, newTo }, old, now);
    if (kept.length === 0) {
      changes.push({ from, to, newFrom, newTo });
      continue;
    }
    // The last one is opened first, so that changes come out in order.
    let [end, newEnd] = [to, newTo];
    for (const [at, newAt] of kept.reverse()) {
      open.push({ from: at + 1, to: end, newFrom: newAt + 1, newTo: newEnd });
      [end, newEnd] = [at, newAt];
    }
    open.push({ from, to: end, newFrom, newTo: newEnd });
  }
  return changes;
}

function trimSame(part: Change, old: readonly string[], now: readonly string[]): Change {
  let { from, to, newFrom, newTo } = part;
  while (from < to && newFrom < newTo && old[from] === now[newFrom]) {
    from++;
    newFrom++;
  }
  while (from < to && newFrom < newTo && old[to - 1] === now[newTo - 1]) {
    to--;
    newTo--;
  }
  return { from, to, newFrom, newTo };
}

/** The longest row of lines that are in both parts once, in the same order. */
function findKept(
  { from, to, newFrom, newTo }: Change,
  old: readonly string[],
  now: readonly string[],
): [at: number, newAt: number][] {
  const places = new Map<string, number>();
  for (let at = newFrom; at < newTo; at++) {
    const line = now[at] as string;
    places.set(line, places.has(line) ? -1 : at);
  }
  const seen = new Map<string, number>();
  for (let at = from; at < to; at++) {
    const line = old[at] as string;
    seen.set(line, seen.has(line) ? -1 : at);
  }
  const pairs: [number, number][] = [];
  for (const [line, at] of seen) {
    const newAt = at < 0 ? -1 : (places.get(line) ?? -1);
    if (newAt >= 0) pairs.push([at, newAt]);
  }
  pairs.sort(([left], [right]) => left - right);
  return longestRise(pairs);
}

/** The longest part of the pairs in which the second number rises, too. */
function longestRise(pairs: readonly [number, number][]): [number, number][] {
  /** For each length, the pair with the smallest end. */
  const ends: number[] = [];
  const before: number[] = [];
  pairs.forEach(([, value], index) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[ends[middle] as number] as [number, number])[1] < value) low = middle + 1;
      else high = middle;
    }
    before.push(low === 0 ? -1 : (ends[low - 1] as number));
    ends[low] = index;
  });
  const rise: [number, number][] = [];
  for (let at = ends.at(-1) ?? -1; at >= 0; at = before[at] as number)
    rise.push(pairs[at] as [number, number]);
  return rise.reverse();
}

/** Changes whose context meets go together. */
function intoHunks(changes: readonly Change[]): Change[][] {
  const hunks: Change[][] = [];
  for (const change of changes) {
    const last = hunks.at(-1);
    if (last !== undefined && change.from - (last.at(-1) as Change).to <= 2 * CONTEXT) last.push(change);
    else hunks.push([change]);
  }
  return hunks;
}

function* writeHunk(
  hunk: readonly Change[],
  old: readonly string[],
  now: readonly string[],
): Iterable<string> {
  const [first, last] = [hunk[0] as Change, hunk.at(-1) as Change];
  const before = Math.min(CONTEXT, first.from);
  const after = Math.min(CONTEXT, old.length - last.to);
  const [from, to] = [first.from - before, last.to + after];
  const [newFrom, newTo] = [first.newFrom - before, last.newTo + after];
  yield `@@ -${rangeOf(from, to)} +${rangeOf(newFrom, newTo)} @@\n`;
  let at = from;
  for (const change of hunk) {
    yield* writeLines(' ', old, at, change.from);
    yield* writeLines('-', old, change.from, change.to);
    yield* writeLines('+', now, change.newFrom, change.newTo);
    at = change.to;
  }
  yield* writeLines(' ', old, at, to);
}

/** The first line and the number of lines; for none, the line before them. */
function rangeOf(from: number, to: number): string {
  return `${from === to ? from : from + 1},${to - from}`;
}

function* writeLines(sign: string, lines: readonly string[], from: number, to: number): Iterable<string> {
  for (let at = from; at < to; at++) {
    const line = lines[at] as string;
    if (line.endsWith('\n')) yield sign + line;
    else {
      yield `${sign}${line}\n`;
      yield '\\ No newline at end of file\n';
    }
  }
}
