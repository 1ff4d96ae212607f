import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noImportValues } from '../../src/exchange/import-options.ts';
import { Importing } from '../../src/exchange/importing.ts';
import { type JsonNode, other, readJson, textOf } from '../../src/syntax/json.ts';
import { findJsonFault, MOST_LEVELS } from '../../src/syntax/json-fault.ts';
import { growthOf } from '../support/reads.ts';

const importingOf = (text: string): Importing => new Importing(text, noImportValues);

const faultsOf = (text: string, root: JsonNode = other): (readonly [string, number, number])[] => {
  const importing = importingOf(text);
  readJson(importing, root);
  return importing.problems.map(({ code, line, column }) => [code, line, column] as const);
};

/** A document in one of its many layouts, with the place of each scalar by its path. */
interface Printed {
  readonly text: string;
  readonly places: readonly (readonly [path: string, start: number, end: number])[];
}

const blanks = fc.constantFrom('', '', ' ', '\n  ', '\r\n\t');

/** Prints a value with blanks and escapes as they come. */
function print(value: unknown, gaps: readonly string[]): Printed {
  let text = '';
  let used = 0;
  const places: (readonly [string, number, number])[] = [];
  const gap = (): string => gaps[used++ % gaps.length] as string;
  const add = (part: unknown, path: string): void => {
    text += gap();
    if (Array.isArray(part)) {
      text += '[';
      part.forEach((each, index) => {
        if (index > 0) text += ',';
        add(each, `${path}/${index}`);
      });
      text += `${gap()}]`;
    } else if (typeof part === 'object' && part !== null) {
      text += '{';
      Object.entries(part).forEach(([name, each], index) => {
        text += `${index > 0 ? ',' : ''}${gap()}${write(name, used)}${gap()}:`;
        add(each, `${path}/${name}`);
      });
      text += `${gap()}}`;
    } else {
      const written = typeof part === 'string' ? write(part, used) : JSON.stringify(part);
      places.push([path, text.length, text.length + written.length]);
      text += written;
    }
    text += gap();
  };
  add(value, '');
  return { text, places };
}

/** A string, now and then with all of its characters escaped. */
function write(value: string, turn: number): string {
  if (turn % 3 > 0) return JSON.stringify(value).replaceAll('/', '\\/');
  const units = Array.from({ length: value.length }, (_, at) => value.charCodeAt(at));
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"`;
}

/** A node that takes all that is in a document. */
function nodeOf(path: string, take: (path: string, start: number, end: number) => void): JsonNode {
  let index = 0;
  // An array has one node for all of its elements.
  const element = (): JsonNode => ({
    get members() {
      return { named: [], unnamed: (name: string) => nodeOf(`${path}/${index++}/${name}`, take) };
    },
    scalar: (start, end) => take(`${path}/${index++}`, start, end),
    any: () => {
      index++;
    },
  });
  return {
    members: { named: [], unnamed: (name) => nodeOf(`${path}/${name}`, take) },
    elements: element(),
    scalar: (start, end) => take(path, start, end),
  };
}

const flat = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(true, false, null),
);

const nested = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    flat,
    fc.array(flat, { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
  ),
})).value;

describe('places of values', () => {
  test('are those of the values that the platform reads', () => {
    fc.assert(
      fc.property(nested, fc.array(blanks, { minLength: 1, maxLength: 9 }), (value, gaps) => {
        const { text, places } = print(value, gaps);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        const importing = importingOf(text);
        const found: (readonly [string, number, number])[] = [];
        expect(
          readJson(
            importing,
            nodeOf('', (path, start, end) => found.push([path, start, end])),
          ),
        ).toBe(true);
        expect(importing.problems).toEqual([]);
        expect(found).toEqual(places);
        for (const [, start, end] of found) {
          const said: unknown = JSON.parse(text.slice(start, end));
          if (typeof said === 'string') expect(textOf(text, start, end)).toBe(said);
        }
      }),
    );
  });

  test('a name that is there twice is refused where a program could mean either', () => {
    const root: JsonNode = { members: { named: [['a', other]] } };
    expect(faultsOf('{"a": 1, "b": 2, "b": 3}', root)).toEqual([['skipped', 1, 10]]);
    expect(faultsOf('{"a": 1,\n "\\u0061": 2}', root)).toEqual([['syntax', 2, 2]]);
  });

  test('names that objects inherit are names like all others', () => {
    const root: JsonNode = { members: { named: [['a', other]] } };
    expect(faultsOf('{"__proto__": 1, "constructor": 2, "a": 3}', root)).toEqual([
      ['skipped', 1, 2],
      ['skipped', 1, 18],
    ]);
  });

  test('a value of another kind is an error at its place', () => {
    const root: JsonNode = { members: { named: [['a', { elements: { scalar: () => {} } }]] } };
    expect(faultsOf('{"a":\n {"b": ["}"]}}', root)).toEqual([['syntax', 2, 2]]);
    expect(faultsOf('{"a": ["x", ["]"], "y"]}', root)).toEqual([['syntax', 1, 13]]);
    expect(faultsOf('[]', root)).toEqual([['syntax', 1, 1]]);
  });
});

