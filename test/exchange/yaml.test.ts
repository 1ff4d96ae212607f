import { describe, expect, test } from 'vitest';
import * as yaml from 'yaml';
import { k8sNetworkPolicy } from '../../src/formats/kubernetes.ts';
import { traefik } from '../../src/formats/traefik.ts';
import { importList } from '../../src/public/formats.ts';
import { createPolicy } from '../../src/public/index.ts';

const read = (text: string): ReturnType<typeof importList> => importList(text, { format: traefik, yaml });

/** Problems with the part of the text that each is about. */
const problemsOf = (text: string): string[] => {
  const lines = text.split('\n');
  return read(text).problems.map(
    ({ code, line, column, endColumn }) => `${code} ${lines[line - 1]?.slice(column - 1, endColumn - 1)}`,
  );
};

/** A middleware with this list. */
const listed = (range: string, before = ''): string =>
  `${before}http: { middlewares: { a: { ipAllowList: { sourceRange: ${range} } } } }`;

describe('YAML', () => {
  test.each([
    ['plain', '[192.0.2.1/24]', 'host-bits-set 192.0.2.1/24'],
    ['in double marks', '["192.0.2.1/24"]', 'host-bits-set 192.0.2.1/24'],
    ['in single marks', "['192.0.2.1/24']", 'host-bits-set 192.0.2.1/24'],
    ['with an anchor', '[&x 192.0.2.1/24]', 'host-bits-set 192.0.2.1/24'],
    ['with the tag of text', '[!!str 192.0.2.1/24]', 'host-bits-set 192.0.2.1/24'],
    ['a number', '[192.0]', 'syntax 192.0'],
    ['a number with "_"', '[1_0]', 'invalid-character 1_0'],
    ['an octal number', '[0o12]', 'syntax 0o12'],
    ['null', '[~]', 'syntax ~'],
    ['a truth value', '[true]', 'syntax true'],
    ['binary data', '[!!binary MTkyLjAuMi4x]', 'syntax MTkyLjAuMi4x'],
    ['another tag', '[!x 192.0.2.1]', 'syntax 192.0.2.1'],
    ['a map', '[{ a: b }]', 'syntax { a: b }'],
    ['a list', '[[192.0.2.1]]', 'syntax [192.0.2.1]'],
  ])('places a value exactly: %s', (_, range, problem) => {
    expect(problemsOf(listed(range))).toEqual([problem]);
  });

  test('keeps places after a byte order mark, with CR LF and wide characters', () => {
    expect(problemsOf(`\ufeff# 😀\r\n${listed('["192.0.2.1/24"]')}`)).toEqual(['host-bits-set 192.0.2.1/24']);
  });

  test('the comment after a value is its note, and no other', () => {
    const text =
      'http:\n  middlewares:\n    a:\n      ipAllowList:\n        sourceRange:\n        # no\n        - 192.0.2.1 # one\n        - "192.0.2.2"  # two # x\n        - 192.0.2.3\n        # no\n';
    expect(read(text).entries.map(({ note }) => note)).toEqual(['one', 'two # x', undefined]);
  });

  test.each([
    ['an alias to nothing', listed('*x')],
    ['an alias in itself', listed('&x [*x]')],
    ['an alias to a later value', `${listed('*x')}\ny: &x [192.0.2.1]`],
    ['an anchor of another document', `y: &x [192.0.2.1]\n---\n${listed('*x')}`],
    ['a key twice', `${listed('[192.0.2.1]')}\ny: 1\n"y": 2`],
    [
      'a merged key that is before the merge',
      `x: &x { sourceRange: [0.0.0.0/0] }\nhttp: { middlewares: { a: { ipAllowList: { sourceRange: [192.0.2.1], <<: *x } } } }`,
    ],
    ['a list as a key', `${listed('[192.0.2.1]')}\n? [a]\n: b`],
    ['a tag of a map', `${listed('[192.0.2.1]')}\ny: !x { a: b }`],
    ['an error in a later document', `${listed('[192.0.2.1]')}\n---\n[`],
    ['a carriage return that may end a comment', `# x\r${listed('[192.0.2.1]')}`],
    ['a line separator in a comment', `# x\u2028y\n${listed('[192.0.2.1]')}`],
    ['a next line character in a comment', `# x\u0085y\n${listed('[192.0.2.1]')}`],
  ])('is refused: %s', (_, text) => {
    const list = read(text);
    expect(list.problems.map(({ code }) => code)).toEqual(['syntax']);
    expect(() => createPolicy({ deny: list.entries })).toThrow('incomplete-list');
  });

  test('an alias means the anchor that was there when its value was written', () => {
    const text = `a: &x 192.0.2.1\nb: &y [*x]\nc: &x 0.0.0.0/0\n${listed('*y')}`;
    expect(read(text).entries.map(({ address, line }) => [address, line])).toEqual([['192.0.2.1', 1]]);
  });

  test('fields after a merge, and earlier maps, count more', () => {
    const of = (range: string): string => `{ sourceRange: [${range}] }`;
    const merged = (map: string): string =>
      `a: &a ${of('192.0.2.1')}\nb: &b ${of('192.0.2.2')}\nhttp: { middlewares: { m: { ipAllowList: ${map} } } }`;
    const addressesOf = (map: string): string[] => read(merged(map)).entries.map(({ address }) => address);
    expect(addressesOf('{ <<: [*a, *b] }')).toEqual(['192.0.2.1']);
    expect(addressesOf('{ <<: *a, sourceRange: [192.0.2.3] }')).toEqual(['192.0.2.3']);
    // In quotation marks, it is a key like any other.
    expect(addressesOf('{ "<<": *a, sourceRange: [192.0.2.3] }')).toEqual([]);
  });

  test('aliases of aliases are bounded', () => {
    let text = 'a0: &a0 [192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4, 192.0.2.5, 192.0.2.6, 192.0.2.7]\n';
    for (let level = 1; level < 30; level++)
      text += `a${level}: &a${level} [${Array.from({ length: 7 }, () => `*a${level - 1}`).join(', ')}]\n`;
    const { problems } = read(text + listed('*a29'));
    expect(problems.map(({ message }) => message)).toEqual(['aliases repeat too many values']);
    let maps = 'm0: &m0 { k0: 1 }\n';
    for (let level = 1; level < 3000; level++)
      maps += `m${level}: &m${level} { <<: *m${level - 1}, k${level}: 1 }\n`;
    expect(read(maps).problems.map(({ message }) => message)).toEqual(['aliases repeat too many values']);
    let deep = 'd0: &d0 []\n';
    for (let level = 1; level < 3000; level++) deep += `d${level}: &d${level} [*d${level - 1}]\n`;
    expect(read(deep).problems.map(({ code }) => code)).toEqual(['syntax']);
  });

  test('takes hostile text in linear time', () => {
    // Deep nesting would end the process: the module composes recursively, with regular expressions at the end of the stack.
    for (const part of [
      '[',
      '{',
      '- ',
      '? ',
      '"',
      '&a ',
      '*a ',
      'a: b\n',
      '- a\n',
      '---\n',
      '# a\n',
      '[a]\n',
      '|\n',
      '!',
      ',',
      'a: &a [*a]\n',
      '\n ',
      ': ',
    ])
      expect(importList(part.repeat(10_000), { format: k8sNetworkPolicy, yaml }).entries).toEqual([]);
    const many = '192.0.2.1, '.repeat(20_000);
    expect(read(listed(`[${many}]`)).entries).toHaveLength(20_000);
    const keys = Array.from({ length: 20_000 }, (_, index) => `k${index}: 1\n`).join('');
    expect(read(keys + listed('[192.0.2.1]')).entries).toHaveLength(1);
  });
});
