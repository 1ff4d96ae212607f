/**
 * Times as other programs write them: `1d2h3m4s`.
 */

import { DIGITS, LETTERS, skip } from '../address/characters.ts';

const MILLISECONDS: ReadonlyMap<string, number> = /* @__PURE__ */ new Map([
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
]);

/**
 * The milliseconds of numbers with units, each of which comes at most once and in the order given; `undefined` for
 * anything else.
 */
export function durationOf(text: string, units: readonly string[]): number | undefined {
  let sum = 0;
  let left = units;
  for (let at = 0; at < text.length; ) {
    const digits = skip(text, at, DIGITS);
    const end = skip(text, digits, LETTERS);
    const unit = left.indexOf(text.slice(digits, end));
    if (digits === at || unit < 0) return undefined;
    sum += Number(text.slice(at, digits)) * (MILLISECONDS.get(left[unit] as string) as number);
    left = left.slice(unit + 1);
    at = end;
  }
  return text === '' || !Number.isSafeInteger(sum) ? undefined : sum;
}

/** Milliseconds as numbers with units, the largest first. */
export function writeDuration(milliseconds: number): string {
  let rest = milliseconds;
  let text = '';
  for (const [unit, size] of MILLISECONDS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) text += `${count}${unit}`;
  }
  return text;
}
