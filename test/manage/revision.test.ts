import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ListError } from '../../src/public/index.ts';
import { type ChangeOptions, RestrictionList } from '../../src/public/list.ts';

/** The twin: MurmurHash3 x86 128 as published, over bytes, in numbers that cannot overflow. */
function goldenRevision(mode: string, text: string): string {
  const units = Array.from({ length: mode.length + 1 + text.length }, (_, at) =>
    `${mode}\n${text}`.charCodeAt(at),
  );
  const bytes = units.flatMap((unit) => [unit & 255, unit >> 8]);
  const mask = 0xffffffffn;
  const rotate = (word: bigint, by: bigint): bigint => ((word << by) | (word >> (32n - by))) & mask;
  const [c1, c2, c3, c4] = [0x239b961bn, 0xab0e9789n, 0x38b34ae5n, 0xa1e38b93n];
  const wordAt = (at: number): bigint =>
    [3, 2, 1, 0].reduce((word, byte) => (word << 8n) | BigInt(bytes[at + byte] ?? 0), 0n);
  const mix = (word: bigint, one: bigint, by: bigint, two: bigint): bigint =>
    (rotate((word * one) & mask, by) * two) & mask;
  let [h1, h2, h3, h4] = [0n, 0n, 0n, 0n];
  const block = (at: number): void => {
    h1 ^= mix(wordAt(at), c1, 15n, c2);
    if (at + 16 <= bytes.length) h1 = ((rotate(h1, 19n) + h2) * 5n + 0x561ccd1bn) & mask;
    h2 ^= mix(wordAt(at + 4), c2, 16n, c3);
    if (at + 16 <= bytes.length) h2 = ((rotate(h2, 17n) + h3) * 5n + 0x0bcaa747n) & mask;
    h3 ^= mix(wordAt(at + 8), c3, 17n, c4);
    if (at + 16 <= bytes.length) h3 = ((rotate(h3, 15n) + h4) * 5n + 0x96cd1c35n) & mask;
    h4 ^= mix(wordAt(at + 12), c4, 18n, c1);
    if (at + 16 <= bytes.length) h4 = ((rotate(h4, 13n) + h1) * 5n + 0x32ac3b17n) & mask;
  };
  for (let at = 0; at < bytes.length; at += 16) block(at);
  const length = BigInt(bytes.length);
  const add = (): void => {
    h1 = (h1 + h2 + h3 + h4) & mask;
    [h2, h3, h4] = [(h2 + h1) & mask, (h3 + h1) & mask, (h4 + h1) & mask];
  };
  const finish = (word: bigint): bigint => {
    const once = ((word ^ (word >> 16n)) * 0x85ebca6bn) & mask;
    const twice = ((once ^ (once >> 13n)) * 0xc2b2ae35n) & mask;
    return twice ^ (twice >> 16n);
  };
  [h1, h2, h3, h4] = [h1 ^ length, h2 ^ length, h3 ^ length, h4 ^ length];
  add();
  [h1, h2, h3, h4] = [finish(h1), finish(h2), finish(h3), finish(h4)];
  add();
  return [h1, h2, h3, h4].map((word) => word.toString(16).padStart(8, '0')).join('');
}

describe('the revision of a list', () => {
  // From another implementation of the hash, `mmh3` for Python. They never change: programs store them.
  test.each<['allow' | 'deny', string, string]>([
    ['allow', '', 'e0198914ace02ce2c4ba5d1a96f21e9d'],
    ['deny', '', '4ed96b4b19a90eedc8c9cd845c985a6a'],
    ['deny', '10.0.0.1', '475eda0c770d81a65d268a0672e780c7'],
    [
      'allow',
      '203.0.113.0/24 # Office\n198.51.100.7 # B\u00fcro \u6771\u4eac \ud83d\ude00',
      '73495f6383f59af4634e02ac0ca32c53',
    ],
    ['deny', '# \ud800', 'cbff6931791e2e7a3651293dff1208f9'],
  ])('is pinned: %s %j', (mode, text, revision) => {
    expect(RestrictionList.parse(mode, text).revision).toBe(revision);
  });

  test('is that of the published algorithm, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('allow' as const, 'deny' as const),
        fc.string({ unit: 'binary', maxLength: 40 }),
        (mode, text) => {
          const comment = `#${text.replace(/[\n\r]/g, '')}`;
          expect(RestrictionList.parse(mode, comment).revision).toBe(goldenRevision(mode, comment));
        },
      ),
    );
  });

  test('depends on type and text, and on nothing else', () => {
    const list = RestrictionList.parse('deny', '10.0.0.1 # a\n');
    const same = [
      RestrictionList.parse('deny', '10.0.0.1 # a\n', { maxEntries: 7 }),
      RestrictionList.of('deny', '10.0.0.1 # a\n'),
      list.edit(list.toString()),
      list.add('10.0.0.2').remove('10.0.0.2'),
    ];
    expect(same.map(({ revision }) => revision)).toEqual(same.map(() => list.revision));
    const others = [
      RestrictionList.parse('allow', '10.0.0.1 # a\n'),
      ...[
        '10.0.0.1 # a',
        '10.0.0.1 # b\n',
        '10.0.0.1  # a\n',
        '\ufeff10.0.0.1 # a\n',
        '10.0.0.1 # a\r\n',
      ].map((text) => list.edit(text)),
    ];
    expect(new Set([list, ...others].map(({ revision }) => revision)).size).toBe(7);
  });

  test('is not the same for any two of many small lists', () => {
    const lists = Array.from({ length: 20_000 }, (_, at) => `10.${at >> 8}.${at & 255}.1`);
    const revisions = new Set(lists.map((text) => RestrictionList.parse('deny', text).revision));
    expect(revisions.size).toBe(lists.length);
  });
});

