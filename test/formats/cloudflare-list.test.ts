import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cloudflareList } from '../../src/formats/cloudflare-list.ts';
import { exportPolicy, type ImportedList, type ImportOptions, importList } from '../../src/public/formats.ts';
import { createPolicy, type Policy } from '../../src/public/index.ts';
import { AddressSet } from '../../src/public/set.ts';
import { anyPolicy } from '../support/policies.ts';
import { growthOf } from '../support/reads.ts';

const read = (text: string, options: Partial<ImportOptions> = {}): ImportedList =>
  importList(text, { format: cloudflareList, ...options });

const write = (policy: Policy, options: object = {}): { text: string; losses: string[] } => {
  const { text, losses } = exportPolicy(policy, { format: cloudflareList, ...options });
  return { text, losses: losses.map(({ code }) => code) };
};

const setOf = ({ entries }: ImportedList): AddressSet => AddressSet.of(entries.map(({ address }) => address));

const refuses = (list: ImportedList, mode: 'allow' | 'deny'): boolean => {
  try {
    createPolicy({ mode, list: list.entries });
    return false;
  } catch {
    return true;
  }
};

const item = { id: 'a', ip: '192.0.2.0/24', comment: 'Office', created_on: 'x', modified_on: 'y' };

describe('cloudflare-list in', () => {
  const expected = [
    { address: '192.0.2.0/24', note: 'Office', line: 1 },
    { address: '2001:db8::/48', line: 1 },
  ];
  const items = [item, { ip: '2001:DB8::/48', comment: null }];

  test.each<[string, unknown]>([
    ['items', items],
    ['an answer', { result: items, success: true, errors: [], messages: [] }],
    ['the last page', { result: items, result_info: { cursors: { before: 'x' } }, success: true }],
    ['a page without cursors', { result: items, result_info: null }],
    ['a page without a next one', { result: items, result_info: { cursors: { after: '' } } }],
  ])('reads %s', (_, value) => {
    const list = read(JSON.stringify(value), { mode: 'deny' });
    expect(list.problems).toEqual([]);
    expect(list.entries).toEqual(expected);
    expect(list.rules).toEqual([{ deny: expected }]);
  });

  test.each([
    ['with descriptions', '192.0.2.0/24,"Office, ""first"" floor"\r\n2001:db8::1\r\n'],
    ['with blanks and a byte order mark', '\ufeff192.0.2.0/24 , "Office, ""first"" floor"\n\n2001:db8::1,'],
  ])('reads CSV %s', (_, text) => {
    const list = read(text);
    expect(list.problems).toEqual([]);
    expect(list.entries.map(({ address, note }) => [address, note])).toEqual([
      ['192.0.2.0/24', 'Office, "first" floor'],
      ['2001:db8::1', undefined],
    ]);
  });

  test.each([
    [
      'one page of more',
      '{"result":[{"ip":"192.0.2.1"}],\n"result_info":{"cursors":{"after":"yyy"}}}',
      'truncated 2',
    ],
    ['a request that failed', '{"result":[],"success":false}', 'syntax 1'],
    ['an answer without items', '{"success":true}', 'syntax 1'],
    ['the list itself', '{"result":{"id":"a","kind":"ip","num_items":10}}', 'syntax 1'],
    ['names of hosts', '[{"hostname":{"url_hostname":"example.com"}}]', 'syntax 1'],
    ['numbers of networks', '[{"asn":64496}]', 'syntax 1'],
    ['what was cut off', '[{"ip":"192.0.2.1"},', 'truncated 1'],
    ['a page of the web', '<html>', 'invalid-character 1'],
    ['a header', 'ip,comment\n192.0.2.1,x\n', 'syntax 1'],
    ['the header of a list for Zero Trust', 'value,description\n192.0.2.1,x\n', 'syntax 1'],
    ['a mark that is never closed', '192.0.2.1,"x\n198.51.100.1,y\n', 'syntax 1'],
    ['an address that is there twice', '[{"ip":"192.0.2.1","ip":"198.51.100.1"}]', 'syntax 1'],
  ])('is no list: %s', (_, text, first) => {
    const list = read(text);
    expect(list.problems.map(({ code, line }) => `${code} ${line}`)[0]).toBe(first);
    expect([refuses(list, 'allow'), refuses(list, 'deny')]).toEqual([true, true]);
  });

  test.each([
    ['an item without an address', '[{"ip":"192.0.2.1"},\n {"comment":"x"}]', 'syntax 2:2'],
    ['a number', '[{"ip":"192.0.2.1"},\n {"ip":192.0}]', 'syntax 2:8'],
    ['a range', '[{"ip":"192.0.2.1"},\n {"ip":"192.0.2.1-192.0.2.9"}]', 'syntax 2:9'],
    ['an IPv4-mapped address', '[{"ip":"192.0.2.1"},\n {"ip":"::ffff:192.0.2.1"}]', 'mapped-address 2:9'],
    ['a comment that is a number', '[{"ip":"192.0.2.1"},\n {"ip":"192.0.2.2","comment":1}]', 'syntax 2:30'],
    ['a leading zero', '192.0.2.1\n010.0.0.1,x', 'octet-leading-zero 2:1'],
    ['a third cell', '192.0.2.1\n192.0.2.2,Office, first floor', 'syntax 2:19'],
    ['a range in CSV', '192.0.2.1\n192.0.2.1-192.0.2.9,x', 'syntax 2:1'],
  ])('no list that allows has a bad entry: %s', (_, text, place) => {
    const list = read(text);
    expect(list.problems.map(({ code, line, column }) => `${code} ${line}:${column}`)).toEqual([place]);
    expect([refuses(list, 'allow'), refuses(list, 'deny')]).toEqual([true, false]);
  });

  test('an item says one thing only, and nothing of the one before', () => {
    const list = read('[{"ip":"192.0.2.1","comment":"x"},{"comment":"y"},{"ip":"192.0.2.2"}]');
    expect(list.entries).toEqual([
      { address: '192.0.2.1', note: 'x', line: 1 },
      { address: '192.0.2.2', line: 1 },
    ]);
  });

  test('an empty list allows nobody', () => {
    for (const text of ['[]', '', '{"result":[],"success":true}']) {
      expect(read(text).problems).toEqual([]);
      expect(refuses(read(text), 'allow')).toBe(true);
    }
  });

  test.each([
    ['items', (size: number) => `[${'{"ip":"192.0.2.1","comment":"\\n\\""},'.repeat(size)}{}]`],
    ['brackets', (size: number) => '['.repeat(size)],
    ['quotation marks', (size: number) => '192.0.2.1,"'.repeat(size)],
    ['line ends', (size: number) => '192.0.2.1,\r\n'.repeat(size)],
    ['commas', (size: number) => ','.repeat(size)],
  ])('takes a time linear in the text: %s', (_, textOf) => {
    expect(growthOf((size) => () => read(textOf(size)))).toBeLessThan(5);
  });
});

