import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPolicy, type Policy } from '../../src/public/index.ts';
import { comparePolicies } from '../../src/public/list.ts';
import {
  clients,
  hour,
  hours,
  NOBODY,
  type TimedLine,
  textAt,
  timedLines,
  writeText,
} from '../support/timed.ts';

/** What a policy says about a client, without the places and times of entries. */
function answers(policy: Policy): unknown[] {
  return clients.map((client) => {
    const { verdict, reason, entry, covering } = policy.explain(client);
    const names = covering.map(({ list, line, canonical, note }) => [list, line, canonical, note]);
    expect(policy.allows(client)).toBe(verdict === 'allow');
    return [client, verdict, reason, entry?.canonical, entry?.line, names];
  });
}

/** The text of the lines that count, with one that covers nobody where all are gone. */
function remaining(lines: readonly TimedLine[], at: number): string {
  const text = textAt(lines, at);
  const isGone = lines.length > 0 && text.split('\n').every((line) => line.startsWith('#'));
  return isGone ? `${text}\n${NOBODY}` : text;
}

/** The next instant at which anything begins or ends, by looking at all of them. */
function nextChange(lines: readonly TimedLine[], at: number): number | undefined {
  const later = lines
    .flatMap(({ from, until }) => [from, until])
    .filter((time) => time !== undefined && time > at);
  return later.length === 0 ? undefined : hour(Math.min(...(later as number[]))).getTime();
}

describe('a policy for an instant', () => {
  const anyHour = fc.constantFrom(...hours);
  const mode = fc.constantFrom('allow' as const, 'deny' as const);
  const whenEmpty = fc.constantFrom('allow' as const, 'deny' as const);

  test('decides as a policy of the lines that count', () => {
    fc.assert(
      fc.property(timedLines, timedLines, mode, whenEmpty, anyHour, (lines, exempt, kind, empty, at) => {
        const policy = createPolicy(
          { mode: kind, list: writeText(lines), exempt: writeText(exempt), whenEmpty: empty },
          { at: hour(at) },
        );
        const list = remaining(lines, at);
        const plain = createPolicy({ mode: kind, list, exempt: textAt(exempt, at), whenEmpty: empty });
        expect(answers(policy)).toEqual(answers(plain));
        expect(policy.size).toBe(lines.length);
        expect(policy.changesAt?.getTime()).toBe(nextChange([...lines, ...exempt], at));
        const { allowed, denied } = comparePolicies(policy, plain);
        // The line that was added is the only difference.
        const differing = [...allowed.prefixes, ...denied.prefixes].filter((prefix) => prefix !== NOBODY);
        expect(differing).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  test('stays right until it changes', () => {
    fc.assert(
      fc.property(timedLines, mode, anyHour, anyHour, (lines, kind, one, other) => {
        const [at, later] = [Math.min(one, other), Math.max(one, other)];
        const make = (count: number): Policy =>
          createPolicy({ mode: kind, list: writeText(lines) }, { at: hour(count) });
        const policy = make(at);
        if (policy.changesAt !== undefined && policy.changesAt <= hour(later)) return;
        expect(answers(policy)).toEqual(answers(make(later)));
      }),
    );
  });

  test('is the same from text, items and entries', () => {
    fc.assert(
      fc.property(timedLines, anyHour, (lines, at) => {
        const text = createPolicy({ deny: writeText(lines) }, { at: hour(at) });
        const items = createPolicy(
          {
            deny: lines.map(({ entry, from, until, note }) => ({
              address: entry,
              note,
              from: from === undefined ? undefined : hour(from),
              until: until === undefined ? undefined : hour(until).toISOString(),
            })),
          },
          { at: hour(at) },
        );
        expect(answers(items)).toEqual(answers(text));
      }),
    );
  });
});
