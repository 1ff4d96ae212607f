/** Bytes whose checksums fit: what can be loaded is what would be written, to the letter, and means one thing everywhere. */

import { describe, expect, test } from 'vitest';
import { createPolicy, type Policy } from '../../src/public/index.ts';
import { comparePolicies } from '../../src/public/list.ts';
import { createRules } from '../../src/public/rules.ts';
import { AddressSet } from '../../src/public/set.ts';
import { decodePolicy, encodePolicy, SnapshotError } from '../../src/public/snapshot.ts';
import { at, repair } from '../support/snapshots.ts';

const entries = [
  '10.0.0.0/8 # Büro',
  '10.1.2.3/24',
  '10.7.0.5-10.7.4.9',
  '192.0.2.1',
  '2001:db8::/32',
  '2001:db8::1',
  '2001:db8:5::3-2001:db8:5::ff:7 # Lab',
  '2a00:1:2:3::/64',
  '::1',
  'fe80::7-fe80::a:9',
];
const rules = {
  rules: [
    { name: 'Kiosk', deny: '10.0.0.5 # in\n\n10.0.0.9' },
    { allow: '10.0.0.0/8\n2001:db8::/33', except: '10.1.0.0/16' },
    { deny: '2001:db8::/32' },
  ],
  otherwise: 'deny',
  exempt: '192.0.2.1',
} as const;

const policies: Readonly<Record<string, Policy>> = {
  deny: createPolicy({ deny: entries }),
  allow: createPolicy({ allow: entries.slice(0, 6), exempt: ['192.0.2.99', '@loopback'] }),
  lines: createPolicy({ deny: '# one\n\n1.2.3.4/8 # a\n 1.2.3.4\n0.0.0.0/0\n\n::/0\n1.2.3.4' }),
  times: createPolicy({
    allow: '10.0.0.0/8 until 2026-01-01T00:10Z # Lab\n10.0.0.9 from 2026-01-01T00:01Z\n10.0.0.1',
    at: at(5),
  }),
  open: createPolicy({ allow: '', exempt: '10.0.0.1' }),
  empty: createPolicy({ deny: '' }),
  closed: createPolicy({ deny: '', whenEmpty: 'deny' }),
  rules: createRules(rules),
  specific: createRules({ ...rules, order: 'most-specific', otherwise: 'allow' }),
  none: createRules({ rules: [], otherwise: 'allow' }),
};
const snapshots = Object.entries(policies).flatMap(([name, policy]) => [
  [name, encodePolicy(policy)] as const,
  ...(name === 'times'
    ? []
    : [[`${name} without entries`, encodePolicy(policy, { entries: false })] as const]),
]);

/** What bytes with a bit that is another are loaded as, once their checksums fit again; each with the bit. */
function* loadedWithOther(bytes: Uint8Array): Generator<readonly [number, Uint8Array, Policy]> {
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const other = bytes.slice();
    other[bit >>> 3] = (other[bit >>> 3] as number) ^ (1 << (bit & 7));
    repair(other);
    // The bit was one of a checksum.
    if (other.every((byte, offset) => byte === bytes[offset])) continue;
    try {
      yield [bit, other, decodePolicy(other)];
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error;
    }
  }
}

describe.each(snapshots)('a snapshot of %s', (_, bytes) => {
  test('with one bit that is another is refused, or written as it was read', () => {
    for (const [bit, other, policy] of loadedWithOther(bytes)) {
      const again = encodePolicy(policy);
      expect({ bit, bytes: again.length === other.length && again.every((b, i) => b === other[i]) }).toEqual({
        bit,
        bytes: true,
      });
    }
  });
});
