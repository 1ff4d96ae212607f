/** A live policy against a model: the list and the clock, and a new policy for each question. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPolicy, type Policy } from '../../src/public/index.ts';
import { createLivePolicy } from '../../src/public/live.ts';
import { createRules } from '../../src/public/rules.ts';
import { AddressSet } from '../../src/public/set.ts';

const instant = fc.integer({ min: 0, max: 12 });
const text = (second: number): string => new Date(second * 1000).toISOString();

const times = fc
  .tuple(fc.option(instant), fc.option(instant))
  .filter(([from, until]) => from === null || until === null || from < until)
  .map(
    ([from, until]) =>
      `${from === null ? '' : ` from ${text(from)}`}${until === null ? '' : ` until ${text(until)}`}`,
  );
const address = fc.oneof(
  fc.integer({ min: 0, max: 7 }).map((last) => `10.0.0.${last}`),
  fc.constantFrom('10.0.0.0/30', '10.0.0.4/31', '2001:db8::/127', '0.0.0.0/0'),
);
const list = fc
  .array(
    fc.tuple(address, times).map((parts) => parts.join('')),
    { maxLength: 4 },
  )
  .map((lines) => lines.join('\n'));
/** With an end that never comes, so that the clock is read before each decision: the model knows each instant. */
const exempt = list.map((lines) => `${lines}\n192.0.2.255 until 9999-01-01T00:00Z`);
const mode = fc.constantFrom('allow' as const, 'deny' as const);

interface Version {
  /** What is given to the live policy. */
  readonly given: object;
  /** The policy of it for an instant. */
  at(instant: Date): Policy;
}

const version: fc.Arbitrary<Version> = fc.oneof(
  fc.record({ mode, list, exempt, whenEmpty: mode }).map((input) => ({
    given: input,
    at: (at: Date) => createPolicy({ ...input, at }),
  })),
  fc
    .record({
      rules: fc.array(fc.record({ mode, list, except: list }), { maxLength: 3 }),
      otherwise: mode,
      exempt,
    })
    .map((input) => ({ given: input, at: (at: Date) => createRules({ ...input, at }) })),
);

const clients = [
  ...Array.from({ length: 9 }, (_, last) => `10.0.0.${last}`),
  '2001:db8::1',
  '2001:db8::2',
  'x',
];

const step = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ clock: fc.oneof(instant, fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY)) }),
  },
  { weight: 2, arbitrary: fc.record({ next: version, asPolicyAt: fc.option(instant) }) },
  { weight: 1, arbitrary: fc.constant({ bad: true as const }) },
);

describe('a live policy', () => {
  test('answers as a new policy of its list for the latest instant, whatever happened before', () => {
    fc.assert(
      fc.property(version, instant, fc.array(step, { maxLength: 12 }), (first, start, steps) => {
        let time = start;
        let latest = start;
        const live = createLivePolicy(first.given as never, { now: () => time * 1000 });
        let model = first;
        let updates = 0;
        const heard: number[] = [];
        live.subscribe((update) => heard.push(update.version));
        for (const one of steps) {
          if ('clock' in one) time = one.clock;
          else if ('bad' in one) expect(() => live.update({ deny: 'x' })).toThrow();
          else {
            model = one.next;
            if (Number.isFinite(time)) latest = Math.max(latest, time);
            const given = one.asPolicyAt === null ? model.given : model.at(new Date(one.asPolicyAt * 1000));
            live.update(given as never);
            updates++;
          }
          if (Number.isFinite(time)) latest = Math.max(latest, time);
          const expected = model.at(new Date(latest * 1000));
          expect(clients.map((client) => live.decide(client))).toEqual(
            clients.map((client) => expected.decide(client)),
          );
          expect(clients.map(live.allows)).toEqual(clients.map(expected.allows));
          expect([live.mode, live.size, live.version]).toEqual([expected.mode, expected.size, updates + 1]);
        }
        expect(heard).toEqual(Array.from({ length: updates }, (_, at) => at + 2));
      }),
      { numRuns: 400 },
    );
  });
});

describe('maxLoss', () => {
  const wide = fc.oneof(
    fc
      .tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 28, max: 32 }))
      .map((parts) => `10.0.0.${parts.join('/')}`),
    fc
      .tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 124, max: 128 }))
      .map(([last, length]) => `2001:db8::${last.toString(16)}/${length}`),
  );
  const lines = fc.array(wide, { maxLength: 6 });

  test('is the share of the listed addresses, by family, that sets give', () => {
    fc.assert(
      fc.property(lines, lines, fc.integer({ min: 0, max: 16 }), (before, after, sixteenths) => {
        const maxLoss = sixteenths / 16;
        const [was, is] = [AddressSet.of(before), AddressSet.of(after)];
        const lost = was.subtract(is);
        const isTooMuch =
          lost.ipv4Count * 16n > was.ipv4Count * BigInt(sixteenths) ||
          lost.ipv6Count * 16n > was.ipv6Count * BigInt(sixteenths);
        const live = createLivePolicy({ deny: before });
        let code: unknown;
        try {
          live.update({ deny: after }, { maxLoss });
        } catch (error) {
          code = (error as { code: unknown }).code;
        }
        expect(code).toBe(isTooMuch ? 'too-much-lost' : undefined);
      }),
      { numRuns: 300 },
    );
  });

  test('takes its number as the decimal fraction that it prints as', () => {
    const lists = Array.from({ length: 11 }, (_, count) =>
      Array.from({ length: count }, (__, last) => `192.0.2.${last}`),
    );
    for (let lost = 0; lost <= 10; lost++) {
      for (let tenths = 0; tenths <= 10; tenths++) {
        const live = createLivePolicy({ deny: lists[10] as string[] });
        const update = (): unknown =>
          live.update(
            { deny: lists[10 - lost] as string[] },
            { maxLoss: Number(`0.${tenths}`.replace('0.10', '1')) },
          );
        if (lost > tenths) expect(update).toThrow('would cease to be listed');
        else update();
      }
    }
  });
});
