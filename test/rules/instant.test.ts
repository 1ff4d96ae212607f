/** A policy at another instant against one that is made of the same lists for that instant. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPolicy, type Policy } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { policyAt } from '../../src/rules/instant.ts';

const START = Date.UTC(2026, 0, 1);
const at = (minute: number): Date => new Date(START + minute * 60_000);

const instant = fc.integer({ min: 0, max: 12 });
const times = fc
  .tuple(fc.option(instant), fc.option(instant))
  .map(([from, until]) =>
    from !== null && until !== null && from >= until ? [until, from + 1] : [from, until],
  )
  .map(([from, until]) =>
    [
      from === null ? '' : ` from ${at(from as number).toISOString()}`,
      until === null ? '' : ` until ${at(until as number).toISOString()}`,
    ].join(''),
  );
const entry = fc.oneof(
  fc.integer({ min: 0, max: 7 }).map((last) => `10.0.0.${last}`),
  fc
    .tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 28, max: 32 }))
    .map((p) => `10.0.0.${p.join('/')}`),
  fc
    .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 4, max: 7 }))
    .map((p) => `10.0.0.${p.join('-10.0.0.')}`),
  fc.constantFrom('@private', '::/0', '2001:db8::/126', '2001:db8::1', '0.0.0.0/0'),
);
const line = fc
  .tuple(entry, times, fc.constantFrom('', ' # Office', ' # until Friday'))
  .map(([address, when, note]) => address + when + note);
const list = fc
  .array(fc.oneof({ weight: 4, arbitrary: line }, fc.constant('')), { maxLength: 6 })
  .map((lines) => lines.join('\n'));
const mode = fc.constantFrom('allow', 'deny') as fc.Arbitrary<'allow' | 'deny'>;
const ofOne = fc
  .record({
    mode,
    list,
    exempt: list,
    whenEmpty: fc.constantFrom('allow', 'deny') as fc.Arbitrary<'allow' | 'deny'>,
  })
  .map(
    (input) =>
      (when: Date): Policy =>
        createPolicy({ ...input, at: when }),
  );
const rule = fc.record(
  { mode, list, except: list, name: fc.constantFrom('Office', 'Guests') },
  { requiredKeys: ['mode', 'list'] },
);
const ofRules = fc
  .record({
    rules: fc.array(rule, { maxLength: 4 }),
    otherwise: mode,
    order: fc.constantFrom('first-match', 'most-specific') as fc.Arbitrary<'first-match' | 'most-specific'>,
    exempt: list,
  })
  .map(
    (input) =>
      (when: Date): Policy =>
        createRules({ ...input, at: when }),
  );

const clients = [
  '10.0.0.0',
  '10.0.0.3',
  '10.0.0.5',
  '10.0.0.9',
  '192.0.2.1',
  '2001:db8::1',
  '2001:db9::',
  'x',
];

/** Everything that a policy says. */
const contentOf = (policy: Policy): unknown => ({
  mode: policy.mode,
  size: policy.size,
  problems: policy.problems,
  changesAt: policy.changesAt,
  explanations: clients.map((client) => policy.explain(client)),
  allows: clients.map((client) => policy.allows(client)),
});

describe('a policy at another instant', () => {
  test.each([
    ['one list', ofOne],
    ['rules', ofRules],
  ] as const)('is the one that %s would make for it', (_, make) => {
    fc.assert(
      fc.property(make, instant, instant, (create, first, second) => {
        const moved = policyAt(create(at(first)), at(second).getTime());
        expect(contentOf(moved)).toEqual(contentOf(create(at(second))));
        expect(contentOf(policyAt(moved, at(first).getTime()))).toEqual(contentOf(create(at(first))));
      }),
      { numRuns: 400 },
    );
  });

  test('is the same policy where nothing begins or ends', () => {
    const policy = createPolicy({ allow: '10.0.0.0/8', exempt: '192.0.2.1', at: at(0) });
    expect(policyAt(policy, 0)).toBe(policy);
  });

  test('does not open when the last entry has ended', () => {
    const policy = createPolicy({ allow: `10.0.0.1 until ${at(5).toISOString()}`, at: at(0) });
    const ended = policyAt(policy, at(5).getTime());
    expect(ended.decide('10.0.0.1')).toEqual({ verdict: 'deny', reason: 'not-listed', entry: undefined });
    expect(ended.changesAt).toBeUndefined();
  });
});
