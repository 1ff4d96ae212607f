/**
 * The slow, readable twin of the plan of lint: every entry is compared with every other, and prefixes are merged two by
 * two until none are left. It shares no code with `src`.
 */

import { type GoldenNetwork, goldenCanonical, goldenEntry } from './entry.ts';

export interface GoldenLine {
  readonly entry: string;
  readonly note: string | undefined;
}

export interface GoldenPlan {
  /** For each line, what is said about it: `duplicate`, `covered`, `mergeable`, with a `+` when there is a fix. */
  readonly said: readonly string[][];
}

/** A note as a reader sees it; knows the few characters that the tests use. */
export function goldenLook(note: string): string {
  return [...note.normalize('NFC')]
    .filter((character) => character !== '\u200b' && character !== '\u00ad')
    .map((character) => (character === '\u00a0' || character === '\u2003' ? ' ' : character))
    .join('')
    .split(' ')
    .filter((word) => word !== '')
    .join(' ');
}

/** For each note the spelling that it should have: the most frequent of those that look the same, or the first of them. */
export function goldenSpellings(notes: readonly (string | undefined)[]): (string | undefined)[] {
  const timesOf = (spelling: string): number => notes.filter((note) => note === spelling).length;
  return notes.map((note) => {
    if (note === undefined || goldenLook(note) === '') return note;
    const alike = notes.filter((other) => other !== undefined && goldenLook(other) === goldenLook(note));
    return (alike as string[]).reduce((best, next) => (timesOf(next) > timesOf(best) ? next : best));
  });
}

interface Node {
  readonly network: GoldenNetwork;
  readonly members: readonly number[];
}

export function goldenPlan(lines: readonly GoldenLine[]): GoldenPlan {
  const canonical = lines.map(({ entry }) => goldenCanonical(entry) as string);
  const networks = lines.map(({ entry }) => goldenEntry(entry) as readonly GoldenNetwork[]);
  const isName = lines.map(({ entry }) => entry.startsWith('@'));
  const indexes = lines.map((_, index) => index);

  /** Whether a network of entry f contains one of entry e; of equal ones names come first, then the earlier. */
  const contains = (f: number, q: GoldenNetwork, e: number, p: GoldenNetwork): boolean => {
    if (f === e || q.family !== p.family || q.first > p.first || q.last < p.last) return false;
    if (q.first !== p.first || q.last !== p.last) return true;
    return isName[f] !== isName[e] ? (isName[f] as boolean) : f < e;
  };
  const isCovered = (e: number): boolean =>
    networks[e]?.every((p) => indexes.some((f) => networks[f]?.some((q) => contains(f, q, e, p)))) as boolean;
  const noteOf = (e: number): string | undefined => lines[e]?.note;
  const isInTheWay = (f: number, e: number): boolean =>
    noteOf(f) !== noteOf(e) && !(noteOf(f) === undefined && isCovered(f));
  const overlaps = (p: GoldenNetwork, q: GoldenNetwork): boolean =>
    p.family === q.family && p.first <= q.last && q.first <= p.last;
  const isInside = (q: GoldenNetwork, p: GoldenNetwork): boolean =>
    q.first >= p.first && q.last <= p.last && (q.first !== p.first || q.last !== p.last);
  /** Whether another note could come to stand for addresses of the entry, if it went. */
  const meetsOtherNote = (e: number): boolean =>
    noteOf(e) !== undefined &&
    indexes.some(
      (f) =>
        f !== e &&
        isInTheWay(f, e) &&
        networks[e]?.some((p) => networks[f]?.some((q) => overlaps(p, q) && !isInside(q, p))),
    );

  const isPrefix = (e: number): boolean => !isName[e] && !(canonical[e] as string).includes('-');
  let nodes: Node[] = indexes
    .filter((e) => isPrefix(e) && !isCovered(e))
    .map((e) => ({ network: networks[e]?.[0] as GoldenNetwork, members: [e] }));
  const mergeOf = (left: GoldenNetwork, right: GoldenNetwork): GoldenNetwork | undefined => {
    const size = left.last - left.first + 1n;
    const isPair =
      left.family === right.family &&
      right.last - right.first + 1n === size &&
      right.first === left.last + 1n &&
      left.first % (size * 2n) === 0n;
    return isPair ? { family: left.family, first: left.first, last: right.last } : undefined;
  };
  const canMerge = (left: Node, right: Node): boolean => {
    const members = [...left.members, ...right.members];
    return members.every((e) => noteOf(e) === noteOf(members[0] as number) && !meetsOtherNote(e));
  };
  for (let isDone = false; !isDone; ) {
    isDone = true;
    for (const left of nodes) {
      const right = nodes.find((node) => mergeOf(left.network, node.network) !== undefined);
      if (right === undefined || !canMerge(left, right)) continue;
      const network = mergeOf(left.network, right.network) as GoldenNetwork;
      nodes = nodes.filter((node) => node !== left && node !== right);
      nodes.push({ network, members: [...left.members, ...right.members] });
      isDone = false;
      break;
    }
  }

  const said = lines.map((): string[] => []);
  for (const e of indexes) {
    const first = canonical.indexOf(canonical[e] as string);
    const isCoveredByMerge = nodes.some(
      ({ network, members }) =>
        members.length > 1 &&
        !isName[e] &&
        networks[e]?.every(
          (p) => p.family === network.family && p.first >= network.first && p.last <= network.last,
        ) &&
        !members.includes(e),
    );
    if (!isCovered(e) && !isCoveredByMerge) continue;
    const isRepeated = indexes.some((f) => f < e && canonical[f] === canonical[e] && noteOf(f) === noteOf(e));
    const canGo = noteOf(e) === undefined || isRepeated || !meetsOtherNote(e);
    said[e]?.push(`${first < e ? 'duplicate' : 'covered'}${canGo ? '+' : ''}`);
  }
  for (const node of nodes) {
    if (node.members.length > 1) said[Math.min(...node.members)]?.push('mergeable+');
    const right = nodes.find(({ network }) => mergeOf(node.network, network) !== undefined);
    if (right === undefined || node.members.length > 1 || right.members.length > 1) continue;
    said[Math.min(...node.members, ...right.members)]?.push('mergeable');
  }
  return { said };
}
