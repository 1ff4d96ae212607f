import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readInstant } from '../../src/list/times.ts';
import { createClientResolver } from '../../src/public/client.ts';
import {
  createMatcher,
  createPolicy,
  type Entry,
  ListError,
  normalize,
  ParseError,
  parseList,
} from '../../src/public/index.ts';

const LATER = '2026-12-31T18:00Z';
const at = new Date('2026-06-01T00:00Z');

function problemsOf(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ListError)
      return error.problems.map(
        (one) => `${one.source} ${one.line}:${one.column}-${one.endColumn} ${one.code}`,
      );
    throw error;
  }
  return [];
}

/** The slow, readable twin: the grammar as one expression, and the calendar by counting days. */
function goldenInstant(text: string): number | undefined {
  const found =
    /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?(?:[Zz]|([+-])(\d\d):(\d\d))$/.exec(
      text,
    );
  if (found === null) return undefined;
  const [year, month, day, hours, minutes, seconds] = found.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  if (month < 1 || month > 12 || day < 1 || day > (lengths[month - 1] as number)) return undefined;
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const [away, awayMinutes] = [Number(found[9] ?? 0), Number(found[10] ?? 0)];
  if (away > 23 || awayMinutes > 59) return undefined;
  let days = day - 1;
  for (let index = 0; index < month - 1; index++) days += lengths[index] as number;
  const before = year - 1;
  const daysBefore =
    year * 365 +
    (year > 0 ? Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) + 1 : 0);
  const offset = (found[8] === '-' ? -1 : 1) * (away * 60 + awayMinutes) * 60_000;
  const local = (((daysBefore + days - 719_528) * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1000;
  const instant = local + Number((found[7] ?? '').padEnd(3, '0')) - offset;
  return instant >= Date.UTC(0, 0, 1) - 59_958_230_400_000 &&
    instant <= 253_402_300_799_999 &&
    instant >= -62_167_219_200_000
    ? instant
    : undefined;
}

const digits = (count: number, most: number): fc.Arbitrary<string> =>
  fc.nat(most).map((value) => String(value).padStart(count, '0'));
const instantText = fc
  .tuple(
    fc.oneof(
      digits(4, 9999),
      fc.constantFrom('0000', '0001', '0004', '0099', '0100', '0400', '1900', '2000', '2024', '9999'),
    ),
    digits(2, 13),
    digits(2, 32),
    fc.constantFrom('T', 't'),
    digits(2, 24),
    digits(2, 60),
    fc.oneof(
      fc.constant(''),
      digits(2, 60).map((text) => `:${text}`),
    ),
    fc.constantFrom('', '', '.5', '.25', '.125', '.1234', '.'),
    fc.oneof(
      fc.constantFrom('Z', 'z', '', '+00:00', '-00:00', '+0100', '+1:00', 'UTC'),
      fc
        .tuple(fc.constantFrom('+', '-'), digits(2, 24), digits(2, 60))
        .map(([sign, h, m]) => `${sign}${h}:${m}`),
    ),
  )
  .map(
    ([year, month, day, t, h, m, s, fraction, zone]) =>
      `${year}-${month}-${day}${t}${h}:${m}${s}${s === '' ? '' : fraction}${zone}`,
  );

describe('an instant', () => {
  test('is read as the slow twin reads it', () => {
    let good = 0;
    const check = (text: string): void => {
      const read = readInstant(text);
      const golden = goldenInstant(text);
      expect([text, typeof read === 'string' ? undefined : read]).toEqual([text, golden]);
      if (golden !== undefined) good++;
    };
    fc.assert(fc.property(instantText, check), { numRuns: 20_000 });
    expect(good).toBeGreaterThan(2_000);
    fc.assert(
      fc.property(
        instantText,
        fc.nat(24),
        fc.string({ unit: 'grapheme', maxLength: 2 }),
        fc.nat(2),
        (text, place, put, cut) => check(text.slice(0, place) + put + text.slice(place + cut)),
      ),
      { numRuns: 5_000 },
    );
    for (const text of [
      '0000-01-01T00:00Z',
      '0000-02-29T00:00Z',
      '9999-12-31T23:59:59.999Z',
      '0000-01-01T00:00-23:59',
    ])
      expect([text, typeof readInstant(text)]).toEqual([text, 'number']);
    for (const text of [
      '0000-01-01T00:00+00:01',
      '9999-12-31T23:59-00:01',
      '1900-02-29T00:00Z',
      '2026-12-31T24:00Z',
    ])
      expect([text, readInstant(text)]).toEqual([
        text,
        'there is no such day or time, hours go to 23, minutes and seconds to 59',
      ]);
    expect(readInstant('0000-01-01T00:00Z')).toBe(-62_167_219_200_000);
  });

  test('is what a Date says of it', () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date(-62_167_219_200_000),
          max: new Date(253_402_300_799_999),
          noInvalidDate: true,
        }),
        (date) => {
          expect(readInstant(date.toISOString())).toBe(date.getTime());
        },
      ),
    );
  });
});

