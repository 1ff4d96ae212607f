import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPolicy, ListError } from '../../src/public/index.ts';
import { compareLists, RestrictionList } from '../../src/public/list.ts';
import {
  clients,
  countsAt,
  hour,
  hours,
  timedLine,
  timedLines,
  writeLine,
  writeText,
} from '../support/timed.ts';

function problemsOf(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ListError) return error.problems.map(({ source, code }) => `${source} ${code}`);
    throw error;
  }
  return [];
}

const list = RestrictionList.parse(
  'allow',
  '192.0.2.1 until 2026-12-31T18:00+01:00   # Contractor\n  10.0.0.0/30\tfrom 2026-01-01T00:00Z until 2026-12-31T18:00Z # Lab',
);

describe('a managed list with times', () => {
  test('keeps them to the letter', () => {
    expect(RestrictionList.parse('allow', JSON.parse(JSON.stringify(list)).text).toString()).toBe(
      String(list),
    );
    expect(list.add('::1').remove('::1').toString()).toBe(String(list));
    expect(list.entries.map(({ text, from, until }) => [text, from, until])).toEqual([
      ['192.0.2.1', undefined, new Date('2026-12-31T17:00Z')],
      ['10.0.0.0/30', new Date('2026-01-01T00:00Z'), new Date('2026-12-31T18:00Z')],
    ]);
  });

  test('adds entries with times for all of them, or their own', () => {
    const until = new Date('2026-12-31T18:00Z');
    const added = RestrictionList.empty().add('10.0.0.1\n10.0.0.2 # B', undefined, { until });
    expect(String(added)).toBe(
      '10.0.0.1 until 2026-12-31T18:00:00.000Z\n10.0.0.2 until 2026-12-31T18:00:00.000Z # B',
    );
    const own = RestrictionList.empty().add('10.0.0.1 until 2026-12-31T18:00Z', 'B');
    expect(String(own)).toBe('10.0.0.1 until 2026-12-31T18:00Z # B');
    const spelt = RestrictionList.empty().add(['10.0.0.1'], 'B', { from: '2026-12-31t18:00z' });
    expect(String(spelt)).toBe('10.0.0.1 from 2026-12-31t18:00z # B');
    const options = { until: '2026-12-31T18:00Z', ifRevision: list.revision };
    expect(list.add('::1', 'B', options).entries.at(-1)?.until).toEqual(new Date('2026-12-31T18:00Z'));
  });

  test.each([
    [{ until: '2026-12-31' }, ['options instant-invalid']],
    [{ until: new Date(Number.NaN) }, ['options instant-invalid']],
    [{ from: '2026-12-31T18:00Z', until: '2026-12-31T18:00Z' }, ['options instant-order']],
    [{ til: 1 }, ['options invalid-option']],
    [{ until: '2026-12-31T18:00Z', ifRevision: 'x' }, ['options revision-conflict']],
    [{ until: '2026-12-31T18:00Z # x' }, ['options instant-invalid']],
    [{ until: '2026-12-31T18:00Z\n0.0.0.0/0' }, ['options instant-invalid']],
  ])('refuses %j', (options, problems) => {
    expect(problemsOf(() => list.add('10.0.0.1', undefined, options as never))).toEqual(problems);
  });

  test('refuses an address whose own times differ from those for all', () => {
    const add = (): unknown =>
      list.add('10.0.0.1 until 2027-12-31T18:00Z', 'A', { until: '2026-12-31T18:00Z' });
    expect(problemsOf(add)).toEqual(['addresses invalid-option']);
  });

  test('edits times in place', () => {
    const edit = (change: object): string =>
      String(list.editEntry('192.0.2.1', change)).split('\n')[0] as string;
    expect(edit({ until: '2027-01-01T00:00Z' })).toBe('192.0.2.1 until 2027-01-01T00:00Z   # Contractor');
    expect(edit({ until: undefined })).toBe('192.0.2.1   # Contractor');
    expect(edit({ from: '2026-01-01T00:00Z' })).toBe(
      '192.0.2.1 from 2026-01-01T00:00Z until 2026-12-31T18:00+01:00   # Contractor',
    );
    expect(edit({ address: '192.0.2.7' })).toBe('192.0.2.7 until 2026-12-31T18:00+01:00   # Contractor');
    expect(edit({ note: undefined })).toBe('192.0.2.1 until 2026-12-31T18:00+01:00');
    expect(problemsOf(() => edit({ from: '2027-01-01T00:00Z' }))).toEqual(['change instant-order']);
    expect(problemsOf(() => edit({ from: 'now' }))).toEqual(['change.from instant-invalid']);
    expect(problemsOf(() => edit({ until: 5 }))).toEqual(['change.until instant-invalid']);
  });

  test('takes an address without times where one entry is meant', () => {
    const text = '192.0.2.1 until 2026-12-31T18:00+01:00';
    expect(problemsOf(() => list.remove(text))).toEqual(['address trailing-text']);
    expect(problemsOf(() => list.editEntry('192.0.2.1', { address: text }))).toEqual([
      'change.address trailing-text',
    ]);
  });

  test('edits a group and keeps the times of the entries that stay', () => {
    const edited = list.editGroup('Lab', { addresses: '10.0.0.0/30\n10.0.0.9' });
    expect(String(edited).split('\n').slice(1)).toEqual([
      '  10.0.0.0/30\tfrom 2026-01-01T00:00Z until 2026-12-31T18:00Z # Lab',
      '10.0.0.9 # Lab',
    ]);
    const retimed = list.editGroup('Lab', { addresses: '10.0.0.0/30 until 2028-01-01T00:00Z' });
    expect(String(retimed).split('\n')[1]).toBe('  10.0.0.0/30 until 2028-01-01T00:00Z # Lab');
    const renamed = list.editGroup('Lab', { note: 'Laboratory' });
    expect(String(renamed).split('\n')[1]).toBe(
      '  10.0.0.0/30\tfrom 2026-01-01T00:00Z until 2026-12-31T18:00Z # Laboratory',
    );
    const twice = RestrictionList.parse('deny', '::1 until 2027-01-01T00:00Z\n::1');
    const kept = twice.editGroup(undefined, { addresses: '::1\n::1 until 2028-01-01T00:00Z' });
    expect(String(kept)).toBe('::1 until 2028-01-01T00:00Z\n::1');
  });

  test('describes what it does at an instant', () => {
    const at = (text: string): string => list.describe({ at: new Date(text) });
    expect(list.describe()).toBe(
      'Only 2 entries (in 2 groups) have access. 2 entries count only from or until an instant.',
    );
    expect(at('2026-06-01T00:00Z')).toBe('Only 2 entries (in 2 groups) have access.');
    expect(at('2026-12-31T17:00Z')).toBe('Only 1 entry has access. 1 entry does not count now.');
    expect(at('2027-01-01T00:00Z')).toBe('Nobody has access. 2 entries do not count now.');
    expect(problemsOf(() => list.describe({ at: 'now' as never }))).toEqual(['options invalid-option']);
  });
});

