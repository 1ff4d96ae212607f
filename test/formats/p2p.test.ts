import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emule, p2p } from '../../src/formats/p2p.ts';
import { importList } from '../../src/public/formats.ts';
import { createPolicy } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { AddressSet } from '../../src/public/set.ts';
import { goldenText } from '../golden/address.ts';
import { growthOf } from '../support/reads.ts';

const shortOf = ({ entries, problems }: ReturnType<typeof importList>): unknown[] => [
  ...entries.map(({ action, address, note }) =>
    [action, address, note].filter((part) => part !== undefined).join(' '),
  ),
  ...problems.map(({ code, line, column, endColumn }) => `${code} ${line}:${column}-${endColumn}`),
];

const names = fc.array(
  fc.constantFrom('A', ':', '-', ' ', '1.2.3.4-1.2.3.5', ',', '\r', 'é', ';', '"', '\\'),
  {
    maxLength: 6,
  },
);
const ranges = fc
  .tuple(fc.bigInt(0n, 0xffff_ffffn), fc.bigInt(0n, 0xffff_ffffn))
  .map((ends) => ends.sort((one, other) => (one < other ? -1 : 1)).map((end) => goldenText(4, end)));

describe('PeerGuardian in', () => {
  test.each<[string, string, unknown[]]>([
    ['colons in names', 'A: B (C):192.0.2.0-192.0.2.3', ['192.0.2.0/30 A: B (C)']],
    ['more colons', 'something:more detail:192.0.2.1-192.0.2.1', ['192.0.2.1 something:more detail']],
    ['a name that looks like an address', 'a:192.0.2.1-192.0.2.9', ['192.0.2.1-192.0.2.9 a']],
    ['no name', ':192.0.2.1-192.0.2.2', ['192.0.2.1-192.0.2.2']],
    ['blanks', ' x : 192.0.2.0 - 192.0.2.1 \r\n', ['192.0.2.0/31 x']],
    ['comments', '# x:192.0.2.1-192.0.2.2\n\n// y:192.0.2.1-192.0.2.2\n', []],
    ['a byte order mark', '\uFEFFx:192.0.2.0-192.0.2.1', ['192.0.2.0/31 x']],
    [
      'a carriage return in a name',
      'x\ry:0.0.0.0-255.255.255.255:192.0.2.0-192.0.2.1',
      ['192.0.2.0/31 x y:0.0.0.0-255.255.255.255', 'note-changed 2:27-46'],
    ],
    ['padding', 'x:192.000.002.000-192.000.002.003', ['octet-leading-zero 1:7-10']],
    ['the wrong order', 'x:192.0.2.9-192.0.2.1', ['range-reversed 1:3-22']],
    ['no colon', '192.0.2.1-192.0.2.9', ['syntax 1:1-20']],
    ['one address', 'x:192.0.2.1', ['syntax 1:1-12']],
    ['IPv6', 'x:2001:db8::1-2001:db8::9', ['syntax 1:1-26']],
    ['another file', '<html>\n<p>x:y', ['syntax 1:1-7', 'syntax 2:1-7']],
  ])('%s', (_name, text, expected) => {
    expect(shortOf(importList(text, { format: p2p }))).toEqual(expected);
  });

  test('whatever the name is, the range is blocked and nothing else', () => {
    fc.assert(
      fc.property(names, ranges, (name, [first = '', last = '']) => {
        const text = `x${name.join('')}:${first}-${last}\n`;
        const { rules, problems } = importList(text, { format: p2p, mode: 'deny' });
        expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
        const policy = createRules({ rules, otherwise: 'allow' });
        const denied = AddressSet.allowedBy(policy).complement();
        expect(denied.equals(AddressSet.of(`${first}-${last}`))).toBe(true);
      }),
    );
  });

  test('with a bad line it still blocks the others, and allows nobody', () => {
    const { entries } = importList('x:192.0.2.1-192.0.2.2\ny:192.0.2.300-192.0.2.301\n', { format: p2p });
    expect(createPolicy({ deny: entries }).allows('192.0.2.1')).toBe(false);
    expect(() => createPolicy({ allow: entries })).toThrow('incomplete-list');
  });

  test('another file is no list', () => {
    const { entries } = importList('<html>\n', { format: p2p });
    expect(() => createPolicy({ deny: entries })).toThrow('incomplete-list');
  });
});

