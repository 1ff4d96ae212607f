/** Bytes that somebody has made or damaged: never an exception, never more work than they are worth, never another list. */

import { describe, expect, test } from 'vitest';
import { exportMmdb, type ImportedMmdb, importMmdb } from '../../src/formats/mmdb.ts';
import { FieldReader } from '../../src/mmdb/decoder.ts';
import { createPolicy, ListError } from '../../src/public/index.ts';
import { numbersFrom } from '../support/hostile-lists.ts';
import { field, makeMmdb, marker, metadataOf, pathTo, readerOf, type TreeRecord } from '../support/mmdb.ts';

const name = 'a text that is longer than a pointer';
const file = exportMmdb([
  [
    '192.0.2.0/24',
    { name, list: [1, -2, 2.5, true, 2n ** 60n], at: { name, bytes: Uint8Array.of(1, 2, 3) } },
  ],
  ['198.51.100.7', { name, list: ['x'] }],
  ['2001:db8::/32', name],
]).bytes;

const good = importMmdb(file);

function hasErrors({ problems }: ImportedMmdb): boolean {
  return problems.some(({ severity }) => severity === 'error');
}

function isRefused({ entries }: ImportedMmdb): boolean {
  try {
    createPolicy({ allow: entries as never });
    return false;
  } catch (error) {
    return error instanceof ListError && error.problems[0]?.code === 'incomplete-list';
  }
}

/** The entries and what another program finds at their first addresses; `undefined` when it throws. */
function compare(bytes: Uint8Array, { entries }: ImportedMmdb): readonly [unknown, unknown] {
  const addresses = entries.map(({ address }) => address.split('/')[0] as string);
  const own = entries.map(({ value }) => value);
  try {
    const reader = readerOf(bytes);
    return [own, addresses.map((address) => reader.get(address))];
  } catch {
    return [own, undefined];
  }
}

describe('a damaged file', () => {
  test('with any bit turned is read as others read it, or refused', () => {
    let silent = 0;
    for (let at = 0; at < file.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const bytes = file.slice();
        bytes[at] = (bytes[at] as number) ^ (1 << bit);
        const read = importMmdb(bytes);
        expect(read.problems.length).toBeLessThanOrEqual(150);
        if (hasErrors(read)) {
          expect(isRefused(read)).toBe(true);
          continue;
        }
        silent++;
        const [own, others] = compare(bytes, read);
        if (others !== undefined)
          expect([at, bit, JSON.stringify(own, printed)]).toEqual([at, bit, JSON.stringify(others, printed)]);
      }
    }
    // Most bits of a tree lead elsewhere, and no format without a checksum can tell.
    expect(silent).toBeGreaterThan(100);
  }, 120_000);

  test('that ends early is refused at every length', () => {
    for (let length = 0; length < file.length; length++) {
      const read = importMmdb(file.subarray(0, length));
      expect(read.entries).toEqual([]);
      expect([length, hasErrors(read), isRefused(read)]).toEqual([length, true, true]);
    }
  });

  test('that begins late is refused at every offset', () => {
    for (let start = 1; start < file.length; start++) {
      const read = importMmdb(file.subarray(start));
      expect([start, hasErrors(read), isRefused(read)]).toEqual([start, true, true]);
    }
  });

  test('with other bytes in it never throws', () => {
    const random = numbersFrom(7);
    for (let run = 0; run < 5000; run++) {
      const bytes = file.slice();
      const from = random() % bytes.length;
      for (let count = 1 + (random() % 8); count > 0; count--)
        bytes[Math.min(from + (random() % 16), bytes.length - 1)] = random() & 255;
      const read = importMmdb(bytes);
      if (hasErrors(read)) expect(isRefused(read)).toBe(true);
    }
    for (let run = 0; run < 500; run++) {
      const noise = Uint8Array.from({ length: random() % 300 }, () => random() & 255);
      expect(hasErrors(importMmdb(Uint8Array.from([...noise, ...marker, ...noise])))).toBe(true);
    }
  });

  test.each([
    ['nothing', new Uint8Array(0), 'not-mmdb', 'there are no bytes, at byte 0'],
    ['gzip', Uint8Array.of(0x1f, 0x8b, 8, 0), 'not-mmdb', 'this is gzip: unpack it first, at byte 0'],
    ['text', new TextEncoder().encode('192.0.2.0/24\n'), 'not-mmdb', undefined],
    ['a marker alone', Uint8Array.from(marker), 'truncated', 'the metadata is missing, at byte 14'],
  ])('%s is not a database', (_, bytes, code, message) => {
    const { problems } = importMmdb(bytes);
    expect(problems.map((problem) => problem.code)).toEqual([code]);
    if (message !== undefined) expect(problems[0]?.message).toBe(message);
  });

  test('the marker counts only where metadata can be, and the last one', () => {
    const padding = new Uint8Array(131_072 - marker.length + 1);
    expect(importMmdb(Uint8Array.from([...file, ...padding])).problems[0]?.code).toBe('not-mmdb');
    const twice = makeMmdb({ nodes: [[{ data: 0 }, undefined]], data: [...field.text('x'), ...marker] });
    expect(importMmdb(twice).entries).toHaveLength(1);
  });
});