describe('an exclusion', () => {
  test('takes an address out at every instant, and changes nothing else', () => {
    fc.assert(
      fc.property(
        timedLines,
        timedLine,
        fc.constantFrom('allow' as const, 'deny' as const),
        (lines, { entry: gone }, mode) => {
          const before = RestrictionList.parse(mode, writeText(lines));
          let after: RestrictionList;
          try {
            after = before.exclude(gone);
          } catch {
            expect(problemsOf(() => before.exclude(gone))[0]).toMatch(/^address (not-in-list|open-list)$/);
            return;
          }
          const excluded = createPolicy({ deny: gone });
          for (const at of hours) {
            const [old, now] = [before, after].map((one) =>
              createPolicy({ mode, list: String(one) }, { at: hour(at) }),
            );
            for (const client of clients) {
              const expected = excluded.allows(client) ? old?.decide(client) : undefined;
              const found = now?.decide(client);
              if (expected === undefined) expect([client, found?.entry]).toEqual([client, undefined]);
              else
                expect([at, client, found?.verdict, found?.reason === 'listed']).toEqual([
                  at,
                  client,
                  expected.verdict,
                  expected.reason === 'listed',
                ]);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('compareLists', () => {
  test('tells entries with other times beside those with other notes', () => {
    const after = list
      .editEntry('192.0.2.1', { until: '2028-01-01T00:00Z', note: 'Gone' })
      .add('::1 until 2028-01-01T00:00Z');
    const change = compareLists(list, after);
    expect(change.retimed.map(({ before, after: now }) => [before.until, now.until])).toEqual([
      [new Date('2026-12-31T17:00Z'), new Date('2028-01-01T00:00Z')],
    ]);
    expect(change.renoted.map(({ after: { note } }) => note)).toEqual(['Gone']);
    expect(change.added.map(({ canonical }) => canonical)).toEqual(['::1']);
    expect(change.message).toBe(
      'In the allow list, 1 entry was added (::1), the note of 1 entry was changed from "Contractor" to "Gone" (192.0.2.1) and the times of 1 entry were changed (192.0.2.1).',
    );
    const respelt = list.edit(String(list).replace('18:00+01:00', '17:00:00.000Z'));
    expect(compareLists(list, respelt).message).toBe('The allow list did not change.');
  });

  test('accounts for every entry of both lists', () => {
    fc.assert(
      fc.property(timedLines, timedLines, (before, after) => {
        const [old, now] = [before, after].map((lines) => RestrictionList.parse('deny', writeText(lines)));
        const { added, removed, renoted, retimed } = compareLists(
          old as RestrictionList,
          now as RestrictionList,
        );
        const keys = (one: RestrictionList | undefined): Set<string> =>
          new Set(
            one?.entries.map(
              ({ canonical, from, until }) => `${canonical} ${from?.getTime()} ${until?.getTime()}`,
            ),
          );
        const key = ({ canonical, from, until }: (typeof added)[number]): string =>
          `${canonical} ${from?.getTime()} ${until?.getTime()}`;
        const has = keys(now);
        const had = keys(old);
        const come = [...added, ...retimed.map((pair) => pair.after)].map(key);
        const gone = [...removed, ...retimed.map((pair) => pair.before)].map(key);
        expect(new Set(come)).toEqual(new Set([...has].filter((one) => !had.has(one))));
        expect(new Set(gone)).toEqual(new Set([...had].filter((one) => !has.has(one))));
        for (const pair of retimed) expect(pair.before.canonical).toBe(pair.after.canonical);
        for (const pair of renoted) expect(pair.before.canonical).toBe(pair.after.canonical);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a list that is changed step by step', () => {
  test('is the list of lines that a person would write', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), line: timedLine }),
      fc.record({ kind: fc.constant('remove' as const), line: timedLine }),
      fc.record({ kind: fc.constant('until' as const), line: timedLine }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let model: (typeof steps)[number]['line'][] = [];
        let managed = RestrictionList.empty('deny');
        const normal = (entry: string): string =>
          RestrictionList.parse('deny', entry).entries[0]?.canonical as string;
        for (const { kind, line } of steps) {
          const isMeant = (other: (typeof model)[number]): boolean =>
            normal(other.entry) === normal(line.entry);
          if (kind === 'add') {
            model = [...model, line];
            managed = managed.add(line.entry, line.note, {
              from: line.from === undefined ? undefined : hour(line.from),
              until: line.until === undefined ? undefined : hour(line.until),
            });
          } else if (model.some(isMeant)) {
            if (kind === 'remove') managed = managed.remove(line.entry);
            else managed = managed.editEntry(line.entry, { from: undefined, until: hour(9) });
            model = model.flatMap((other) =>
              !isMeant(other) ? [other] : kind === 'remove' ? [] : [{ ...other, from: undefined, until: 9 }],
            );
          }
        }
        expect(
          managed.entries.map(({ text, note, from, until }) => [
            text,
            note,
            from?.getTime(),
            until?.getTime(),
          ]),
        ).toEqual(
          model.map(({ entry, note, from, until }) => [
            entry,
            note,
            from === undefined ? undefined : hour(from).getTime(),
            until === undefined ? undefined : hour(until).getTime(),
          ]),
        );
        for (const at of hours) {
          const counting = model.filter((line) => countsAt(line, at));
          expect(createPolicy(managed, { at: hour(at) }).explain('10.0.0.5').covering.length).toBe(
            createPolicy({ deny: counting.map((line) => writeLine(line)) }, { at: hour(at) }).explain(
              '10.0.0.5',
            ).covering.length,
          );
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('one more of an entry that ends', () => {
  test.each([
    ['another spelling', '10.0.0.1\n10.0.0.2\n10.0.0.1/32'],
    ['the same again', '10.0.0.1\n10.0.0.2\n10.0.0.1'],
  ])('in a group ends as well: %s', (_, addresses) => {
    const list = RestrictionList.parse('allow', '10.0.0.1 until 2026-05-01T00:00Z # A\n10.0.0.2 # A');
    const edited = list.editGroup('A', { addresses });
    expect(edited.entries.map(({ until }) => until !== undefined)).toEqual([true, false, true]);
    expect(createPolicy(edited, { at: new Date('2026-06-01T00:00Z') }).allows('10.0.0.1')).toBe(false);
  });

  test('does not if it is given another end, or one of the group has none', () => {
    const list = RestrictionList.parse('deny', '10.0.0.1 until 2026-05-01T00:00Z # A\n10.0.0.1 # A');
    const edited = list.editGroup('A', { addresses: '10.0.0.1\n10.0.0.1\n10.0.0.1' });
    expect(edited.entries.map(({ until }) => until !== undefined)).toEqual([true, false, false]);
  });
});
