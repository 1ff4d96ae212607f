import { describe, expect, test } from 'vitest';
import { minimizeEntries } from '../../src/minimize/notes.ts';
import { normalize, ParseError } from '../../src/public/index.ts';

/** Lines of `address # note` in and out. */
function minimized(lines: readonly string[]): string[] {
  const entries = lines.map((line) => {
    const [address, note] = line.split(' # ') as [string, string?];
    return { address, note };
  });
  return minimizeEntries(entries).map(({ address, note }) =>
    note === undefined ? address : `${address} # ${note}`,
  );
}

describe('minimizeEntries', () => {
  test.each<[what: string, before: readonly string[], after: readonly string[]]>([
    ['nothing', [], []],
    [
      'halves with one note join, and halves of halves',
      ['10.0.0.128/26 # A', '10.0.0.0/25 # A', '10.0.0.192/26 # A'],
      ['10.0.0.0/24 # A'],
    ],
    ['halves without a note join', ['10.0.0.0/25', '10.0.0.128/25'], ['10.0.0.0/24']],
    [
      'halves with two notes do not',
      ['10.0.0.0/25 # A', '10.0.0.128/25 # B'],
      ['10.0.0.0/25 # A', '10.0.0.128/25 # B'],
    ],
    [
      'a half without a note does not get one',
      ['10.0.0.0/25 # A', '10.0.0.128/25'],
      ['10.0.0.0/25 # A', '10.0.0.128/25'],
    ],
    ['what is covered with the same note goes', ['10.0.0.7 # A', '10.0.0.0/24 # A'], ['10.0.0.0/24 # A']],
    ['what is covered without a note goes', ['10.0.0.7', '10.0.0.0/24 # A', '10.0.0.8'], ['10.0.0.0/24 # A']],
    [
      'what is covered with another note stays',
      ['10.0.0.7 # B', '10.0.0.0/24 # A'],
      ['10.0.0.7 # B', '10.0.0.0/24 # A'],
    ],
    [
      'a note in a prefix without one stays',
      ['10.0.0.7 # B', '10.0.0.0/24'],
      ['10.0.0.7 # B', '10.0.0.0/24'],
    ],
    [
      'the same note after another one is not the next wider, and stays',
      ['10.0.0.0/8 # A', '10.1.0.0/16 # B', '10.1.1.0/24 # A'],
      ['10.0.0.0/8 # A', '10.1.0.0/16 # B', '10.1.1.0/24 # A'],
    ],
    [
      'a prefix without a note that others fill goes',
      ['10.0.0.0/24', '10.0.0.0/25 # A', '10.0.0.128/25 # B'],
      ['10.0.0.0/25 # A', '10.0.0.128/25 # B'],
    ],
    [
      'halves that fill a prefix with another note stay below it',
      ['10.0.0.0/24 # B', '10.0.0.0/25 # A', '10.0.0.128/25 # A'],
      ['10.0.0.0/24 # B', '10.0.0.0/25 # A', '10.0.0.128/25 # A'],
    ],
    [
      'halves that joined make room for the halves that filled one of them',
      ['10.0.0.0/26 # A', '10.0.0.64/26 # A', '10.0.0.0/25 # B', '10.0.0.128/25 # B'],
      ['10.0.0.0/25 # A', '10.0.0.0/24 # B'],
    ],
    [
      'the same twice is once, at the first place',
      ['10.0.0.1 # A', '10.0.0.2 # B', '10.0.0.1 # A'],
      ['10.0.0.1 # A', '10.0.0.2 # B'],
    ],
    [
      'the same with two notes keeps both, the one that counts first',
      ['10.0.0.1 # B', '10.0.0.1 # A', '10.0.0.1'],
      ['10.0.0.1 # B', '10.0.0.1 # A'],
    ],
    ['both families', ['::1 # A', '127.0.0.1 # A', ':: # A'], ['::/127 # A', '127.0.0.1 # A']],
    [
      'the whole of a family is the end',
      ['::/1', '8000::/1', '0.0.0.0/1', '128.0.0.0/1'],
      ['::/0', '0.0.0.0/0'],
    ],
    ['a range that nothing touches stays', ['10.0.0.1-10.0.0.200 # A'], ['10.0.0.1-10.0.0.200 # A']],
    ['a range is completed to a prefix', ['10.0.0.0-10.0.0.2 # A', '10.0.0.3 # A'], ['10.0.0.0/30 # A']],
    [
      'ranges that touch or overlap are one',
      ['10.0.0.1-10.0.0.9 # A', '10.0.0.5-10.0.0.20 # A', '10.0.0.21 # A'],
      ['10.0.0.1-10.0.0.21 # A'],
    ],
    [
      'a range goes in a prefix that says the same',
      ['10.0.0.1-10.0.0.9 # A', '10.0.0.0/24 # A'],
      ['10.0.0.0/24 # A'],
    ],
    [
      'a range without a note goes in a range',
      ['10.0.0.1-10.0.0.9', '10.0.0.0-10.0.0.20 # A'],
      ['10.0.0.0-10.0.0.20 # A'],
    ],
    [
      'a prefix goes in a range that says the same',
      ['10.0.0.4/30 # A', '10.0.0.0-10.0.0.20 # A'],
      ['10.0.0.0-10.0.0.20 # A'],
    ],
    [
      'a range with another note between halves keeps them, or its own would be reported',
      ['10.0.0.0/25 # A', '10.0.0.128/25 # A', '10.0.0.5-10.0.0.204 # B'],
      ['10.0.0.0/25 # A', '10.0.0.128/25 # A', '10.0.0.5-10.0.0.204 # B'],
    ],
    [
      'a range with another note in it goes in a wider prefix that has its note',
      ['10.0.0.0/24 # A', '10.0.0.6-10.0.0.8 # A', '10.0.0.6 # B'],
      ['10.0.0.0/24 # A', '10.0.0.6 # B'],
    ],
    [
      'a range with another note in it goes in a wider range that has its note',
      ['10.0.0.6 # B', '10.0.0.6-10.0.0.8 # A', '10.0.0.1-10.0.0.9 # A'],
      ['10.0.0.6 # B', '10.0.0.1-10.0.0.9 # A'],
    ],
    [
      'a prefix with another range in it goes in a wider prefix that has its note',
      ['10.0.0.0/24 # A', '10.0.0.0/28 # A', '10.0.0.6-10.0.0.8 # B'],
      ['10.0.0.0/24 # A', '10.0.0.6-10.0.0.8 # B'],
    ],
    [
      'a range stays when another note sticks out of it',
      ['10.0.0.0/24 # A', '10.0.0.6-10.0.0.8 # A', '10.0.0.8-10.0.0.30 # B'],
      ['10.0.0.0/24 # A', '10.0.0.6-10.0.0.8 # A', '10.0.0.8-10.0.0.30 # B'],
    ],
    [
      'a range stays when another note is between',
      ['10.0.0.0/24 # A', '10.0.0.6-10.0.0.8 # A', '10.0.0.5-10.0.0.30 # B'],
      ['10.0.0.0/24 # A', '10.0.0.6-10.0.0.8 # A', '10.0.0.5-10.0.0.30 # B'],
    ],
    ['a name stays a name', ['@private # A', '10.0.0.0/8 # A', '192.168.7.0/24 # A'], ['@private # A']],
    ['a name is not a half', ['@reserved # A', '224.0.0.0/4 # A'], ['@reserved # A', '224.0.0.0/4 # A']],
    [
      'a name goes when all that it stands for is said',
      ['@loopback # A', '0.0.0.0/1 # A', '::/64 # A'],
      ['0.0.0.0/1 # A', '::/64 # A'],
    ],
    [
      'a name stays when a part of it is not',
      ['@loopback # A', '0.0.0.0/1 # A'],
      ['@loopback # A', '0.0.0.0/1 # A'],
    ],
    [
      'a name without a note goes in others with one',
      ['@loopback', '0.0.0.0/1 # A', '::/64 # B'],
      ['0.0.0.0/1 # A', '::/64 # B'],
    ],
    [
      'halves make room in whatever order they come',
      ['10.0.0.0/25 # B', '10.0.0.128/25 # B', '10.0.0.0/26 # A', '10.0.0.64/26 # A'],
      ['10.0.0.0/24 # B', '10.0.0.0/25 # A'],
    ],
    [
      'a range with a name in it stays whole',
      ['172.8.0.0-172.39.255.255 # A', '@private # A'],
      ['172.8.0.0-172.39.255.255 # A', '@private # A'],
    ],
    [
      'the mapped block is never cut out of a range',
      ['::fffe:ffff:ffff-::1:0:0:0 # A', '::1:0:0:0/96 # A', '::1:0:0:5-::1:0:0:9 # B'],
      ['::fffe:ffff:ffff-::1:0:ffff:ffff # A', '::1:0:0:5-::1:0:0:9 # B'],
    ],
    [
      'no range comes to end with the mapped block, where it would be read as IPv4',
      ['::fffd:0:5-::fffd:ffff:ffff # A', '::fffe:0:0/95 # A'],
      ['::fffd:0:5-::fffd:ffff:ffff # A', '::fffe:0:0/95 # A'],
    ],
    [
      'prefixes around the mapped block join',
      ['::fffc:0:0/95 # A', '::fffe:0:0/95 # A'],
      ['::fffc:0:0/94 # A'],
    ],
    ['a name goes when it is repeated without a note', ['@loopback # A', '@loopback'], ['@loopback # A']],
    ['a name goes when it repeats one without a note', ['@loopback', '@loopback # A'], ['@loopback # A']],
    ['a name of one prefix goes, too', ['@shared # A', '@shared', '@shared'], ['@shared # A']],
    [
      'a name is not repeated by one with another note',
      ['@shared # B', '@shared # A', '@shared # B'],
      ['@shared # B', '@shared # A'],
    ],
    [
      'a repeated name goes whatever is around it',
      ['0.0.0.0/0 # B', '@loopback # A', '127.0.0.1-127.0.0.9 # C', '@loopback'],
      ['0.0.0.0/0 # B', '@loopback # A', '127.0.0.1-127.0.0.9 # C'],
    ],
    ['what a name is goes', ['@shared # A', '100.64.0.0/10 # A'], ['@shared # A']],
    ['what a name is goes when it comes first', ['100.64.0.0/10 # A', '@shared # A'], ['@shared # A']],
    [
      'what a name is goes in a range with another note, too',
      ['100.64.0.0/10 # A', '@shared # A', '100.0.0.0-100.200.0.0 # B'],
      ['@shared # A', '100.0.0.0-100.200.0.0 # B'],
    ],
    [
      'a part of a name without a note goes, and so do its halves',
      ['127.0.0.0/9', '127.128.0.0/9', '::1', '@loopback'],
      ['@loopback'],
    ],
    [
      'a note that decides before that of a name stays',
      ['::1 # A', '::1 # B', '@loopback # A'],
      ['::1 # A', '::1 # B', '@loopback # A'],
    ],
    [
      'a name goes when prefixes with its note are its parts and it decides nowhere',
      ['127.0.0.0/8 # A', '127.0.0.0/8 # B', '::1 # A', '::1 # B', '@loopback # A'],
      ['127.0.0.0/8 # A', '127.0.0.0/8 # B', '::1 # A', '::1 # B'],
    ],
    [
      'halves join around a range with another note that lies in one of them',
      ['10.0.0.0/9 # A', '10.128.0.0/9 # A', '10.1.0.5-10.1.0.9 # B'],
      ['10.0.0.0/8 # A', '10.1.0.5-10.1.0.9 # B'],
    ],
    [
      'ranges join around others that lie in one of them',
      ['10.0.0.1-10.0.0.9 # A', '10.0.0.10-10.0.0.20 # A', '10.0.0.2-10.0.0.4 # B', '10.0.0.12 # C'],
      ['10.0.0.1-10.0.0.20 # A', '10.0.0.2-10.0.0.4 # B', '10.0.0.12 # C'],
    ],
    [
      'ranges without a note join, even where they meet others',
      ['10.0.0.1-10.0.0.9', '10.0.0.10-10.0.0.20', '10.0.0.4-10.0.0.14 # A'],
      ['10.0.0.1-10.0.0.20', '10.0.0.4-10.0.0.14 # A'],
    ],
    [
      'a range without a note goes when a note and another range fill it',
      ['10.0.0.4-10.0.0.14', '10.0.0.1-10.0.0.9', '10.0.0.10-10.0.0.20 # A'],
      ['10.0.0.1-10.0.0.9', '10.0.0.10-10.0.0.20 # A'],
    ],
    [
      'prefixes with two notes each join as one',
      ['10.0.0.0/25 # B', '10.0.0.128/25 # B', '10.0.0.128/25 # A', '10.0.0.0/25 # A'],
      ['10.0.0.0/24 # B', '10.0.0.0/24 # A'],
    ],
    [
      'prefixes with two notes each do not when another one decides',
      ['10.0.0.0/25 # B', '10.0.0.128/25 # A', '10.0.0.128/25 # B', '10.0.0.0/25 # A'],
      ['10.0.0.0/25 # B', '10.0.0.128/25 # A', '10.0.0.128/25 # B', '10.0.0.0/25 # A'],
    ],
    [
      'a whole family as a range is a prefix, and the other family stays',
      ['0.0.0.0-127.255.255.255 # A', '120.0.0.0-255.255.255.255 # A', '::1-ffff:: # A'],
      ['0.0.0.0/0 # A', '::1-ffff:: # A'],
    ],
  ])('%s', (_, before, after) => {
    expect(minimized(before)).toEqual(after);
    expect(minimized(after)).toEqual(after);
  });

  test('tells where the first of the entries stood that an entry stands for', () => {
    const addresses = ['192.0.2.1', '10.0.0.1', '192.0.2.0', '10.0.0.0'];
    const entries = addresses.map((address) => ({ address, note: undefined }));
    expect(minimizeEntries(entries)).toEqual([
      { address: '192.0.2.0/31', note: undefined, index: 0 },
      { address: '10.0.0.0/31', note: undefined, index: 1 },
    ]);
    expect(minimizeEntries(entries).every(Object.isFrozen)).toBe(true);
  });

  test('refuses what is not an entry', () => {
    expect(() => minimizeEntries([{ address: '10.0.0.0/33', note: undefined }])).toThrow(ParseError);
    expect(() => minimizeEntries([{ address: '@nobody', note: undefined }])).toThrow(ParseError);
  });

  const ipv4 = (number: number): string => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
  const rangeOf = (first: number, size: number): string => `${ipv4(first)}-${ipv4(first + size - 1)}`;

  test('groups in groups go together, each of which has the notes below it only once the others are gone', () => {
    const groups = Array.from({ length: 110 }, (_, depth) => 18 + depth);
    const entries = ['2001::', '2003::', '3001::', '3003::'].flatMap((address) => {
      const group = (length: number, size: number): { address: string; note: string }[] =>
        Array.from({ length: size }, (_, note) => ({ address: `${address}/${length}`, note: `${note}` }));
      return [...group(16, 130), ...groups.flatMap((length) => group(length, length - 16))];
    });
    const once = minimizeEntries(entries);
    expect(once.map(({ address }) => address)).toEqual(
      ['2001::', '2003::', '3001::', '3003::'].flatMap((address) => Array(130).fill(`${address}/16`)),
    );
    // The same at a size that can be looked at.
    const few = [
      '/16 # A',
      '/16 # B',
      '/16 # C',
      '/16 # D',
      '/17 # A',
      '/17 # B',
      '/18 # A',
      '/18 # B',
      '/18 # C',
    ];
    expect(minimized(few.map((rest) => `2001::${rest}`))).toEqual(
      few.slice(0, 4).map((rest) => `2001::${rest}`),
    );
  });

  test.each<[what: string, entryAt: (index: number) => [address: string, note?: string | undefined]]>([
    ['ranges that overlap many others', (index) => [rangeOf(index * 3, 5003), `${index % 2}`]],
    ['ranges in ranges', (index) => [rangeOf(index, 100_001 - 2 * index), `${index % 2}`]],
    ['ranges that join one by one', (index) => [rangeOf(index * 3, 5)]],
    ['the same again and again', (index) => ['10.0.0.1', index % 3 === 0 ? undefined : `${index % 3}`]],
    ['the same with many notes', (index) => ['10.0.0.1', `${index}`]],
    ['two halves with many notes', (index) => [`10.0.0.${index % 2}`, `${index >> 1}`]],
    ['names with many notes', (index) => [['@loopback', '@documentation'][index % 2] as string, `${index}`]],
    ['prefixes in ranges', (index) => [index % 2 ? ipv4(index * 8) : rangeOf(index * 8, 21), `${index % 2}`]],
  ])('takes long lists: %s', (_, entryAt) => {
    const entries = Array.from({ length: 20_000 }, (_, index) => {
      const [address, note] = entryAt(index);
      return { address: normalize(address), note };
    });
    const once = minimizeEntries(entries);
    expect(once.length).toBeLessThanOrEqual(entries.length);
    expect(minimizeEntries(once)).toHaveLength(once.length);
  });
});