describe('text that is not JSON', () => {
  test.each([
    ['', 'truncated', 1, 1],
    [' \n ', 'truncated', 2, 2],
    ['<!doctype html>', 'syntax', 1, 1],
    ['{"a": 1', 'truncated', 1, 8],
    ['{"a":\n', 'truncated', 2, 1],
    ['{"a', 'truncated', 1, 4],
    ['{"a": "b\\', 'truncated', 1, 10],
    ['{"a": "\\u00', 'truncated', 1, 12],
    ['{"a": tr', 'truncated', 1, 9],
    ['{"a": -', 'truncated', 1, 8],
    ['{"a": 1.', 'truncated', 1, 9],
    ['[1,', 'truncated', 1, 4],
    ['[1,]', 'syntax', 1, 4],
    ['[1 2]', 'syntax', 1, 4],
    ['{"a" 1}', 'syntax', 1, 6],
    ['{a: 1}', 'syntax', 1, 2],
    ["{'a': 1}", 'syntax', 1, 2],
    ['{"a": 1,}', 'syntax', 1, 9],
    ['[1}', 'syntax', 1, 3],
    ['[01]', 'syntax', 1, 2],
    ['[+1]', 'syntax', 1, 2],
    ['[NaN]', 'syntax', 1, 2],
    ['["a\nb"]', 'syntax', 1, 4],
    ['["\\x"]', 'syntax', 1, 3],
    ['["\\u12g4"]', 'syntax', 1, 3],
    ['{} {}', 'syntax', 1, 4],
    ['[1],', 'syntax', 1, 4],
    ['[1],2', 'syntax', 1, 4],
    ['{}\n{}', 'syntax', 2, 1],
    ['// a\n{}', 'syntax', 1, 1],
    ['[1, // a\n2]', 'syntax', 1, 5],
    ['\ufeff{"a": 1', 'truncated', 1, 9],
    ['error code: 1015', 'syntax', 1, 1],
  ])('%j is the problem %s at line %i, column %i', (text, code, line, column) => {
    expect(faultsOf(text)).toEqual([[code, line, column]]);
  });

  test('is refused at the first place at which it can no longer become JSON', () => {
    const changed = fc
      .tuple(
        nested,
        fc.nat(),
        fc.constantFrom('', '{', '}', '[', ']', '"', ',', ':', '\\', '\n', 'x', '1', '-', '.'),
      )
      .map(([value, at, sign]) => {
        const text = JSON.stringify({ a: value });
        const place = at % text.length;
        return text.slice(0, place) + sign + text.slice(place + (sign === '' ? 1 : 0));
      });
    fc.assert(
      fc.property(changed, (text) => {
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        fc.pre(!isJson);
        const fault = findJsonFault(text, 0);
        // Not the answer that is given when nothing was found.
        expect(fault.message).not.toContain('could not be read');
        // What is before it could have been the start of JSON, or is all of it.
        const before = findJsonFault(text.slice(0, fault.at), 0);
        expect([
          before.code === 'truncated' || before.message.includes('could not be read'),
          before.at,
        ]).toEqual([true, fault.at]);
      }),
    );
  });

  test('every start of a document that is not one is cut off, and is nothing else', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), nested, { minKeys: 1, maxKeys: 4 }), fc.nat(), (value, at) => {
        const text = JSON.stringify(value);
        const fault = findJsonFault(text.slice(0, at % text.length), 0);
        expect([fault.code, fault.at]).toEqual(['truncated', at % text.length]);
      }),
    );
  });

  test('is refused at the same depth whatever the platform reads', () => {
    const deep = (levels: number, inner = '1'): string => '['.repeat(levels) + inner + ']'.repeat(levels);
    const root: JsonNode = { members: { named: [['a', other]] } };
    expect(faultsOf(`{"a": ${deep(MOST_LEVELS - 1)}}`, root)).toEqual([]);
    expect(faultsOf(`{"a": ${deep(100_000)}}`, root)).toEqual([['syntax', 1, 6 + MOST_LEVELS]]);
    expect(faultsOf(`{"a": ${deep(100_000, '')}`, root)).toEqual([['syntax', 1, 6 + MOST_LEVELS]]);
  });
});

describe('what is read grows with the text and no faster', () => {
  const root: JsonNode = {
    members: { named: [['a', { elements: { scalar: () => {} } }]], unnamed: () => other },
  };
  const read = (make: (size: number) => string) => (size: number) => {
    const text = make(size);
    return () => {
      readJson(importingOf(text), root);
    };
  };

  test.each<[string, (size: number) => string]>([
    ['many elements', (size) => `{"a": [${'"192.0.2.1", '.repeat(size)}""]}`],
    ['many members', (size) => `{${Array.from({ length: size }, (_, at) => `"m${at}": 1`).join()}}`],
    ['a string of quotation marks', (size) => `{"a": ["${'\\"'.repeat(size)}"]}`],
    ['a string of backslashes', (size) => `{"a": ["${'\\\\'.repeat(size)}"]}`],
    ['backslashes before each mark', (size) => `{"a": ["${'\\\\\\"'.repeat(size)}"]}`],
    ['many blanks', (size) => `{"a": [${' '.repeat(size)}1${'\n'.repeat(size)}]}`],
    ['no end', (size) => `{"a": ["${'x'.repeat(size)}`],
    ['no end after backslashes', (size) => `{"a": ["${'\\"'.repeat(size)}`],
    ['deep', (size) => `{"a": ${'['.repeat(size)}`],
    ['many values before a fault', (size) => `{"a": [${'"x", 1, '.repeat(size)}]}`],
  ])('%s', (_, make) => {
    expect(growthOf(read(make))).toBeLessThan(5);
  });

  test('and what is quadratic would be seen', () => {
    const quadratic = (size: number) => () => {
      const text = '"'.repeat(size);
      for (let at = 0; at < size; at++) text.slice(at);
    };
    expect(growthOf(quadratic)).toBeGreaterThan(12);
  });
});