/** JSON for values that have a BigInt or bytes. */
function printed(_: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  // What a Buffer makes of itself before it comes here.
  if ((value as { type?: string } | null)?.type === 'Buffer')
    return (value as unknown as { data: unknown }).data;
  // Programs differ about which whole numbers are of which type.
  if (typeof value === 'bigint' || typeof value === 'number') return `${value}`;
  return value;
}

/** A database of one network, and what is wrong with its data. */
function readData(data: readonly number[], at = 0): readonly string[] {
  return importMmdb(makeMmdb({ nodes: [[{ data: at }, undefined]], data })).problems.map(
    ({ message }) => message,
  );
}

const end = new Array<number>(20).fill(0x40);

describe('data', () => {
  test.each<[string, readonly number[], number, string]>([
    ['points to itself', [...field.pointer(0), ...end], 0, 'a pointer leads to another pointer, at byte 22'],
    [
      'points to a pointer',
      [...field.pointer(5), ...field.pointer(10), ...end],
      0,
      'a pointer leads to another pointer',
    ],
    [
      'points after the end',
      [...field.pointer(1000)],
      0,
      'a pointer leads to 1000, after the end of the data',
    ],
    [
      'is part of itself',
      [...field.array(field.pointer(0)), ...end],
      0,
      'a pointer leads to a field that it is part of',
    ],
    [
      'is part of itself by a detour',
      [...field.array(field.pointer(7)), ...field.array(field.pointer(0)), ...end],
      0,
      'a pointer leads to a field that it is part of',
    ],
    ['has a text that is too long', field.head(2, 1000), 0, 'a field does not end before the data does'],
    [
      'has a map that is too long',
      [...field.head(7, 16_843_036), 0x40],
      0,
      'a field does not end before the data does',
    ],
    [
      'has an array that is too long',
      [...field.head(11, 16_843_036), 0x40],
      0,
      'a field does not end before the data does',
    ],
    ['ends in a size', [0x5f, 1], 0, 'a field does not end before the data does'],
    ['ends in a type', [0], 0, 'a field does not end before the data does'],
    ['has a container', [0, 5], 0, 'a field has the type 12, which no value has'],
    ['has an end marker', [0, 6], 0, 'a field has the type 13, which no value has'],
    ['has a type that is unknown', [0, 200], 0, 'a field has the type 207, which no value has'],
    ['has an extended type that is short', [0, 0], 0, 'a field has an extended type that is not one'],
    ['has a truth value of 2', [2, 7], 0, 'a truth value is neither 0 nor 1'],
    ['has a double of 4 bytes', [0x64, 0, 0, 0, 0], 0, 'a number has a size that its type cannot have'],
    ['has a float of 8 bytes', [8, 8, ...end], 0, 'a number has a size that its type cannot have'],
    ['has a uint16 of 3 bytes', field.uint(5, 1, 2, 3), 0, 'a number has a size that its type cannot have'],
    [
      'has an int32 of 5 bytes',
      field.uint(8, 1, 2, 3, 4, 5),
      0,
      'a number has a size that its type cannot have',
    ],
    ['has a uint128 of 17 bytes', [17, 3, ...end], 0, 'a number has a size that its type cannot have'],
    ['has a text that is not UTF-8', [...field.head(2, 2), 0xc3, 0x28], 0, 'a text is not UTF-8'],
    [
      'has a key that is a number',
      field.map(field.uint(5, 1), field.text('x')),
      0,
      'the key of a map is not text',
    ],
    [
      'has a key twice',
      field.map(field.text('a'), field.text('x'), field.text('a'), field.text('y')),
      0,
      'a map has the same key twice',
    ],
  ])('that %s is an error at its byte', (_, data, at, message) => {
    const problems = readData(data, at);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`${message}`);
    expect(problems[0]).toMatch(/, at byte \d+$/);
  });

  test('may be nested as deep as others read it, and no deeper', () => {
    const nested = (depth: number): number[] => [...Array.from({ length: depth }, () => [1, 4]).flat(), 0x40];
    expect(readData(nested(512))).toEqual([]);
    expect(readData(nested(513))[0]).toContain('maps and arrays are nested more than 512 deep');
    expect(readData(nested(100_000))[0]).toContain('maps and arrays are nested more than 512 deep');
  });

  test('may not be deep by pointers to what is known already', () => {
    // Each record is an array of a pointer to the one before, so none of them is deep by itself.
    const data: number[] = [0x40];
    const offsets = [0];
    for (let count = 0; count < 1000; count++) {
      const target = offsets.at(-1) as number;
      offsets.push(data.length);
      data.push(...field.array(field.pointer(target)));
    }
    const nodes = offsets.map((offset, at): readonly [TreeRecord, TreeRecord] => [
      { data: offset },
      at + 1 < 32 ? { node: at + 1 } : undefined,
    ]);
    const { problems } = importMmdb(makeMmdb({ nodes: nodes.slice(0, 32), data }));
    expect(problems).toEqual([]);
    const reader = new FieldReader(Uint8Array.from(data), 0, data.length);
    const read = (): number => {
      let count = 0;
      for (const offset of offsets) {
        try {
          reader.valueAt(offset);
          count++;
        } catch {
          break;
        }
      }
      return count;
    };
    expect(read()).toBe(513);
  });

  test('that would be larger than any memory in print is refused after a few steps', () => {
    const data: number[] = [...field.text('x'.repeat(10))];
    let last = 0;
    for (let level = 0; level < 100; level++) {
      const start = data.length;
      data.push(...field.array(...Array.from({ length: 10 }, () => field.pointer(last))));
      last = start;
    }
    expect(readData(data, last)[0]).toContain('a value would be too large if it were printed');
    const reader = new FieldReader(Uint8Array.from(data), 0, data.length);
    expect(() => reader.valueAt(last)).toThrow();
    expect(reader.steps).toBeLessThan(2000);
  });

  test('that says it is longer than it can be is not read at all', () => {
    const data = [...field.head(11, 10_001), ...new Array<number>(10_000).fill(0x40)];
    const reader = new FieldReader(Uint8Array.from(data), 0, data.length);
    expect(() => reader.valueAt(0)).toThrow();
    expect(reader.steps).toBe(1);
  });

  test('that is shared by many is read once', () => {
    const big = field.map(
      ...Array.from({ length: 1000 }, (_, index) => [field.text(`k${index}`), field.text('x')]).flat(),
    );
    const data = [...big];
    const offsets = Array.from({ length: 1000 }, () => {
      data.push(...field.array(field.pointer(0)));
      return data.length - 7;
    });
    const reader = new FieldReader(Uint8Array.from(data), 0, data.length);
    const values = offsets.map((offset) => reader.valueAt(offset) as readonly unknown[]);
    expect(new Set(values.map(([value]) => value)).size).toBe(1);
    expect(reader.steps).toBeLessThan(20_000);
  });

  test('whose fields overlap takes no more steps than its size is worth', () => {
    // Every other byte is the start of an array of all that follows.
    const steps = (length: number): number => {
      const data: number[] = [];
      while (data.length < length)
        data.push(...field.head(11, Math.min(280, (length - data.length) >> 1)), 0x40);
      data.push(...new Array<number>(600).fill(0x40));
      const reader = new FieldReader(Uint8Array.from(data), 0, data.length);
      for (let offset = 0; offset < length; offset++) {
        try {
          reader.valueAt(offset);
        } catch {
          // Read on: others may be good.
        }
      }
      expect(reader.steps).toBeLessThanOrEqual(reader.mostSteps + length);
      return reader.steps;
    };
    expect(steps(40_000) / steps(20_000)).toBeLessThan(2.5);
  });

  test('of many bad records gives as many problems as a person reads', () => {
    const wide = exportMmdb(
      Array.from({ length: 300 }, (_, index) => [`10.0.${index >> 8}.${index & 255}`, `v${index}`]),
    );
    const bytes = wide.bytes.slice();
    // Every text becomes a pointer to nowhere.
    const start = Buffer.from(bytes).indexOf('Bv0');
    for (let at = start; at < start + 1400; at++)
      if ((bytes[at] as number) >= 0x42 && (bytes[at] as number) <= 0x44) bytes[at] = 0x3f;
    const many = importMmdb(bytes);
    expect(many.problems).toHaveLength(101);
    expect(many.problems[100]?.message).toBe(
      'there are more problems like the 100 before this one, which are not listed',
    );
  });
});

