/** Addresses are counted by what they are, however they are written, and in bounded memory. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalClient } from '../../src/address/address.ts';
import { textOfBytes } from '../../src/address/bytes.ts';
import { Tally } from '../../src/tree/tally.ts';
import { goldenText } from '../golden/address.ts';
import { addressText, ipv4Number, mappedText, nearMiss, spelled } from '../support/arbitraries.ts';

const small = fc
  .nat(40)
  .chain((low) =>
    fc.oneof(
      fc.constant(goldenText(4, 0x0a000000n + BigInt(low))),
      mappedText(0x0a000000n + BigInt(low)),
      spelled({ family: 6, value: (0x20010db8n << 96n) + BigInt(low) }),
      spelled({ family: 6, value: BigInt(low) << 32n }),
    ),
  );
const client = fc.oneof({ weight: 5, arbitrary: small }, addressText, ipv4Number.chain(mappedText), nearMiss);

/** Sorted as the tally gives them, with the numbers of addresses as the golden texts have them. */
function naive(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) {
    const address = canonicalClient(text);
    if (address !== undefined) counts.set(address, (counts.get(address) ?? 0) + 1);
  }
  return counts;
}

describe('a tally of addresses', () => {
  test('counts as a map of canonical texts does, as bytes and as text', () => {
    fc.assert(
      fc.property(fc.array(client, { maxLength: 200 }), (texts) => {
        const tally = new Tally(1000);
        const expected = naive(texts);
        texts.forEach((text, index) => {
          const bytes = new TextEncoder().encode(`1${text}1`);
          const isAdded =
            index % 2 === 0 ? tally.addText(text) : tally.addBytes(bytes, 1, bytes.length - 1, textOfBytes);
          expect(isAdded).toBe(canonicalClient(text) !== undefined);
        });
        const found = [...tally.inOrder()];
        expect(new Map(found.map(({ address, count }) => [address, count]))).toEqual(expected);
        expect(found).toHaveLength(expected.size);
        for (let at = 1; at < found.length; at++)
          expect(found[at - 1]?.count).toBeGreaterThanOrEqual(found[at]?.count as number);
        expect(tally.others).toBe(0);
      }),
    );
  });

  test('grows, and gives equal counts in the order of addresses, IPv4 first', () => {
    const tally = new Tally(100_000);
    const ipv4 = Array.from({ length: 9000 }, (_, index) => `${255 - (index % 256)}.0.${index >> 8}.1`);
    const ipv6 = Array.from({ length: 5000 }, (_, index) => `${(0xffff - index).toString(16)}::${index + 1}`);
    for (const text of [...ipv4, ...ipv6, '9.9.9.9', '::9', '9.9.9.9', '::9']) tally.addText(text);
    const found = [...tally.inOrder()];
    expect(found.slice(0, 2)).toEqual([
      { address: '9.9.9.9', count: 2 },
      { address: '::9', count: 2 },
    ]);
    expect(found).toHaveLength(14_002);
    expect(found[2]?.address).toBe('0.0.0.1');
    expect(found[9001]?.address).toBe('255.0.35.1');
    expect(found[9002]?.address).toBe('ec78::5000');
    expect(found.at(-1)?.address).toBe('ffff::1');
  });

  test('remembers no more addresses than it was told, and counts the others together', () => {
    const tally = new Tally(3);
    for (const text of ['1.1.1.1', '::1', '2.2.2.2', '3.3.3.3', '::3', '1.1.1.1', '3.3.3.3', '::1'])
      expect(tally.addText(text)).toBe(true);
    expect([...tally.inOrder()]).toEqual([
      { address: '1.1.1.1', count: 2 },
      { address: '::1', count: 2 },
      { address: '2.2.2.2', count: 1 },
    ]);
    expect(tally.others).toBe(3);
  });
});
