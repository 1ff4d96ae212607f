import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPolicy } from '../../src/public/index.ts';
import { applyFixes, lintList } from '../../src/public/list.ts';
import { goldenEntry } from '../golden/entry.ts';
import { clients, hour, hours, type TimedLine, timedLines, writeText } from '../support/timed.ts';

/** The verdicts of a text for all clients at an instant, and the notes that are reported. */
function verdicts(text: string, mode: 'allow' | 'deny', at: number): string[] {
  const policy = createPolicy({ mode, list: text }, { at: hour(at) });
  return clients.map((client) => policy.decide(client).verdict);
}

/** Whether one entry has all the addresses of another, whenever that one counts. */
function isCoveredBy(one: TimedLine, other: TimedLine): boolean {
  const isLonger = (other.from ?? -9) <= (one.from ?? -9) && (other.until ?? 99) >= (one.until ?? 99);
  const networks = goldenEntry(other.entry) ?? [];
  return (
    isLonger &&
    (goldenEntry(one.entry) ?? []).every(({ family, first, last }) =>
      networks.some((wide) => wide.family === family && wide.first <= first && last <= wide.last),
    )
  );
}

function areSame(one: TimedLine, other: TimedLine): boolean {
  return isCoveredBy(one, other) && isCoveredBy(other, one);
}

describe('lint of entries that begin and end', () => {
  test('finds each entry that another one covers for as long as it counts, and no other but for merges', () => {
    fc.assert(
      fc.property(timedLines, (lines) => {
        const found = lintList(writeText(lines), { mode: 'allow', reach: 'private' });
        const reported = new Set(
          found.filter(({ code }) => code === 'covered' || code === 'duplicate').map(({ line }) => line),
        );
        const merged = found.some(({ code, fix }) => code === 'mergeable' && fix !== undefined);
        lines.forEach((line, index) => {
          const isCovered = lines.some(
            (other, at) => at !== index && isCoveredBy(line, other) && (!areSame(line, other) || at < index),
          );
          // A name that spans families is covered part by part, and what merges covers ranges.
          if (isCovered) expect([...reported]).toContain(index + 1);
          else if (!merged && !line.entry.startsWith('@')) expect([...reported]).not.toContain(index + 1);
        });
      }),
      { numRuns: 500 },
    );
  });

  test('has fixes that change no verdict at any instant, alone and together', () => {
    fc.assert(
      fc.property(timedLines, fc.constantFrom('allow' as const, 'deny' as const), (lines, mode) => {
        const text = writeText(lines);
        const fixable = lintList(text, { mode, reach: 'private' }).filter(({ fix }) => fix !== undefined);
        for (const fixes of [...fixable.map((one) => [one]), fixable]) {
          const fixed = applyFixes(text, fixes);
          for (const at of hours) expect(verdicts(fixed, mode, at)).toEqual(verdicts(text, mode, at));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('removes what has ended, changes no verdict from then on, and never empties a list', () => {
    fc.assert(
      fc.property(
        timedLines,
        fc.constantFrom('allow' as const, 'deny' as const),
        fc.constantFrom(...hours),
        (lines, mode, at) => {
          const text = writeText(lines);
          const found = lintList(text, { mode, reach: 'private', at: hour(at) });
          const ended = lines.flatMap(({ until }, index) => ((until ?? 99) <= at ? [index + 1] : []));
          const expired = found.filter(({ code }) => code === 'expired');
          expect(expired.map(({ line }) => line)).toEqual(ended);
          expect(found.filter(({ code }) => code === 'not-yet').map(({ line }) => line)).toEqual(
            lines.flatMap(({ from }, index) => ((from ?? -9) > at ? [index + 1] : [])),
          );
          const kept = expired.filter(({ fix }) => fix === undefined);
          expect(kept.length).toBe(lines.length > 0 && ended.length === lines.length ? 1 : 0);
          // What has ended is as a comment.
          for (const { line, code } of found) if (ended.includes(line)) expect(code).toBe('expired');
          const fixable = found.filter(({ fix }) => fix !== undefined);
          for (const fixes of [...fixable.map((one) => [one]), fixable]) {
            const fixed = applyFixes(text, fixes);
            for (const later of hours.filter((one) => one >= at))
              expect(verdicts(fixed, mode, later)).toEqual(verdicts(text, mode, later));
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