describe('cloudflare-list out', () => {
  const policy = createPolicy({ deny: '192.0.2.0/24 # =Office, "first"\n198.51.100.7\n2001:db8::/48' });

  test('writes items', () => {
    expect(write(policy)).toEqual({
      text: `[
  {"ip":"192.0.2.0/24","comment":"=Office, \\"first\\""},
  {"ip":"198.51.100.7"},
  {"ip":"2001:db8::/48"}
]
`,
      losses: [],
    });
  });

  test('writes CSV without formulas', () => {
    expect(write(policy, { rows: 'csv' })).toEqual({
      text: `192.0.2.0/24,"'=Office, ""first"""\n198.51.100.7\n2001:db8::/48\n`,
      losses: ['note-changed'],
    });
    expect(() => write(policy, { rows: 'insert' })).toThrow('rows can only be "csv"');
  });

  test('cuts long comments by bytes', () => {
    const { text, losses } = write(createPolicy({ deny: `192.0.2.1 # ${'é'.repeat(251)}` }));
    expect(losses).toEqual(['note-cut']);
    expect(JSON.parse(text)).toEqual([{ ip: '192.0.2.1', comment: 'é'.repeat(250) }]);
  });

  test.each([
    ['0.0.0.0/0', 256, '0.0.0.0/8', '255.0.0.0/8'],
    ['128.0.0.0/7', 2, '128.0.0.0/8', '129.0.0.0/8'],
    ['2000::/3', 512, '2000::/12', '3ff0::/12'],
    ['::/0', 4096, '::/12', 'fff0::/12'],
  ])('%s is written as %i prefixes', (wide, count, first, last) => {
    const { text, losses } = write(createPolicy({ deny: wide }));
    const written = (JSON.parse(text) as { ip: string }[]).map(({ ip }) => ip);
    expect([written.length, written[0], written.at(-1), losses]).toEqual([count, first, last, ['split']]);
    expect(setOf(read(text)).equals(AddressSet.of([wide]))).toBe(true);
  });

  test('a prefix that is in a wider one is written only once', () => {
    const { text, losses } = write(createPolicy({ deny: '8.0.0.0/7 # a\n8.0.0.0/8 # b\n9.0.0.0/8' }));
    expect(JSON.parse(text)).toEqual([
      { ip: '8.0.0.0/8', comment: 'a' },
      { ip: '9.0.0.0/8', comment: 'a' },
    ]);
    expect(losses).toEqual(['split', 'duplicate']);
  });

  test('a narrow prefix is never widened, and a list that denies is not written without it', () => {
    for (const narrow of ['2001:db8::1', '2001:db8::/65', '2001:db8::-2001:db8::1:0:0:0']) {
      const { text, losses } = write(createPolicy({ deny: `192.0.2.1\n${narrow}` }));
      expect(text).toBe('');
      expect(new Set(losses)).toEqual(new Set(['address-refused', 'would-open']));
      const allowed = write(createPolicy({ allow: `192.0.2.1\n${narrow}` }));
      expect(setOf(read(allowed.text)).subtract(AddressSet.of(['192.0.2.1', '2001:db8::/64'])).isEmpty).toBe(
        true,
      );
      expect(new Set(allowed.losses)).toEqual(new Set(['address-refused']));
    }
    expect(write(createPolicy({ allow: '2001:db8::1' }))).toEqual({
      text: '',
      losses: ['address-refused', 'would-open'],
    });
  });

  test('a narrow prefix inside of one that is written only loses its note', () => {
    const { text, losses } = write(createPolicy({ deny: '2001:db8::1 # x\n2001:d00::/24' }));
    expect([JSON.parse(text), losses]).toEqual([[{ ip: '2001:d00::/24' }], ['address-refused']]);
    const wide = write(createPolicy({ deny: '2001:db8::1 # x\n::/0' }));
    expect(wide.losses).toEqual(['split', 'address-refused']);
    expect(setOf(read(wide.text)).equals(AddressSet.of(['::/0']))).toBe(true);
  });

  test('without notes, neighbours become what Cloudflare takes', () => {
    const halves = createPolicy({ deny: '2001:db8::/65 # a\n2001:db8:0:0:8000::/65 # b' });
    expect(write(halves).text).toBe('');
    expect(write(halves, { notes: false })).toEqual({ text: '[\n  {"ip":"2001:db8::/64"}\n]\n', losses: [] });
  });

  test('an empty list is written only where everyone is let in', () => {
    expect(write(createPolicy({ deny: '' }))).toEqual({ text: '[]\n', losses: [] });
    expect(write(createPolicy({ deny: '' }), { rows: 'csv' })).toEqual({ text: '', losses: [] });
    const nobody = createPolicy({ allow: '', whenEmpty: 'deny' });
    expect(write(nobody)).toEqual({ text: '', losses: ['would-open'] });
  });

  test.each([{}, { notes: false }, { rows: 'csv' }])('says what every policy says, with %j', (options) => {
    let written = 0;
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const { text, losses } = write(policy, options);
        const allowed = AddressSet.allowedBy(policy);
        const isAllowing = policy.mode === 'allow';
        if (losses.includes('would-open')) {
          expect(text).toBe('');
          return;
        }
        const list = read(text);
        expect(list.problems.filter(({ code }) => code !== 'excludes-ipv4')).toEqual([]);
        const others = isAllowing ? setOf(list) : setOf(list).complement();
        if (losses.includes('address-refused') && isAllowing) {
          expect(others.subtract(allowed).isEmpty).toBe(true);
          return;
        }
        written++;
        expect(others.equals(allowed)).toBe(true);
      }),
    );
    expect(written).toBeGreaterThan(10);
  });
});
