/** A decision about bytes is the decision about their text, for every kind of policy. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideBytesOf, NO_ADDRESS } from '../../src/policy/bytes.ts';
import { createPolicy, type Policy } from '../../src/public/index.ts';
import { createLivePolicy } from '../../src/public/live.ts';
import { decodePolicy, encodePolicy } from '../../src/public/snapshot.ts';
import { addressText, nearMiss } from '../support/arbitraries.ts';
import { anyPolicy } from '../support/policies.ts';

const client = fc.oneof(
  addressText,
  addressText.map((text) => `${text}%eth0`),
  nearMiss.filter((text) => !/[^\0-\xff]/.test(text)),
);

function expectSame(policy: Policy, text: string, before: string): void {
  const decider = decideBytesOf(policy);
  if (decider === undefined) throw new Error('it is a policy');
  const bytes = new Uint8Array(Buffer.from(`${before}${text}1`, 'latin1'));
  const label = decider.label(bytes, before.length, before.length + text.length);
  const expected = policy.decide(text);
  expect(decider.decision(label)).toEqual(expected);
  expect(label === NO_ADDRESS).toBe(expected.reason === 'invalid-address');
  expect(label > 0 && label <= decider.exemptions).toBe(expected.reason === 'exempt');
  expect(label > decider.exemptions).toBe(expected.reason === 'listed');
  if (label > 0) expect(label <= decider.allowing).toBe(expected.verdict === 'allow');
  expect(label).toBeLessThanOrEqual(decider.last);
}

describe('a decision about bytes', () => {
  test('is that about their text: lists, rules, and snapshots of them', () => {
    fc.assert(
      fc.property(
        anyPolicy,
        fc.array(client, { maxLength: 8 }),
        fc.string({ unit: 'binary-ascii' }),
        (policy, texts, before) => {
          const kinds = [
            policy,
            decodePolicy(encodePolicy(policy)),
            decodePolicy(encodePolicy(policy, { entries: false })),
          ];
          for (const kind of kinds) for (const text of texts) expectSame(kind, text, before);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('comes from a large snapshot, whose tree is read where it is', () => {
    const list = Array.from(
      { length: 900 },
      (_, index) => `10.${index >> 4}.${(index & 15) * 16}.0/25 # ${index}`,
    );
    const policy = decodePolicy(encodePolicy(createPolicy({ deny: list, exempt: '10.1.16.9' })));
    for (let index = 0; index < 900; index += 7)
      for (const last of [0, 9, 127, 128])
        expectSame(policy, `10.${index >> 4}.${(index & 15) * 16}.${last}`, 'x ');
  });

  test('of a live policy is that of the version of the moment', () => {
    const live = createLivePolicy({ deny: '192.0.2.1' });
    const bytes = new TextEncoder().encode('192.0.2.1');
    const before = decideBytesOf(live);
    live.update({ deny: '192.0.2.2' });
    expect(before?.label(bytes, 0, 9)).toBe(1);
    expect(decideBytesOf(live)?.label(bytes, 0, 9)).toBe(0);
  });

  test('is not made by anything that only looks like a policy', () => {
    const policy = createPolicy({ deny: '192.0.2.1' });
    for (const other of [{ ...policy }, {}, null, undefined, 'policy', Object.create(policy)])
      expect(decideBytesOf(other as Policy)).toBeUndefined();
  });
});
