import { describe, expect, test } from 'vitest';
import { createMatcher, createPolicy, parseList } from '../src/public/index.ts';
import { compareLists, RestrictionList } from '../src/public/list.ts';
import { type GoldenAddress, goldenAddress, goldenText } from './golden/address.ts';
import { PrefixMap } from './golden/prefix-map.ts';
import { clientTrace, hasRealData, readColumn, realLists } from './support/real-lists.ts';

const PROBES_OF_A_KIND = 2_500;

/** Seeded, so that a failure can be repeated (mulberry32). */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

interface Network extends GoldenAddress {
  readonly size: bigint;
}

function networkOf(text: string): Network {
  const [address, length] = text.split('/') as [string, string?];
  const { family, value } = goldenAddress(address) as GoldenAddress;
  const bits = family === 4 ? 32 : 128;
  return { family, value, size: 1n << BigInt(bits - Number(length ?? bits)) };
}

function topOf(family: 4 | 6): bigint {
  return 1n << (family === 4 ? 32n : 128n);
}

/** 10,000 addresses: the trace, random hits, edges of entries, and addresses anywhere. */
function probesOf(lines: readonly string[], trace: readonly string[]): GoldenAddress[] {
  const below = random(lines.length);
  const pick = (): Network => networkOf(lines[below(lines.length)] as string);
  const wide = (size: bigint): bigint => {
    let value = 0n;
    for (let word = 0; word < 5; word++) value = (value << 30n) | BigInt(below(2 ** 30));
    return value % size;
  };
  const probes = trace.slice(0, PROBES_OF_A_KIND).map((text) => goldenAddress(text) as GoldenAddress);
  for (let count = 0; count < PROBES_OF_A_KIND; count++) {
    const { family, value, size } = pick();
    probes.push({ family, value: value + wide(size) });
    const edge = pick();
    const edges = [edge.value - 1n, edge.value, edge.value + edge.size - 1n, edge.value + edge.size];
    const address = edges[count % 4] as bigint;
    probes.push({ family: edge.family, value: (address + topOf(edge.family)) % topOf(edge.family) });
    // Anywhere, but for IPv6 where there are networks at all.
    const anywhere =
      count % 2 === 0
        ? ({ family: 4, value: wide(topOf(4)) } as const)
        : ({ family: 6, value: (1n << 125n) + wide(1n << 125n) } as const);
    probes.push(anywhere);
  }
  return probes;
}

describe('real lists', () => {
  for (const file of realLists) {
    const isHere = hasRealData(file) && hasRealData(clientTrace);
    const name = isHere ? file : `${file} (skipped: not in the folder that IPVERDICT_DATA names)`;
    test.skipIf(!isHere)(name, () => {
      const lines = readColumn(file);
      const reference = new PrefixMap(lines);
      const probes = probesOf(lines, readColumn(clientTrace));
      expect(probes.length).toBe(4 * PROBES_OF_A_KIND);

      const deny = createPolicy({ deny: lines.join('\n') }, { maxEntries: Number.POSITIVE_INFINITY });
      const allow = createPolicy({ allow: lines }, { maxEntries: Number.POSITIVE_INFINITY });
      expect([deny.size, allow.size]).toEqual([lines.length, lines.length]);
      let hits = 0;
      const wrong: unknown[] = [];
      for (const { family, value } of probes) {
        const text = goldenText(family, value);
        // Mapped IPv4 numbers among random IPv6 would be IPv4; the probes have none.
        const index = reference.find({ family, value });
        hits += index < 0 ? 0 : 1;
        for (const spelling of family === 4 ? [text, `::ffff:${text}`] : [text]) {
          const decision = deny.decide(spelling);
          const isRight =
            (decision.entry?.line ?? 0) === index + 1 &&
            decision.verdict === (index < 0 ? 'allow' : 'deny') &&
            deny.allows(spelling) === index < 0 &&
            allow.allows(spelling) === index >= 0 &&
            (allow.decide(spelling).entry?.line ?? 0) === index + 1;
          if (!isRight) wrong.push({ spelling, expected: lines[index], found: decision.entry?.text });
        }
      }
      expect(wrong).toEqual([]);
      expect(hits).toBeGreaterThan(PROBES_OF_A_KIND);
      expect(hits).toBeLessThan(probes.length);

      // Their duplicates are warned about: one for each line that an earlier line has made superfluous.
      const canonical = new Set(
        lines.map((line) =>
          line.replace(/\/(32|128)$/, (_, bits) =>
            line.includes(':') === (bits === '128') ? '' : `/${bits}`,
          ),
        ),
      );
      expect(deny.problems.filter(({ code }) => code === 'duplicate')).toHaveLength(
        lines.length - canonical.size,
      );
    });
  }

  test.skipIf(!hasRealData('country-prefixes.tsv.gz'))('a matcher of countries', () => {
    const lines = readColumn('country-prefixes.tsv.gz');
    const matcher = createMatcher(lines.map((line, index) => [line, index] as const));
    const reference = new PrefixMap(lines);
    for (const probe of probesOf(lines, []).slice(0, 3_000)) {
      const index = reference.find(probe);
      const match = matcher.match(goldenText(probe.family, probe.value));
      expect(match?.value ?? -1).toBe(index);
    }
  });

  test.skipIf(!hasRealData('ipsum-threat-ips.tsv.gz'))('parseList keeps every line of a real list', () => {
    const lines = readColumn('ipsum-threat-ips.tsv.gz');
    const { entries, problems } = parseList(lines.join('\n'), { maxEntries: lines.length });
    expect(entries.map(({ text }) => text)).toEqual(lines);
    expect(problems).toEqual([]);
  });
});

describe('a published list as a managed list', () => {
  test.skipIf(!hasRealData('ipsum-threat-ips.tsv.gz'))('is changed at one place and nowhere else', () => {
    const lines = readColumn('ipsum-threat-ips.tsv.gz');
    const before = RestrictionList.parse('deny', lines.join('\n'), { maxEntries: Number.POSITIVE_INFINITY });
    expect(before.entries).toHaveLength(lines.length);
    const middle = lines.length >> 1;
    const after = before.remove(lines[middle] as string).add(['192.0.2.1', '2001:db8::/32'], 'Added');
    const expected = [...lines.slice(0, middle), ...lines.slice(middle + 1)];
    expect(after.toString()).toBe([...expected, '192.0.2.1 # Added', '2001:db8::/32 # Added'].join('\n'));
    const { added, removed, renoted } = compareLists(before, after);
    expect([added.length, removed.map(({ text }) => text), renoted]).toEqual([2, [lines[middle]], []]);
    expect(createPolicy(after).decide('::ffff:192.0.2.1').entry?.line).toBe(lines.length);
  });
});
