/** Lines are filtered as a naive program does it with strings and `decide`, wherever the bytes are cut into chunks. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AnyJudge } from '../../src/cli/filter-any.ts';
import { DelimitedJudge, FieldJudge, type Judge, type Labels } from '../../src/cli/filter-fields.ts';
import { JsonJudge } from '../../src/cli/filter-json.ts';
import { DECIDED_WITHIN, LineFilter } from '../../src/cli/filter-lines.ts';
import { type ByteDecider, decideBytesOf } from '../../src/policy/bytes.ts';
import { createPolicy } from '../../src/public/index.ts';
import { addressText, nearMiss } from '../support/arbitraries.ts';
import { anyOf, cellOf, fieldOf, jsonOf } from './filter-oracle.ts';

const policy = createPolicy({
  deny: '10.0.0.0/8 # ten\n1.2.3.4\n2001:db8::/32\n::/1\n128.0.0.0/2',
  exempt: '10.0.0.9',
});
const decider = decideBytesOf(policy) as ByteDecider;

type Find = (line: string) => string | undefined;

/** Each way to find the client, and its twin on strings. */
const ways: readonly (readonly [name: string, judge: (labels: Labels) => Judge, find: Find])[] = [
  ['the first field', (labels) => new FieldJudge(labels, 1, false), (line) => fieldOf(line, 1, false)],
  ['the third field', (labels) => new FieldJudge(labels, 3, false), (line) => fieldOf(line, 3, false)],
  ['a quoted field', (labels) => new FieldJudge(labels, 2, true), (line) => fieldOf(line, 2, true)],
  ['a cell', (labels) => new DelimitedJudge(labels, 0x2c, 2, false), (line) => cellOf(line, ',', 2, false)],
  [
    'a quoted cell',
    (labels) => new DelimitedJudge(labels, 0x2c, 2, true),
    (line) => cellOf(line, ',', 2, true),
  ],
  ['any address', (labels) => new AnyJudge(labels), anyOf],
  ['JSON', (labels) => new JsonJudge(labels, ['client', 'ip']), (line) => jsonOf(line, ['client', 'ip'])],
];

const verdictOf = (client: string | undefined): string => policy.decide(client).verdict;
const isDenied = (label: number): boolean => decider.decision(label).verdict === 'deny';

/** What a program that knows nothing of chunks does. */
function naive(files: readonly Buffer[], find: Find, isWanted: (client: string | undefined) => boolean) {
  let out = '';
  let lines = 0;
  let found = 0;
  for (const file of files) {
    for (const whole of file.toString('latin1').match(/[^\n]*\n|[^\n]+$/g) ?? []) {
      lines++;
      if (!isWanted(find(whole.replace(/\r?\n$/, '')))) continue;
      found++;
      if (out !== '' && !out.endsWith('\n')) out += '\n';
      out += whole;
    }
  }
  return { out, lines, found };
}

/** Runs the filter on files in chunks of the given lengths, which are taken in turn. */
function filter(
  files: readonly Buffer[],
  judge: Judge,
  lengths: readonly number[],
  within?: number,
  copies = true,
) {
  const lines = new LineFilter(judge, { isWanted: isDenied, count: undefined, copies }, within);
  const out: Buffer[] = [];
  let turn = 0;
  for (const file of files) {
    for (let at = 0; at < file.length; ) {
      const room = lines.room();
      expect(room.length).toBeGreaterThan(0);
      const chunk = file.subarray(at, at + Math.min(room.length, lengths[turn++ % lengths.length] as number));
      room.set(chunk);
      out.push(Buffer.from(lines.take(chunk.length)));
      at += chunk.length;
    }
    out.push(Buffer.from(lines.finish()));
  }
  return { out: Buffer.concat(out).toString('latin1'), lines: lines.lines, found: lines.found };
}

const latin1 = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  text.filter((one) => !/[^\0-\xff]/.test(one));
const filler = fc.string({
  unit: fc.constantFrom(...' \t,;"\\.:[]{}=-_%/x0af\r', '\0', '\xe9'),
  maxLength: 9,
});
const client = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      '1.2.3.4',
      '10.0.0.9',
      '10.1.1.1',
      '9.9.9.9',
      '2001:db8::1',
      'a000::1',
      '::ffff:10.0.0.1',
    ),
  },
  addressText,
  latin1(nearMiss),
);
const parts = fc.array(fc.oneof(client, filler, fc.constantFrom(' ', ',', '","', '" "', '\t')), {
  maxLength: 6,
});
const jsonLine = fc
  .tuple(client, fc.constantFrom('ip', '\\u0069p', 'IP', '__proto__'), filler, fc.nat(5))
  .map(([ip, key, other, shape]) => {
    const text = JSON.stringify(ip).replace('.', shape === 0 ? '\\u002e' : '.');
    if (shape === 1) return `{"client":{"ip":"9.9.9.9","${key}":${text}}}`;
    if (shape === 2) return `{"client":${text}}`;
    if (shape === 3) return `{"client":{"${key}":${text}}`;
    return ` {"x":${JSON.stringify(other)},"client":{"${key}":${text}},"y":[1]}`;
  });
