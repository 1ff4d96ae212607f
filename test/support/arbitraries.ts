/** What the property tests are made of: addresses in any spelling, entries that nest and touch, and near misses. */

import fc from 'fast-check';
import { goldenText } from '../golden/address.ts';

/** A number of a family, often from a small universe so that entries meet, and often at an edge. */
export const ipv4Number: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt(0n, 0xffffffffn),
  fc.nat(1023).map((low) => 0x0a000000n + BigInt(low)),
  fc.constantFrom(0n, 1n, 0x7fffffffn, 0x80000000n, 0xfffffffen, 0xffffffffn),
);

const top = (1n << 128n) - 1n;

export const ipv6Number: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt(0n, top),
  fc.nat(1023).map((low) => (0x20010db8n << 96n) + BigInt(low)),
  fc.nat(1023).map((high) => (0x20010db8n << 96n) + (BigInt(high) << 64n)),
  fc
    .array(fc.constantFrom(0n, 1n, 0x12n, 0xffffn), { minLength: 8, maxLength: 8 })
    .map((groups) => groups.reduce<bigint>((value, group) => (value << 16n) | group, 0n)),
  fc.constantFrom(0n, 1n, 0xffff00000000n, 0xffffffffffffn, 0xfffeffffffffn, 0x1000000000000n, top - 1n, top),
);

export interface Numbered {
  readonly family: 4 | 6;
  readonly value: bigint;
}

export const numbered: fc.Arbitrary<Numbered> = fc.oneof(
  ipv4Number.map((value) => ({ family: 4 as const, value })),
  ipv6Number.map((value) => ({ family: 6 as const, value })),
);

/** One of the spellings of an address that RFC 4291 §2.2 allows. */
export function spelled({ family, value }: Numbered): fc.Arbitrary<string> {
  if (family === 4) return fc.constant(goldenText(4, value));
  const groups = Array.from({ length: 8 }, (_, group) => (value >> BigInt(112 - group * 16)) & 0xffffn);
  return fc
    .record({
      dotted: fc.boolean(),
      padding: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 8, maxLength: 8 }),
      upper: fc.boolean(),
      gap: fc.option(fc.tuple(fc.nat(7), fc.integer({ min: 1, max: 8 }))),
    })
    .map(({ dotted, padding, upper, gap }) => {
      const parts = groups.map((group, index) => group.toString(16).padStart(padding[index] as number, '0'));
      if (dotted) parts.splice(6, 2, goldenText(4, value & 0xffffffffn));
      const [from, length] = gap ?? [0, 0];
      const end = Math.min(from + length, dotted ? 6 : 8);
      const canSkip = gap !== null && from < end && groups.slice(from, end).every((group) => group === 0n);
      const text = canSkip
        ? `${parts.slice(0, from).join(':')}::${parts.slice(end).join(':')}`
        : parts.join(':');
      return upper ? text.toUpperCase() : text;
    });
}

export const addressText: fc.Arbitrary<string> = numbered.chain(spelled);

/** The mapped spellings of an IPv4 number. */
export function mappedText(value: bigint): fc.Arbitrary<string> {
  return spelled({ family: 6, value: (0xffffn << 32n) | value });
}

/** Text made of the characters of addresses, which is sometimes one. */
export const nearMiss: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'0123456789abfF.:/%-[ ]#x'), maxLength: 50 }),
  fc
    .tuple(addressText, fc.nat(), fc.constantFrom('', ...'0129af.:/%- []x\u200b\ud800'))
    .map(([text, at, mark]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + mark + text.slice(place);
    }),
  fc.tuple(addressText, fc.nat()).map(([text, at]) => {
    const place = at % text.length;
    return text.slice(0, place) + text.slice(place + 1);
  }),
  fc
    .array(
      fc.constantFrom(
        '0',
        '1',
        '00',
        '255',
        '256',
        'ffff',
        'fffff',
        '.',
        ':',
        '::',
        '%',
        '%eth0',
        '/',
        '/8',
        '-',
      ),
      { maxLength: 20 },
    )
    .map((parts) => parts.join('')),
);

/** An entry that a list takes, of any shape and family. */
export const entryText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: numbered.chain(spelled) },
  {
    weight: 6,
    arbitrary: numbered.chain((number) => {
      const isMapped = number.family === 6 && number.value >> 32n === 0xffffn;
      const length = fc.integer({ min: isMapped ? 96 : 0, max: number.family === 4 ? 32 : 128 });
      return fc.tuple(spelled(number), length).map(([text, bits]) => `${text}/${bits}`);
    }),
  },
  {
    weight: 3,
    arbitrary: fc
      .oneof(
        fc.tuple(ipv4Number, ipv4Number).map((ends) => ({ family: 4 as const, ends })),
        fc.tuple(ipv6Number, ipv6Number).map((ends) => ({ family: 6 as const, ends })),
      )
      .map(({ family, ends }) => {
        const [first, last] = [...ends].sort((left, right) => (left < right ? -1 : 1)) as [bigint, bigint];
        const mapped = ends.map((end) => family === 6 && end >> 32n === 0xffffn);
        // A range from inside the mapped block to outside of it has two families, which is an error.
        if (mapped[0] !== mapped[1]) return goldenText(family, first);
        return `${goldenText(family, first)}-${goldenText(family, last)}`;
      }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('@loopback', '@private', '@documentation', '@link-local', '@multicast'),
  },
);

/** Lists whose entries nest, touch and repeat. */
export const listLines: fc.Arbitrary<string[]> = fc.array(entryText, { maxLength: 12 });
