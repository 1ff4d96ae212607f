/**
 * csf.allow and csf.deny of ConfigServer Firewall: an address or a rule on each line.
 *
 * ```
 * 192.0.2.0/24 # Office
 * tcp|in|d=22|s=198.51.100.7
 * ```
 */

import { seek } from '../address/characters.ts';
import { scanEntry } from '../address/entry.ts';
import { defineFormat, type Format } from '../exchange/format.ts';
import type { Importing } from '../exchange/importing.ts';
import { eachLine, trimEnd, trimStart } from '../list/grammar.ts';
import { quote } from '../problem/say.ts';

/** The lists of ConfigServer Firewall. */
export const csf: Format = /* @__PURE__ */ defineFormat(
  { name: 'csf', title: 'csf.allow and csf.deny', extension: '' },
  { read: readCsf },
);

/** A part of a file, and its place in the text that is imported: for another file, the line that includes it. */
interface Part {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

function readCsf(importing: Importing): void {
  // Rules for IPv6 find no IPv4 client.
  importing.findsMapped = false;
  const files = new IncludedFiles(importing);
  readFile(importing, files, importing.text);
  files.readAll();
}

/** Reads the lines of a file, which is another one where it has a place. */
function readFile(importing: Importing, files: IncludedFiles, text: string, place?: Part): void {
  eachLine(text, (_line, lineStart, lineEnd) => {
    const from = trimStart(text, lineStart, lineEnd);
    const to = trimEnd(text, from, lineEnd);
    const line = text.slice(from, to);
    const part = (start: number, end: number): Part => ({
      value: text.slice(start, end),
      start: place?.start ?? start,
      end: place?.end ?? end,
    });
    const whole = part(from, to);
    if (line.includes('\v') || line.includes('\f'))
      importing.refuse(
        whole.start,
        whole.end,
        'syntax',
        'the line has a character at which csf begins another',
      );
    else if (line === '' || line.startsWith('#')) return;
    else if (line.startsWith('Include')) files.add(line.slice('Include'.length).trim(), whole);
    else if (line.includes('Include'))
      importing.warn(
        whole.start,
        whole.end,
        'skipped',
        'csf leaves out every line that has the word "Include"',
      );
    else {
      const end = seek(line, 0, ' \t');
      readRule(importing, part(from, from + end), line.slice(end).trim());
    }
  });
}

function readRule(importing: Importing, { value, start, end }: Part, comment: string): void {
  const isAdvanced = value.includes('=') && (value.includes('|') || value.includes(':'));
  if (isAdvanced) importing.condition(start, end, value);
  else if (value.includes('-') && scanEntry(value, 0, value.length))
    importing.error(start, end, 'syntax', 'csf takes no ranges: write prefixes');
  else importing.entryOf(value, start, end, { note: comment.startsWith('#') ? comment.slice(1) : comment });
}

/** The files that others include, each of which is read once. */
class IncludedFiles {
  readonly #importing: Importing;
  readonly #places: Map<string, Part> = new Map();

  constructor(importing: Importing) {
    this.#importing = importing;
  }

  add(name: string, place: Part): void {
    const isGiven = this.#importing.options.includes.has(name);
    const message = `the entries of ${quote(name)} are missing: give its text in the option includes`;
    if (!isGiven) this.#importing.refuse(place.start, place.end, 'include', message);
    else if (!this.#places.has(name)) this.#places.set(name, place);
  }

  readAll(): void {
    // A map passes what is added to it on the way, too.
    for (const [name, place] of this.#places)
      readFile(this.#importing, this, this.#importing.options.includes.get(name) ?? '', place);
  }
}
