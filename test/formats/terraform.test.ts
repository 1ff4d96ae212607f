import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { terraform } from '../../src/formats/terraform.ts';
import { type ImportedList, type ImportOptions, importList } from '../../src/public/formats.ts';
import { createPolicy } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { AddressSet } from '../../src/public/set.ts';
import { entryText } from '../support/arbitraries.ts';
import { growthOf } from '../support/reads.ts';

const read = (text: string, options: Partial<ImportOptions> = {}): ImportedList =>
  importList(text, { format: terraform, ...options });

const problemsOf = ({ problems }: ImportedList): string[] =>
  problems.map(({ code, line, column }) => `${code} ${line}:${column}`);

const office = '["192.0.2.0/24"]';

describe('terraform', () => {
  test.each([
    ['a file of values', `allowed = ["192.0.2.0/24", "2001:db8::1"]\n`],
    ['a last comma, and no line end', 'allowed = [ "192.0.2.0/24" , "2001:db8::1" , ]'],
    ['lines', 'allowed = [\r\n  "192.0.2.0/24",\r\n  "2001:db8::1"\r\n]\r\n'],
    ['a comma on the next line', 'allowed = [\n  "192.0.2.0/24"\n  , "2001:db8::1"\n]\n'],
    [
      'comments of all kinds',
      '# = [\n// "198.51.100.1"\n/* allowed = [\n*/ allowed /* x */ = [ // "198.51.100.2" \\\n "192.0.2.0/24", # ]\n\n/* "198.51.100.3", */ "2001:db8::1" /* ] */\n]',
    ],
    [
      'a default',
      'variable "allowed" {\n  type = list(string)\n  default = ["192.0.2.0/24", "2001:db8::1"]\n}\n',
    ],
    ['a default on one line', 'variable "allowed" { default = ["192.0.2.0/24", "2001:db8::1"] }'],
    [
      'a block with others in it',
      'variable "allowed" {\n  validation {\n    condition = length(["x"]) > 0\n  }\n  default = ["192.0.2.0/24", "2001:db8::1"]\n}',
    ],
    ['names with hyphens', 'x-y = 1\nallowed = ["192.0.2.0/24", "2001:db8::1"]\né = 2'],
    ['locals', 'locals {\n  allowed = ["192.0.2.0/24", "2001:db8::1"]\n  region = "x"\n}'],
    [
      'other variables',
      '\ufeffregion = "eu-west-1"\nallowed = ["192.0.2.0/24", "2001:db8::1"]\ncount = 3\nisOn = true',
    ],
    [
      'resources with lists',
      `resource "a" "b" {\n  c = ["198.51.100.1"]\n  d {\n    default = {\n      x = [1, 2]\n    }\n  }\n}\nallowed = ["192.0.2.0/24", "2001:db8::1"]`,
    ],
  ])('reads %s', (_, text) => {
    for (const set of [undefined, 'allowed']) {
      const list = read(text, { set, mode: 'allow' });
      expect(list.problems).toEqual([]);
      expect(list.entries.map(({ address, label }) => [address, label])).toEqual([
        ['192.0.2.0/24', 'allowed'],
        ['2001:db8::1', 'allowed'],
      ]);
      expect(list.rules.map(({ name }) => name)).toEqual(['allowed']);
    }
  });

  test('the comment after an item is its note', () => {
    const { entries, problems } = read(
      'x = [\n  "192.0.2.1", # Office \r\n  "192.0.2.2" // "Lab", \\\n, "192.0.2.3", "192.0.2.4", #\n "192.0.2.5" /* no */\n]',
    );
    expect(problems).toEqual([]);
    expect(entries.map(({ note, line }) => [note, line])).toEqual([
      ['Office', 2],
      ['"Lab", \\', 3],
      [undefined, 4],
      [undefined, 4],
      [undefined, 5],
    ]);
  });

  test('one of several is chosen by name', () => {
    const text = `allowed = ${office}\ndenied = ["198.51.100.0/24"]\nvariable "more" { default = [] }\ntags = { a = "b" }\n`;
    expect(problemsOf(read(text))).toEqual(['set-required 2:1']);
    expect(read(text, { set: 'denied' }).entries.map(({ address }) => address)).toEqual(['198.51.100.0/24']);
    expect(problemsOf(read(text, { set: 'other' }))).toEqual(['unselected 1:1']);
    expect(problemsOf(read(text, { set: 'tags' }))).toEqual(['syntax 4:8']);
    const empty = read(text, { set: 'more' });
    expect(empty.problems).toEqual([]);
    expect(() => createPolicy({ allow: empty.entries })).toThrow('incomplete-list');
    expect(problemsOf(read(`${text}allowed = []`, { set: 'allowed' }))).toEqual(['set-required 5:1']);
  });

  test('what may be a list is not passed over', () => {
    for (const value of [
      'concat(var.a, ["0.0.0.0/0"])',
      'toset(["0.0.0.0/0"])',
      'var.a',
      '{ a = ["0.0.0.0/0"] }',
    ])
      expect(problemsOf(read(`a = ${value}\nb = ${office}`))).toEqual(['set-required 2:1']);
  });

  test.each([
    ['nothing', '', '1:1'],
    ['no list', 'region = "192.0.2.0/24"', '1:1'],
    ['a list in a resource only', `resource "a" "b" { c = ${office} }`, '1:1'],
    ['a default of something else', `variable "a" { b { default = ${office} } }`, '1:1'],
    ['a name', 'a = ["192.0.2.0/24", var.office]', '1:22'],
    ['a number', 'a = ["192.0.2.0/24", 10]', '1:22'],
    ['an object', 'a = [{ cidr = "192.0.2.0/24" }]', '1:6'],
    ['a list in a list', `a = [${office}]`, '1:6'],
    ['a list of every item', 'a = [for x in var.y : x]', '1:6'],
    ['an expression of text', 'a = ["192.0.2.0/24" == "x"]', '1:21'],
    ['no comma', 'a = ["192.0.2.0/24"\n"198.51.100.0/24"]', '2:2'],
    ['one item of a list', `a = ${office}[0]`, '1:21'],
    ['a comparison', `a = ${office} == []`, '1:22'],
    ['a function', `a = concat(${office}, var.b)`, '1:5'],
    ['what is filled in', `a = ["\${var.office}"]`, '1:7'],
    ['what is filled in elsewhere', `b = "x\${join("\\", [", c)}"\na = ${office}`, '1:7'],
    ['a condition in text', 'a = ["%{ if true }192.0.2.1%{ endif }"]', '1:7'],
    ['text in lines', 'a = [<<EOT\n192.0.2.1\nEOT\n]', '1:6'],
    ['text in indented lines', `b = <<-EOT\n  a = ["0.0.0.0/0"]\n  EOT\na = ${office}`, '1:5'],
    ['a comment that is never closed', `a = ${office} /* x`, '1:22'],
    ['text that is never closed', `b = "x\na = ${office}`, '1:5'],
    ['text that a backslash keeps open', `b = "x\\"\na = ${office}`, '1:5'],
    ['single quotation marks', "a = ['192.0.2.1']", '1:6'],
    ['a carriage return alone', 'a = [\r"192.0.2.1"]', '1:6'],
    ['a bracket too many', `a = ${office}]`, '1:21'],
    ['a brace too many', `a = ${office}\n}`, '2:1'],
    ['brackets that differ', 'b = [1, 2)\na = []', '1:10'],
    ['a sign without a meaning', `b = 1\u0000\na = ${office}`, '1:6'],
    ['a backslash', `a = \\\n${office}`, '1:5'],
    ['a variable with two names', `variable "a" "b" { default = ${office} }`, '1:1'],
    ['no value', `a =\n${office}`, '1:4'],
    ['two values on a line', `a = ${office} b = []`, '1:22'],
    ['JSON', `{"a": ${office}}`, '1:1'],
  ])('is refused: %s', (_, text, place) => {
    const list = read(text);
    expect(problemsOf(list)).toEqual([`syntax ${place}`]);
    expect(list.trust).toBe('refused');
    expect(() => createPolicy({ allow: list.entries })).toThrow('incomplete-list');
    expect(() => createPolicy({ deny: list.entries })).toThrow('incomplete-list');
    expect(() => createRules({ rules: list.rules, otherwise: 'allow' })).toThrow('incomplete-list');
  });

  test.each(['a = ["192.0.2.1",\n', `a = ${office}\nvariable "b" {\n`, 'a = { b = ['])(
    'is cut off: %j',
    (text) => {
      const list = read(text);
      expect(list.problems.map(({ code }) => code)).toEqual(['truncated']);
      expect(() => createPolicy({ deny: list.entries })).toThrow('incomplete-list');
    },
  );

  test.each([
    ['a group', '"sg-1234"'],
    ['nothing', '""'],
    ['an escaped sign', '"\\u0031.1.1.1"'],
    ['two in one', '"192.0.2.1,192.0.2.2"'],
    ['a leading zero', '"010.0.0.1"'],
  ])('no list that allows has a bad entry: %s', (_, item) => {
    const list = read(`a = ["192.0.2.0/24", ${item}]`);
    expect(list.problems.map(({ severity, line }) => [severity, line])).toEqual([['error', 1]]);
    expect(() => createPolicy({ allow: list.entries })).toThrow('incomplete-list');
    expect(createPolicy({ deny: list.entries }).allows('192.0.2.1')).toBe(false);
  });

  test('every list is read as it is, however it is laid out', () => {
    const blank = fc.constantFrom(
      '',
      ' ',
      '\n',
      '\r\n\t',
      ' # "0.0.0.0/0", ]\n',
      '// [ \\\n',
      '/* "::/0", */',
      '/**/',
    );
    const entry = entryText.filter((text) => !text.startsWith('@'));
    const items = fc.array(fc.tuple(blank, entry, blank));
    fc.assert(
      fc.property(items, blank, fc.boolean(), (parts, last, hasComma) => {
        const list = parts.map(([before, text, after]) => `${before}"${text}"${after}`).join(',');
        const comma = hasComma && parts.length > 0 ? ',' : '';
        const { entries, problems } = read(`b = ["0.0.0.0/0", "::/0"]\na = [${list}${comma}${last}]\n`, {
          set: 'a',
        });
        expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
        expect(entries).toHaveLength(parts.length);
        const expected = AddressSet.of(parts.map(([, text]) => text));
        expect(AddressSet.of(entries.map(({ address }) => address)).equals(expected)).toBe(true);
      }),
    );
  });

  test('what is in a comment is in no list after any change of one character', () => {
    const text = 'b = "x"\nvariable "a" {\n  default = [ # x\n    "192.0.2.1", /* "0.0.0.0/0" */\n  ]\n}\n';
    let whole = 0;
    for (const sign of ['', '"', '\\', '\n', '[', ']', '{', '}', '/', '#', '*', '$', ',', '=', ' ']) {
      for (let at = 0; at < text.length; at++) {
        const changed = text.slice(0, at) + sign + text.slice(at + (sign === '' ? 1 : 0));
        const { trust, entries } = read(changed);
        if (trust === 'refused') continue;
        whole++;
        const others = entries.filter(({ address }) => address !== '192.0.2.1').map(({ address }) => address);
        // Another address is what the change makes of the first one.
        expect({ changed, others: others.filter((address) => address.includes('/')) }).toEqual({
          changed,
          others: [],
        });
      }
    }
    expect(whole).toBeGreaterThan(100);
  });

  test.each([
    ['items', (size: number) => `a = [${'"192.0.2.1",'.repeat(size)}]`],
    ['notes', (size: number) => `a = [${'"192.0.2.1", # x\n'.repeat(size)}]`],
    ['variables', (size: number) => `${office}\n`.replace('[', 'a = [').repeat(size)],
    ['brackets', (size: number) => `a = ${'['.repeat(size)}`],
    ['braces', (size: number) => 'a {\n'.repeat(size)],
    ['comments', (size: number) => '/*/'.repeat(size)],
    ['quotation marks', (size: number) => `a = [${'"'.repeat(size)}`],
    ['backslashes', (size: number) => `a = ["${'\\'.repeat(size)}`],
    ['words', (size: number) => `a ${'b '.repeat(size)}`],
  ])('takes a time linear in the text: %s', (_, textOf) => {
    expect(growthOf((size) => () => read(textOf(size)))).toBeLessThan(5);
  });
});