describe('a tree', () => {
  const data = field.text('x');

  test.each<[string, readonly (readonly [TreeRecord, TreeRecord])[], string]>([
    [
      'that leads back to its root',
      [[{ node: 0 }, { data: 0 }]],
      'the tree has a second way to node 0, from 0.0.0.0/1',
    ],
    [
      'that goes round',
      [
        [{ node: 1 }, undefined],
        [{ node: 2 }, { data: 0 }],
        [{ node: 1 }, undefined],
      ],
      'the tree has a second way to node 1, from 0.0.0.0/3',
    ],
    [
      'with a record in the separator',
      [[{ raw: 5 }, { data: 0 }]],
      'the record of 0.0.0.0/1 leads to no data',
    ],
    [
      'with a record after the data',
      [[{ data: 2 }, { data: 0 }]],
      'the record of 0.0.0.0/1 leads to no data',
    ],
  ])('%s is an error at its byte', (_, nodes, message) => {
    const { problems } = importMmdb(makeMmdb({ nodes, data }));
    expect(problems).toHaveLength(1);
    expect(problems[0]?.code).toBe('mmdb-tree');
    expect(problems[0]?.message).toContain(`${message}, at byte `);
  });

  test.each([4, 6])('that is deeper than an IPv%i address is an error', (ipVersion) => {
    const bits = ipVersion === 4 ? 32 : 128;
    const nodes = pathTo('1'.repeat(bits + 1), { data: 0 });
    const { problems, entries } = importMmdb(makeMmdb({ nodes, data, ipVersion }));
    expect(entries).toEqual([]);
    expect(problems[0]?.message).toContain(
      `the tree goes on below ${ipVersion === 4 ? '255.255.255.255' : 'ffff:'}`,
    );
  });

  test('of a few nodes that has more networks than anyone can count is refused at once', () => {
    const nodes = Array.from({ length: 32 }, (_, at): [TreeRecord, TreeRecord] =>
      at === 31 ? [{ data: 0 }, { data: 0 }] : [{ node: at + 1 }, { node: at + 1 }],
    );
    const { problems, entries } = importMmdb(makeMmdb({ nodes, data }));
    expect(entries).toHaveLength(2);
    expect(problems).toHaveLength(31);
  });

  test('may not say that it is larger than the file', () => {
    const metadata = { ...metadataOf(1, 4), node_count: field.uint(6, 255, 255, 255, 255) };
    const { problems } = importMmdb(makeMmdb({ nodes: [[{ data: 0 }, undefined]], data, metadata }));
    expect(problems.map(({ code }) => code)).toEqual(['truncated']);
  });

  test('has a separator of zeros after it', () => {
    const separator = [...new Array<number>(15).fill(0), 1];
    const { problems } = importMmdb(makeMmdb({ nodes: [[{ data: 0 }, undefined]], data, separator }));
    expect(problems[0]?.message).toBe('the tree does not end where its nodes do, at byte 21');
  });
});

test('what is read of a good file is what was written', () => {
  expect(good.problems).toEqual([]);
  expect(compare(file, good)[0]).toHaveLength(3);
});
