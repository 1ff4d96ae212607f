import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lintRules } from '../../src/public/list.ts';
import { createRules, type Rule, type RuleOrder } from '../../src/public/rules.ts';
import { goldenText } from '../golden/address.ts';
import { goldenCovering, goldenList } from '../golden/policy.ts';
import { type GoldenRule, type GoldenRules, type GoldenRuling, goldenRule } from '../golden/rules.ts';
import { addressesOf, entryIn, type Universe, universes } from '../support/universe.ts';

/** One network of sixteen addresses, and one that is the whole of IPv6: every address, or every cell, can be asked. */
const small = universes.filter(({ name }) =>
  ['a network of IPv4', 'all of IPv6', 'around the mapped block'].includes(name),
);

interface Shape {
  readonly rules: readonly {
    mode: 'allow' | 'deny';
    entries: readonly string[];
    except: readonly string[] | undefined;
  }[];
  readonly order: RuleOrder;
  readonly exempt: readonly string[];
}

function shapeIn(universe: Universe): fc.Arbitrary<Shape> {
  const entries = fc.array(entryIn(universe), { maxLength: 4 });
  const rule = fc.record({
    mode: fc.constantFrom('allow' as const, 'deny' as const),
    entries,
    except: fc.option(entries, { nil: undefined, freq: 2 }),
  });
  return fc.record({
    rules: fc.array(rule, { minLength: 1, maxLength: 4 }),
    order: fc.constantFrom<RuleOrder>('first-match', 'most-specific'),
    exempt: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: entries }),
  });
}

function inputOf({ rules, order, exempt }: Shape): Parameters<typeof lintRules>[0] {
  const toRule = ({ mode, entries, except }: Shape['rules'][number]): Rule =>
    ({ [mode]: entries, ...(except === undefined ? {} : { except }) }) as unknown as Rule;
  return { rules: rules.map(toRule), otherwise: 'deny', order, exempt };
}

function goldenOf({ rules, order, exempt }: Shape): GoldenRules {
  const toGolden = ({ mode, entries, except }: Shape['rules'][number]): GoldenRule => ({
    mode,
    entries: goldenList(entries),
    except: goldenList(except ?? []),
  });
  return { rules: rules.map(toGolden), otherwise: 'deny', order, exempt: goldenList(exempt) };
}

/** What the twin says about every client. */
function rulings(golden: GoldenRules, universe: Universe): GoldenRuling[] {
  return clientsOf(universe).map((value) => goldenRule(golden, { family: universe.family, value }));
}

function clientsOf(universe: Universe): bigint[] {
  // The widest prefix around the mapped block reaches beyond its cells.
  const all = [...addressesOf(universe), ...(universe.cellBits === 32 ? [0xfff0n << 32n] : [])];
  // No client has an address in the mapped block of IPv6.
  return all.filter((value) => universe.family === 4 || value >> 32n !== 0xffffn);
}

const exchange = <T>(items: readonly T[], one: number, other: number): T[] =>
  items.map((item, at) => (at === one ? (items[other] as T) : at === other ? (items[one] as T) : item));

function sourcesOf(shape: Shape, code: string): string[] {
  return lintRules(inputOf(shape), { reach: 'private' })
    .filter((problem) => problem.code === code)
    .map(({ source, line }) => (source.includes('.') ? `${source}:${line}` : source));
}

