import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPolicy } from '../src/index.ts';
import { applyFixes, type LintProblem, lintList } from '../src/lists.ts';
import { goldenText } from './golden/address.ts';
import { type GoldenNetwork, goldenEntry } from './golden/entry.ts';
import { type GoldenLine, goldenPlan } from './golden/lint.ts';
import { entryText } from './support/arbitraries.ts';

/** Entries of a few neighbouring addresses, so that they nest, touch, overlap and repeat in all ways. */
const ipv4Low = fc.nat(15).map((low) => 0x0a000000n + BigInt(low));
const ipv6Low = fc.nat(15).map((low) => (0x20010db8n << 96n) + BigInt(low));
const crowded = fc.oneof(
  ...([4, 6] as const).flatMap((family) => {
    const number = family === 4 ? ipv4Low : ipv6Low;
    const bits = family === 4 ? 32 : 128;
    return [
      { weight: family === 4 ? 4 : 1, arbitrary: number.map((value) => goldenText(family, value)) },
      {
        weight: family === 4 ? 6 : 2,
        arbitrary: fc
          .tuple(number, fc.integer({ min: bits - 5, max: bits }))
          .map(([value, length]) => `${goldenText(family, value)}/${length}`),
      },
      {
        weight: family === 4 ? 5 : 1,
        arbitrary: fc.tuple(number, number).map((ends) => {
          const [first, last] = ends.sort((left, right) => (left < right ? -1 : 1));
          return `${goldenText(family, first as bigint)}-${goldenText(family, last as bigint)}`;
        }),
      },
    ];
  }),
  {
    weight: 1,
    arbitrary: fc.constantFrom('@private', '10.0.0.0/8', '@shared', '100.64.0.0/10', '172.16.0.0/12'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('192.168.0.0/16', '0.0.0.0/0', '::/0', '0.0.0.0/1', '128.0.0.0/1'),
  },
  { weight: 1, arbitrary: entryText },
);

const note = fc.constantFrom(undefined, undefined, undefined, 'a', 'a', 'b');
const goldenLine: fc.Arbitrary<GoldenLine> = fc.record({ entry: crowded, note });

/** A line in one of the ways in which it may be written, or one that is no entry. */
const textLine = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        goldenLine,
        fc.constantFrom('', ' ', '\t', '\u00a0 '),
        fc.constantFrom(' # ', '#', '\t#  ', ' #'),
      )
      .map(
        ([line, blank, hash]) =>
          `${blank}${line.entry}${line.note === undefined ? blank : hash + line.note}${blank}`,
      ),
  },
  { weight: 1, arbitrary: fc.constantFrom('', '  ', '# comment', '  # 10.0.0.1', '#', '10.0.0.1 #') },
);
const lineEnd = fc.constantFrom('\n', '\n', '\r\n', '\r');
const listText = fc
  .tuple(fc.boolean(), fc.array(fc.tuple(textLine, lineEnd), { maxLength: 14 }), fc.option(textLine))
  .map(([hasMark, lines, last]) => `${hasMark ? '\ufeff' : ''}${lines.flat().join('')}${last ?? ''}`);

/** The four edge addresses of every network, as text. */
function edges(entries: readonly string[]): string[] {
  const networks = entries.flatMap((entry) => goldenEntry(entry) as readonly GoldenNetwork[]);
  return networks.flatMap(({ family, first, last }) => {
    const top = (1n << (family === 4 ? 32n : 128n)) - 1n;
    return [first - 1n, first, last, last + 1n]
      .filter((value) => value >= 0n && value <= top)
      .map((value) => goldenText(family, value));
  });
}

const universe = Array.from({ length: 20 }, (_, low) => [
  `10.0.0.${low}`,
  `2001:db8::${low.toString(16)}`,
]).flat();

function entriesOf(text: string): string[] {
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  return lines
    .map((line) => (line.split('#')[0] as string).replace(/^[ \t\u00a0]+|[ \t\u00a0]+$/g, ''))
    .filter((entry) => entry !== '');
}

function fixable(problems: readonly LintProblem[]): LintProblem[] {
  return problems.filter(({ fix }) => fix !== undefined);
}

const PLANNED = ['duplicate', 'covered', 'mergeable'];

