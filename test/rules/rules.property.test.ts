import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scanned } from '../../src/address/scanner.ts';
import { listsOf } from '../../src/policy/policy.ts';
import {
  createPolicy,
  type Mode,
  type Policy,
  type PolicyInput,
  type Verdict,
} from '../../src/public/index.ts';
import { comparePolicies } from '../../src/public/list.ts';
import { createRules, type Rule, type RuleOrder } from '../../src/public/rules.ts';
import { RuleLists } from '../../src/rules/lists.ts';
import { buildRadix } from '../../src/tree/build.ts';
import type { Layout } from '../../src/tree/layout.ts';
import { goldenClient, goldenText } from '../golden/address.ts';
import { type GoldenNetwork, goldenEntry } from '../golden/entry.ts';
import { goldenCovering, goldenList } from '../golden/policy.ts';
import { type GoldenRules, goldenRule, goldenRuling } from '../golden/rules.ts';
import { addressText, entryText, nearMiss } from '../support/arbitraries.ts';
import { addressesOf, entriesIn, type Universe, universes } from '../support/universe.ts';

interface RuleShape {
  readonly mode: Mode;
  readonly entries: readonly string[];
  readonly except: readonly string[] | undefined;
}

interface Shape {
  readonly rules: readonly RuleShape[];
  readonly otherwise: Verdict;
  readonly order: RuleOrder;
  readonly exempt: readonly string[];
}

const verdict = fc.constantFrom<Verdict>('allow', 'deny');
const order = fc.constantFrom<RuleOrder>('first-match', 'most-specific');

function shapeOf(entries: fc.Arbitrary<string[]>, mostRules = 5): fc.Arbitrary<Shape> {
  const rule = fc.record({
    mode: verdict,
    entries,
    except: fc.option(entries, { nil: undefined }),
  });
  return fc.record({
    rules: fc.array(rule, { maxLength: mostRules }),
    otherwise: verdict,
    order,
    exempt: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: entries }),
  });
}

const anyShape = shapeOf(fc.array(entryText, { maxLength: 6 }));

function ruleOf({ mode, entries, except }: RuleShape): Rule {
  const list = mode === 'allow' ? { allow: entries } : { deny: entries };
  return (except === undefined ? list : { ...list, except }) as Rule;
}

function build({ rules, ...options }: Shape): Policy {
  return createRules({ rules: rules.map(ruleOf), ...options });
}

function goldenOf({ rules, otherwise, order: ruleOrder, exempt }: Shape): GoldenRules {
  return {
    rules: rules.map(({ mode, entries, except }) => ({
      mode,
      entries: goldenList(entries),
      except: goldenList(except ?? []),
    })),
    otherwise,
    order: ruleOrder,
    exempt: goldenList(exempt),
  };
}

function linesOf({ rules, exempt }: Shape): string[] {
  return [...exempt, ...rules.flatMap(({ entries, except }) => [...entries, ...(except ?? [])])];
}

/** The four edge addresses of every network, as text. */
function edges(lines: readonly string[]): string[] {
  return lines
    .flatMap((line) => goldenEntry(line) as readonly GoldenNetwork[])
    .flatMap(({ family, first, last }) => {
      const top = (1n << (family === 4 ? 32n : 128n)) - 1n;
      return [first - 1n, first, last, last + 1n]
        .filter((value) => value >= 0n && value <= top)
        .map((value) => goldenText(family, value));
    });
}

/** What a policy says, as the twin does. */
function rulingOf(policy: Policy, client: string): unknown {
  const { verdict: decided, reason, entry } = policy.decide(client);
  return {
    verdict: decided,
    reason,
    rule: entry?.rule === undefined ? undefined : Number(entry.rule.slice('rules['.length, -1)),
    index: entry === undefined ? undefined : entry.line - 1,
  };
}

function expectTwin(shape: Shape, clients: readonly string[]): void {
  const policy = build(shape);
  const golden = goldenOf(shape);
  for (const client of clients) {
    const expected = goldenRuling(golden, client);
    expect({ client, ...(rulingOf(policy, client) as object) }).toEqual({ client, ...expected });
    expect(policy.allows(client)).toBe(expected.verdict === 'allow');
  }
}

