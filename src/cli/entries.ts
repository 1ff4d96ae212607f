/** Entries as verdicts name them: where one is, what it says, and the same as data. */

import type { Entry } from '../list/table.ts';
import type { Policy } from '../policy/policy.ts';
import { placeOf } from './policies.ts';
import { printable } from './style.ts';

/** Where an entry is: `line 5`, with its file where there are several, or with its rule where that is in no file. */
export function placeInWords(policy: Policy, entry: Entry, hasOneList: boolean): string {
  const place = placeOf(policy, entry);
  const line = `line ${place?.line ?? entry.line}`;
  if (hasOneList) return line;
  if (place !== undefined) return `${printable(place.file)} ${line}`;
  if (entry.rule !== undefined)
    return `${printable(entry.rule)} ${entry.list === 'except' ? 'except ' : ''}${line}`;
  return entry.list === 'exempt' ? `exemptions ${line}` : line;
}

/** `203.0.113.0/24 # Office` */
export function entryInWords({ text, note }: Entry): string {
  return printable(note === undefined ? text : `${text} # ${note}`);
}

/** An entry for JSON, the same in all commands. What it does not have is `null`. */
export function entryAsData(entry: Entry, place: ReturnType<typeof placeOf>) {
  return {
    file: place?.file ?? null,
    rule: entry.rule ?? null,
    list: entry.list,
    line: place?.line ?? entry.line,
    text: entry.text,
    canonical: entry.canonical,
    note: entry.note ?? null,
    from: entry.from?.toJSON() ?? null,
    until: entry.until?.toJSON() ?? null,
  };
}
