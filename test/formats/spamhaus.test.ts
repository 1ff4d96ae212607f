import { describe, expect, test } from 'vitest';
import { spamhausDrop } from '../../src/formats/spamhaus.ts';
import { importList } from '../../src/public/formats.ts';
import { createPolicy } from '../../src/public/index.ts';

const read = (text: string): ReturnType<typeof importList> => importList(text, { format: spamhausDrop });

const metadata = (records: number): string =>
  `{"type":"metadata","timestamp":1713873241,"size":9,"records":${records}}\n`;

const record = '{"cidr":"192.0.2.0\\/24","sblid":"SBL1","rir":"arin"}\n';

describe('DROP as text', () => {
  test('has the number of the record as a note', () => {
    const { entries, problems } = read(
      '; Spamhaus DROP List\n; Last-Modified: now\n1.10.16.0/20 ; SBL256894\n1.19.0.0/16\n',
    );
    expect(problems).toEqual([]);
    expect(entries).toEqual([
      { address: '1.10.16.0/20', note: 'SBL256894', line: 3 },
      { address: '1.19.0.0/16', line: 4 },
    ]);
  });
});

describe('DROP as JSON', () => {
  test('is read to its last line', () => {
    const { entries, problems, declared } = read(record + metadata(1));
    expect(problems).toEqual([]);
    expect(entries).toEqual([{ address: '192.0.2.0/24', note: 'SBL1', line: 1 }]);
    expect(declared).toEqual({ entries: 1, created: new Date(1713873241000) });
  });

  test('several files may follow each other', () => {
    const { problems, declared } = read(record + metadata(1) + record + record + metadata(2));
    expect(problems).toEqual([]);
    expect(declared.entries).toBe(3);
  });

  test('has the column of a value, escaped or not', () => {
    const { problems } = read(
      `{"cidr":"192.0.2.1\\/24","sblid":"x"}\n{"sblid":"y", "cidr":"192.0.2.300"}\n${metadata(2)}`,
    );
    expect(problems.map(({ code, line, column, text }) => [code, line, column, text])).toEqual([
      ['host-bits-set', 1, 10, '192.0.2.1\\/24'],
      ['octet-range', 2, 23, '192.0.2.300'],
    ]);
  });

  test.each([
    ['the last line is missing', record + record, 'truncated'],
    ['the last line is cut', record + metadata(1).slice(0, 30), 'syntax'],
    ['another number', record + metadata(2), 'truncated'],
    ['no number', `${record}{"type":"metadata"}`, 'truncated'],
    ['something after it', record + metadata(1) + record, 'truncated'],
    ['no record at all', '{}', 'syntax'],
    ['an array', '{"cidr":"192.0.2.0/24"}\n[]', 'syntax'],
  ])('is no list where %s', (_name, text, code) => {
    const { problems, entries } = read(text);
    expect(problems.map((problem) => problem.code)).toContain(code);
    expect(() => createPolicy({ deny: entries })).toThrow('incomplete-list');
    expect(() => createPolicy({ allow: entries })).toThrow('incomplete-list');
  });
});