describe.each(small)('lintRules in $name', (universe) => {
  const shape = shapeIn(universe);
  const check = (property: (shape: Shape, golden: GoldenRules) => void): void =>
    fc.assert(
      fc.property(shape, (one) => property(one, goldenOf(one))),
      { numRuns: 250 },
    );

  test('finds the rules that decide about no client', () => {
    check((one, golden) => {
      const deciding = new Set(rulings(golden, universe).map(({ rule }) => rule));
      const expected = [...one.rules.keys()]
        .filter((rule) => !deciding.has(rule))
        .map((rule) => `rules[${rule}]`);
      expect(sourcesOf(one, 'idle-rule')).toEqual(expected);
    });
  });

  test('finds the entries that would decide if their rule were alone, and do not', () => {
    check((one, golden) => {
      const decided = rulings(golden, universe);
      const expected = one.rules.flatMap(({ mode, entries }, rule) => {
        if (!decided.some((ruling) => ruling.rule === rule)) return [];
        const alone = rulings({ ...golden, rules: [golden.rules[rule] as GoldenRule], exempt: [] }, universe);
        return [...entries.keys()]
          .filter((index) => {
            const own = [...alone.keys()].filter((at) => alone[at]?.rule === 0 && alone[at]?.index === index);
            const isOnlyExempt = own.every((at) => decided[at]?.reason === 'exempt');
            const decides = own.some((at) => decided[at]?.rule === rule && decided[at]?.index === index);
            return own.length > 0 && !isOnlyExempt && !decides;
          })
          .map((index) => `rules[${rule}].${mode}:${index + 1}`);
      });
      expect(sourcesOf(one, 'shadowed')).toEqual(expected);
    });
  });

  test('finds the entries of an except that take nothing out', () => {
    check((one, golden) => {
      const expected = golden.rules.flatMap(({ entries, except }, rule) =>
        [...except.keys()]
          .filter(
            (index) =>
              !clientsOf(universe).some((value) => {
                const address = { family: universe.family, value };
                return (
                  goldenCovering([except[index] as (typeof except)[number]], address).length > 0 &&
                  goldenCovering(entries, address).length > 0
                );
              }),
          )
          .map((index) => `rules[${rule}].except:${index + 1}`),
      );
      const found = sourcesOf(one, 'idle-except');
      // In the mapped block there are no clients, but there are addresses that an except may take out.
      if (universe.name === 'around the mapped block')
        expect(expected).toEqual(expect.arrayContaining(found));
      else expect(found).toEqual(expected);
    });
  });

  test('finds the rules whose meaning hangs on their place', () => {
    check((one, golden) => {
      const before = rulings(golden, universe).map(({ verdict }) => verdict);
      const isIdle = sourcesOf(one, 'idle-rule');
      const changed = one.rules.some((_, later) =>
        one.rules.some((__, earlier) => {
          if (earlier >= later) return false;
          const swapped = { ...golden, rules: exchange(golden.rules, earlier, later) };
          return rulings(swapped, universe).some(({ verdict }, at) => verdict !== before[at]);
        }),
      );
      const found = sourcesOf(one, 'order-matters');
      // A rule that decides nothing is told so instead, although it would decide in another place.
      if (isIdle.length === 0) expect(found.length > 0).toBe(changed);
      else if (found.length > 0) expect(changed).toBe(true);
    });
  });

  test('names neighbours only that can be joined without a change', () => {
    check((one, golden) => {
      const before = rulings(golden, universe).map(({ verdict }) => verdict);
      for (const problem of lintRules(inputOf(one), { reach: 'private' })) {
        if (problem.code !== 'mergeable-rules') continue;
        const first = Number(problem.source.slice('rules['.length, -1));
        const named = [...problem.message.matchAll(/rules\[(\d+)\]/g)].map(([, at]) => Number(at));
        const all = [first, ...named].map((at) => golden.rules[at] as GoldenRule);
        expect([first, ...named]).toEqual(all.map((_, at) => first + at));
        const joined: GoldenRule = {
          mode: golden.rules[first]?.mode as 'allow',
          entries: all.flatMap(({ entries }) => entries),
          except: all.flatMap(({ except }) => except),
        };
        const rules = [...golden.rules.slice(0, first), joined, ...golden.rules.slice(first + all.length)];
        expect(rulings({ ...golden, rules }, universe).map(({ verdict }) => verdict)).toEqual(before);
      }
    });
  });

  test('reports what createRules warns of, and nothing as an error', () => {
    check((one) => {
      const found = lintRules(inputOf(one), { reach: 'private' });
      expect(found.filter(({ severity }) => severity === 'error')).toEqual([]);
      const isMarked = ({ code }: { readonly code: string }): boolean =>
        ['host-bits-set', 'covers-everything', 'excludes-ipv4'].includes(code);
      const key = ({ source, line, code }: { source: string; line: number; code: string }): string =>
        `${source} ${line} ${code}`;
      const keys = found.map(key);
      for (const problem of createRules(inputOf(one)).problems.filter(isMarked))
        expect(keys).toContain(key(problem));
    });
  });
});

