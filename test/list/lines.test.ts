import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eachLine } from '../../src/list/grammar.ts';
import { type LineEdit, rewriteLines, trimBlanks, withEntry, withNote } from '../../src/list/lines.ts';
import { parseList } from '../../src/public/index.ts';
import { type GoldenLine, goldenLineEnd, goldenLines, goldenText } from '../golden/lines.ts';

const content = fc.oneof(
  fc.constantFrom('', '10.0.0.1', ' 10.0.0.0/8 # Office ', '# comment', '\t', '2001:db8::/32#x'),
  fc.string({ unit: fc.constantFrom(...'ab # \t\u00a0\ufeff\u2028'), maxLength: 6 }),
);
const lineEnd = fc.constantFrom('\n', '\r\n', '\r');

/** Text of any line ends, with or without a mark and a last line. */
const text: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom('', '\ufeff'), fc.array(fc.tuple(content, lineEnd), { maxLength: 8 }), content)
  .map(([mark, lines, last]) => mark + lines.map((line) => line.join('')).join('') + last);

function linesOf(source: string): GoldenLine[] {
  const lines: GoldenLine[] = [];
  eachLine(source, (line, start, end, next) => {
    expect(line).toBe(lines.length + 1);
    lines.push({ content: source.slice(start, end), lineEnd: source.slice(end, next) });
  });
  return lines;
}

describe('eachLine', () => {
  test('finds the lines that the twin finds', () => {
    fc.assert(
      fc.property(text, (source) => {
        expect(linesOf(source)).toEqual(goldenLines(source).lines);
      }),
      { numRuns: 2_000 },
    );
  });

  test('counts lines as parseList does', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('10.0.0.1', '', '# x'), lineEnd)), (lines) => {
        const source = lines.map((line) => line.join('')).join('');
        const expected = linesOf(source).flatMap((line, index) =>
          line.content === '10.0.0.1' ? [index + 1] : [],
        );
        expect(parseList(source).entries.map(({ line }) => line)).toEqual(expected);
      }),
    );
  });
});

const edits = (changes: Record<number, readonly string[]>): Map<number, LineEdit> =>
  new Map(Object.entries(changes).map(([line, contents]) => [Number(line), () => contents]));

