/** A decision is plain frozen data: whatever compares, copies, prints or narrows it sees the whole of it. */

import { deepEqual, deepStrictEqual, notDeepStrictEqual } from 'node:assert';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createPolicy, type Decision, type Entry, type Explanation } from '../../src/public/index.ts';
import { builtEntry, lostCode, runProgram } from '../support/process.ts';

const policy = createPolicy({
  deny: '10.0.0.0/8 # Lab\n192.0.2.1',
  exempt: '10.0.0.1 # Monitoring',
});
const lab: Entry = {
  text: '10.0.0.0/8',
  canonical: '10.0.0.0/8',
  note: 'Lab',
  from: undefined,
  until: undefined,
  list: 'deny',
  line: 1,
};
const listed = policy.decide('10.9.9.9');

describe('a decision', () => {
  test('equals what it says and nothing else', () => {
    expect(listed).toEqual({ verdict: 'deny', reason: 'listed', entry: lab });
    expect(listed).toStrictEqual({ verdict: 'deny', reason: 'listed', entry: lab });
    deepEqual(listed, { verdict: 'deny', reason: 'listed', entry: lab });
    deepStrictEqual(listed, { verdict: 'deny', reason: 'listed', entry: lab });
    notDeepStrictEqual(listed, policy.decide('192.0.2.1'));
    expect(listed).not.toEqual(policy.decide('192.0.2.1'));
    expect(policy.decide('x')).toStrictEqual({
      verdict: 'deny',
      reason: 'invalid-address',
      entry: undefined,
    });
    expect(policy.decide('8.8.8.8')).toStrictEqual({
      verdict: 'allow',
      reason: 'not-listed',
      entry: undefined,
    });
  });

  test.each([
    ['a spread copy', (decision: Decision) => ({ ...decision })],
    ['structuredClone', (decision: Decision) => structuredClone(decision)],
    ['JSON', (decision: Decision) => JSON.parse(JSON.stringify(decision))],
    ['a proxy', (decision: Decision) => new Proxy(decision, {})],
    [
      'an object that inherits from it',
      (decision: Decision) => ({ ...Object.create(decision), ...decision }),
    ],
    ['Object.fromEntries', (decision: Decision) => Object.fromEntries(Object.entries(decision))],
  ])('comes through %s whole', (_, copy) => {
    expect(copy(listed)).toEqual({ verdict: 'deny', reason: 'listed', entry: lab });
    expect(copy(policy.decide('10.0.0.1')).entry.note).toBe('Monitoring');
  });

  test('is printed whole', () => {
    expect(inspect(listed)).toContain("note: 'Lab'");
  });

  test('is frozen, with its entry, and has own properties alone', () => {
    for (const decision of [
      listed,
      policy.decide('x'),
      policy.decide('8.8.8.8'),
      policy.decide('10.0.0.1'),
    ]) {
      expect(Object.isFrozen(decision)).toBe(true);
      expect(Object.getPrototypeOf(decision)).toBe(Object.prototype);
      expect(Reflect.ownKeys(decision)).toEqual(['verdict', 'reason', 'entry']);
      expect(decision.entry === undefined || Object.isFrozen(decision.entry)).toBe(true);
    }
  });

  test('is narrowed by its reason', () => {
    const noteOf = (decision: Decision | Explanation): string | undefined => {
      if (decision.reason === 'listed' || decision.reason === 'exempt') {
        const entry: Entry = decision.entry;
        return entry.note;
      }
      const nothing: undefined = decision.entry;
      return nothing;
    };
    expect(noteOf(listed)).toBe('Lab');
    expect(noteOf(policy.explain('10.0.0.1'))).toBe('Monitoring');
    expect(noteOf(policy.decide('x'))).toBeUndefined();
  });

  test('is the same object for the same entry, whichever client it covers and however it is written', () => {
    expect(policy.decide('10.1.1.1')).toBe(listed);
    expect(policy.decide('::ffff:a01:101')).toBe(listed);
    expect(policy.decide('10.0.0.1')).not.toBe(listed);
    expect(policy.explain('10.1.1.1').entry).toBe(listed.entry);
    // An entry of another policy with the same list is another one.
    expect(createPolicy({ deny: '10.0.0.0/8 # Lab' }).decide('10.1.1.1')).not.toBe(listed);
  });

  test('is not looked up on the prototype of arrays, where other code may have put something', () => {
    const fresh = createPolicy({ deny: ['10.0.0.0/8', '11.0.0.0/8', '12.0.0.0/8'] });
    const forged = { verdict: 'allow', reason: 'not-listed', entry: undefined };
    const prototype = Array.prototype as unknown as Record<number, unknown>;
    try {
      for (let index = 0; index < 8; index++) prototype[index] = forged;
      const answers = ['10.0.0.1', '11.0.0.1', '12.0.0.1'].map((ip) => fresh.decide(ip).verdict);
      for (let index = 0; index < 8; index++) delete prototype[index];
      expect(answers.join()).toBe('deny,deny,deny');
    } finally {
      for (let index = 0; index < 8; index++) delete prototype[index];
    }
  });

  test('is kept up to 131,072 entries; then keeping starts again, and every answer stays right', () => {
    const count = 131_072 + 10;
    const ip = (index: number): string => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
    const large = createPolicy({
      deny: Array.from({ length: count }, (_, index) => ip(index)),
      maxEntries: count,
    });
    const first = large.decide(ip(0));
    for (let index = 0; index < 131_072; index++) large.decide(ip(index));
    expect(large.decide(ip(0))).toBe(first);
    for (let index = 131_072; index < count; index++) {
      expect(large.decide(ip(index)).entry?.line).toBe(index + 1);
    }
    const again = large.decide(ip(0));
    expect(again).not.toBe(first);
    expect(again).toStrictEqual(first);
    expect(large.decide(ip(0))).toBe(again);
  });
});

