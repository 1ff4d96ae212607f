import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csf } from '../../src/formats/csf.ts';
import { type ImportedList, type ImportOptions, importList } from '../../src/public/formats.ts';
import { createPolicy } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { AddressSet } from '../../src/public/set.ts';
import { goldenText } from '../golden/address.ts';
import { growthOf } from '../support/reads.ts';

const read = (text: string, options: Partial<ImportOptions> = {}): ImportedList =>
  importList(text, { format: csf, ...options });

const shortOf = ({ entries, problems }: ImportedList): unknown[] => [
  ...entries.map(({ address, note }) => [address, note].filter((part) => part !== undefined).join(' ')),
  ...problems.map(({ code, line, column, endColumn }) => `${code} ${line}:${column}-${endColumn}`),
];

describe('csf.allow and csf.deny in', () => {
  test.each<[string, string, unknown[]]>([
    [
      'notes',
      '192.0.2.1 # lfd: (sshd) Failed - Tue\n2001:db8::/32\tOffice\n',
      ['192.0.2.1 lfd: (sshd) Failed - Tue', '2001:db8::/32 Office'],
    ],
    ['comments and blanks', '# 192.0.2.9\n  # x\n\n  192.0.2.1  \r\n', ['192.0.2.1']],
    ['a port', 'tcp|in|d=22|s=0.0.0.0/0\n', ['conditional 1:1-24']],
    ['a port in the old way', 'tcp:in:d=22:s=192.0.2.1 # x\n', ['conditional 1:1-24']],
    ['only a source', 's=192.0.2.1|u=0\n', ['conditional 1:1-16']],
    ['an include', 'Include /etc/csf/other.allow\n', ['include 1:1-29']],
    ['an indented include', '192.0.2.1\n Include other\n', ['192.0.2.1', 'include 2:2-15']],
    ['an include without a blank', 'Includeother\n', ['include 1:1-13']],
    ['the word in a note', '192.0.2.1 # Included for Lab\n', ['skipped 1:1-29']],
    ['the word in small letters', '192.0.2.1 # include\n', ['192.0.2.1 include']],
    ['everyone', '0.0.0.0/0\n', ['0.0.0.0/0', 'covers-everything 1:1-10']],
    ['host bits', '192.0.2.5/24\n', ['192.0.2.0/24', 'host-bits-set 1:1-13']],
    ['a range', '192.0.2.1-192.0.2.9\n', ['syntax 1:1-20']],
    ['the first of a range with blanks', '192.0.2.1 - 192.0.2.9\n', ['192.0.2.1 - 192.0.2.9']],
    ['a comment without a blank', '192.0.2.1#x\n', ['trailing-text 1:1-12']],
    ['a name', 'my-host.example.org\n', ['invalid-character 1:1-20']],
    ['a netmask', '192.0.2.0/255.255.255.0\n', ['prefix-length-invalid 1:1-24']],
    ['leading zeros', '010.0.0.1\n', ['octet-leading-zero 1:1-10']],
    ['IPv4-mapped', '::ffff:192.0.2.1\n', ['mapped-address 1:1-17']],
    ['a line end of its own', '192.0.2.1 # x\f192.0.2.2\n', ['syntax 1:1-24']],
    ['no line end', '192.0.2.1', ['192.0.2.1']],
  ])('%s', (_name, text, expected) => {
    expect(shortOf(read(text))).toEqual(expected);
  });

  test('a rule for a port denies and allows nobody', () => {
    const { rules, conditional } = read('192.0.2.1\ntcp|in|d=22|s=0.0.0.0/0\n', { mode: 'deny' });
    expect(conditional).toBe(1);
    expect(createRules({ rules, otherwise: 'allow' }).allows('198.51.100.7')).toBe(true);
    const allowed = read('192.0.2.1\ntcp|in|d=22|s=0.0.0.0/0\n', { mode: 'allow' });
    expect(createRules({ rules: allowed.rules, otherwise: 'deny' }).allows('198.51.100.7')).toBe(false);
  });

  test('a file of includes is no list, and no open one', () => {
    const { entries } = read('Include /etc/csf/a\nInclude /etc/csf/b\n');
    expect(() => createPolicy({ allow: entries })).toThrow('incomplete-list');
    expect(() => createPolicy({ deny: entries })).toThrow('incomplete-list');
  });

  test('the texts of included files are read where they are given, each once', () => {
    const includes = {
      '/a': '192.0.2.2 # a\nInclude /b\nInclude /a\n',
      '/b': 'Include /a\n192.0.2.300\n192.0.2.3',
    };
    const list = read('192.0.2.1\nInclude /a\nInclude  /b \n', { includes });
    expect(shortOf(list)).toEqual(['192.0.2.1', '192.0.2.2 a', '192.0.2.3', 'octet-range 3:1-12']);
    expect(list.entries.map(({ line }) => line)).toEqual([1, 2, 3]);
    expect(shortOf(read('Include /a\n', { includes: { '/a': 'Include /c\n' } }))).toEqual(['include 1:1-11']);
  });

  test('says nothing of what it is for', () => {
    const { rules, problems } = read('192.0.2.1\n');
    expect([rules, problems]).toEqual([[], []]);
  });

  test('takes every prefix, with any note', () => {
    const prefix = fc
      .tuple(fc.bigInt(0n, 0xffff_ffffn), fc.integer({ min: 1, max: 32 }))
      .map(
        ([address, length]) =>
          `${goldenText(4, (address >> BigInt(32 - length)) << BigInt(32 - length))}/${length}`,
      );
    const note = fc.constantFrom(
      '',
      ' # x',
      ' # tcp|in|d=22|s=1.2.3.4',
      '\t0.0.0.0/0',
      ' #"\\',
      ' # do not delete',
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(prefix, note), { minLength: 1 }), (lines) => {
        const { entries, problems } = read(lines.map(([text, after]) => `${text}${after}\n`).join(''));
        expect(problems).toEqual([]);
        expect(AddressSet.of(entries).equals(AddressSet.of(lines.map(([text]) => text)))).toBe(true);
      }),
    );
  });

  test('takes hostile text in linear time', () => {
    for (const part of ['|', '=', ' ', '#', 'Include', 'Include x\n', '192.0.2.1 # x\n', '\f', '1.'])
      expect(growthOf((size) => () => read(part.repeat(size)))).toBeLessThan(6);
  });
});