const line = fc.oneof(
  { weight: 3, arbitrary: parts.map((texts) => texts.join('')) },
  client.map((text) => `${text} - - [29/Nov/2026:14:00:07 +0000] "GET / HTTP/1.1" 200 5`),
  jsonLine,
  fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);
const file = fc
  .tuple(fc.array(fc.tuple(line, fc.constantFrom('\n', '\n', '\r\n')), { maxLength: 12 }), fc.boolean())
  .map(([lines, isWhole]) => {
    const text = lines.flat().join('');
    return Buffer.from(isWhole ? text : text.replace(/\r?\n$/, ''), 'latin1');
  });
const lengths = fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 6 });

describe('lines of bytes', () => {
  test.each(ways)('are filtered by %s as a naive program does it', (_, makeJudge, find) => {
    fc.assert(
      fc.property(fc.array(file, { maxLength: 3 }), lengths, (files, chunks) => {
        const expected = naive(files, find, (found) => verdictOf(found) === 'deny');
        expect(filter(files, makeJudge(decider), chunks)).toEqual(expected);
        expect(filter(files, makeJudge(decider), chunks, undefined, false)).toEqual({ ...expected, out: '' });
      }),
      { numRuns: 600 },
    );
  });

  test.each(ways)(
    'longer than the buffer are decided by %s by their start, in chunks of any length',
    (_, makeJudge, find) => {
      const within = 40;
      fc.assert(
        fc.property(fc.array(file, { maxLength: 3 }), lengths, (files, chunks) => {
          const found = filter(files, makeJudge(decider), chunks, within);
          expect(found).toEqual(filter(files, makeJudge(decider), [1], within));
          // Shorter lines are decided as a whole; of longer ones, only what is certain by their start can be found.
          const expected = naive(files, find, (client) => verdictOf(client) === 'deny');
          expect(found.lines).toBe(expected.lines);
          const isShort = files.every((one) =>
            one
              .toString('latin1')
              .split('\n')
              .every((text) => text.length < within),
          );
          if (isShort) expect(found).toEqual(expected);
        }),
        { numRuns: 300 },
      );
    },
  );

  test('that are too long go where their start goes, to the byte', () => {
    const judge = new FieldJudge(decider, 1, false);
    const long = (start: string, length: number): string => start.padEnd(length, 'x');
    const kept = [
      long('1.2.3.4 ', 39),
      long('1.2.3.4 ', 40),
      long('1.2.3.4 ', 41),
      long('1.2.3.4 ', 400),
      long('', 60),
    ];
    const dropped = [long('9.9.9.9 ', 39), long('9.9.9.9 ', 40), long('9.9.9.9 ', 41), long('9.9.9.9 ', 400)];
    for (const end of ['\n', '\r\n']) {
      for (const length of [1, 7, 39, 40, 41, 1000]) {
        for (const last of ['', kept[3], dropped[3]]) {
          const text = [...kept, ...dropped, ...kept].map((one) => one + end).join('') + last;
          const expected =
            [...kept, ...kept].map((one) => one + end).join('') + (last === kept[3] ? last : '');
          expect(filter([Buffer.from(text)], judge, [length], 40).out).toBe(expected);
        }
      }
    }
  });

  test('that are too long have no client that their start may have cut', () => {
    const judge = new FieldJudge(decider, 1, false);
    // Its first seven bytes are another address, which is not denied.
    expect(filter([Buffer.from('9.9.9.99 x\n')], judge, [3], 7).found).toBe(1);
    expect(filter([Buffer.from('9.9.9.9 x\n')], judge, [3], 8).found).toBe(0);
    const cell = new DelimitedJudge(decider, 0x2c, 2, true);
    expect(filter([Buffer.from('x,9.9.9.99,y\n')], cell, [3], 9).found).toBe(1);
    expect(filter([Buffer.from('x,9.9.9.9,yy\n')], cell, [3], 10).found).toBe(0);
    const json = new JsonJudge(decider, ['a']);
    expect(filter([Buffer.from('{"a":"9.9.9.9"} and more\n')], json, [3], 15).found).toBe(1);
    expect(filter([Buffer.from('{"a":"9.9.9.9"}\n')], json, [3], 16).found).toBe(0);
    const any = new AnyJudge(decider);
    expect(filter([Buffer.from('x 9.9.9.9.example\n')], any, [3], 9).found).toBe(1);
    expect(filter([Buffer.from('x 9.9.9.9 example\n')], any, [3], 10).found).toBe(0);
  });

  test('of the next file begin on a line of their own', () => {
    const judge = new FieldJudge(decider, 1, false);
    const files = ['1.2.3.4 a', '', '9.9.9.9 b', '\n', '1.2.3.4 c\r', '1.2.3.4 d\n', '9.9.9.9'].map((text) =>
      Buffer.from(text),
    );
    expect(filter(files, judge, [4]).out).toBe('1.2.3.4 a\n\n1.2.3.4 c\r\n1.2.3.4 d\n');
    expect(filter([...files, Buffer.from('1.2.3.4')], judge, [100]).out).toBe(
      '1.2.3.4 a\n\n1.2.3.4 c\r\n1.2.3.4 d\n1.2.3.4',
    );
    expect(
      filter([Buffer.from('1.2.3.4 '.padEnd(90, 'x')), Buffer.from('1.2.3.4')], judge, [5], 20).out,
    ).toBe(`${'1.2.3.4 '.padEnd(90, 'x')}\n1.2.3.4`);
  });

  test.each([
    ['"a\\" b" 1.2.3.4', ' ', 2],
    ['"a\\\\" 1.2.3.4', ' ', 2],
    ['"" "1.2.3.4"', ' ', 2],
    ['"a"b 1.2.3.4', ' ', 2],
    ['"a""b,", "c",1.2.3.4', ',', 3],
    ['"a\\",1.2.3.4', ',', 2],
    ['"","1.2.3.4"', ',', 2],
  ])('with quotes as in %s have their fields between blanks and commas', (text, delimiter, number) => {
    const makeJudge = (isQuoted: boolean): Judge =>
      delimiter === ' '
        ? new FieldJudge(decider, number, isQuoted)
        : new DelimitedJudge(decider, 0x2c, number, isQuoted);
    const bytes = Buffer.from(text);
    const label = makeJudge(true).label(bytes, 0, bytes.length, false);
    expect(decider.decision(label).entry?.text).toBe('1.2.3.4');
  });

  test('at the end of what could be read have no client that may have been cut', () => {
    for (const [text, isFound] of [
      ['9.9.9.9', true],
      ['9.9.9.9 ', false],
      ['1.2.3.4 x', true],
    ] as const) {
      const lines = new LineFilter(new FieldJudge(decider, 1, false), {
        isWanted: isDenied,
        count: undefined,
        copies: true,
      });
      lines.room().set(Buffer.from(text));
      lines.take(text.length);
      expect(Buffer.from(lines.finish(true)).toString()).toBe(isFound ? text : '');
    }
  });

  test('are kept in one buffer of a fixed size, however many and however long they are', () => {
    const lines = new LineFilter(new AnyJudge(decider), {
      isWanted: isDenied,
      count: undefined,
      copies: true,
    });
    const { buffer } = lines.room();
    expect(buffer.byteLength).toBe(DECIDED_WITHIN + 1);
    let out = 0;
    for (let turn = 0; turn < 60; turn++) {
      const room = lines.room() as Buffer;
      expect(room.buffer).toBe(buffer);
      // Short lines, then one that never ends.
      room.fill(turn < 20 ? '1.2.3.4 denied\n9.9.9.9 allowed\n' : 'x ');
      const kept = lines.take(room.length);
      expect(kept.length === 0 || kept.buffer === buffer).toBe(true);
      out += kept.length;
    }
    expect(out).toBeGreaterThan(40 * DECIDED_WITHIN);
    expect(lines.finish()).toHaveLength(0);
  });

  test('are counted one by one, right after their client was found', () => {
    const labels: number[] = [];
    const judge = new FieldJudge(decider, 1, false);
    const lines = new LineFilter(judge, {
      isWanted: (label) => label !== 0,
      count: (label) => labels.push(label),
      copies: false,
    });
    const text = Buffer.from('1.2.3.4\n9.9.9.9\n10.0.0.9 x\nnobody\n10.1.1.1');
    lines.room().set(text);
    expect(lines.take(text.length)).toHaveLength(0);
    expect(lines.finish()).toHaveLength(0);
    expect(labels.map((label) => decider.decision(label).entry?.text)).toEqual([
      '1.2.3.4',
      '10.0.0.9',
      undefined,
      '10.0.0.0/8',
    ]);
    expect([lines.lines, lines.found]).toEqual([5, 4]);
  });
});
