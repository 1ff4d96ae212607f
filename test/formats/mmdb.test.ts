/** What importMmdb and exportMmdb promise. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { exportMmdb, type ImportMmdbOptions, importMmdb, type MmdbValue } from '../../src/formats/mmdb.ts';
import { createPolicy, ListError, type Problem, parsePrefix } from '../../src/public/index.ts';
import { createLivePolicy } from '../../src/public/live.ts';
import { createRules } from '../../src/public/rules.ts';
import { field, makeMmdb, metadataOf, pathTo, readerOf } from '../support/mmdb.ts';
import { formatFile, hasRealData } from '../support/real-lists.ts';

const countries = [
  ['192.0.2.0/24', { country: { iso_code: 'DE', names: { en: 'Germany' } }, types: ['hosting', 'vpn'] }],
  ['198.51.100.0/24', { country: { iso_code: 'AT' }, asn: 64_500, types: ['vpn'] }],
  ['203.0.113.7', { country: { iso_code: 'CH' }, isProxy: true }],
  ['2001:db8::/32', { country: { iso_code: 'DE' }, asn: 64_501 }],
] as const;

const file = exportMmdb(countries).bytes;

function addressesOf(options?: ImportMmdbOptions, bytes: Uint8Array = file): string[] {
  return importMmdb(bytes, options).entries.map(({ address }) => address);
}

function codesOf(problems: readonly Problem[]): string[] {
  return problems.map(({ code, severity }) => `${severity} ${code}`);
}

function problemsOf(run: () => unknown): readonly Problem[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ListError) return error.problems;
    throw error;
  }
  return [];
}

describe('importMmdb', () => {
  test('gives the networks in the order of their addresses, with their records', () => {
    const { entries, problems, format, rules, otherwise, order } = importMmdb(file);
    expect(entries.map(({ address, value }) => [address, value])).toEqual(countries);
    expect(entries.map(({ line }) => line)).toEqual([1, 2, 3, 4]);
    expect(problems).toEqual([]);
    expect({ format, rules, otherwise, order }).toEqual({
      format: 'mmdb',
      rules: [],
      otherwise: undefined,
      order: 'most-specific',
    });
    for (const one of [entries, ...entries, entries[0]?.value]) expect(Object.isFrozen(one)).toBe(true);
  });

  test('says what the file says about itself', () => {
    const created = new Date('2026-11-29T12:00:00Z');
    const { bytes } = exportMmdb(countries, {
      databaseType: 'Offices',
      description: 'Who sits where',
      created,
    });
    const { declared, metadata } = importMmdb(bytes);
    expect(declared).toEqual({ version: `${created.getTime() / 1000}`, created });
    expect(metadata).toEqual({
      databaseType: 'Offices',
      description: { en: 'Who sits where' },
      ipVersion: 6,
      nodeCount: expect.any(Number),
      recordSize: 24,
      buildEpoch: created.getTime() / 1000,
    });
  });

  test('takes what is selected, by text, number, truth value and item of an array', () => {
    expect(addressesOf({ select: { 'country.iso_code': 'DE' } })).toEqual(['192.0.2.0/24', '2001:db8::/32']);
    expect(addressesOf({ select: { 'country.iso_code': ['AT', 'CH'] } })).toEqual([
      '198.51.100.0/24',
      '203.0.113.7',
    ]);
    expect(addressesOf({ select: { asn: '64500' } })).toEqual(['198.51.100.0/24']);
    expect(addressesOf({ select: { isProxy: 'true' } })).toEqual(['203.0.113.7']);
    expect(addressesOf({ select: { types: 'vpn' } })).toEqual(['192.0.2.0/24', '198.51.100.0/24']);
    expect(addressesOf({ select: { 'types.0': 'vpn' } })).toEqual(['198.51.100.0/24']);
    expect(addressesOf({ select: { types: 'vpn', 'country.iso_code': 'DE' } })).toEqual(['192.0.2.0/24']);
  });

  test('gives entries that are a list as they are', () => {
    const { entries } = importMmdb(file, {
      select: { 'country.iso_code': 'DE' },
      note: 'types',
      label: 'asn',
    });
    const policy = createPolicy({ deny: entries });
    expect(policy.decide('192.0.2.7').entry).toMatchObject({
      canonical: '192.0.2.0/24',
      note: 'hosting, vpn',
    });
    expect(policy.allows('198.51.100.7')).toBe(true);
  });

  test('takes a field as label and as note', () => {
    const { entries } = importMmdb(file, { label: 'country.iso_code', note: 'types' });
    expect(entries.map(({ label, note }) => [label, note])).toEqual([
      ['DE', 'hosting, vpn'],
      ['AT', 'vpn'],
      ['CH', undefined],
      ['DE', undefined],
    ]);
    expect(entries.map((entry) => 'note' in entry)).toEqual([true, true, false, false]);
  });

  test('warns of a value that nothing has, and a field that nothing has is an error', () => {
    const misspelt = importMmdb(file, { select: { 'country.iso_code': ['DE', 'XX'] } });
    expect(codesOf(misspelt.problems)).toEqual(['warning unselected']);
    expect(misspelt.problems[0]?.message).toBe('no record has "XX" in the field "country.iso_code"');
    expect(misspelt.entries).toHaveLength(2);
    const unknown = importMmdb(file, { select: { 'country.iso': 'DE' }, note: 'nobody' });
    expect(codesOf(unknown.problems)).toEqual(['error unselected', 'error unselected']);
    expect(unknown.problems[0]?.message).toBe(
      'no record has the field "country.iso": the first record has "country", "types"',
    );
    // A field of Object.prototype is not one of a record.
    expect(codesOf(importMmdb(file, { label: 'constructor' }).problems)).toEqual(['error unselected']);
  });

  test('no list of nothing opens anything', () => {
    for (const select of [{ 'country.iso_code': 'XX' }, { nothing: 'DE' }]) {
      const { entries } = importMmdb(file, { select });
      expect(entries).toEqual([]);
      expect(problemsOf(() => createPolicy({ allow: entries })).map(({ code }) => code)).toEqual([
        'incomplete-list',
      ]);
    }
  });

  test('entries beside an error are not taken for the list', () => {
    const data = [...field.text('good'), 0xff];
    const bytes = makeMmdb({ nodes: [[{ data: 0 }, { data: 5 }]], data });
    const { entries, problems } = importMmdb(bytes);
    expect(entries.map(({ address, value }) => [address, value])).toEqual([['0.0.0.0/1', 'good']]);
    expect(codesOf(problems)).toEqual(['error mmdb-data']);
    expect(problemsOf(() => createPolicy({ deny: entries })).map(({ code }) => code)).toEqual([
      'incomplete-list',
    ]);
  });

  test('takes what no note can have out of it, and says so', () => {
    const { bytes } = exportMmdb([
      ['192.0.2.0/24', { name: 'a\nb' }],
      ['198.51.100.0/24', { name: ' Office ' }],
      ['203.0.113.0/24', { name: ' ' }],
    ]);
    const { entries, problems } = importMmdb(bytes, { note: 'name' });
    expect(entries.map(({ note }) => note)).toEqual(['a b', 'Office', undefined]);
    expect(codesOf(problems)).toEqual(['warning note-changed']);
  });

  test('reads IPv4 once, whatever leads there', () => {
    // Three ways to node 96, where IPv4 begins.
    const nodes = pathTo('0'.repeat(96), { node: 96 });
    const enter = (bits: string, target: number): void => {
      let at = 0;
      [...bits].forEach((bit, depth) => {
        const side = bit === '0' ? 0 : 1;
        const record = nodes[at]?.[side];
        if (depth + 1 === bits.length) (nodes[at] as unknown[])[side] = { node: target };
        else if (record !== undefined && 'node' in record) at = record.node;
        else {
          nodes.push([undefined, undefined]);
          (nodes[at] as unknown[])[side] = { node: nodes.length - 1 };
          at = nodes.length - 1;
        }
      });
    };
    nodes.push([{ data: 0 }, undefined]);
    enter(`${'0'.repeat(80)}${'1'.repeat(16)}`, 96);
    enter('0010000000000010', 96);
    enter(`0010000000000001${'0'.repeat(16)}`, 96);
    const bytes = makeMmdb({ nodes, data: field.text('x'), ipVersion: 6 });
    expect(importMmdb(bytes).problems).toEqual([]);
    expect(addressesOf({}, bytes)).toEqual(['0.0.0.0/1']);
    expect(readerOf(bytes).get('2002:102:304::')).toBe('x');
    // A fourth one, NAT64, is not known, and nothing is dropped in silence.
    enter('0000000001100100', 96);
    const other = importMmdb(makeMmdb({ nodes, data: field.text('x'), ipVersion: 6 }));
    expect(codesOf(other.problems)).toEqual(['error mmdb-tree']);
    expect(other.problems[0]?.message).toContain(
      'the tree has a second way to node 96, from 64::/16, at byte ',
    );
  });

  test('what is below ::ffff:0:0/96 alone is an error, as IPv4 clients are not looked up there', () => {
    const bits = `${'0'.repeat(80)}${'1'.repeat(16)}`;
    for (const tail of ['', '1']) {
      const bytes = makeMmdb({
        nodes: pathTo(bits + tail, { data: 0 }),
        data: field.text('x'),
        ipVersion: 6,
      });
      const { entries, problems } = importMmdb(bytes);
      expect(entries).toEqual([]);
      expect(codesOf(problems)).toEqual(['error mmdb-tree']);
    }
  });

  test('a network that holds ::/96 is all of IPv4, too', () => {
    const bytes = makeMmdb({
      nodes: pathTo('0'.repeat(64), { data: 0 }),
      data: field.text('x'),
      ipVersion: 6,
    });
    expect(addressesOf({}, bytes)).toEqual(['0.0.0.0/0', '::/64']);
    expect(readerOf(bytes).get('1.2.3.4')).toBe('x');
  });

  test('takes an ArrayBuffer and a part of one, and nothing but bytes', () => {
    const padded = new Uint8Array(file.length + 20);
    padded.set(file, 10);
    expect(addressesOf({}, padded.subarray(10, 10 + file.length))).toHaveLength(4);
    expect(importMmdb(file.slice().buffer).entries).toHaveLength(4);
    for (const given of ['text', undefined, null, 5, {}, [1, 2]])
      expect(() => importMmdb(given as never)).toThrow(TypeError);
  });

  test.each([
    [{ selct: {} }],
    [{ select: 'DE' }],
    [{ select: [] }],
    [{ select: new Map() }],
    [{ select: { country: 5 } }],
    [{ select: { country: [] } }],
    [{ select: { country: ['DE', 5] } }],
    [{ select: { '': 'DE' } }],
    [{ label: '' }],
    [{ note: 5 }],
  ])('refuses the options %j', (options) => {
    expect(problemsOf(() => importMmdb(file, options as never)).map(({ code }) => code)).toEqual([
      'invalid-option',
    ]);
  });

  test.skipIf(!hasRealData('formats/mmdb-1.mmdb'))('reads a file of MaxMind as a careful reader does', () => {
    const expected = JSON.parse(readFileSync(formatFile('mmdb-1.mmdb.expected.json'), 'utf8'));
    const { entries, problems, metadata } = importMmdb(readFileSync(formatFile('mmdb-1.mmdb')));
    expect(problems).toEqual([]);
    expect(entries.map(({ address, value }) => [address, value])).toEqual(
      expected.entries.map(({ range, labels }: { range: string; labels: { data: unknown } }) => [
        range,
        labels.data,
      ]),
    );
    const { database_type, ip_version, node_count, record_size } = expected.header;
    expect(metadata).toMatchObject({
      databaseType: database_type,
      ipVersion: ip_version,
      nodeCount: node_count,
      recordSize: record_size,
    });
  });
});

describe('exportMmdb', () => {
  test('of a policy, every address has a verdict; with listedOnly, those that an entry decides', () => {
    const policy = createPolicy({ allow: '192.0.2.0/24 # Office', exempt: '198.51.100.7' });
    const whole = readerOf(exportMmdb(policy).bytes);
    expect(whole.get('192.0.2.7')).toEqual({ verdict: 'allow', note: 'Office' });
    expect(whole.get('::ffff:192.0.2.7')).toEqual({ verdict: 'allow', note: 'Office' });
    expect(whole.get('198.51.100.7')).toEqual({ verdict: 'allow' });
    expect(whole.get('8.8.8.8')).toEqual({ verdict: 'deny' });
    expect(whole.get('2001:db8::1')).toEqual({ verdict: 'deny' });
    const listed = readerOf(exportMmdb(policy, { listedOnly: true, notes: false }).bytes);
    expect(listed.get('192.0.2.7')).toEqual({ verdict: 'allow' });
    expect(listed.get('8.8.8.8')).toBeNull();
  });

  test('an empty list is what it is: everyone, or nobody', () => {
    for (const [whenEmpty, verdict] of [
      ['allow', 'allow'],
      ['deny', 'deny'],
    ] as const) {
      const { bytes } = exportMmdb(createPolicy({ allow: '', whenEmpty }));
      expect(['1.2.3.4', '::1', '2001:db8::'].map((client) => readerOf(bytes).get(client))).toEqual([
        { verdict },
        { verdict },
        { verdict },
      ]);
    }
    const none = exportMmdb(createPolicy({ allow: '', whenEmpty: 'deny' }), { listedOnly: true });
    expect(readerOf(none.bytes).get('1.2.3.4')).toBeNull();
  });

  test('an IPv6 entry never reaches the IPv4 networks', () => {
    const policy = createPolicy({ deny: '::/0 # No IPv6' });
    const reader = readerOf(exportMmdb(policy).bytes);
    expect(reader.get('192.0.2.1')).toEqual({ verdict: 'allow' });
    expect(reader.get('::ffff:192.0.2.1')).toEqual({ verdict: 'allow' });
    expect(reader.get('2002:c000:201::1')).toEqual({ verdict: 'deny', note: 'No IPv6' });
    expect(reader.get('ffff::')).toEqual({ verdict: 'deny', note: 'No IPv6' });
  });

  test('says what IPv6 addresses of ::/96 do not get', () => {
    const { losses } = exportMmdb(createPolicy({ allow: '192.0.2.0/24', exempt: '::1 # Loopback' }));
    expect(losses).toEqual([
      {
        code: 'ipv4-compatible',
        message: '::1 does not count for IPv6 addresses in ::/96: ::1 is looked up as 0.0.0.1',
        entry: expect.objectContaining({ text: '::1', note: 'Loopback', list: 'exempt' }),
      },
    ]);
    expect(exportMmdb(createPolicy({ allow: '192.0.2.0/24\n2001:db8::/32' })).losses).toEqual([]);
    expect(exportMmdb(createPolicy({ deny: '0.0.0.0/0\n::/0' })).losses).toEqual([]);
  });

  test('6to4 is IPv6 for a policy, and IPv4 for pairs, as in other databases', () => {
    const policy = createPolicy({ deny: '192.0.2.0/24' });
    expect(readerOf(exportMmdb(policy).bytes).get('2002:c000:201::')).toEqual({ verdict: 'allow' });
    const alias = exportMmdb(policy, { sixToFour: true });
    expect(readerOf(alias.bytes).get('2002:c000:201::')).toEqual({ verdict: 'deny' });
    expect(alias.losses.map(({ code }) => code)).toEqual(['six-to-four']);
    const pairs = [['192.0.2.0/24', 'a']] as const;
    expect(readerOf(exportMmdb(pairs).bytes).get('2002:c000:201::')).toBe('a');
    expect(readerOf(exportMmdb(pairs, { sixToFour: false }).bytes).get('2002:c000:201::')).toBeNull();
    for (const own of ['2002:c000::/24', '2002::/16', '2002:ffff::-2003::']) {
      const both = exportMmdb([...pairs, [own, 'b']]);
      expect(both.losses.map(({ code }) => code)).toEqual(['six-to-four']);
      expect(readerOf(both.bytes).get('2002:c000:201::')).toBe(own === '2002:ffff::-2003::' ? null : 'b');
    }
    // A wider entry is not about 6to4.
    const wide = exportMmdb([...pairs, ['2000::/3', 'b']]);
    expect(wide.losses).toEqual([]);
    expect(readerOf(wide.bytes).get('2002:c000:201::')).toBe('a');
  });

  test('rules, times and live policies, as they are at the instant', () => {
    const at = new Date('2026-01-01T00:00Z');
    const rules = createRules({
      rules: [
        { deny: '192.0.2.7 until 2026-02-01T00:00Z # Abuse' },
        { allow: '192.0.2.0/24 # Office', except: '192.0.2.8' },
      ],
      otherwise: 'deny',
      at,
    });
    for (const policy of [rules, createLivePolicy(rules, { now: () => at.getTime() })]) {
      const { bytes, losses } = exportMmdb(policy);
      const reader = readerOf(bytes);
      expect(reader.get('192.0.2.7')).toEqual({ verdict: 'deny', note: 'Abuse' });
      expect(reader.get('192.0.2.8')).toEqual({ verdict: 'deny' });
      expect(reader.get('192.0.2.9')).toEqual({ verdict: 'allow', note: 'Office' });
      expect(losses.map(({ code }) => code)).toEqual(['times-dropped']);
    }
  });

  test('pairs: the smallest entry decides, and the last of equal ones, which is a loss', () => {
    const { bytes, losses } = exportMmdb([
      ['10.0.0.0/8', 'wide'],
      ['10.0.0.7', 'first'],
      ['::ffff:10.0.0.7', 'last'],
      ['10.1.0.0 - 10.1.0.2', 'range'],
      ['@loopback', 'local'],
      [parsePrefix('192.0.2.9/24'), 'prefix'],
    ]);
    const answers = ['10.0.0.6', '10.0.0.7', '10.1.0.2', '10.1.0.3', '127.0.0.9', '192.0.2.1'];
    expect(answers.map((client) => readerOf(bytes).get(client))).toEqual([
      'wide',
      'last',
      'range',
      'wide',
      'local',
      'prefix',
    ]);
    expect(losses.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'duplicate: 10.0.0.7 comes more than once: item 3, the last, has the value that is written',
      'ipv4-compatible: @loopback does not count for IPv6 addresses in ::/96: ::1 is looked up as 0.0.0.1',
    ]);
    expect(exportMmdb([...countries, ...countries]).losses).toEqual([]);
    expect(exportMmdb(new Map<string, MmdbValue>(countries)).bytes).toEqual(file);
  });

  test('takes all values that the format has, and names what it has not', () => {
    const value = {
      text: 'é',
      whole: [0, 1, 65_536, 2 ** 32, -1, -(2 ** 31), -(2 ** 31) - 1],
      fraction: [0.5, 0, -0, 0, -0],
      big: [2n ** 64n - 1n, 2n ** 128n - 1n, 5n],
      truth: [true, false],
      bytes: Uint8Array.of(1, 2),
      gone: undefined,
    };
    const [entry] = importMmdb(exportMmdb([['192.0.2.1', value as never]]).bytes).entries;
    const { gone: _, ...kept } = value;
    expect(entry?.value).toEqual({ ...kept, big: [...value.big.slice(0, 2), 5] });
    const { bytes, losses } = exportMmdb([['192.0.2.1', { a: null, b: '\ud800' } as never]]);
    expect(losses.map(({ code }) => code)).toEqual(['null-dropped', 'text-changed']);
    expect(importMmdb(bytes).entries[0]?.value).toEqual({ b: '\ufffd' });
  });

  test('a key of Object.prototype is a key as any other', () => {
    const value = JSON.parse('{ "__proto__": { "polluted": "yes" }, "constructor": "x" }') as MmdbValue;
    const [entry] = importMmdb(exportMmdb([['192.0.2.1', value]]).bytes).entries;
    expect(Object.keys(entry?.value as object)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(entry?.value)).toBe(Object.prototype);
  });

  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  let deep: unknown = 'x';
  for (let depth = 0; depth < 600; depth++) deep = [deep];

  test.each([
    [[['192.0.2.1', null]], ['invalid-value']],
    [[['192.0.2.1', undefined]], ['invalid-value']],
    [[['192.0.2.1', [null]]], ['invalid-value']],
    [[['192.0.2.1', () => 1]], ['invalid-value']],
    [[['192.0.2.1', new Date(0)]], ['invalid-value']],
    [[['192.0.2.1', -1n]], ['invalid-value']],
    [[['192.0.2.1', 2n ** 128n]], ['invalid-value']],
    [[['192.0.2.1', cyclic]], ['invalid-value']],
    [[['192.0.2.1', deep]], ['invalid-value']],
    [[['192.0.2.1', { '\ud800': 1 }]], ['invalid-value']],
    [[['192.0.2.256', 1]], ['octet-range']],
    [
      [
        ['192.0.2.1', cyclic],
        ['10.0.0.*', 1],
        ['192.0.2.1', deep],
      ],
      ['invalid-value', 'invalid-character', 'invalid-value'],
    ],
    [[[5, 1]], ['not-a-string']],
    [['192.0.2.1'], ['not-a-string']],
  ])('refuses pairs with problems, all of them %#', (pairs, codes) => {
    const problems = problemsOf(() => exportMmdb(pairs as never));
    expect(problems.map(({ code }) => code)).toEqual(codes);
  });

  test('one object in two pairs may have changed in between', () => {
    const value = { n: 0 };
    function* pairs(): Generator<readonly [string, MmdbValue]> {
      for (; value.n < 3; value.n++) yield [`192.0.2.${value.n * 2}`, value];
    }
    expect(importMmdb(exportMmdb(pairs()).bytes).entries.map(({ value: read }) => read)).toEqual([
      { n: 0 },
      { n: 1 },
      { n: 2 },
    ]);
  });

  test('what throws while it is read is a problem', () => {
    const value = {
      get bad(): string {
        throw new Error('no');
      },
    };
    expect(problemsOf(() => exportMmdb([['192.0.2.1', value]])).map(({ code }) => code)).toEqual([
      'invalid-value',
    ]);
    function* pairs(): Generator<readonly [string, MmdbValue]> {
      yield ['192.0.2.1', 1];
      throw new Error('no');
    }
    expect(problemsOf(() => exportMmdb(pairs())).map(({ code, line }) => [code, line])).toEqual([
      ['unreadable', 2],
    ]);
  });

  test('takes nothing but policies and pairs', () => {
    for (const given of [undefined, null, 'text', 5, {}, { decide: () => ({ verdict: 'allow' }) }])
      expect(() => exportMmdb(given as never)).toThrow(TypeError);
  });

  test.each([
    [{ creatd: new Date(0) }],
    [{ created: new Date(Number.NaN) }],
    [{ listedOnly: 'yes' }],
    [{ databaseType: 5 }],
  ])('refuses the options %j', (options) => {
    expect(problemsOf(() => exportMmdb(countries, options as never)).map(({ code }) => code)).toEqual([
      'invalid-option',
    ]);
  });

  test('the same input gives the same bytes, whatever the hour', () => {
    expect(exportMmdb(countries).bytes).toEqual(file);
    // MaxMind's own library refuses a file that says 0.
    expect(importMmdb(file).declared.version).toBe('1');
    expect(exportMmdb(countries, { created: new Date(-5000) }).bytes).toEqual(file);
  });

  test('takes larger records when it needs them, and all programs find the same', () => {
    // The last two records of the larger file are above 2^24, one on the left of its node and one on the right.
    const addresses = ['2001:db8::', '192.0.2.1', '192.0.2.3', '192.0.2.4', '192.0.2.7'];
    for (const [length, recordSize] of [
      [10, 24],
      [6_000_000, 28],
    ] as const) {
      const { bytes } = exportMmdb(addresses.map((address) => [address, address.padEnd(length, 'x')]));
      const { metadata, entries } = importMmdb(bytes);
      expect(metadata?.recordSize).toBe(recordSize);
      const reader = readerOf(bytes);
      for (const address of addresses) {
        const value = address.padEnd(length, 'x');
        expect(entries.find((entry) => entry.address === address)?.value === value).toBe(true);
        expect(reader.get(address) === value).toBe(true);
      }
    }
  });

  test('writes equal values once, and points to what is in them', () => {
    const name = 'a name that is long enough for a pointer';
    const many = Array.from(
      { length: 200 },
      (_, index) => [`10.0.${index}.0/32`, { name, at: { city: name, id: index % 3 } }] as const,
    );
    const { bytes } = exportMmdb(many);
    const text = Buffer.from(bytes).toString('latin1');
    expect(text.split(name)).toHaveLength(2);
    expect(readerOf(bytes).get('10.0.7.0')).toEqual({ name, at: { city: name, id: 1 } });
  });
});

describe('the metadata', () => {
  const nodes = [[{ data: 0 }, undefined]] as const;
  const data = field.text('x'.repeat(20));
  const good = metadataOf(1, 4);
  const codes = (metadata: Record<string, readonly number[]>): string[] =>
    codesOf(importMmdb(makeMmdb({ nodes, data, metadata })).problems);

  test('may have more fields than are known, in any order', () => {
    expect(codes({ extra: field.text('x'), ...good })).toEqual([]);
  });

  test.each(['languages', 'description', 'binary_format_minor_version'])('may lack %s', (name) => {
    const { [name]: _, ...others } = good;
    expect(codes(others)).toEqual([]);
  });

  test.each(['node_count', 'record_size', 'ip_version', 'database_type', 'binary_format_major_version'])(
    'cannot lack %s',
    (name) => {
      const { [name]: _, ...others } = good;
      expect(codes(others)).toEqual(['error mmdb-metadata']);
    },
  );

  test.each([
    ['ip_version', field.uint(5, 5), 'mmdb-metadata'],
    ['record_size', field.uint(5, 25), 'mmdb-metadata'],
    ['record_size', field.text('24'), 'mmdb-metadata'],
    ['node_count', field.uint(6), 'mmdb-metadata'],
    ['node_count', field.uint(9, 1, 0, 0, 0, 0), 'mmdb-metadata'],
    ['node_count', field.text('1'), 'mmdb-metadata'],
    ['node_count', field.uint(6, 255, 255, 255, 255), 'truncated'],
    ['node_count', field.uint(6, 2), 'mmdb-tree'],
    ['binary_format_major_version', field.uint(5, 3), 'mmdb-metadata'],
  ] as const)('%s cannot be %j', (name, bytes, code) => {
    expect(codes({ ...good, [name]: bytes })).toEqual([`error ${code}`]);
  });

  test('an instant that no Date can be is a warning', () => {
    const metadata = { ...good, build_epoch: field.uint(9, 255, 255, 255, 255, 255, 255, 255, 255) };
    const { entries, declared, problems } = importMmdb(makeMmdb({ nodes, data, metadata }));
    expect([entries.length, declared]).toEqual([1, {}]);
    expect(codesOf(problems)).toEqual(['warning mmdb-metadata']);
  });
});
