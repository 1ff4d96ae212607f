import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plain } from '../../src/formats/plain.ts';
import { type Exported, exportPolicy } from '../../src/public/formats.ts';
import { createPolicy, type Policy } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { AddressSet } from '../../src/public/set.ts';
import { anyPolicy } from '../support/policies.ts';

/** The policy that a plain list is. */
function readBack({ text, losses }: Exported, mode: 'allow' | 'deny'): Policy {
  expect(losses.map(({ code }) => code)).not.toContain('would-open');
  return createPolicy({ mode, list: text, whenEmpty: 'allow', maxEntries: Number.POSITIVE_INFINITY });
}

const codesOf = ({ losses }: Exported): string[] => losses.map(({ code }) => code);

describe('a policy as a set', () => {
  test('allows whom the policy allows, with notes and without', () => {
    let written = 0;
    fc.assert(
      fc.property(anyPolicy, fc.boolean(), (policy, notes) => {
        const exported = exportPolicy(policy, { format: plain, notes });
        const allowed = AddressSet.allowedBy(policy);
        if (codesOf(exported).includes('would-open')) {
          expect(allowed.isEmpty && policy.mode === 'allow').toBe(true);
          expect(exported.text).toBe('');
          return;
        }
        written++;
        expect(AddressSet.allowedBy(readBack(exported, policy.mode)).equals(allowed)).toBe(true);
      }),
      { numRuns: 400 },
    );
    expect(written).toBeGreaterThan(200);
  });

  test.each([
    ['an empty allow list that lets nobody in', createPolicy({ allow: '', whenEmpty: 'deny' })],
    ['rules that let nobody in', createRules({ rules: [{ deny: '0.0.0.0/0\n::/0' }], otherwise: 'deny' })],
    [
      'an allow list whose entries have ended',
      createPolicy({ allow: '192.0.2.1 until 2020-01-01T00:00Z', at: new Date(2e12) }),
    ],
  ])('is not written where it would open: %s', (_name, policy) => {
    const exported = exportPolicy(policy, { format: plain });
    expect(exported.text).toBe('');
    expect(codesOf(exported)).toContain('would-open');
  });

  test('an empty allow list that is open is written as everyone', () => {
    const exported = exportPolicy(createPolicy({ allow: '' }), { format: plain });
    expect(exported.text).toBe('0.0.0.0/0\n::/0\n');
  });

  test('is written as it is where nothing has to be resolved', () => {
    const list =
      '198.51.100.0/24 # Lab\n192.0.2.1 # Desk\n198.51.100.7 # Printer\n192.0.2.3-192.0.2.9\n@loopback # here\n';
    const exported = exportPolicy(createPolicy({ deny: list }), { format: plain });
    expect(exported.text).toBe(list.replace('@loopback # here', '127.0.0.0/8 # here\n::1 # here'));
    expect(exported.losses).toEqual([]);
  });

  test('has the note of the entry that decides, wherever an exemption cuts it', () => {
    const policy = createPolicy({ deny: '192.0.2.0/30 # Lab', exempt: '192.0.2.1' });
    expect(exportPolicy(policy, { format: plain }).text).toBe('192.0.2.0 # Lab\n192.0.2.2/31 # Lab\n');
    expect(exportPolicy(policy, { format: plain, notes: false }).text).toBe('192.0.2.0\n192.0.2.2/31\n');
  });

  test('says that entries begin and end', () => {
    const at = new Date('2026-01-01T00:00Z');
    const policy = createPolicy({
      deny: '192.0.2.1 until 2027-01-01T00:00Z\n192.0.2.2 from 2028-01-01T00:00Z',
      at,
    });
    const exported = exportPolicy(policy, { format: plain });
    expect(exported.text).toBe('192.0.2.1\n');
    expect(codesOf(exported)).toEqual(['times-dropped']);
  });

  test('never prints the IPv4-mapped block by itself', () => {
    const policy = createRules({
      rules: [{ deny: '::fffe:0:0/96 # a' }, { allow: '::/80 # b' }],
      otherwise: 'deny',
    });
    const { text } = exportPolicy(policy, { format: plain });
    expect(text).not.toContain('::ffff:');
    expect(AddressSet.of(text).equals(AddressSet.allowedBy(policy))).toBe(true);
  });
});

describe('the options of an export', () => {
  const policy = createPolicy({ deny: '192.0.2.1' });

  test.each([
    [{ format: 'plane' }, 'format must be'],
    [{ format: {} }, 'a name such as "nginx", or an object of'],
    [{ format: 'plain', notes: 'no' }, 'notes must be true or false'],
    [{ format: 'plain', set: 'x' }, 'the format "plain" has no use for set'],
    [{ format: 'plain', note: true }, 'there is no option "note"'],
  ])('%j: %s', (options, message) => {
    expect(() => exportPolicy(policy, options as never)).toThrow(message);
  });

  test('only a policy of this package is taken', () => {
    const foreign = { ...policy, decide: policy.decide } as Policy;
    expect(() => exportPolicy(foreign, { format: 'plain' })).toThrow(TypeError);
  });
});
