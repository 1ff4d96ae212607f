/** Bytes from anywhere: each gives an error with a code, or the policy that was stored. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPolicy, type Policy } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { decodePolicy, encodePolicy, inspectSnapshot, SnapshotError } from '../../src/public/snapshot.ts';
import { instantOf, policyAt } from '../../src/rules/instant.ts';
import { at, clients, contentOf, repair } from '../support/snapshots.ts';

const ofOne = createPolicy({
  allow: '\n10.0.0.0/8 # Büro\n  10.1.2.3/24\n2001:db8::/32 until 2026-01-01T00:10Z # Lab\n10.0.0.5-10.0.0.9',
  exempt: '192.0.2.1',
  at: at(0),
});
const ofRules = createRules({
  rules: [
    { name: 'Kiosk', deny: '10.0.0.5 # in\n' },
    { allow: '10.0.0.0/8', except: '10.1.0.0/16' },
  ],
  otherwise: 'deny',
});
const snapshots = [
  ['one list', ofOne, encodePolicy(ofOne)],
  ['rules', ofRules, encodePolicy(ofRules)],
  ['no entries', ofRules, encodePolicy(ofRules, { entries: false })],
  ['nothing', createPolicy({ deny: '' }), encodePolicy(createPolicy({ deny: '' }))],
] as const;

const decisionsOf = (policy: Policy): unknown =>
  clients.map((client) => {
    const { verdict, reason } = policy.decide(client);
    return [client, verdict, reason];
  });

/** A policy that is built of the entries of another one. */
function ofEntries(policy: Policy): Policy {
  const instant = instantOf(policy);
  if (instant !== undefined) return policyAt(policy, instant);
  return decodePolicy(encodePolicy(policy, { entries: false }));
}

function load(bytes: Uint8Array, verify: 'all' | 'entries' | 'checksum'): Policy | SnapshotError {
  try {
    return decodePolicy(bytes, { verify });
  } catch (error) {
    if (error instanceof SnapshotError) return error;
    throw error;
  }
}

/** Asks a policy everything; nothing may throw, or go on for ever. */
function ask(policy: Policy): void {
  for (const client of clients) {
    const { verdict, reason } = policy.explain(client);
    expect(['allow', 'deny']).toContain(verdict);
    expect(typeof reason).toBe('string');
    expect(policy.allows(client)).toBe(policy.decide(client).verdict === 'allow');
  }
  expect(policy.problems.every(({ code }) => code.length > 0)).toBe(true);
}

describe.each(snapshots)('a snapshot of %s', (_, policy, bytes) => {
  test('is refused when any bit is flipped', () => {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = bytes.slice();
      damaged[bit >>> 3] = (damaged[bit >>> 3] as number) ^ (1 << (bit & 7));
      for (const verify of ['all', 'checksum'] as const) {
        const code = (load(damaged, verify) as SnapshotError).code;
        const codes =
          bit < 64
            ? ['not-a-snapshot']
            : bit < 96
              ? ['unsupported-version']
              : bit >= 36 * 8 && bit < 40 * 8
                ? ['truncated', 'checksum']
                : ['checksum'];
        expect({ bit, code, isKnown: codes.includes(code) }).toEqual({ bit, code, isKnown: true });
      }
    }
  });

  test('is truncated at any length, and corrupt with anything after it', () => {
    for (let length = 0; length < bytes.length; length++) {
      for (const cut of [bytes.slice(0, length), bytes.subarray(0, length)]) {
        expect((load(cut, 'all') as SnapshotError).code).toBe('truncated');
        expect(() => inspectSnapshot(cut)).toThrow(SnapshotError);
      }
      expect((load(repair(bytes.slice(0, length)), 'checksum') as SnapshotError).code).toBe('truncated');
    }
    for (const more of [1, 16]) {
      const longer = new Uint8Array(bytes.length + more);
      longer.set(bytes);
      expect((load(longer, 'all') as SnapshotError).code).toBe('corrupt');
    }
  });

  test('is refused or harmless when any bit is flipped and the checksums fit again', () => {
    let refused = 0;
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = bytes.slice();
      damaged[bit >>> 3] = (damaged[bit >>> 3] as number) ^ (1 << (bit & 7));
      repair(damaged);
      for (const verify of ['all', 'checksum'] as const) {
        const loaded = load(damaged, verify);
        if (loaded instanceof SnapshotError) refused++;
        else ask(loaded);
      }
      const loaded = load(damaged, 'entries');
      if (!(loaded instanceof SnapshotError))
        expect([bit, decisionsOf(loaded)]).toEqual([bit, decisionsOf(ofEntries(loaded))]);
    }
    expect(refused).toBeGreaterThan(bytes.length * 4);
  });

  test('is refused or harmless when many bytes are others and the checksums fit again', () => {
    const change = fc.tuple(
      fc.integer({ min: 36, max: bytes.length - 1 }),
      fc.oneof(fc.constantFrom(0, 1, 127, 128, 255), fc.integer({ min: 0, max: 255 })),
    );
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const damaged = bytes.slice();
        for (const [offset, byte] of changes) damaged[offset] = byte;
        repair(damaged);
        for (const verify of ['all', 'entries', 'checksum'] as const) {
          const loaded = load(damaged, verify);
          if (loaded instanceof SnapshotError) continue;
          ask(loaded);
          if (verify === 'entries') expect(decisionsOf(loaded)).toEqual(decisionsOf(ofEntries(loaded)));
        }
      }),
      { numRuns: 2_000 },
    );
    expect(contentOf(load(bytes, 'all') as Policy)).toBeDefined();
    expect(policy.allows('x')).toBe(false);
  });
});

