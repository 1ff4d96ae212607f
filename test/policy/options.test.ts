/** Options in the wrong kind of object would be ignored in silence, and with them a guard, or what closes a list. */

import { describe, expect, test } from 'vitest';
import { createPolicy, ListError } from '../../src/public/index.ts';
import { lintList, minimize, RestrictionList } from '../../src/public/list.ts';

function codesOf(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ListError)) throw error;
    return error.problems.map(({ source, code }) => `${source} ${code}`);
  }
  return [];
}

const containers = [
  ['an empty array', []],
  ['an array', [{ whenEmpty: 'deny' }]],
  ['a Map', new Map([['whenEmpty', 'deny']])],
  ['a Set', new Set(['whenEmpty'])],
  ['search parameters', new URLSearchParams('whenEmpty=deny')],
  ['headers', new Headers({ whenEmpty: 'deny' })],
  ['a promise', Promise.resolve({ whenEmpty: 'deny' })],
  [
    'a generator',
    (function* () {
      yield 'whenEmpty';
    })(),
  ],
] as const;

describe('options', () => {
  test.each(containers)('in %s are refused', (_, options) => {
    const refused = ['options invalid-option'];
    expect(codesOf(() => createPolicy({ allow: '' }, options as never))).toEqual(refused);
    expect(codesOf(() => lintList('10.0.0.1', options as never))).toEqual(refused);
    expect(codesOf(() => minimize('10.0.0.1', options as never))).toEqual(refused);
    expect(codesOf(() => RestrictionList.parse('allow', '', options as never))).toEqual(refused);
  });

  test('of a class of the user’s own are read', () => {
    class Options {
      readonly #verdict = 'deny';
      get whenEmpty(): 'deny' {
        return this.#verdict;
      }
    }
    expect(createPolicy({ allow: '' }, new Options()).decide('192.0.2.1').verdict).toBe('deny');
  });
});

test.each(['whenEmpty', 'mustAllow', 'mustDeny'])(
  '%s is an error when it is null, as it closes something',
  (name) => {
    expect(codesOf(() => createPolicy({ allow: '10.0.0.1', [name]: null } as never)).join()).toMatch(
      /invalid-option/,
    );
    expect(codesOf(() => createPolicy({ allow: '10.0.0.1' }, { [name]: null } as never)).join()).toMatch(
      /invalid-option/,
    );
    expect(
      codesOf(() => createPolicy({ allow: '10.0.0.1', exempt: null, maxEntries: null } as never)),
    ).toEqual([]);
  },
);

test('ifRevision is an error when it is null, or no revision at all', () => {
  const list = RestrictionList.parse('allow', '10.0.0.1');
  expect(codesOf(() => list.edit('10.0.0.2', { ifRevision: null } as never))).toEqual([
    'options invalid-option',
  ]);
  for (const ifRevision of ['', '*', `"${list.revision}"`, `W/"${list.revision}"`]) {
    expect(() => list.edit('10.0.0.2', { ifRevision })).toThrow(/is not the revision of a list: .* ETag/);
  }
});

describe('a list or a guard that only seems to be empty is refused', () => {
  const withLength = (length: unknown): unknown[] =>
    new Proxy(['192.0.2.1'], {
      get: (target, name) => (name === 'length' ? length : Reflect.get(target, name)),
    });

  test.each([Number.NaN, -1, undefined])('with the length %s', (length) => {
    expect(codesOf(() => createPolicy({ allow: withLength(length) as string[] }))).toEqual([
      'allow unreadable',
    ]);
    const entries = withLength(length);
    expect(codesOf(() => createPolicy({ mode: 'allow', entries } as never))).toEqual(['options unreadable']);
    const mustDeny = withLength(length) as string[];
    expect(codesOf(() => createPolicy({ deny: '' }, { mustDeny }))).toEqual(['mustDeny invalid-option']);
  });

  test.each([
    ['a Map', new Map()],
    ['bytes', new Uint8Array(0)],
    ['headers', new Headers()],
    ['search parameters', new URLSearchParams()],
    ['form data', new FormData()],
  ] as const)('as %s', (_, empty) => {
    expect(codesOf(() => createPolicy({ allow: empty as never }))).toEqual(['allow not-a-string']);
    expect(codesOf(() => createPolicy({ deny: '' }, { mustDeny: empty as never }))).toEqual([
      'mustDeny invalid-option',
    ]);
  });

  const read = <Item>(items: Iterator<Item>): Iterator<Item> => {
    while (items.next().done !== true);
    return items;
  };

  test.each([
    ['a generator', () => read((function* () {})())],
    ['an iterator of an array', () => read(['192.0.2.1'].values())],
    ['the keys of a Map', () => read(new Map([['192.0.2.1', 1]]).keys())],
  ] as const)('as %s that may have been read before', (_, used) => {
    for (const mode of ['allow', 'deny', 'exempt']) {
      const input = mode === 'exempt' ? { deny: '', exempt: used() } : { [mode]: used() };
      expect(codesOf(() => createPolicy(input as never))).toEqual([`${mode} unreadable`]);
    }
    expect(codesOf(() => createPolicy({ deny: '', mustDeny: used() as never }))).toEqual([
      'mustDeny invalid-option',
    ]);
    // An empty collection is an empty list.
    expect(createPolicy({ allow: new Set<string>(), whenEmpty: 'deny' }).size).toBe(0);
  });
});
