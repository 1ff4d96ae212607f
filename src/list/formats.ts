/**
 * Whole files of other formats that were given as a list. None of their lines is an entry, so one problem says more
 * than one for each line.
 */

import type { Problem } from '../problem/errors.ts';

/** How much of a text is looked at. */
const HEAD = 1000;

/**
 * Says what a text without a single good line looks like, and what to do with it; `undefined` when it may be a list.
 */
export function describeFormat(text: string, errors: readonly Problem[]): string | undefined {
  const advice = findFormat(text.slice(0, HEAD).trim(), text, errors);
  return advice && `this looks like ${advice}`;
}

function findFormat(head: string, text: string, errors: readonly Problem[]): string | undefined {
  const first = head[0] ?? '-';
  const second = head.slice(1).trimStart()[0] ?? '-';
  // `<192.0.2.1>` is a bad line.
  if (first === '<' && ('!?'.includes(second) || text.includes('</')))
    return 'HTML or XML: write its addresses alone, one per line';
  if ('{['.includes(first) && '"{['.includes(second)) {
    // A list may have one line of JSON among other bad ones.
    const signs = errors.filter((problem) => '{}[]"'.includes(problem.text[0] ?? '-'));
    if (signs.length * 2 > errors.length) return 'JSON: parse it first, and give an array of its addresses';
  }
  // U+FFFD is what becomes of a byte that is not text.
  if (text.includes('\ufffdMaxMind.com')) return 'a MaxMind database: export its networks as text';
  if (['\u001f\ufffd', '\u001f\u008b', 'PK\u0003'].some((magic) => head.startsWith(magic)))
    return 'a gzip or ZIP file: unpack it first';
  const characters = [...head];
  const count = (sign: string): number => characters.filter((character) => character === sign).length;
  const nulls = count('\0');
  // Every other character.
  if (nulls > 1 && Math.abs(nulls * 2 - characters.length) < 5)
    return 'UTF-16: decode it as UTF-16, or save it as UTF-8';
  const odd = nulls + count('\ufffd');
  return odd > 3 && odd * 9 > characters.length ? 'a binary file: decode it to text first' : undefined;
}
