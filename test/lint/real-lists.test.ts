import { describe, expect, test } from 'vitest';
import { createPolicy } from '../../src/public/index.ts';
import { applyFixes, lintList } from '../../src/public/list.ts';
import { goldenText } from '../golden/address.ts';
import { type GoldenNetwork, goldenEntry } from '../golden/entry.ts';
import { hasRealData, readColumn } from '../support/real-lists.ts';

const unlimited = { maxEntries: Number.POSITIVE_INFINITY };

/** Prefixes that nest and touch, the same in every run (an xorshift generator). */
function seededList(size: number): string[] {
  let state = 0x2545f491;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  return Array.from({ length: size }, () => {
    const length = 16 + (next() % 17);
    const address = goldenText(4, BigInt(0x08000000 + (next() % 0x01000000)));
    return next() % 4 === 0
      ? `2600:${(next() % 4096).toString(16)}::/${28 + (next() % 20)}`
      : `${address}/${length}`;
  });
}

const lists: (readonly [name: string, read: () => string[], isHere: boolean])[] = [
  ['a seeded list', () => seededList(20_000), true],
  ...['cloud-provider-prefixes.tsv.gz', 'vpn-datacenter-prefixes.tsv.gz', 'country-prefixes.tsv.gz'].map(
    (file) => [file, () => readColumn(file), hasRealData(file)] as const,
  ),
];

/** The edges of every so many lines. */
function probesOf(lines: readonly string[]): string[] {
  const step = Math.ceil(lines.length / 4_000);
  return lines
    .filter((_, index) => index % step === 0)
    .flatMap((line) => {
      const { family, first, last } = (goldenEntry(line) as readonly GoldenNetwork[])[0] as GoldenNetwork;
      const top = (1n << (family === 4 ? 32n : 128n)) - 1n;
      return [first - 1n, first, last, last + 1n]
        .filter((value) => value >= 0n && value <= top)
        .map((value) => goldenText(family, value));
    });
}

describe('lists as they are published, fixed', () => {
  for (const [name, read, isHere] of lists) {
    test.skipIf(!isHere)(
      isHere ? name : `${name} (skipped: not in the folder that IPVERDICT_DATA names)`,
      () => {
        const lines = read();
        const text = lines.join('\n');
        const problems = lintList(text, unlimited);
        expect(problems.length).toBeGreaterThan(1000);
        const all = applyFixes(text, problems);
        expect(all.length).toBeLessThan(text.length);
        expect(lintList(all, unlimited).filter(({ fix }) => fix !== undefined)).toEqual([]);
        const some = applyFixes(
          text,
          problems.filter((_, index) => index % 3 === 0),
        );
        const [before, ...after] = [text, all, some].map((deny) => createPolicy({ deny }, unlimited));
        const wrong = probesOf(lines).filter((probe) =>
          after.some((policy) => policy.allows(probe) !== before?.allows(probe)),
        );
        expect(wrong).toEqual([]);
      },
    );
  }
});