describe('rules', () => {
  test('decide as the table read in order', () => {
    const clients = fc.array(fc.oneof(addressText, nearMiss), { maxLength: 10 });
    fc.assert(
      fc.property(anyShape, clients, (shape, more) => {
        expectTwin(shape, [...more, ...edges(linesOf(shape))]);
      }),
      { numRuns: 600 },
    );
  });

  test.each(universes)('decide about every address in $name as the table read in order', (universe) => {
    fc.assert(
      fc.property(shapeOf(entriesIn(universe, entryText), 6), (shape) => {
        const clients = addressesOf(universe).map((value) => goldenText(universe.family, value));
        expectTwin(shape, clients);
      }),
      { numRuns: 120 },
    );
  });

  test('explain every covering entry of every list', () => {
    fc.assert(
      fc.property(anyShape, fc.array(addressText, { maxLength: 4 }), (shape, more) => {
        const policy = build(shape);
        const lists = [
          shape.exempt,
          ...shape.rules.flatMap(({ entries, except }) => [entries, except ?? []]),
        ];
        const golden = goldenList(lists.flat());
        for (const client of [...more, ...edges(linesOf(shape)).slice(0, 20)]) {
          const address = goldenClient(client);
          const expected = address === undefined ? [] : goldenCovering(golden, address);
          const { covering, message } = policy.explain(client);
          expect(covering.map(({ text }) => text)).toEqual(
            expected.map((at) => (golden[at] as { readonly text: string }).text),
          );
          expect(message).toContain(policy.allows(client) ? ' is allowed: ' : ' is denied: ');
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** Every width of either root, and every kind of branch: wherever it fits, and nowhere. */
const layouts: readonly Layout[] = Array.from({ length: 16 }, (_, index) => ({
  rootWidth: (_runs, family) => (family === 4 ? index + 1 : Math.min(13, index + 1)),
  runsOfHalf: index % 3 === 0 ? 1 : Number.POSITIVE_INFINITY,
  runsOfTwelve: index % 3 === 1 ? 1 : Number.POSITIVE_INFINITY,
  wordsOfWider: 2 ** 30,
}));

describe('the tree of rules', () => {
  test('agrees with the twin in every layout', () => {
    fc.assert(
      fc.property(anyShape, fc.constantFrom(...layouts), (shape, layout) => {
        const lists = listsOf(build(shape))?.active as RuleLists;
        expect(lists).toBeInstanceOf(RuleLists);
        const { ipv4, ipv6 } = lists.decideRuns((label) => label);
        const radix = buildRadix(ipv4, ipv6, layout);
        const golden = goldenOf(shape);
        for (const client of edges(linesOf(shape))) {
          const address = goldenClient(client);
          if (address === undefined) continue;
          const { family, value } = address;
          if (family === 6)
            scanned.set([96n, 64n, 32n, 0n].map((shift) => Number((value >> shift) & 0xffffffffn)));
          const label = family === 4 ? radix.find4(Number(value) | 0) : radix.find6();
          const expected = goldenRule(golden, address);
          const verdictOfLabel = label <= lists.allowing ? 'allow' : 'deny';
          expect({ client, verdict: label === 0 ? shape.otherwise : verdictOfLabel }).toEqual({
            client,
            verdict: expected.verdict,
          });
          const entry =
            label > shape.exempt.length ? lists.entry(label - shape.exempt.length - 1) : undefined;
          expect(entry?.rule).toBe(expected.rule === undefined ? undefined : `rules[${expected.rule}]`);
          if (entry !== undefined) expect(entry.line - 1).toBe(expected.index);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('rules and one list', () => {
  test('give the same verdict to every client when the list has an entry', () => {
    const lists = fc.array(entryText, { minLength: 1, maxLength: 8 });
    const exemptions = fc.array(entryText, { maxLength: 3 });
    const clients = fc.array(fc.oneof(addressText, nearMiss), { maxLength: 10 });
    fc.assert(
      fc.property(lists, exemptions, verdict, order, clients, (list, exempt, mode, ruleOrder, more) => {
        const one = mode === 'allow' ? { allow: list } : { deny: list };
        const otherwise = mode === 'allow' ? 'deny' : 'allow';
        const policy = createPolicy({ ...one, exempt, whenEmpty: 'deny' } as PolicyInput);
        const rules = createRules({ rules: [one as Rule], otherwise, exempt, order: ruleOrder });
        for (const client of [...more, ...edges([...list, ...exempt])]) {
          const { entry, ...decision } = policy.decide(client);
          const { entry: found, ...same } = rules.decide(client);
          expect(same).toEqual(decision);
          expect(found?.text).toBe(entry?.text);
          expect(found?.line).toBe(entry?.line);
        }
        const { allowed, denied } = comparePolicies(policy, rules);
        expect([allowed.prefixes, denied.prefixes]).toEqual([[], []]);
        expect([rules.mode, rules.size]).toEqual([policy.mode, policy.size]);
      }),
      { numRuns: 300 },
    );
  });

  test('are the same when a list is split into rules of one verdict', () => {
    const lists = fc.array(fc.tuple(entryText, fc.nat(3)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(lists, order, (tagged, ruleOrder) => {
        const parts = [0, 1, 2, 3].map((part) =>
          tagged.filter(([, of]) => of === part).map(([text]) => text),
        );
        const rules = createRules({
          rules: parts.map((deny) => ({ deny })),
          otherwise: 'allow',
          order: ruleOrder,
        });
        const { allowed, denied } = comparePolicies(
          createPolicy({ deny: tagged.map(([text]) => text) }),
          rules,
        );
        expect([allowed.prefixes, denied.prefixes]).toEqual([[], []]);
      }),
      { numRuns: 300 },
    );
  });
});

/** Whether a set says that it holds an address. */
function holds(prefixes: readonly string[], { family }: Universe, value: bigint): boolean {
  return prefixes.some((text) => {
    const [network] = goldenEntry(text) ?? [];
    return network?.family === family && network.first <= value && value <= network.last;
  });
}

describe('comparePolicies with rules', () => {
  test.each(universes)('names exactly the clients whose verdict changes in $name', (universe) => {
    const shape = shapeOf(entriesIn(universe, entryText));
    fc.assert(
      fc.property(shape, shape, (one, other) => {
        const [before, after] = [build(one), build(other)];
        const { allowed, denied } = comparePolicies(before, after);
        for (const value of addressesOf(universe)) {
          if (universe.family === 6 && value >> 32n === 0xffffn) continue;
          const client = goldenText(universe.family, value);
          const change = `${before.decide(client).verdict} ${after.decide(client).verdict}`;
          expect({
            client,
            isAllowed: holds(allowed.prefixes, universe, value),
            isDenied: holds(denied.prefixes, universe, value),
          }).toEqual({ client, isAllowed: change === 'deny allow', isDenied: change === 'allow deny' });
        }
      }),
      { numRuns: 60 },
    );
  });
});
