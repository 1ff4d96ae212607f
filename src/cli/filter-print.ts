/**
 * How `filter` prints counts.
 */

import type { Counter } from './filter-counts.ts';
import type { LineFilter } from './filter-lines.ts';
import { safeJson, writeDocument, writeLine } from './json.ts';
import type { Output } from './output.ts';
import { printable } from './style.ts';

/** The ways to write them. */
export type CountFormat = 'text' | 'json' | 'ndjson';

/** Prints how many lines were found, or how many of them by what. */
export async function printCounts(
  { lines, found }: LineFilter,
  counter: Counter | undefined,
  format: CountFormat,
  output: Output,
): Promise<void> {
  if (format === 'json') {
    const counts = counter === undefined ? {} : { [counter.what]: fieldsOf(counter) };
    return writeDocument(output, { lines, found, ...counts });
  }
  if (counter !== undefined) {
    for (const piece of inPieces(format === 'text' ? textLines(counter) : jsonLines(counter)))
      await output.write(piece);
  }
  if (format === 'ndjson') await writeLine(output, { lines, found });
  else if (counter === undefined) await output.line(String(found));
}

function fieldsOf(counter: Counter): unknown[] {
  return Array.from(counter.inOrder(), ({ count, fields }) => ({ count, ...fields }));
}

/** `count name`, the counts below each other. */
function* textLines(counter: Counter): Generator<string> {
  let width = 0;
  for (const { count, name } of counter.inOrder()) {
    width = Math.max(width, String(count).length);
    yield `${String(count).padStart(width)} ${printable(name)}\n`;
  }
}

function* jsonLines(counter: Counter): Generator<string> {
  for (const { count, fields } of counter.inOrder()) yield `${safeJson({ schema: 1, count, ...fields })}\n`;
}

/** Many texts together, so that not every one of a million is waited for. */
function* inPieces(texts: Iterable<string>): Generator<string> {
  let piece = '';
  for (const text of texts) {
    piece += text;
    if (piece.length < 1 << 14) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
