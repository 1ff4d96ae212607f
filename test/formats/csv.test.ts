import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csv } from '../../src/formats/csv.ts';
import { exportPolicy, type ImportOptions, importList } from '../../src/public/formats.ts';
import { createPolicy } from '../../src/public/index.ts';
import { AddressSet } from '../../src/public/set.ts';
import { anyPolicy } from '../support/policies.ts';
import { hasSample, readSample } from '../support/samples.ts';

const read = (text: string, options: Partial<ImportOptions> = {}): ReturnType<typeof importList> =>
  importList(text, { format: csv, ...options });

/** Entries and problems in short. */
const shortOf = ({ entries, problems }: ReturnType<typeof importList>): unknown[] => [
  ...entries.map(({ address, note, label }) => [address, note, label].filter((part) => part !== undefined)),
  ...problems.map(({ code, line, column, endColumn }) => `${code} ${line}:${column}-${endColumn}`),
];

describe('csv in', () => {
  test.each<[string, string, Partial<ImportOptions>, unknown[]]>([
    ['an address and a note', '"192.0.2.0/24","a ""b"", c"', {}, [['192.0.2.0/24', 'a "b", c']]],
    ['one column', '192.0.2.1\r\n2001:db8::/32\r\n', {}, [['192.0.2.1'], ['2001:db8::/32']]],
    ['a byte order mark', '\ufeffnetwork\n192.0.2.1', {}, [['192.0.2.1']]],
    ['a header', 'id,CIDR,Description\n7,192.0.2.0/24,Lab', {}, [['192.0.2.0/24', 'Lab']]],
    ['semicolons', 'network;note\n192.0.2.1;a,b', {}, [['192.0.2.1', 'a,b']]],
    ['tabs', '192.0.2.1\tx', {}, [['192.0.2.1', 'x']]],
    ['blanks around', ' 192.0.2.1 , "x" ', {}, [['192.0.2.1', 'x']]],
    [
      'a line end in a note',
      '192.0.2.1,"a\nb"\n192.0.2.2,c',
      {},
      [['192.0.2.1', 'a b'], ['192.0.2.2', 'c'], 'note-changed 1:1-10'],
    ],
    [
      'columns by name',
      'a,net,org\nx,192.0.2.1,O',
      { select: { column: 'net', note: 'org', label: 'a' } },
      [['192.0.2.1', 'O', 'x']],
    ],
    ['columns by number', 'US,192.0.2.1,O', { select: { column: '2', note: '3' } }, [['192.0.2.1', 'O']]],
    [
      'two ends',
      'first,last\n192.0.2.0,192.0.2.255',
      { select: { column: 'first', last: 'last' } },
      [['192.0.2.0/24']],
    ],
    ['two ends and no choice', '192.0.2.0,192.0.2.255', {}, ['syntax 1:1-22']],
    ['no network', 'a,b\n192.0.2.1,c', {}, ['syntax 1:1-4']],
    ['no such column', 'a,b\n192.0.2.1,c', { select: { column: 'net' } }, ['syntax 1:1-4']],
    ['a bad first line is no header', '192.0.2.300,x\n192.0.2.1,y', {}, ['syntax 1:1-14']],
    ['a bad line', 'ip\n192.0.2.1\n192.0.2.300', {}, [['192.0.2.1'], 'octet-range 3:9-12']],
    ['a missing cell', 'x,ip\n1,192.0.2.1\n2', {}, [['192.0.2.1'], 'syntax 3:1-2']],
    ['host bits', '192.0.2.1/24', {}, [['192.0.2.0/24'], 'host-bits-set 1:1-13']],
    ['a mark that is not closed', '192.0.2.1,"x\n192.0.2.2', {}, ['syntax 1:11-13']],
    ['text after a mark', '192.0.2.1,"x"y\n192.0.2.2', {}, [['192.0.2.2'], 'syntax 1:14-15']],
    ['a lifetime that is not read', 'ip,duration\n192.0.2.1,4h', {}, [['192.0.2.1'], 'skipped 1:4-12']],
    ['an instant that is none', 'ip,until\n192.0.2.1,soon', {}, ['instant-invalid 2:11-15']],
  ])('%s', (_name, text, options, expected) => {
    expect(shortOf(read(text, options))).toEqual(expected);
  });

  test('keeps when an entry ends', () => {
    const { entries } = read('ip,until\n192.0.2.1,2027-01-01T00:00Z\n192.0.2.2,');
    expect(entries.map(({ until }) => until?.toJSON())).toEqual(['2027-01-01T00:00:00.000Z', undefined]);
  });

  test('a quotation mark that is never closed is no list', () => {
    const { entries } = read('192.0.2.1\n192.0.2.2,"x\n192.0.2.3');
    expect(() => createPolicy({ deny: entries })).toThrow('incomplete-list');
  });

  test.skipIf(!hasSample('csv-1.csv'))('reads a geofeed', () => {
    const { text, expected } = readSample('csv-1.csv');
    const { entries, problems } = read(text, { select: { label: '2', note: '4' } });
    expect(problems).toEqual([]);
    expect(entries.map(({ address, line, label, note }) => [address, line, label, note])).toEqual(
      expected.entries.map(({ range, line, labels }) => [range, line, labels?.['country'], labels?.['city']]),
    );
  });

  test('takes hostile text in linear time', () => {
    // Each would take minutes if a record were looked through again for each of its cells.
    for (const part of ['"', ',', '""', '"a",', '\n', '#', '192.0.2.1,', ' ', '"\n'])
      expect(read(part.repeat(300_000)).entries.length).toBeLessThanOrEqual(300_000);
  });
});

describe('csv out', () => {
  test('keeps the verdicts of every policy', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const { text, losses } = exportPolicy(policy, { format: csv });
        if (losses.some(({ code }) => code === 'would-open')) return;
        const { entries, problems } = read(text);
        expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
        const set = AddressSet.of(entries);
        const allowed = AddressSet.allowedBy(policy);
        expect(set.equals(policy.mode === 'allow' ? allowed : allowed.complement())).toBe(true);
      }),
    );
  });

  test('no note is run by a spreadsheet', () => {
    const policy = createPolicy({ deny: '192.0.2.1 # =1+1\n192.0.2.2 # a "b", c' });
    const { text, losses } = exportPolicy(policy, { format: csv });
    expect(text).toBe('network,note\r\n192.0.2.1,\'=1+1\r\n192.0.2.2,"a ""b"", c"\r\n');
    expect(losses.map(({ code, entry }) => [code, entry?.line])).toEqual([['note-changed', 1]]);
  });
});

describe('csv that is not whole', () => {
  test('a row without its end is an error, and not an entry for ever', () => {
    const list = read('network,until\n192.0.2.1,2035-01-01T00:00Z\n192.0.2.7');
    expect(list.entries.map(({ address }) => address)).toEqual(['192.0.2.1']);
    expect(list.problems.map(({ code, line }) => [code, line])).toEqual([['syntax', 3]]);
  });

  test('a bad first row is not taken for a header', () => {
    const list = read('192.0.2.0/33,a\n192.0.2.1,b\n', { select: { column: '1' } });
    expect(list.problems.map(({ code, line }) => [code, line])).toEqual([['prefix-length-range', 1]]);
  });
});
