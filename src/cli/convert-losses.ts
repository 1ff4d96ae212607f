/**
 * What a format cannot say, on standard error: those losses that are about verdicts always.
 */

import type { Loss } from '../exchange/loss.ts';
import type { Entry } from '../list/table.ts';
import { nameOf } from './input.ts';
import type { SourceTexts } from './located.ts';
import type { Notices } from './notices.ts';
import { grouped, printable } from './style.ts';

/** Nothing is written, as the target would let everyone in. */
export const WOULD_OPEN = 'would-open';

/** Losses that change no verdict. */
const ofWords: readonly string[] = [
  'note-cut',
  'note-changed',
  'note-dropped',
  'duplicate',
  'name-changed',
  'split',
  'complement',
  'null-dropped',
  'text-changed',
];

/** Whether a loss is about who gets in, or about whether the target takes the text at all. */
function isOfVerdicts({ code }: Loss): boolean {
  return !ofWords.includes(code);
}

/** Losses of one kind that are shown. */
const SHOWN = 10;

/** Names the losses, with the places of the entries that they are about. */
export function showLosses(
  losses: readonly Loss[],
  context: { readonly texts: SourceTexts; readonly notices: Notices; readonly isStrict: boolean },
): void {
  const { texts, notices, isStrict } = context;
  const wanted = notices.isQuiet && !isStrict ? losses.filter(isOfVerdicts) : losses;
  for (const code of new Set(wanted.map((loss) => loss.code))) {
    const isError = isStrict || code === WOULD_OPEN;
    const severity = isError ? notices.paint('red', 'error') : notices.paint('yellow', 'warning');
    const alike = wanted.filter((loss) => loss.code === code);
    for (const { message, entry } of alike.slice(0, SHOWN)) {
      const place = entry === undefined ? '' : placeOf(entry, texts);
      const about = entry === undefined ? '' : ` (${printable(entry.text)})`;
      notices.complain(`${notices.paint('bold', place)}${severity} ${code} ${printable(message)}${about}`);
    }
    const more = alike.length - SHOWN;
    if (more > 0)
      notices.complain(`ipverdict: ${grouped(more)} more ${code} ${more === 1 ? 'is' : 'are'} not shown.`);
  }
}

/** `bad.txt:3:1 `; empty for an entry whose file is not known, such as that of a snapshot. */
function placeOf(entry: Entry, texts: SourceTexts): string {
  const place = texts.placeOf(entry);
  return place === undefined ? '' : `${nameOf(place.file)}:${place.line}:1 `;
}