test('a universe has a network of either family', () => {
  expect(small.map(({ family }) => family)).toEqual([4, 6, 6]);
  expect(goldenText(4, 0xc0000210n)).toBe('192.0.2.16');
});

describe('lintRules with times', () => {
  const START = Date.UTC(2026, 0, 1);
  const dayOf = (day: number): string => new Date(START + day * 86_400_000).toISOString();
  const day = fc.integer({ min: 0, max: 4 });
  const times = fc.tuple(day, day, fc.integer({ min: 0, max: 5 })).map(([one, other, kind]) => {
    const [from, until] = [Math.min(one, other), Math.max(one, other) + 1];
    return (kind & 1 ? ` from ${dayOf(from)}` : '') + (kind & 2 ? ` until ${dayOf(until)}` : '');
  });
  const address = fc
    .tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 29, max: 32 }))
    .map(([last, length]) => `8.8.8.${last & -(1 << (32 - length))}/${length}`);
  const lines = fc.array(
    fc.tuple(address, times).map(([entry, when]) => entry + when),
    {
      minLength: 1,
      maxLength: 3,
    },
  );
  const rule = fc.record(
    { mode: fc.constantFrom('allow' as const, 'deny' as const), list: lines, except: lines },
    { requiredKeys: ['mode', 'list'] },
  );
  const shape = fc.record({
    rules: fc.array(rule, { minLength: 1, maxLength: 4 }),
    order: fc.constantFrom<RuleOrder>('first-match', 'most-specific'),
    exempt: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: lines }),
  });
  type Input = typeof shape extends fc.Arbitrary<infer One> ? One : never;

  /** What everybody gets at an instant and at all later ones. */
  const verdicts = ({ rules, order, exempt }: Input, from: number): string[] => {
    const found: string[] = [];
    for (let now = from; now < 7; now++) {
      const policy = createRules({
        rules,
        order,
        exempt,
        otherwise: 'deny',
        at: new Date(START + now * 86_400_000),
      });
      for (let last = 0; last < 8; last++) found.push(policy.decide(`8.8.8.${last}`).verdict);
    }
    return found;
  };
  const lintAt = ({ rules, order, exempt }: Input, now: number): ReturnType<typeof lintRules> =>
    lintRules({ rules, order, exempt, otherwise: 'deny', at: new Date(START + now * 86_400_000) });

  test('what decides nothing can go, and nobody ever notices', () => {
    fc.assert(
      fc.property(shape, day, (one, now) => {
        const before = verdicts(one, now);
        for (const { code, source, line } of lintAt(one, now)) {
          const at = Number(source.match(/^rules\[(\d+)\]/)?.[1] ?? -1);
          if (code === 'idle-rule') {
            const rules = one.rules.map((old, index) => (index === at ? { ...old, list: [] } : old));
            expect(verdicts({ ...one, rules }, now)).toEqual(before);
          } else if (['shadowed', 'exempted', 'expired'].includes(code) && !source.endsWith('.except')) {
            if (at < 0) continue;
            const rules = one.rules.map((old, index) =>
              index === at ? { ...old, list: old.list.filter((_, entry) => entry !== line - 1) } : old,
            );
            expect(verdicts({ ...one, rules }, now)).toEqual(before);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test('neighbours that could be one rule can be, whatever begins or ends', () => {
    fc.assert(
      fc.property(shape, day, (one, now) => {
        const before = verdicts(one, now);
        for (const { code, source } of lintAt(one, now)) {
          if (code !== 'mergeable-rules') continue;
          const at = Number(source.match(/^rules\[(\d+)\]/)?.[1]);
          const [first, second] = [one.rules[at], one.rules[at + 1]] as [
            Input['rules'][0],
            Input['rules'][0],
          ];
          const joined = {
            mode: first.mode,
            list: [...first.list, ...second.list],
            except: [...(first.except ?? []), ...(second.except ?? [])],
          };
          const rules = [...one.rules.slice(0, at), joined, ...one.rules.slice(at + 2)];
          expect(verdicts({ ...one, rules }, now)).toEqual(before);
        }
      }),
      { numRuns: 500 },
    );
  });
});