describe('a line with times', () => {
  test.each([
    ['10.0.0.1 - 10.0.0.9 from 2026-12-31T18:00Z until 2027-12-31T18:00Z', '10.0.0.1-10.0.0.9', 1, 2],
    ['\t@loopback\tuntil\u00a02027-12-31T18:00Z  # until 2026-12-31', '@loopback', 0, 2],
    ['10.1.2.3/8 from 2026-12-31t18:00:00.000z#x', '10.0.0.0/8', 1, 0],
    ['::1   until   2027-12-31T19:00:00+01:00', '::1', 0, 2],
  ])('%j', (line, canonical, from, until) => {
    const { entries, problems } = parseList(line);
    const times = [undefined, new Date('2026-12-31T18:00Z'), new Date('2027-12-31T18:00Z')];
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(entries).toHaveLength(1);
    expect([entries[0]?.canonical, entries[0]?.from, entries[0]?.until]).toEqual([
      canonical,
      times[from],
      times[until],
    ]);
    expect(entries[0]?.text).toBe(line.trim().split(/\s+(?:from|until)\s/)[0]);
  });

  test.each([
    [
      '10.0.0.5 until 2026-12-31',
      '16-26 instant-invalid',
      'its first instant is 2026-12-31T00:00Z, and its last is before 2027-01-01T00:00Z',
    ],
    ['10.0.0.5 until 2028-02-28', '16-26 instant-invalid', 'before 2028-02-29T00:00Z'],
    ['10.0.0.5 until 9999-12-31', '16-26 instant-invalid', 'its first instant is 9999-12-31T00:00Z'],
    ['10.0.0.5 until 2026-02-30', '16-26 instant-invalid', 'there is no such day or time'],
    [
      '10.0.0.5 until tomorrow',
      '16-24 instant-invalid',
      '"tomorrow" is not an instant such as 2026-12-31T18:00Z',
    ],
    ['10.0.0.5 until', '15-15 instant-invalid', '"" is not an instant'],
    ['10.0.0.5 until # 2026-12-31T18:00Z', '15-15 instant-invalid', '"" is not an instant'],
    [
      '10.0.0.5 until 2026-12-31T18:00',
      '16-32 instant-invalid',
      'it has no zone: right after it add Z or an offset such as +01:00',
    ],
    ['10.0.0.5 until 2026-12-31T18:00+0100', '16-37 instant-invalid', '"+0100" is not Z or an offset'],
    ['10.0.0.5 until 2026-12-31T18:00+24:00', '16-38 instant-invalid', '"+24:00" is not Z or an offset'],
    ['10.0.0.5 until 2026-12-31T18:00:00.1234Z', '16-41 instant-invalid', '"4Z" is not Z or an offset'],
    ['10.0.0.5 until 2026-02-30T00:00Z', '16-33 instant-invalid', 'there is no such day or time'],
    ['10.0.0.5 until 2026-12-31T24:00Z', '16-33 instant-invalid', 'there is no such day or time'],
    ['10.0.0.5 until 2026-12-31T23:59:60Z', '16-36 instant-invalid', 'there is no such day or time'],
    ['10.0.0.5 until 2026-12-31 18:00Z', '16-26 instant-invalid', 'write T between the day and the time'],
    ['10.0.0.5 until 2026-13-01', '16-26 instant-invalid', 'there is no such day or time'],
    ['10.0.0.5 until 2026-13-01 18:00Z', '16-26 instant-invalid', 'there is no such day or time'],
    ['10.0.0.5 until 31.12.2026', '16-26 instant-invalid', '"31.12.2026" is not an instant'],
    ['10.0.0.5 until 31.12.2026 18:00Z', '16-26 instant-invalid', '"31.12.2026" is not an instant'],
    [
      '10.0.0.5 until 2026-12-31T18:00 Europe/Berlin',
      '16-32 instant-invalid',
      'right after it add Z or an offset',
    ],
    ['10.0.0.5 until 2026-12-31T18:00 Z', '16-32 instant-invalid', 'right after it add Z or an offset'],
    ['10.0.0.5\tuntil\ttomorrow', '16-24 instant-invalid', '"tomorrow" is not an instant'],
    [
      '10.0.0.5 from 2026-12-31T18:00Z until 2026-12-31T18:00Z',
      '10-56 instant-order',
      'from must come before until: it ends before it begins',
    ],
    ['10.0.0.5 from 2026-12-31T18:00Z until 2026-12-31T18:00+00:01', '10-61 instant-order', 'from must come'],
    [
      '10.0.0.5 until 2026-12-31T18:00Z from 2026-01-01T00:00Z',
      '10-56 instant-order',
      'from must come before until',
    ],
    [`10.0.0.5 from ${LATER} from ${LATER}`, '33-55 trailing-text', 'write from INSTANT, until INSTANT'],
    ['10.0.0.5 Until 2026-12-31T18:00Z', '10-33 trailing-text', 'in lower case'],
    ['10.0.0.5 FROM 2026-12-31T18:00Z', '10-32 trailing-text', 'in lower case'],
    ['10.0.0.5 from 2026-12-31T18:00Z UNTIL 2027-12-31T18:00Z', '33-56 trailing-text', 'in lower case'],
    [`10.0.0.5 until ${LATER} until ${LATER}`, '34-57 trailing-text', 'write from INSTANT, until INSTANT'],
    [`10.0.0.5 until ${LATER} Office`, '34-40 trailing-text', 'write from INSTANT, until INSTANT'],
    [`10.0.0.5 Office until ${LATER}`, '10-40 trailing-text', 'write from INSTANT, until INSTANT'],
    [`10.0.0.5 valid until ${LATER}`, '10-39 trailing-text', 'write from INSTANT, until INSTANT'],
    [`10.0.0.5, until ${LATER}`, '9-10 trailing-text', 'write 10.0.0.5'],
    [`[::1] until ${LATER}`, '1-6 invalid-character', 'write ::1'],
    [`10.0.0.5:80 until ${LATER}`, '9-12 trailing-text', 'write 10.0.0.5'],
    [`private until ${LATER}`, '1-8 invalid-character', 'write @private'],
    [`10.0.0.* until ${LATER}`, '8-9 invalid-character', 'write 10.0.0.0/24'],
    [`localhost until ${LATER}`, '1-10 invalid-character', 'host names are not looked up'],
    [`10.0.0.5 until: ${LATER}`, '10-34 trailing-text', 'write from INSTANT, until INSTANT'],
    ['10.0.0.5 expires 2026-12-31', '10-28 trailing-text', 'write from INSTANT, until INSTANT'],
    [`10.0.0.300 until ${LATER}`, '8-11 octet-range', 'octet "300" is above 255'],
    [`10.0.0.1 - 10.0.0.300 until ${LATER}`, '19-22 octet-range', 'above 255'],
    [`10.0.0.5 until ${LATER} # a\u202eb`, '37-38 invalid-character', 'direction characters'],
  ])('%j is refused', (line, place, words) => {
    const { entries, problems } = parseList(line);
    expect(entries).toEqual([]);
    expect(problems.map(({ column, endColumn, code }) => `${column}-${endColumn} ${code}`)).toEqual([place]);
    expect(problems[0]?.message).toContain(words);
    // What is said about a line has nothing to do with the next one.
    expect(parseList(`${line}\n10.0.0.9`).problems).toEqual(problems);
    // No advice may make a note of a time, and an entry for ever of one that ends.
    expect(problems[0]?.suggestion ?? '').not.toContain('#');
    expect(problemsOf(() => createPolicy({ allow: line }, { at }))).toEqual([`allow 1:${place}`]);
  });

  test('never becomes an entry for ever by its own suggestion', () => {
    const word = fc.constantFrom(
      'from',
      'until',
      'Until',
      'till',
      '#',
      '-',
      ',',
      LATER,
      '2026-12-31',
      'Office',
      '10.0.0.9',
      '\t',
      '/32',
    );
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 5 }),
        fc.constantFrom('until', 'from', 'Until', 'FROM'),
        (words, name) => {
          const line = `10.0.0.1 ${[name, ...words].join(' ')}`;
          for (const { line: _, suggestion, column, endColumn } of parseList(line).problems) {
            if (suggestion === undefined) continue;
            const mended = line.slice(0, column - 1) + suggestion + line.slice(endColumn - 1);
            for (const { from, until } of parseList(mended).entries)
              expect([mended, from ?? until]).not.toEqual([mended, undefined]);
          }
          for (const { from, until, note } of parseList(line).entries)
            expect([line, (from ?? until) !== undefined, note?.includes(name) ?? false]).toEqual([
              line,
              true,
              false,
            ]);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('an entry with times', () => {
  const entry = parseList(`10.0.0.1 until ${LATER} # A`).entries[0];
  const plain = {
    text: '10.0.0.1',
    canonical: '10.0.0.1',
    note: 'A',
    from: undefined,
    until: new Date(LATER),
    list: 'deny',
    line: 1,
  };

  test('is plain data, and no date that it gives is its own', () => {
    expect(entry).toEqual(plain);
    expect({ ...entry }).toStrictEqual(plain);
    expect(structuredClone(entry)).toEqual(plain);
    expect(JSON.stringify(entry)).toBe(JSON.stringify(plain));
    expect(Object.keys(entry ?? {})).toEqual(Object.keys(plain));
    expect(Object.isFrozen(entry)).toBe(true);
    entry?.until?.setTime(0);
    expect(entry?.until).toEqual(new Date(LATER));
    expect(entry?.until).not.toBe(entry?.until);
    expect(JSON.stringify(parseList('10.0.0.1').entries[0])).toBe(
      '{"text":"10.0.0.1","canonical":"10.0.0.1","list":"deny","line":1}',
    );
  });

  test('is taken as it is, also after JSON, and by a managed list', () => {
    const stored = JSON.parse(JSON.stringify(entry));
    for (const given of [entry, stored, { ...entry }]) {
      expect(createPolicy({ allow: [given] }, { at }).allows('10.0.0.1')).toBe(true);
      expect(createPolicy({ allow: [given] }, { at: new Date(LATER) }).allows('10.0.0.1')).toBe(false);
      const list = { mode: 'allow' as const, entries: [given] };
      expect(createPolicy(list, { at: new Date(LATER) }).allows('10.0.0.1')).toBe(false);
      expect(problemsOf(() => createPolicy(list))).toEqual(['allow 1:1-9 instant-required']);
    }
  });
});

describe('an item with times', () => {
  const address = '10.0.0.1';
  const verdictOf = (item: object): boolean =>
    createPolicy({ allow: [item as never] }, { at }).allows(address);

  test('takes a Date of any kind', () => {
    class Moment extends Date {
      override getTime(): number {
        return 0;
      }
      override toJSON(): string {
        return '1970-01-01T00:00:00.000Z';
      }
    }
    const foreign = runInNewContext(`new Date('${LATER}')`);
    for (const until of [new Date(LATER), LATER, new Moment(LATER), foreign]) {
      expect(verdictOf({ address, until })).toBe(true);
      expect(verdictOf({ address, from: until })).toBe(false);
    }
    expect(verdictOf({ address, from: null, until: null })).toBe(true);
    expect(verdictOf({ address, from: undefined, note: 'x' })).toBe(true);
  });

  test.each([
    [new Date(Number.NaN), '1:1-1 instant-invalid'],
    [new Date(8.64e15), '1:1-1 instant-invalid'],
    [0, '1:1-1 instant-invalid'],
    [1798740000000, '1:1-1 instant-invalid'],
    ['', '1:1-1 instant-invalid'],
    [' ', '1:1-1 instant-invalid'],
    ['2026-12-31', '1:1-1 instant-invalid'],
    [`${LATER} # x`, '1:1-1 instant-invalid'],
    [`${LATER}\n0.0.0.0/0`, '1:1-1 instant-invalid'],
    [` ${LATER}`, '1:1-1 instant-invalid'],
    [{ valueOf: (): number => 0, toJSON: (): string => LATER }, '1:1-1 instant-invalid'],
    [new Proxy(new Date(LATER), {}), '1:1-1 instant-invalid'],
    [true, '1:1-1 instant-invalid'],
  ] as const)('refuses bad value %#', (until: unknown, problem: string) => {
    expect(problemsOf(() => verdictOf({ address, until }))).toEqual([`allow ${problem}`]);
    expect(problemsOf(() => verdictOf({ address, from: until }))).toEqual([`allow ${problem}`]);
  });

  test('has its times in their own fields, once', () => {
    const until = new Date(LATER);
    expect(problemsOf(() => verdictOf({ address: `10.0.0.1 until ${LATER}`, until }))).toEqual([
      'allow 1:1-33 trailing-text',
    ]);
    expect(problemsOf(() => verdictOf({ address: `10.0.0.1 from ${LATER}`, until }))).toEqual([
      'allow 1:1-32 trailing-text',
    ]);
    expect(problemsOf(() => verdictOf({ address, from: until, until }))[0]).toContain('instant-order');
    expect(problemsOf(() => verdictOf({ address, til: until }))).toEqual(['allow 1:1-1 unknown-field']);
    const reads: string[] = [];
    const item = {
      address,
      get until() {
        reads.push('until');
        return reads.length > 1 ? undefined : until;
      },
    };
    expect(createPolicy({ allow: [item] }, { at: until }).allows(address)).toBe(false);
    expect(reads).toEqual(['until']);
  });
});

describe('the instant of a policy', () => {
  const timed = `10.0.0.1\n10.0.0.2 until ${LATER}\n10.0.0.3 from ${LATER}`;

  test('is required by a list with times, once and at the first', () => {
    expect(problemsOf(() => createPolicy({ allow: timed }))).toEqual(['allow 2:1-9 instant-required']);
    expect(problemsOf(() => createPolicy({ allow: '10.0.0.1', exempt: timed }))).toEqual([
      'exempt 2:1-9 instant-required',
    ]);
    expect(problemsOf(() => createPolicy({ allow: timed }, { at: null as never }))).toEqual([
      'allow 2:1-9 instant-required',
    ]);
    // A method of this name, as an array has one, is not the option.
    expect(problemsOf(() => createPolicy({ allow: timed, at: Date.now } as never))).toEqual([
      'allow 2:1-9 instant-required',
    ]);
  });

  test.each([['2026-12-31T18:00Z'], [0], [Number.NaN], [new Date(Number.NaN)], [{}], [true]])(
    'is a valid Date, not %j',
    (given) => {
      expect(problemsOf(() => createPolicy({ allow: timed }, { at: given as never }))).toContain(
        'options 1:1-1 invalid-option',
      );
    },
  );

  test('is read once, and stays what it was', () => {
    const moment = new Date('2026-06-01T00:00Z');
    const policy = createPolicy({ allow: timed, at: moment });
    moment.setTime(0);
    expect(policy.allows('10.0.0.2')).toBe(true);
    expect(policy.changesAt).toEqual(new Date(LATER));
    policy.changesAt?.setTime(0);
    expect(policy.changesAt).toEqual(new Date(LATER));
    const { changesAt } = createPolicy({ allow: timed, at: new Date(LATER) });
    expect(changesAt).toBeUndefined();
    expect(createPolicy({ allow: '10.0.0.1' }, { at }).changesAt).toBeUndefined();
    expect(Object.keys(policy)).toEqual(Object.keys(createPolicy({ allow: '' })));
  });

  test('leaves a list that has ended closed', () => {
    const ended = createPolicy({ allow: `10.0.0.2 until ${LATER}` }, { at: new Date(LATER) });
    expect(ended.decide('10.0.0.2')).toMatchObject({ verdict: 'deny', reason: 'not-listed' });
    expect(ended.problems).toEqual([]);
    expect(ended.size).toBe(1);
    const limit = (): unknown => createPolicy({ allow: timed, maxEntries: 2 }, { at });
    expect(problemsOf(limit)).toEqual(['allow 3:1-9 too-many-entries']);
  });

  test('makes two entries of one address with different times', () => {
    const text = `10.0.0.1 until ${LATER}\n10.0.0.1 from 2027-01-01T00:00Z\n10.0.0.1 until 2026-12-31T19:00+01:00`;
    const codes = (line: string): string[] =>
      createPolicy({ deny: line }, { at }).problems.map(({ line: one, code }) => `${one} ${code}`);
    expect(codes(text)).toEqual(['3 duplicate']);
    expect(codes(`10.0.0.1\n10.0.0.1 until ${LATER}`)).toEqual([]);
    expect(codes(`0.0.0.0/0 from ${LATER}`)).toEqual([]);
  });
});

test('whatever else takes entries refuses times by the same code', () => {
  const line = `10.0.0.1 until ${LATER}`;
  expect(problemsOf(() => createMatcher([[line, 1]]))).toEqual(['entries 1:10-33 instant-required']);
  expect(problemsOf(() => createClientResolver({ trusted: line }))).toEqual([
    'trusted 1:1-9 instant-required',
  ]);
  try {
    normalize(line);
    expect.unreachable();
  } catch (error) {
    expect(error instanceof ParseError && [error.code, error.offset]).toEqual(['instant-required', 9]);
  }
});

// One way of copying that loses a time would make an entry for ever.
test.each<[how: string, copy: (entry: Entry) => unknown]>([
  ['as it is', (entry) => entry],
  ['spread', (entry) => ({ ...entry })],
  ['from JSON', (entry) => JSON.parse(JSON.stringify(entry)) as unknown],
  ['as a structured clone', (entry) => structuredClone({ ...entry })],
])('an entry taken as an item keeps its end: %s', (_, copy) => {
  const items = parseList('10.0.0.5 until 2026-01-01T00:00Z').entries.map(copy) as Entry[];
  const decideAt = (text: string): string =>
    createPolicy({ allow: items }, { at: new Date(text) }).decide('10.0.0.5').verdict;
  expect([decideAt('2025-12-31T23:59Z'), decideAt('2026-01-01T00:00Z')]).toEqual(['allow', 'deny']);
  expect(() => createPolicy({ allow: items })).toThrow('instant-required');
});
