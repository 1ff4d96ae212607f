/**
 * Whole files of other formats that were given as a list. None of their lines is an entry, so one problem says more
 * than one for each line.
 */

import type { Problem } from '../problem/errors.ts';

/** What is looked at. */
const HEAD = 1000;

/**
 * Says what a text without a single good line looks like, and what to do with it; `undefined` when it looks like a list.
 */
export function describeFormat(given: string, errors: readonly Problem[]): string | undefined {
  const head = given.slice(0, HEAD).trim();
  const inner = head.slice(1).trimStart()[0] ?? '';
  // A list may have one line of JSON among other bad ones.
  const signs = errors.filter(({ text }) => '{}[]"'.includes(text[0] ?? '-'));
  const isJson = '{['.includes(head[0] ?? '-') && '"{['.includes(inner) && signs.length * 2 > errors.length;
  if (isJson) return `${LIKE} JSON: parse it first, and give an array of its addresses`;
  if (head[0] === '<') return `${LIKE} HTML or XML: write its addresses alone, one per line`;
  if (head.startsWith('PK\u0003')) return `${LIKE} a ZIP file: unpack it first`;
  // U+FFFD is what becomes of a byte that is not text.
  if (head.startsWith('\u001f\ufffd') || head.startsWith('\u001f\u008b'))
    return `${LIKE} gzip: unpack it first`;
  if (given.includes('\ufffdMaxMind.com')) return `${LIKE} a MaxMind database: export its networks as text`;
  if (isNullAt(head, 1) || isNullAt(head, 0))
    return `${LIKE} UTF-16: decode it as UTF-16, or save it as UTF-8`;
  const odd = [...head].filter((character) => character < '\u0009' || character === '\ufffd').length;
  return odd * 10 > head.length ? `${LIKE} a binary file: decode it to text first` : undefined;
}

const LIKE = 'this looks like';

/** Whether every other character is U+0000, after what has become of a byte order mark. */
function isNullAt(head: string, first: number): boolean {
  let from = first;
  while (head[from - first] === '\ufffd' || head[from - first] === '\ufeff') from++;
  return [0, 2, 4].every((at) => (head[from + at] ?? (at === 0 ? '' : '\0')) === '\0');
}