describe('rewriteLines', () => {
  test.each<
    [before: string, changes: Record<number, string[]>, added: string[], after: string, what: string]
  >([
    ['a\nb\nc', {}, [], 'a\nb\nc', 'nothing'],
    ['a\nb\nc', { 2: [] }, [], 'a\nc', 'a line goes with the line end after it'],
    ['a\nb\nc', { 1: [] }, [], 'b\nc', 'the first line goes'],
    ['a\nb\nc', { 3: [] }, [], 'a\nb', 'the last line goes with the line end before it'],
    ['a\nb\nc\n', { 3: [] }, [], 'a\nb\n', 'the last line goes, and the text still ends with a line end'],
    ['a', { 1: [] }, [], '', 'the only line goes'],
    ['\ufeffa\nb', { 1: [] }, [], '\ufeffb', 'the mark stays when the first line goes'],
    [
      'a\r\nb\r\nc',
      { 2: ['x', 'y'] },
      [],
      'a\r\nx\r\ny\r\nc',
      'one line becomes two, with the line end of the text',
    ],
    ['a\rb\nc', { 2: ['x', 'y'] }, [], 'a\rx\ry\nc', 'the last of new lines has the line end of the old'],
    ['a\rb\n\nc', { 2: [] }, [], 'a\n\nc', 'CR and LF that meet stay two line ends'],
    ['a\rb\r\n\nc', { 2: [] }, [], 'a\n\nc', 'CR, and LF after a removed CRLF'],
    ['a\rb\r\n\r\nc', { 2: [] }, [], 'a\r\r\nc', 'CR and CRLF are two line ends'],
    ['', {}, ['a'], 'a', 'an added line is the first'],
    ['\ufeff', {}, ['a', 'b'], '\ufeffa\nb', 'added lines after the mark'],
    ['a', {}, ['b'], 'a\nb', 'an added line'],
    ['a\n', {}, ['b'], 'a\nb\n', 'an added line, and the text still ends with a line end'],
    ['a\n\n', {}, ['b'], 'a\n\nb\n', 'an added line after an empty one'],
    ['a\n ', {}, ['b'], 'a\n \nb', 'an added line after a blank one'],
    ['\n', {}, ['b'], '\nb\n', 'an added line after a line end'],
    ['\r', {}, ['b'], '\rb\r', 'an added line after CR'],
    ['a\r\nb', {}, ['c'], 'a\r\nb\r\nc', 'an added line ends as the first does'],
    ['a\nb', { 2: [] }, ['c'], 'a\nc', 'the last line goes, another comes'],
    ['a\nb\n', { 1: [], 2: [] }, [], '', 'all lines go'],
    ['a\nb\n', { 1: [], 2: [] }, ['c'], 'c\n', 'all lines go, another comes'],
  ])('$0: $4', (before, changes, added, after) => {
    expect(rewriteLines(before, edits(changes), added)).toBe(after);
  });

  test('does what an array of lines does', () => {
    const change = fc.oneof(
      fc.constant(undefined),
      fc.constant<string[]>([]),
      fc.array(fc.constantFrom('x', 'y # z', '10.0.0.9'), { minLength: 1, maxLength: 3 }),
    );
    fc.assert(
      fc.property(
        text,
        fc.array(change, { maxLength: 9 }),
        fc.array(fc.constantFrom('new', ''), { maxLength: 2 }),
        (source, changes, added) => {
          const { mark, lines } = goldenLines(source);
          // An empty last line is not a line to edit: it holds nothing.
          const isEmptyEnd = lines.at(-1)?.content === '';
          const wanted = new Map<number, LineEdit>();
          const expected: GoldenLine[] = [];
          lines.forEach((line, index) => {
            const replaced = index === lines.length - 1 && isEmptyEnd ? undefined : changes[index];
            if (index === lines.length - 1 && isEmptyEnd && added.length > 0) return;
            if (replaced === undefined) {
              expected.push(line);
              return;
            }
            wanted.set(index + 1, (old) => {
              expect(old).toBe(line.content);
              return replaced;
            });
            replaced.forEach((next, at) => {
              expected.push({ content: next, lineEnd: at === replaced.length - 1 ? line.lineEnd : '' });
            });
          });
          expected.push(...added.map((next) => ({ content: next, lineEnd: '' })));
          if (isEmptyEnd && added.length > 0 && lines.length > 1) expected.push({ content: '', lineEnd: '' });
          const usual = goldenLineEnd(source);
          expect(rewriteLines(source, wanted, added)).toBe(goldenText({ mark, lines: expected }, usual));
        },
      ),
      { numRuns: 5_000 },
    );
  });

  test('answers nothing when the text would be too long', () => {
    const long = 'n'.repeat(2 ** 20);
    const added = Array.from({ length: 300 }, () => long);
    expect(rewriteLines('', new Map(), added)).toBeUndefined();
  });
});

describe('a line of an entry', () => {
  test.each<[line: string, note: string | undefined, after: string]>([
    ['10.0.0.1', 'new', '10.0.0.1 # new'],
    ['10.0.0.1  ', 'new', '10.0.0.1 # new'],
    ['10.0.0.1 # old', 'new', '10.0.0.1 # new'],
    ['  10.0.0.1\t#old\u00a0', 'new', '  10.0.0.1\t#new\u00a0'],
    ['10.0.0.1#', 'new', '10.0.0.1# new'],
    ['10.0.0.1 #  ', 'new', '10.0.0.1 # new'],
    ['10.0.0.1 # a # b', '#c', '10.0.0.1 # #c'],
    ['  10.0.0.1 # old ', undefined, '  10.0.0.1'],
    ['10.0.0.1#', undefined, '10.0.0.1'],
    ['10.0.0.1', undefined, '10.0.0.1'],
    ['10.0.0.1 # old', '$& $1', '10.0.0.1 # $& $1'],
  ])('%j with the note %j is %j', (line, note, after) => {
    expect(withNote(line, note)).toBe(after);
    expect(parseList(after).entries[0]).toMatchObject({ text: '10.0.0.1', note });
  });

  test.each([
    ['10.0.0.1', '::1'],
    ['  10.0.0.1 # 10.0.0.1 ', '  ::1 # 10.0.0.1 '],
    ['\u00a010.0.0.1 - 10.0.0.9\t#x', '\u00a0::1\t#x'],
  ])('%j with the entry ::1 is %j', (line, after) => {
    expect(withEntry(line, '::1')).toBe(after);
  });

  test('blanks are what a list takes for blanks', () => {
    expect(trimBlanks(' \t\u00a0a b\u00a0 ')).toBe('a b');
    expect(trimBlanks('\u2003a')).toBe('\u2003a');
  });
});
