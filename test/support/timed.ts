/**
 * Lists whose entries begin and end, of a few addresses and a few instants, so that everything meets everything.
 */

import fc from 'fast-check';

/** An entry as data, from which its line is written. */
export interface TimedLine {
  readonly entry: string;
  /** In hours after the epoch of these tests. */
  readonly from: number | undefined;
  readonly until: number | undefined;
  readonly note: string | undefined;
}

const EPOCH = Date.UTC(2026, 0, 1);

/** The instant some hours after the epoch of these tests. */
export function hour(count: number): Date {
  return new Date(EPOCH + count * 3_600_000);
}

/** All instants at which anything can differ. */
export const hours: readonly number[] = [-1, 0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5];

const low = fc.nat(15);
const entry = fc.oneof(
  { weight: 4, arbitrary: low.map((at) => `10.0.0.${at}`) },
  {
    weight: 5,
    arbitrary: fc
      .tuple(low, fc.integer({ min: 28, max: 32 }))
      .map(([at, bits]) => `10.0.0.${at & (0xffffffff << (32 - bits))}/${bits}`),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(low, low)
      .map(([one, two]) => `10.0.0.${Math.min(one, two)}-10.0.0.${Math.max(one, two)}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(low, fc.integer({ min: 124, max: 128 }))
      .map(([at, bits]) => `::${at.toString(16)}/${bits}`),
  },
  { weight: 1, arbitrary: fc.constantFrom('10.0.0.0/8', '@private', '@loopback', '::1') },
);

const ends = fc.oneof(
  { weight: 3, arbitrary: fc.constant([undefined, undefined] as const) },
  { weight: 2, arbitrary: fc.nat(4).map((at) => [undefined, at] as const) },
  { weight: 1, arbitrary: fc.nat(4).map((at) => [at, undefined] as const) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.nat(3), fc.integer({ min: 1, max: 4 }))
      .map(([at, more]) => [at, at + more] as const),
  },
);

export const timedLine: fc.Arbitrary<TimedLine> = fc
  .tuple(entry, ends, fc.constantFrom(undefined, undefined, 'a', 'b'))
  .map(([text, [from, until], note]) => ({ entry: text, from, until, note }));

export const timedLines: fc.Arbitrary<TimedLine[]> = fc.array(timedLine, { maxLength: 7 });

/** The times of a line as text, spelt in one of several ways. */
export function writeTimes({ from, until }: TimedLine): string {
  const print = (count: number): string =>
    hour(count)
      .toISOString()
      .replace(/:00.000Z$/, count % 2 === 0 ? 'Z' : ':00.0+00:00');
  return `${from === undefined ? '' : ` from ${print(from)}`}${until === undefined ? '' : `\tuntil  ${print(until)}`}`;
}

export function writeLine(line: TimedLine): string {
  return `${line.entry}${writeTimes(line)}${line.note === undefined ? '' : ` # ${line.note}`}`;
}

export function writeText(lines: readonly TimedLine[]): string {
  return lines.map(writeLine).join('\n');
}

export function countsAt({ from, until }: TimedLine, count: number): boolean {
  return (from === undefined || from <= count) && (until === undefined || count < until);
}

/** The lines that count at an instant, each in its place, as a text without times. */
export function textAt(lines: readonly TimedLine[], count: number): string {
  return lines
    .map((line) =>
      countsAt(line, count) ? writeLine({ ...line, from: undefined, until: undefined }) : '# over',
    )
    .join('\n');
}

/** Covers none of the clients of these tests. */
export const NOBODY = '203.0.113.213';

export const clients: readonly string[] = [
  ...Array.from({ length: 18 }, (_, at) => `10.0.0.${at}`),
  ...Array.from({ length: 18 }, (_, at) => `::${at.toString(16)}`),
  '10.9.9.9',
  '127.0.0.1',
  '192.168.0.1',
  '192.0.2.1',
];
