import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPolicy } from '../../src/public/index.ts';
import { ListError, minimize, minimizeList, RestrictionList } from '../../src/public/list.ts';
import { clients, hour, hours, timedLines, writeText } from '../support/timed.ts';

test('the smallest list decides the same at every instant, and keeps the notes that are reported', () => {
  fc.assert(
    fc.property(timedLines, fc.constantFrom('allow' as const, 'deny' as const), (lines, mode) => {
      const list = RestrictionList.parse(mode, writeText(lines));
      const small = minimizeList(list);
      expect(small.entries.length).toBeLessThanOrEqual(list.entries.length);
      expect(String(minimizeList(small))).toBe(String(small));
      for (const at of hours) {
        const [before, after] = [list, small].map((one) => createPolicy(one, { at: hour(at) }));
        for (const client of clients) {
          const [was, is] = [before, after].map((policy) => policy?.decide(client));
          expect([client, at, is?.verdict]).toEqual([client, at, was?.verdict]);
          if (was?.entry?.note !== undefined)
            expect([client, at, is?.entry?.note]).toEqual([client, at, was.entry.note]);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('entries of one time join, and keep it as written', () => {
  const list = RestrictionList.parse(
    'deny',
    '10.0.0.0/9 until 2026-12-31T18:00+01:00 # Lab\n10.128.0.0/9 until 2026-12-31T17:00Z # Lab\n192.0.2.0/24 # Lab',
  );
  expect(String(minimizeList(list))).toBe(
    '10.0.0.0/8 until 2026-12-31T18:00+01:00 # Lab\n192.0.2.0/24 # Lab',
  );
});

test('a set has no times', () => {
  expect(() => minimize('10.0.0.1 until 2026-12-31T18:00Z')).toThrow(ListError);
  expect(() => minimize('10.0.0.1 until 2026-12-31T18:00Z')).toThrow('instant-required');
});
