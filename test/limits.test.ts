import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { type ClientResolver, createClientResolver } from '../src/public/client.ts';
import { createMatcher, createPolicy, normalize, parseList } from '../src/public/index.ts';
import { compareLists, lintList, RestrictionList } from '../src/public/list.ts';

/**
 * Fits the exponent of run time against size: 1 is linear, 2 quadratic. The fastest of several runs of each size is
 * taken, which leaves out what other programs and the garbage collector did.
 */
function fitExponent(prepare: (size: number) => () => unknown, from: number, steps: number): number {
  const points: (readonly [number, number])[] = [];
  for (let step = 0; step < steps; step++) {
    const size = from * 2 ** step;
    const run = prepare(size);
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 7; round++) {
      const start = process.hrtime.bigint();
      run();
      best = Math.min(best, Number(process.hrtime.bigint() - start));
    }
    points.push([Math.log(size), Math.log(best)]);
  }
  const meanOf = (column: 0 | 1): number =>
    points.reduce((sum, point) => sum + point[column], 0) / points.length;
  const [meanX, meanY] = [meanOf(0), meanOf(1)];
  const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const variance = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return covariance / variance;
}

const LINEAR = 1.4;

const outcome = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error;
  }
};

const decidable = createPolicy({ deny: '10.0.0.0/8', exempt: '@private' });
const numbered = (index: number): string =>
  `10.${(index >>> 16) & 255}.${(index >>> 8) & 255}.${index & 255}`;
const manyLines = (size: number, line: (index: number) => string): string =>
  Array.from({ length: size }, (_, index) => line(index)).join('\n');

const resolverOf = (header: string): ClientResolver =>
  createClientResolver({ trusted: '10.0.0.0/8', header, maxHeaderLength: 2 ** 30 });
const resolveList = resolverOf('x-forwarded-for');
const resolveForwarded = resolverOf('forwarded');
const resolveSingle = resolverOf('x-real-ip');

const half = (size: number): string => 'n'.repeat(size / 2);

