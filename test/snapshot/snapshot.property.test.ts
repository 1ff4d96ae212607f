/** A policy that was stored and loaded against the one that was stored. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Policy } from '../../src/public/index.ts';
import { comparePolicies, usageOf } from '../../src/public/list.ts';
import { AddressSet } from '../../src/public/set.ts';
import { decodePolicy, encodePolicy, inspectSnapshot } from '../../src/public/snapshot.ts';
import { policyAt } from '../../src/rules/instant.ts';
import { at, clients, contentOf, policies } from '../support/snapshots.ts';

const instant = fc.integer({ min: 0, max: 12 });

function isSame(left: Policy, right: Policy): boolean {
  const { allowed, denied } = comparePolicies(left, right);
  return allowed.isEmpty && denied.isEmpty;
}

describe('a loaded policy', () => {
  test.each(['all', 'entries', 'checksum'] as const)(
    'is the one that was stored, after checking %s',
    (verify) => {
      fc.assert(
        fc.property(policies(true), instant, (make, minute) => {
          const policy = make(at(minute));
          const bytes = encodePolicy(policy);
          const loaded = decodePolicy(bytes, { verify });
          expect(contentOf(loaded)).toEqual(contentOf(policy));
          expect(Object.keys(loaded)).toEqual(Object.keys(policy));
          expect(isSame(policy, loaded)).toBe(true);
          expect(usageOf(loaded, clients)).toEqual(usageOf(policy, clients));
          expect(encodePolicy(loaded)).toEqual(bytes);
          expect(encodePolicy(decodePolicy(bytes))).toEqual(bytes);
        }),
        { numRuns: 300 },
      );
    },
  );

  test('becomes that of another instant as the one that was stored does', () => {
    fc.assert(
      fc.property(policies(true), instant, instant, (make, minute, later) => {
        const loaded = decodePolicy(encodePolicy(make(at(minute))));
        const moved = policyAt(loaded, at(later).getTime());
        expect(contentOf(moved)).toEqual(contentOf(make(at(later))));
        expect(encodePolicy(moved).length).toBe(encodePolicy(make(at(later))).length);
      }),
      { numRuns: 300 },
    );
  });

  test('has no notes when they were left out, and the same verdicts', () => {
    fc.assert(
      fc.property(policies(true), instant, (make, minute) => {
        const policy = make(at(minute));
        const bytes = encodePolicy(policy, { notes: false });
        const loaded = decodePolicy(bytes);
        const [without, before] = [loaded, policy].map((one) =>
          clients.map((client) => {
            const { verdict, reason, covering } = one.explain(client);
            return { verdict, reason, covering: covering.map((entry) => ({ ...entry, note: undefined })) };
          }),
        );
        expect(without).toEqual(before);
        const notes = clients.flatMap((client) => loaded.explain(client).covering.map(({ note }) => note));
        expect(notes.filter((note) => note !== undefined)).toEqual([]);
        expect(inspectSnapshot(bytes).hasNotes).toBe(false);
        expect(encodePolicy(loaded)).toEqual(bytes);
      }),
      { numRuns: 200 },
    );
  });

  test('has the same verdicts and reasons when the entries were left out', () => {
    fc.assert(
      fc.property(policies(false), (make) => {
        const policy = make(at(0));
        const bytes = encodePolicy(policy, { entries: false });
        const loaded = decodePolicy(bytes);
        for (const client of clients) {
          const { verdict, reason, address, zone } = policy.explain(client);
          const nothing = { entry: undefined, covering: [], message: expect.stringContaining('is') };
          expect(loaded.explain(client)).toEqual({ verdict, reason, address, zone, ...nothing });
          expect(loaded.decide(client)).toEqual({ verdict, reason, entry: undefined });
          expect(loaded.allows(client)).toBe(verdict === 'allow');
        }
        expect([loaded.mode, loaded.size]).toEqual([policy.mode, policy.size]);
        expect(isSame(policy, loaded)).toBe(true);
        expect(AddressSet.allowedBy(loaded).equals(AddressSet.allowedBy(policy))).toBe(true);
        expect(encodePolicy(loaded)).toEqual(bytes);
        const { size, exemptions, hasEntries } = inspectSnapshot(bytes);
        expect(hasEntries).toBe(false);
        expect({ size, exemptions }).toEqual({
          size: policy.size,
          exemptions: inspectSnapshot(encodePolicy(policy)).exemptions,
        });
      }),
      { numRuns: 300 },
    );
  });
});
