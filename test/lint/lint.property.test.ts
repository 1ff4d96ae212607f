import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPolicy, parseList } from '../../src/public/index.ts';
import { applyFixes, type LintProblem, lintList } from '../../src/public/list.ts';
import { goldenText } from '../golden/address.ts';
import { type GoldenNetwork, goldenEntry } from '../golden/entry.ts';
import { type GoldenLine, goldenLook, goldenPlan, goldenSpellings } from '../golden/lint.ts';
import { entryText } from '../support/arbitraries.ts';

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
    arbitrary: fc.constantFrom('@loopback', '127.0.0.0/8', '::1', '127.0.0.0/9', '::-::5', '@loopback'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('192.168.0.0/16', '0.0.0.0/0', '::/0', '0.0.0.0/1', '128.0.0.0/1'),
  },
  { weight: 1, arbitrary: entryText },
);

const plainNote = fc.constantFrom(undefined, undefined, undefined, 'a', 'a', 'b');
/** Notes of which some look the same. */
const note = fc.oneof(
  { weight: 2, arbitrary: plainNote },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      undefined,
      'x y',
      'x\u00a0y',
      'x  y',
      'x\u200b y',
      '\u00e9',
      'e\u0301',
      'x\u00ad y',
    ),
  },
);
const goldenLine: fc.Arbitrary<GoldenLine> = fc.record({ entry: crowded, note });

/** Silences of the problems that have fixes, and of one that has none. */
const silence = fc.constantFrom(
  '',
  '',
  '',
  '',
  '',
  ' lint-ignore covered',
  '; lint-ignore duplicate',
  ' lint-ignore mergeable',
  ' lint-ignore host-bits-set',
  ' lint-ignore covered, duplicate, mergeable',
  '; lint-ignore look-alike-note',
  ', lint-ignore unused',
);
const silentLine = fc.tuple(goldenLine, silence).map(([{ entry, note: written }, directive]) => {
  const all = (written ?? '') + directive;
  return { entry, note: all === '' ? undefined : all };
});

/** A note as lint compares it, and as a reader sees it. */
function withoutSilence(written: string | undefined): string | undefined {
  const words = written?.split('lint-ignore')[0]?.replace(/[\s,;]+$/, '') || undefined;
  return words === undefined ? undefined : goldenLook(words);
}

/** The notes of a text, line by line. */
function notesOf(text: string): (string | undefined)[] {
  return parseList(text, { maxEntries: 100 }).entries.map((entry) => entry.note);
}

/** A line in one of the ways in which it may be written, or one that is not an entry. */
const textLine = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        silentLine,
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
        const respelt: number[] = [];
        for (const { line, code, fix } of lintList(text)) {
          if (PLANNED.includes(code)) said[line - 1]?.push(`${code}${fix === undefined ? '' : '+'}`);
          if (code === 'look-alike-note' && fix?.edits[0]?.line === line) respelt.push(line);
        }
        const seen = lines.map(({ entry, note: written }) => ({
          entry,
          note: written === undefined ? undefined : goldenLook(written),
        }));
        expect([text, said.map((codes) => codes.sort())]).toEqual([
          text,
          goldenPlan(seen).said.map((codes) => codes.sort()),
        ]);
        const spellings = goldenSpellings(lines.map(({ note: written }) => written));
        const wrong = lines.flatMap((line, index) => (line.note === spellings[index] ? [] : [index + 1]));
        expect([text, respelt]).toEqual([text, wrong]);
      }),
      { numRuns: 3_000 },
    );
  });

  test('leaves the lines alone that are silent about it', () => {
    fc.assert(
      fc.property(fc.array(silentLine, { maxLength: 12 }), (lines) => {
        const text = lines
          .map((line) => `${line.entry}${line.note === undefined ? '' : ` # ${line.note}`}`)
          .join('\n');
        const problems = lintList(text);
        for (const { code, fix } of problems) {
          for (const { line } of fix?.edits ?? []) {
            const silenced = lines[line - 1]?.note?.split('lint-ignore')[1]?.split(/[ ,]+/) ?? [];
            expect([text, code, silenced.includes(code)]).toEqual([text, code, false]);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('gives fixes that change no verdict, whichever are applied, and no note of an entry when all are', () => {
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
          const all = applyFixes(text, problems);
          for (const fixed of [some, all, applyFixes(text, [...problems].reverse())]) {
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
              const meant = withoutSilence(entry?.note);
              if (fixed === some || meant === undefined) continue;
              expect([text, fixed, probe, withoutSilence(now.entry?.note)]).toEqual([
                text,
                fixed,
                probe,
                meant,
              ]);
            }
          }
          // No note is made up.
          const given = new Set(notesOf(text).map(withoutSilence));
          expect(notesOf(all).filter((now) => !given.has(withoutSilence(now)))).toEqual([]);
          // A silent line may become another problem when the one that it repeats has gone.
          if (text.includes('lint-ignore')) return;
          const left = notesOf(all);
          expect([text, all, left]).toEqual([text, all, goldenSpellings(left)]);
          expect([text, all, fixable(lintList(all, { mode, exempt }))]).toEqual([text, all, []]);
          // The rest of a choice may be applied in a second round.
          const rest = applyFixes(some, lintList(some, { mode, exempt }));
          expect(fixable(lintList(rest))).toEqual([]);
        },
      ),
      { numRuns: 1_000 },
    );
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