/** What grows, and how it is read. */
const cases: readonly (readonly [name: string, prepare: (size: number) => () => unknown])[] = [
  [
    'decide: colons',
    (size) => {
      const text = ':'.repeat(size);
      return () => decidable.decide(text);
    },
  ],
  [
    'explain: groups',
    (size) => {
      const text = '1:'.repeat(size);
      return () => decidable.explain(text);
    },
  ],
  [
    'normalize: hyphens',
    (size) => {
      const text = '-'.repeat(size);
      return () => outcome(() => normalize(text));
    },
  ],
  [
    'normalize: ranges of ranges',
    (size) => {
      const text = '1.2.3.4-'.repeat(size / 8);
      return () => outcome(() => normalize(text));
    },
  ],
  [
    'one line of digits',
    (size) => {
      const text = '1'.repeat(size);
      return () => parseList(text);
    },
  ],
  [
    'one line of blanks',
    (size) => {
      const text = `10.0.0.1${' '.repeat(size)}x`;
      return () => parseList(text);
    },
  ],
  [
    'one line of blanks around hyphens',
    (size) => {
      const text = `10.0.0.1${' -'.repeat(size / 2)}`;
      return () => parseList(text);
    },
  ],
  [
    'one line of words',
    (size) => {
      const text = '10.0.0.1 '.repeat(size / 9);
      return () => parseList(text);
    },
  ],
  [
    'one line of commas',
    (size) => {
      const text = `10.0.0.1${','.repeat(size)}`;
      return () => parseList(text);
    },
  ],
  [
    'one line of slashes',
    (size) => {
      const text = `10.0.0.1${'/'.repeat(size)}`;
      return () => parseList(text);
    },
  ],
  [
    'one line of hashes',
    (size) => {
      const text = `10.0.0.1 ${'#'.repeat(size)}`;
      return () => parseList(text);
    },
  ],
  [
    'one line of stars and dots',
    (size) => {
      const text = '*.'.repeat(size / 2);
      return () => parseList(text);
    },
  ],
  [
    'one line of brackets',
    (size) => {
      const text = '['.repeat(size);
      return () => parseList(text);
    },
  ],
  [
    'one line of names',
    (size) => {
      const text = '@private '.repeat(size / 9);
      return () => parseList(text);
    },
  ],
  [
    'good lines',
    (size) => {
      const text = manyLines(size / 16, numbered);
      return () => parseList(text, { maxEntries: size });
    },
  ],
  [
    'bad lines',
    (size) => {
      const text = manyLines(size / 16, (index) => `10.0.0.${index}.x`);
      return () => parseList(text);
    },
  ],
  [
    'empty lines',
    (size) => {
      const text = '\n'.repeat(size);
      return () => parseList(text);
    },
  ],
  [
    'the same line',
    (size) => {
      const text = manyLines(size / 16, () => '10.0.0.1/8');
      return () => createPolicy({ deny: text }, { maxEntries: size });
    },
  ],
  [
    'the same range',
    (size) => {
      const text = manyLines(size / 32, () => '10.0.0.1-10.0.9.9');
      return () => createPolicy({ deny: text }, { maxEntries: size });
    },
  ],
  [
    'ranges that overlap',
    (size) => {
      const text = manyLines(size / 64, (index) => `${numbered(index)}-${numbered(index + size)}`);
      return () => createPolicy({ deny: text }, { maxEntries: size });
    },
  ],
  [
    'a policy of networks',
    (size) => {
      const text = manyLines(
        size / 16,
        (index) => `${numbered(Math.imul(index, 2654435761))}/${8 + (index % 25)}`,
      );
      return () => createPolicy({ allow: text }, { maxEntries: size });
    },
  ],
  [
    'a policy of IPv6 networks',
    (size) => {
      const text = manyLines(
        size / 16,
        (index) =>
          `2001:db8:${(index & 0xffff).toString(16)}::${(index >>> 4).toString(16)}/${32 + (index % 97)}`,
      );
      return () => createPolicy({ allow: text }, { maxEntries: size });
    },
  ],
  [
    'a long note and many repetitions of its entry',
    (size) => {
      const text = `@loopback # ${half(size)}\n${'@loopback\n'.repeat(size / 20)}`;
      return () => parseList(text, { maxEntries: size });
    },
  ],
  [
    'the warnings of a policy',
    (size) => {
      const text = `10.0.0.1/8 # ${half(size)}\n${'10.0.0.1/8\n'.repeat(size / 22)}`;
      return () => createPolicy({ deny: text }, { maxEntries: size }).problems;
    },
  ],
  [
    'explain over many entries',
    (size) => {
      const policy = createPolicy({ deny: manyLines(size / 16, () => '10.0.0.0/8') }, { maxEntries: size });
      return () => policy.explain('10.0.0.1');
    },
  ],
  [
    'items of an iterable',
    (size) => {
      const items = Array.from({ length: size / 16 }, (_, index) => ({
        address: numbered(index),
        note: 'note',
      }));
      return () => createPolicy({ deny: new Set(items) }, { maxEntries: size });
    },
  ],
  [
    'a list that is added to',
    (size) => {
      const list = RestrictionList.parse('deny', manyLines(size / 32, numbered), { maxEntries: size });
      const addresses = manyLines(size / 32, (index) => numbered(index + size));
      return () => list.add(addresses, 'note').problems;
    },
  ],
  [
    'a list with CR and empty lines, of which every second line goes',
    (size) => {
      const text = manyLines(size / 16, (index) => (index % 2 === 0 ? '10.0.0.1\r' : '# x\r\n\n'));
      const list = RestrictionList.parse('deny', text, { maxEntries: size });
      return () => list.remove('10.0.0.1');
    },
  ],
  [
    'a group of one entry in many spellings that gets others',
    (size) => {
      const text = manyLines(size / 32, (index) => `10.0.0.${index & 255}/24 # note`);
      const list = RestrictionList.parse('deny', text, { maxEntries: size });
      const addresses = manyLines(size / 32, (index) => `10.0.0.${(index >> 8) & 255}/24`);
      return () => list.editGroup('note', { addresses, note: 'other' });
    },
  ],
  [
    'a group that is not there among many',
    (size) => {
      const text = manyLines(size / 32, (index) => `10.0.0.1 # ${index}`);
      const list = RestrictionList.parse('deny', text, { maxEntries: size });
      return () => outcome(() => list.removeGroup('none'));
    },
  ],
  [
    'two lists of one entry with many notes',
    (size) => {
      const options = { maxEntries: size };
      const before = manyLines(size / 32, (index) => `10.0.0.1 # ${index}`);
      const after = manyLines(size / 32, (index) => `10.0.0.1 # ${index * 2}`);
      const old = RestrictionList.parse('deny', before, options);
      const now = RestrictionList.parse('deny', after, options);
      return () => compareLists(old, now);
    },
  ],
  [
    'two lists of different entries',
    (size) => {
      const options = { maxEntries: size };
      const old = RestrictionList.parse('deny', manyLines(size / 32, numbered), options);
      const now = RestrictionList.parse(
        'deny',
        manyLines(size / 32, (index) => numbered(index * 3)),
        options,
      );
      return () => compareLists(old, now);
    },
  ],
  [
    'a matcher',
    (size) => {
      const entries = Array.from({ length: size / 16 }, (_, index) => [numbered(index), index] as const);
      return () => createMatcher(entries);
    },
  ],
  [
    'x-forwarded-for: commas',
    (size) => {
      const header = ','.repeat(size);
      return () => resolveList('10.0.0.1', header);
    },
  ],
  [
    'x-forwarded-for: blanks',
    (size) => {
      const header = ' '.repeat(size);
      return () => resolveList('10.0.0.1', header);
    },
  ],
  [
    'x-forwarded-for: blanks between commas',
    (size) => {
      const header = ' ,\t'.repeat(size / 3);
      return () => resolveList('10.0.0.1', header);
    },
  ],
  [
    'x-forwarded-for: trusted addresses',
    (size) => {
      const header = '10.0.0.1,'.repeat(size / 9);
      return () => resolveList('10.0.0.1', header);
    },
  ],
  [
    'x-forwarded-for: one long element',
    (size) => {
      const header = '1'.repeat(size);
      return () => resolveList('10.0.0.1', header);
    },
  ],
  [
    'x-forwarded-for: brackets',
    (size) => {
      const header = '['.repeat(size);
      return () => resolveList('10.0.0.1', header);
    },
  ],
  [
    'x-forwarded-for: colons',
    (size) => {
      const header = ':'.repeat(size);
      return () => resolveList('10.0.0.1', header);
    },
  ],
  [
    'forwarded: trusted nodes',
    (size) => {
      const header = 'for=10.0.0.1,'.repeat(size / 13);
      return () => resolveForwarded('10.0.0.1', header);
    },
  ],
  [
    'forwarded: open quotes',
    (size) => {
      const header = '"'.repeat(size);
      return () => resolveForwarded('10.0.0.1', header);
    },
  ],
  [
    'forwarded: an open quote and backslashes',
    (size) => {
      const header = `for="${'\\\\'.repeat(size / 2)}`;
      return () => resolveForwarded('10.0.0.1', header);
    },
  ],
  [
    'forwarded: an escaped node',
    (size) => {
      const header = `for="${'\\1'.repeat(size / 2)}"`;
      return () => resolveForwarded('10.0.0.1', header);
    },
  ],
  [
    'forwarded: semicolons',
    (size) => {
      const header = ';'.repeat(size);
      return () => resolveForwarded('10.0.0.1', header);
    },
  ],
  [
    'forwarded: parameters',
    (size) => {
      const header = 'for=a;'.repeat(size / 6);
      return () => resolveForwarded('10.0.0.1', header);
    },
  ],
  [
    'forwarded: blanks',
    (size) => {
      const header = `for=10.0.0.1${' '.repeat(size)}x`;
      return () => resolveForwarded('10.0.0.1', header);
    },
  ],
  [
    'x-real-ip: blanks',
    (size) => {
      const header = `${' '.repeat(size)}x${' '.repeat(size)}`;
      return () => resolveSingle('10.0.0.1', header);
    },
  ],
  [
    'x-forwarded-for: lines',
    (size) => {
      const lines = Array<string>(size / 8).fill('10.0.0.1');
      return () => resolveList('10.0.0.1', lines);
    },
  ],
  [
    'lintList: a time of its own for each entry',
    (size) => {
      const until = (index: number): string => new Date(1.8e12 + index * 60_000).toISOString();
      const text = manyLines(size / 16, (index) => `${numbered(index * 2)} until ${until(index)}`);
      return () => lintList(text, { mode: 'deny', reach: 'private' });
    },
  ],
];

