/** Bytes whose checksums fit: what can be loaded is what would be written, to the letter, and means one thing everywhere. */

import { describe, expect, test, vi } from 'vitest';
import { createPolicy, type Policy } from '../../src/public/index.ts';
import { comparePolicies, usageOf } from '../../src/public/list.ts';
import { createRules } from '../../src/public/rules.ts';
import { AddressSet } from '../../src/public/set.ts';
import { decodePolicy, encodePolicy, SnapshotError } from '../../src/public/snapshot.ts';
import { at, repair } from '../support/snapshots.ts';

const entries = [
  '10.0.0.0/8 # Büro',
  '10.1.2.3/24',
  '10.7.0.5-10.7.4.9',
  '192.0.2.1 #0 a 0',
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

/** The ends of all entries, and what is next to them; and addresses here and there. */
const probes = [...new Set(Object.values(policies).flatMap((policy) => endsOf(policy)))];

function endsOf(policy: Policy): string[] {
  const allowed = AddressSet.allowedBy(policy);
  return [...allowed.ranges, ...allowed.complement().ranges].flatMap((range) => range.split('-'));
}

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

/** The numbers of the sections of texts, which are read when somebody asks for them, and of what is said about them. */
const TEXTS = 3;
const NOTES = 5;
const WARNINGS = 9;

/** The number of the section that an offset is in, or 0. */
function sectionAt(bytes: Uint8Array, offset: number): number {
  const view = new DataView(bytes.buffer);
  for (let row = 80; row < 80 + 16 * view.getUint32(40, true); row += 16) {
    const start = view.getUint32(row + 4, true);
    if (offset >= start && offset < start + view.getUint32(row + 8, true)) return view.getUint32(row, true);
  }
  return 0;
}

describe.each(snapshots)('a snapshot of %s', (_, bytes) => {
  test('with one bit that is another is refused, or written as it was read', () => {
    for (const [bit, other, policy] of loadedWithOther(bytes)) {
      const section = sectionAt(bytes, bit >>> 3);
      // An entry that is another one has other warnings.
      if ([TEXTS, NOTES, WARNINGS].includes(section)) continue;
      const again = encodePolicy(policy);
      const isSame = again.length === other.length && again.every((byte, offset) => byte === other[offset]);
      expect({ bit, section, isSame }).toEqual({ bit, section, isSame: true });
    }
  });
});

describe('a snapshot without entries', () => {
  test.each(snapshots.filter(([name]) => name.includes('without')))(
    'of %s with one bit that is another is refused, or means one thing',
    (_, bytes) => {
      const stored = decodePolicy(bytes);
      let count = 0;
      for (const [bit, , policy] of loadedWithOther(bytes)) {
        const allowed = AddressSet.allowedBy(policy);
        const { allowed: opened, denied: closed } = comparePolicies(stored, policy);
        for (const client of probes) {
          const allows = policy.allows(client);
          const before = stored.allows(client);
          expect({ bit, client, allows: allowed.has(client) }).toEqual({ bit, client, allows });
          expect({ bit, client, is: opened.has(client) }).toEqual({ bit, client, is: allows && !before });
          expect({ bit, client, is: closed.has(client) }).toEqual({ bit, client, is: before && !allows });
        }
        count++;
      }
      expect(count).toBeGreaterThan(0);
    },
  );

  const bare = encodePolicy(policies['deny'] as Policy, { entries: false });

  test('has only labels for which there is somebody to decide', () => {
    const codeWith = (stored: Uint8Array, change: (view: DataView) => void): string | undefined => {
      const crafted = stored.slice();
      change(new DataView(crafted.buffer));
      try {
        decodePolicy(repair(crafted));
        return undefined;
      } catch (error) {
        return (error as SnapshotError).code;
      }
    };
    const ofRules = encodePolicy(policies['rules'] as Policy, { entries: false });
    // Without exemptions, or without entries, nothing is exempt, or listed.
    expect(codeWith(ofRules, () => {})).toBe(undefined);
    expect(codeWith(ofRules, (view) => view.setUint32(56, 0, true))).toBe('corrupt');
    expect(codeWith(ofRules, (view) => view.setUint32(52, 0, true))).toBe('corrupt');
    expect(codeWith(bare, (view) => view.setUint32(52, 0, true))).toBe('corrupt');
    // That of rules may not say in which order they were.
    expect(codeWith(ofRules, (view) => view.setUint32(48, view.getUint32(48, true) | 8, true))).toBe(
      'corrupt',
    );
  });

  test('says that it was made of more entries than there is memory for, and takes none for them', () => {
    const view = new DataView(bare.buffer.slice(0));
    view.setUint32(52, 2 ** 29 - 1, true);
    view.setUint32(56, 2 ** 29 - 1, true);
    const policy = decodePolicy(repair(new Uint8Array(view.buffer)));
    expect(policy.size).toBe(2 ** 29 - 1);
    const sizes: number[] = [];
    const Own = class extends Float64Array {
      constructor(size: number) {
        sizes.push(size);
        super(Math.min(size, 100));
      }
    };
    vi.stubGlobal('Float64Array', Own);
    const { requests, unlisted, entries } = usageOf(policy, ['10.0.0.1', '8.8.8.8', '10.0.0.1']);
    vi.unstubAllGlobals();
    expect({ requests, unlisted, entries }).toEqual({ requests: 3, unlisted: 1, entries: [] });
    expect(sizes.length).toBeGreaterThan(0);
    expect(Math.max(...sizes)).toBeLessThan(10);
  });
});

describe('a snapshot of entries', () => {
  const byName = (name: string): Uint8Array => encodePolicy(policies[name] as Policy);
  /** Whether a section that has other bytes, of the same number, is taken. */
  const takes = (bytes: Uint8Array, id: number, change: (section: Uint8Array) => void): boolean => {
    const other = bytes.slice();
    const view = new DataView(other.buffer);
    for (let row = 80; row < 80 + 16 * view.getUint32(40, true); row += 16) {
      if (view.getUint32(row, true) !== id) continue;
      const offset = view.getUint32(row + 4, true);
      change(other.subarray(offset, offset + view.getUint32(row + 8, true)));
    }
    try {
      decodePolicy(repair(other));
      return true;
    } catch (error) {
      if (error instanceof SnapshotError) return false;
      throw error;
    }
  };

  test('has its warnings in order, each once, about an entry or an earlier one', () => {
    const bytes = byName('lines');
    const swap = (left: number, right: number) => (section: Uint8Array) => {
      const first = section.slice(left * 4, left * 4 + 4);
      section.copyWithin(left * 4, right * 4, right * 4 + 4);
      section.set(first, right * 4);
    };
    expect(takes(bytes, WARNINGS, () => {})).toBe(true);
    expect(takes(bytes, WARNINGS, swap(0, 1))).toBe(false);
    expect(takes(bytes, WARNINGS, swap(1, 2))).toBe(false);
    expect(takes(bytes, WARNINGS, (section) => section.copyWithin(0, 4, 8))).toBe(false);
    // Of another entry, though it says nothing about two.
    expect(takes(bytes, WARNINGS, (section) => section.set([1], 3))).toBe(false);
    const duplicate = (section: Uint8Array): number =>
      section.findIndex((code, at) => at % 4 === 1 && code === 1) - 1;
    expect(takes(bytes, WARNINGS, (section) => section.set([4], duplicate(section) + 3))).toBe(false);
  });
});