describe('compiled code', () => {
  const prelude = `import { createPolicy } from '${builtEntry('index')}';
    const lines = (first) => Array.from({ length: 50 }, (_, index) => first + '.' + index + '.0.0/16 # Note ' + index);`;

  test('survives a collection in which all decisions by entries die', () => {
    const program = `${prelude}
      const once = (seed) => {
        let policy = createPolicy({ deny: lines(seed) });
        let kept = 0;
        for (let round = 0; round < 20_000; round++) {
          if (policy.decide(seed + '.' + (round % 60) + '.1.1').entry !== undefined) kept++;
        }
        return kept;
      };
      for (let round = 0; round < 4; round++) {
        once(10 + round);
        gc();
        gc();
        gc();
      }`;
    const lost = lostCode(program).filter((name) => /decide|Decision/.test(name));
    expect(lost).toEqual([]);
  });

  test('finds the same hidden class and fast properties in all policies and decisions', () => {
    const program = `${prelude}
      const policies = [
        createPolicy({ deny: lines(10) }),
        createPolicy({ allow: '192.0.2.7/24\\n192.0.2.7/24', exempt: '@loopback' }),
        createPolicy({ allow: '' }),
        createPolicy({ mode: 'allow', list: lines(11), whenEmpty: 'deny' }),
      ];
      const decisions = ['10.1.1.1', '127.0.0.1', 'x', '192.0.2.1', '8.8.8.8'].flatMap((ip) => policies.map((policy) => policy.decide(ip)));
      console.log(
        policies.every((policy) => %HasFastProperties(policy) && %HaveSameMap(policy, policies[0])),
        decisions.every((decision) => %HasFastProperties(decision) && %HaveSameMap(decision, decisions[0])),
        %HasFastProperties(Object.defineProperty({ a: 1, b: 2 }, 'a', { get: () => 1 })),
      );`;
    expect(runProgram(program, '--allow-natives-syntax').trim().split(' ').slice(0, 2)).toEqual([
      'true',
      'true',
    ]);
  });
});