describe('lint', () => {
  test('finds what its slow twin finds', () => {
    fc.assert(
      fc.property(fc.array(goldenLine, { maxLength: 12 }), (lines) => {
        const text = lines
          .map((line) => `${line.entry}${line.note === undefined ? '' : ` # ${line.note}`}`)
          .join('\n');
        const said = lines.map((): string[] => []);
        for (const { line, code, fix } of lintList(text)) {
          if (PLANNED.includes(code)) said[line - 1]?.push(`${code}${fix === undefined ? '' : '+'}`);
        }
        expect([text, said.map((codes) => codes.sort())]).toEqual([
          text,
          goldenPlan(lines).said.map((codes) => codes.sort()),
        ]);
      }),
      { numRuns: 3_000 },
    );
  });

  test('gives fixes that change no verdict and no note that is reported, whichever are applied', () => {
    fc.assert(
      fc.property(
        listText,
        fc.constantFrom('allow' as const, 'deny' as const),
        fc.array(crowded, { maxLength: 3 }),
        fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
        (text, mode, exempt, choices) => {
          const problems = lintList(text, { mode, exempt });
          const chosen = problems.filter((_, index) => choices[index % 40]);
          const probes = [...universe, ...edges([...entriesOf(text), ...exempt])];
          const policyOf = (list: string) =>
            createPolicy(mode === 'allow' ? { allow: list } : { deny: list }, {
              exempt,
              whenEmpty: mode === 'allow' ? 'allow' : 'deny',
            });
          const before = policyOf(text);
          const some = applyFixes(text, chosen);
          for (const fixed of [some, applyFixes(text, problems), applyFixes(text, [...problems].reverse())]) {
            const after = policyOf(fixed);
            expect(after.size === 0).toBe(before.size === 0);
            for (const probe of probes) {
              const { verdict, reason, entry } = before.decide(probe);
              const now = after.decide(probe);
              expect([text, fixed, probe, now.verdict, now.reason]).toEqual([
                text,
                fixed,
                probe,
                verdict,
                reason,
              ]);
              if (entry?.note === undefined) continue;
              expect([text, fixed, probe, now.entry?.note]).toEqual([text, fixed, probe, entry.note]);
            }
          }
          // The rest of a choice, and what it makes room for, may be applied in further rounds.
          let rest = some;
          for (let rounds = 0; rounds <= 20 && fixable(lintList(rest)).length > 0; rounds++) {
            rest = applyFixes(rest, lintList(rest, { mode, exempt }));
          }
          expect([text, rest, fixable(lintList(rest))]).toEqual([text, rest, []]);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('gives fixes of which any choice keeps every note that is reported', () => {
    // Few addresses and few notes, so that entries lie in each other with the same note, another one and none between.
    const nested = fc.oneof(
      fc.tuple(fc.nat(7), fc.integer({ min: 28, max: 32 })).map(([low, bits]) => `8.8.8.${low}/${bits}`),
      fc
        .tuple(fc.nat(7), fc.nat(7))
        .map(([one, other]) => `8.8.8.${Math.min(one, other)}-8.8.8.${Math.max(one, other)}`),
    );
    const line = fc
      .tuple(nested, fc.constantFrom('', ' # x', ' # x', ' # y'))
      .map(([entry, noted]) => `${entry}${noted}`);
    const probes = Array.from({ length: 17 }, (_, low) => `8.8.8.${low}`);
    const noteOf = (text: string): ((probe: string) => string | undefined) => {
      const policy = createPolicy({ deny: text });
      return (probe) => policy.decide(probe).entry?.note;
    };
    let choices = 0;
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
        const text = lines.join('\n');
        const fixes = fixable(lintList(text)).slice(0, 6);
        const before = noteOf(text);
        for (let choice = 1; choice < 2 ** fixes.length; choice++) {
          choices++;
          const fixed = applyFixes(
            text,
            fixes.filter((_, index) => ((choice >> index) & 1) === 1),
          );
          const after = noteOf(fixed);
          for (const probe of probes) {
            const reported = before(probe);
            if (reported !== undefined && after(probe) !== reported)
              expect.fail(`${text}\n→\n${fixed}\n(${probe})`);
          }
        }
      }),
      { numRuns: 1_000 },
    );
    expect(choices).toBeGreaterThan(1_000);
  });

  test.each([
    ['8.8.0.0/16 # x\n8.8.8.0/24\n8.8.8.8 # x', [2]],
    ['8.8.8.0/25 # x\n8.8.8.128/25 # x\n8.8.8.0/26\n8.8.8.1 # x', [1, 3]],
    ['8.8.0.0/16 # x\n8.8.8.8\n8.8.8.8 # x', [2]],
    ['8.8.0.0/16 # x\n8.8.8.8 # x\n8.8.8.8\n8.8.8.8 # x', [3, 4]],
  ])('does not rely on another fix for a note: %j', (text, lines) => {
    expect(fixable(lintList(text)).map(({ line }) => line)).toEqual(lines);
  });

  test('knows what exemptions and clients have to do with an entry', () => {
    fc.assert(
      fc.property(
        fc.array(crowded, { maxLength: 8 }),
        fc.array(crowded, { maxLength: 4 }),
        fc.array(fc.constantFrom(...universe), { minLength: 1, maxLength: 4 }),
        fc.constantFrom('allow' as const, 'deny' as const),
        (entries, exempt, clients, mode) => {
          const found = lintList(entries.join('\n'), { mode, exempt, clients, reach: 'private' });
          const said = (code: string): number[] =>
            found
              .filter((problem) => problem.code === code && problem.source === mode)
              .map(({ line }) => line);
          const linesOf = (isSo: (entry: string) => boolean): number[] =>
            entries.flatMap((entry, index) => (isSo(entry) ? [index + 1] : []));
          const networksOf = (entry: string): readonly GoldenNetwork[] =>
            goldenEntry(entry) as GoldenNetwork[];
          const exemptions = exempt.flatMap(networksOf);
          // An address is exempt or not in whole stretches, which begin where an exemption begins or has ended.
          const starts = ({ family, first, last }: GoldenNetwork): bigint[] =>
            [
              first,
              ...exemptions.flatMap((other) =>
                other.family === family ? [other.first, other.last + 1n] : [],
              ),
            ].filter((value) => value >= first && value <= last);
          const exemptAt = (family: 4 | 6, value: bigint): boolean =>
            exemptions.some(
              (other) => other.family === family && other.first <= value && value <= other.last,
            );
          const states = (entry: string): boolean[] =>
            networksOf(entry).flatMap((network) =>
              starts(network).map((value) => exemptAt(network.family, value)),
            );
          expect([entries, exempt, said('exempted')]).toEqual([
            entries,
            exempt,
            linesOf((entry) => states(entry).every(Boolean)),
          ]);
          expect([entries, exempt, said('partly-exempted')]).toEqual([
            entries,
            exempt,
            linesOf(
              (entry) => mode === 'deny' && states(entry).includes(true) && states(entry).includes(false),
            ),
          ]);
          const isIn = (entry: string): boolean =>
            clients.some((client) => createPolicy({ allow: entry }).allows(client));
          expect([entries, clients, said('unused')]).toEqual([
            entries,
            clients,
            linesOf((entry) => !isIn(entry)),
          ]);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