describe('time grows at most in proportion', () => {
  test.each(cases)('%s', (_, prepare) => {
    // A busy machine can spoil one fit; what is quadratic spoils every one.
    let exponent = fitExponent(prepare, 2 ** 14, 5);
    for (let retry = 0; retry < 2 && exponent >= LINEAR; retry++) exponent = fitExponent(prepare, 2 ** 14, 5);
    expect(exponent).toBeLessThan(LINEAR);
  });

  test('and the fit would catch what is quadratic', () => {
    const quadratic = (size: number) => (): number => {
      let sum = 0;
      for (let outer = 0; outer < size; outer++)
        for (let inner = 0; inner < size; inner++) sum += inner & outer;
      return sum;
    };
    expect(fitExponent(quadratic, 2 ** 8, 5)).toBeGreaterThan(1.7);
  });
});

describe('sizes that are promised', () => {
  test('100,000 lines, and a line of a million characters, are read and reported', () => {
    const text = manyLines(100_000, (index) => (index % 2 === 0 ? numbered(index) : `bad ${index}`));
    const { entries, problems } = parseList(text, { maxEntries: 100_000 });
    expect([entries.length, problems.length]).toEqual([50_000, 50_000]);
    const [problem] = parseList(`10.0.0.1 # ok\n${'x'.repeat(1_000_000)}`).problems;
    expect(problem).toMatchObject({ line: 2, column: 1, code: 'too-long' });
    expect(problem?.message.length).toBeLessThan(300);
    const {
      entries: [entry],
    } = parseList(`10.0.0.1 # ${'n'.repeat(1_000_000)}`);
    expect(entry?.note).toHaveLength(1_000_000);
  });

  test('allows and decide take no memory, however often they are called', () => {
    // A process of its own, with room for all that a round could allocate, so that nothing is collected within one.
    const measure = (method: string, times: number): number => {
      const program = `
        import { createPolicy } from '${new URL('../dist/index.js', import.meta.url).href}';
        const lines = Array.from({ length: 1000 }, (_, index) => '10.' + (index >> 8) + '.' + (index & 255) + '.0/24');
        const policy = createPolicy({ deny: lines, exempt: '@loopback' });
        const clients = ['10.0.5.5', '::ffff:10.0.5.5', '192.0.2.1', '2001:db8::1', 'nonsense', '10.0.0.1:80', 'fe80::1%eth0'];
        // Kept, or the compiler would find that nobody looks at the answer and not make it.
        globalThis.kept = [];
        const ask = (times) => {
          for (let round = 0; round < times; round++) {
            for (let each = 0; each < clients.length; each++) globalThis.kept[each] = policy.${method}(clients[each]);
          }
        };
        ask(${times});
        const growths = [];
        for (let round = 0; round < 5; round++) {
          gc();
          const before = process.memoryUsage().heapUsed;
          ask(${times});
          growths.push(process.memoryUsage().heapUsed - before);
        }
        console.log(Math.min(...growths));`;
      const flags = [
        '--expose-gc',
        '--max-semi-space-size=64',
        '--min-semi-space-size=64',
        '--input-type=module',
        '-e',
        program,
      ];
      return Number(execFileSync(process.execPath, flags, { encoding: 'utf8' }));
    };
    // 210,000 questions, of which 60,000 are answered with an entry.
    expect(measure('allows', 30_000)).toBeLessThan(100_000);
    expect(measure('decide', 30_000)).toBeLessThan(100_000);
    // The control: what is allocated is seen.
    expect(measure('explain', 30)).toBeGreaterThan(100_000);
  });
});
