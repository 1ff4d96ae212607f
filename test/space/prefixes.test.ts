import { expect, test } from 'vitest';
import { formatNetwork } from '../../src/address/words.ts';
import { eachPrefixOf } from '../../src/space/prefixes.ts';

test('a set that holds parts of the IPv4-mapped block alone is written without them', () => {
  const prefixes: string[] = [];
  const starts = Int32Array.of(
    0,
    0,
    0,
    0,
    0,
    0,
    0xffff,
    5,
    0,
    0,
    0xffff,
    9,
    0,
    0,
    0x1_0000,
    0,
    0,
    0,
    0x1_0000,
    1,
  );
  const labels = Int32Array.of(0, 1, 0, 1, 0);
  eachPrefixOf(6, { count: 5, starts, labels }, (words, length) =>
    prefixes.push(formatNetwork(6, words, length)),
  );
  expect(prefixes).toEqual(['::1:0:0:0']);
});