describe('ifRevision', () => {
  const list = RestrictionList.parse('deny', '10.0.0.1 # a\n10.0.0.0/24');
  const changes: [what: string, change: (options?: ChangeOptions) => unknown][] = [
    ['add', (options) => list.add('10.0.0.2', undefined, options)],
    ['editGroup', (options) => list.editGroup('a', { note: 'b' }, options)],
    ['removeGroup', (options) => list.removeGroup('a', options)],
    ['editEntry', (options) => list.editEntry('10.0.0.1', { note: 'b' }, options)],
    ['remove', (options) => list.remove('10.0.0.1', options)],
    ['exclude', (options) => list.exclude('10.0.0.1', options)],
    ['edit', (options) => list.edit('10.0.0.2', options)],
    ['switchTo', (options) => list.switchTo('allow', options)],
    ['switchTo the same type', (options) => list.switchTo('deny', options)],
  ];
  const problemsOf = (run: () => unknown): string[] => {
    try {
      run();
    } catch (error) {
      return (error as ListError).problems.map(({ source, code, message }) => `${source} ${code} ${message}`);
    }
    return [];
  };

  test('names every change of the class', () => {
    const reading = ['constructor', 'toString', 'toJSON', 'describe'];
    const methods = Object.getOwnPropertyNames(RestrictionList.prototype).filter(
      (name) => !reading.includes(name) && !name.startsWith('#'),
    );
    expect(methods.sort()).toEqual([...new Set(changes.map(([name]) => name.split(' ')[0]))].sort());
  });

  test.each(changes)('%s is made when it is that of the list, or not given', (_, change) => {
    const expected = JSON.stringify(change());
    for (const options of [{ ifRevision: list.revision }, {}, { ifRevision: undefined }, null, undefined]) {
      expect(JSON.stringify(change(options as ChangeOptions))).toBe(expected);
    }
  });

  test.each(changes)('%s is refused when the list is another by now', (_, change) => {
    const other = list.add('10.0.0.9').revision;
    expect(problemsOf(() => change({ ifRevision: other }))).toEqual([
      `options revision-conflict the change is for revision "${other}", and the list is at "${list.revision}": somebody else saved in between, so load the list again and make the change to that one`,
    ]);
    for (const near of ['', list.revision.toUpperCase(), `"${list.revision}"`, list.revision.slice(1), '*']) {
      expect(problemsOf(() => change({ ifRevision: near }))[0]).toMatch(/^options revision-conflict/);
    }
    expect(list.toString()).toBe('10.0.0.1 # a\n10.0.0.0/24');
  });

  test.each(changes)('%s refuses what is no revision and unknown options', (_, change) => {
    const code = (options: unknown): string =>
      problemsOf(() => change(options as ChangeOptions))
        .join()
        .split(' ')
        .slice(0, 2)
        .join(' ');
    for (const given of [5, true, {}, Symbol('x')])
      expect(code({ ifRevision: given })).toBe('options invalid-option');
    expect(code({ revision: list.revision })).toBe('options invalid-option');
    expect(code(list.revision)).toBe('options invalid-option');
    expect(code([list.revision])).toBe('options invalid-option');
  });

  test('is looked at first, as whoever saved may have removed what is meant', () => {
    const ifRevision = list.revision;
    const other = list.remove('10.0.0.1');
    for (const run of [
      () => other.editEntry('10.0.0.1', { note: 'x' }, { ifRevision }),
      () => other.editGroup('a', { note: 'x' }, { ifRevision }),
      () => other.edit('nonsense', { ifRevision }),
    ]) {
      expect(problemsOf(run)).toHaveLength(1);
      expect(problemsOf(run)[0]).toMatch(/^options revision-conflict/);
    }
  });

  test('is read once, and not from a polluted prototype', () => {
    let reads = 0;
    const options = {
      get ifRevision() {
        reads++;
        return reads === 1 ? 'x' : list.revision;
      },
    };
    expect(() => list.edit('', options)).toThrow(ListError);
    expect(reads).toBe(1);
    const prototype = Object.prototype as Record<string, unknown>;
    prototype['ifRevision'] = 'x';
    try {
      expect(list.edit('', {}).toString()).toBe('');
    } finally {
      delete prototype['ifRevision'];
    }
  });
});