describe('ipfilter.dat in', () => {
  test.each<[string, string, unknown[]]>([
    ['padding', '192.000.002.000 - 192.000.002.255 , 000 , x', ['deny 192.0.2.0/24 x']],
    ['octal digits', '010.008.000.000 - 010.009.255.255 , 000 , x', ['deny 10.8.0.0/15 x']],
    ['no padding', '192.0.2.0 - 192.0.2.9 , 100 , A, B\r\n', ['deny 192.0.2.0-192.0.2.9 A, B']],
    ['no blanks', '192.0.2.0-192.0.2.9,100,A', ['deny 192.0.2.0-192.0.2.9 A']],
    ['a range alone', '10.0.0.0-10.0.0.9\r\n', ['deny 10.0.0.0-10.0.0.9']],
    ['no name', '10.0.0.0-10.0.0.9 , 127', ['deny 10.0.0.0-10.0.0.9']],
    ['comments', '# 10.0.0.0-10.0.0.9\n// 10.0.0.0-10.0.0.9\n \n', []],
    ['a level of 127', '192.0.2.0-192.0.2.1 , 127 , x', ['deny 192.0.2.0/31 x']],
    ['a level of 128', '192.0.2.0-192.0.2.1 , 128 , x', ['skipped 1:1-30']],
    ['a level of 200', '192.000.002.000 - 192.000.002.127 , 200 , x', ['skipped 1:1-44']],
    ['a level that is very large', '192.0.2.0-192.0.2.1 , 99999999999 , x', ['skipped 1:1-38']],
    ['no level', '192.0.2.0-192.0.2.1 , , x', ['syntax 1:1-26']],
    ['a level that is no number', '192.0.2.0-192.0.2.1 , -1 , x', ['syntax 1:1-29']],
    ['four digits', '192.0.2.0-192.0.2.0001 , 1 , x', ['octet-leading-zero 1:1-23']],
    ['two digits', '192.0.2.00-192.0.2.1 , 1 , x', ['octet-leading-zero 1:1-21']],
    ['a large octet', '192.0.2.000-192.0.2.256 , 1 , x', ['octet-range 1:1-24']],
    ['one address', '192.0.2.1 , 1 , x', ['syntax 1:1-18']],
    [
      'a carriage return in a name',
      '192.0.2.0-192.0.2.1,1,x\r0.0.0.0-255.255.255.255',
      ['deny 192.0.2.0/31 x 0.0.0.0-255.255.255.255', 'note-changed 1:1-20'],
    ],
  ])('%s', (_name, text, expected) => {
    expect(shortOf(importList(text, { format: emule }))).toEqual(expected);
  });

  test('nothing of it can let somebody in', () => {
    const { entries, rules } = importList('192.0.2.0-192.0.2.9 , 1 , x\n', { format: emule });
    expect(() => createPolicy({ allow: entries })).toThrow('action-differs');
    expect(createRules({ rules, otherwise: 'allow' }).allows('192.0.2.9')).toBe(false);
  });

  test('padded or not, the same clients are blocked', () => {
    fc.assert(
      fc.property(ranges, (ends) => {
        const padded = ends.map((end) =>
          end
            .split('.')
            .map((octet) => octet.padStart(3, '0'))
            .join('.'),
        );
        const [one, other] = [ends, padded].map(
          ([first, last]) => importList(`${first} - ${last} , 000 , x`, { format: emule }).entries,
        );
        expect(one).toEqual(other);
        expect(AddressSet.of(one ?? []).equals(AddressSet.of(ends.join('-')))).toBe(true);
      }),
    );
  });
});

test('hostile text is read in linear time', () => {
  for (const format of [p2p, emule]) {
    for (const part of [
      ':',
      '-',
      ',',
      '\n',
      '\r',
      '.',
      '0',
      ' ',
      '#\n',
      'x:192.0.2.0-192.0.2.1,1,x\n',
      '1.1.1.1-',
    ])
      expect(growthOf((size) => () => importList(part.repeat(size), { format }))).toBeLessThan(6);
  }
});