describe('numbers that cannot be', () => {
  const timed = encodePolicy(ofOne);
  const rules = encodePolicy(ofRules);
  const bare = encodePolicy(ofRules, { entries: false });
  const codeWith = (
    bytes: Uint8Array,
    change: (view: DataView) => void,
    verify: 'all' | 'checksum',
  ): string => {
    const crafted = bytes.slice();
    change(new DataView(crafted.buffer));
    const loaded = load(repair(crafted), verify);
    return loaded instanceof SnapshotError ? loaded.code : 'none';
  };
  const changes: readonly (readonly [what: string, bytes: Uint8Array, change: (view: DataView) => void])[] = [
    ['one more entry', timed, (view) => view.setUint32(52, 5, true)],
    ['no entry', timed, (view) => view.setUint32(52, 0, true)],
    ['an absurd number of entries', timed, (view) => view.setUint32(52, 2 ** 31, true)],
    ['an absurd number of entries that are not there', bare, (view) => view.setUint32(52, 2 ** 30, true)],
    ['one more exemption', timed, (view) => view.setUint32(56, 2, true)],
    ['an absurd number of exemptions', rules, (view) => view.setUint32(56, 2 ** 32 - 1, true)],
    ['an absurd number of sections', timed, (view) => view.setUint32(40, 2 ** 32 - 1, true)],
    ['no sections', timed, (view) => view.setUint32(40, 0, true)],
    ['an instant that is none', timed, (view) => view.setFloat64(64, Number.NaN, true)],
    ['an instant out of range', timed, (view) => view.setFloat64(64, 1e300, true)],
    ['a change before its instant', timed, (view) => view.setFloat64(72, at(-1).getTime(), true)],
    ['a change at no time', timed, (view) => view.setFloat64(72, Number.POSITIVE_INFINITY, true)],
    ['an instant without times', rules, (view) => view.setFloat64(64, at(1).getTime(), true)],
    ['an unknown flag', timed, (view) => view.setUint32(48, view.getUint32(48, true) | 1024, true)],
    ['the other mode', timed, (view) => view.setUint32(48, view.getUint32(48, true) ^ 1, true)],
    ['an open list with entries', timed, (view) => view.setUint32(48, view.getUint32(48, true) | 2, true)],
    ['rules that are one list', rules, (view) => view.setUint32(48, view.getUint32(48, true) ^ 4, true)],
    ['entries that are not there', bare, (view) => view.setUint32(48, view.getUint32(48, true) | 16, true)],
    ['a large tree that is small', rules, (view) => view.setUint32(48, view.getUint32(48, true) | 256, true)],
    [
      'a section that begins elsewhere',
      rules,
      (view) => view.setUint32(84, view.getUint32(84, true) + 16, true),
    ],
    ['a section in the header', rules, (view) => view.setUint32(84, 16, true)],
    ['a section of an absurd length', rules, (view) => view.setUint32(88, 2 ** 32 - 16, true)],
    ['a section of no length', rules, (view) => view.setUint32(88, 0, true)],
    ['an unknown section', rules, (view) => view.setUint32(80, 10, true)],
    ['two trees', rules, (view) => view.setUint32(96, 1, true)],
    ...[0, 17, 2 ** 32 - 1].map(
      (width) =>
        [
          `a root of ${width} bits`,
          rules,
          (view: DataView) => view.setUint32(view.getUint32(84, true), width, true),
        ] as const,
    ),
    ...[0, 1, 2 ** 18, 2 ** 32 - 1].map(
      (words) =>
        [
          `a tree of ${words} words`,
          rules,
          (view: DataView) => view.setUint32(view.getUint32(84, true) + 12, words, true),
        ] as const,
    ),
  ];

  test.each(changes)('%s: refused', (_, bytes, change) => {
    for (const verify of ['all', 'checksum'] as const)
      expect(codeWith(bytes, change, verify)).toBe('corrupt');
  });

  test('a change that is too late is refused, so that no entry outlives its end', () => {
    const later = (view: DataView): void => view.setFloat64(72, at(11).getTime(), true);
    expect(codeWith(timed, later, 'all')).toBe('corrupt');
  });
});
