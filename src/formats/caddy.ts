/**
 * Caddy: matchers of a Caddyfile by address.
 *
 * ```
 * @office {
 *   remote_ip 192.0.2.0/24 # a note
 *   not remote_ip 192.0.2.7
 * }
 * ```
 */

import { type CaddyLine, type CaddyWord, readCaddyLines, withImports } from '../exchange/caddyfile.ts';
import type { Exporting } from '../exchange/exporting.ts';
import { defineFormat, type Format } from '../exchange/format.ts';
import type { EntryFields, Importing } from '../exchange/importing.ts';
import { isName } from '../exchange/names.ts';
import { ListError } from '../problem/errors.ts';
import { optionProblem } from '../problem/options.ts';
import { quote } from '../problem/say.ts';

/** The matchers `remote_ip` and `client_ip`. */
export const caddy: Format = /* @__PURE__ */ defineFormat(
  { name: 'caddy', title: 'Caddy matcher', extension: '.caddyfile' },
  { read: readCaddy, write: writeCaddy, options: ['set'] },
);

/** What Caddy writes for `private_ranges`, in this order. */
const privateRanges = ['192.168.0.0/16', '172.16.0.0/12', '10.0.0.0/8', '127.0.0.0/8', 'fd00::/8', '::1'];

const byAddress = ['remote_ip', 'client_ip'];

/** A matcher and all that has to be true for it. */
interface Matcher {
  readonly name: CaddyWord;
  readonly lines: CaddyLine[];
}

/** More blocks in each other than anyone writes. */
const MOST_BLOCKS = 100;

function readCaddy(importing: Importing): void {
  importing.findsMapped = false;
  const { text, options } = importing;
  const lines = readCaddyLines(text);
  if (lines === undefined) {
    importing.refuse(0, 0, 'truncated', 'quotes have no end: the text may be cut off');
    return;
  }
  const found = findMatchers(importing, withImports(lines, options.includes));
  if (found === undefined) return;
  const { set } = options;
  const isMeant = ({ name }: Matcher): boolean => set === undefined || [set, `@${set}`].includes(name.text);
  const matchers = found.filter(isMeant);
  if (set !== undefined && matchers.length !== 1) {
    const message = `the text has ${matchers.length === 0 ? 'no matcher' : 'several matchers'} ${quote(set)}`;
    importing.refuse(0, 0, matchers.length === 0 ? 'unselected' : 'set-required', message);
  } else for (const matcher of matchers) readMatcher(importing, matcher);
}

/** The matchers of all blocks; `undefined` where the blocks do not end, or the text has others. */
function findMatchers(importing: Importing, lines: readonly CaddyLine[]): Matcher[] | undefined {
  const matchers: Matcher[] = [];
  let depth = 0;
  /** The matcher whose block is open, and how deep it is. */
  let open: { readonly matcher: Matcher; readonly depth: number } | undefined;
  for (const line of lines) {
    const [first] = line.words;
    if (first === undefined) continue;
    const opens = isSign(line.words.at(-1), '{');
    const closes = isSign(first, '}');
    if (first.text === 'import' && (open !== undefined || importing.options.set === undefined)) {
      importing.refuse(
        first.start,
        first.end,
        'include',
        'the lines that are imported are missing: give their text in the option includes',
      );
    }
    if (open !== undefined && !(closes && depth === open.depth)) open.matcher.lines.push(line);
    if (open === undefined && first.isLiteral && first.text.startsWith('@')) {
      const matcher: Matcher = { name: first, lines: [] };
      matchers.push(matcher);
      if (opens && line.words.length === 2) open = { matcher, depth: depth + 1 };
      else matcher.lines.push({ words: line.words.slice(1), note: line.note });
    }
    if (closes) depth--;
    if (opens) depth++;
    if (open !== undefined && depth < open.depth) open = undefined;
    const here = line.words.find((word) => word.isLiteral && word.text.startsWith('<<'));
    if (here !== undefined) {
      importing.refuse(
        here.start,
        here.end,
        'syntax',
        'text between "<<" and its end is not read: take it out',
      );
      return undefined;
    }
    if (depth < 0 || depth > MOST_BLOCKS || (closes && line.words.length > 1)) {
      importing.refuse(first.start, first.end, 'syntax', 'the braces of the blocks do not fit');
      return undefined;
    }
  }
  if (depth === 0) return matchers;
  importing.refuse(
    importing.text.length,
    importing.text.length,
    'truncated',
    'a "}" is missing: the text may be cut off',
  );
  return undefined;
}

function isSign(word: CaddyWord | undefined, sign: string): boolean {
  return word?.isLiteral === true && word.text === sign;
}

/** Conditions by address: what is listed, what is not, and whether there are others. */
interface Conditions {
  readonly kinds: Set<string>;
  readonly listed: { readonly word: CaddyWord; readonly note: string | undefined }[];
  readonly except: CaddyWord[];
  other: CaddyWord | undefined;
}

function readMatcher(importing: Importing, { name, lines }: Matcher): void {
  const found: Conditions = { kinds: new Set(), listed: [], except: [], other: undefined };
  let isNegated = false;
  for (const line of lines) {
    const [first, ...others] = line.words;
    if (first === undefined) continue;
    if (isSign(first, '}')) {
      isNegated = false;
      continue;
    }
    const opens = first.text === 'not' && isSign(others[0], '{');
    if (opens && others.length === 1 && !isNegated) isNegated = true;
    else if (first.text === 'not' && !isNegated) take(found, others, line.note, true);
    else take(found, line.words, line.note, isNegated);
  }
  const { kinds, listed, except, other } = found;
  if (kinds.size === 0) {
    const isHidden = other !== undefined && ['not', ...byAddress].some((kind) => other?.text.includes(kind));
    if (isHidden) importing.condition(name.start, name.end, 'an expression');
  } else if (other !== undefined) importing.condition(name.start, name.end, other.text.slice(0, 80));
  else if (kinds.size > 1) importing.condition(name.start, name.end, 'both of remote_ip and client_ip');
  else if (listed.length === 0 && except.length > 0) {
    const message =
      'the matcher is for everyone but these: give its addresses to the other kind of list by hand';
    importing.refuse(name.start, name.end, 'negated', message);
  } else {
    importing.group(name.text.slice(1));
    for (const { word, note } of listed)
      takeAddress(importing, word, { note, label: name.text.slice(1) }, false);
    for (const word of except) takeAddress(importing, word, {}, true);
  }
}

/** Takes one condition of a matcher. */
function take(
  found: Conditions,
  words: readonly CaddyWord[],
  note: string | undefined,
  isNegated: boolean,
): void {
  const [kind, ...addresses] = words;
  if (kind === undefined) return;
  const isByAddress = byAddress.includes(kind.text) && addresses[0]?.text !== 'forwarded';
  if (byAddress.includes(kind.text)) found.kinds.add(kind.text);
  if (!isByAddress || addresses.some((word) => isSign(word, '{')))
    found.other ??= words.find(({ text }) => byAddress.some((name) => text.includes(name))) ?? kind;
  else if (isNegated) found.except.push(...addresses);
  else for (const word of addresses) found.listed.push({ word, note });
}

function takeAddress(importing: Importing, word: CaddyWord, fields: EntryFields, isException: boolean): void {
  const { text, start, end } = word;
  const add = (value: string): boolean =>
    isException
      ? importing.exceptionOf(value, start, end, fields)
      : importing.entryOf(value, start, end, fields);
  if (text === 'private_ranges') for (const network of privateRanges) add(network);
  else if (text.includes('-'))
    importing.error(
      start,
      end,
      'syntax',
      'Caddy takes an address or a prefix here: write a range as prefixes',
    );
  else add(text);
}

/** Any `\` in a comment makes Caddy go on with the next line. */
const noteShape = { maxBytes: 500, forbidden: '\\', instead: '/' };

function writeCaddy(exporting: Exporting): string {
  const name = exporting.options.set ?? 'listed';
  if (!isName(name, 255))
    throw new ListError([
      optionProblem(`set must be the name of a matcher, such as "listed", got ${quote(name)}`),
    ]);
  const lines = exporting.listed({ nested: true }).map((item) => {
    const note = exporting.noteOf(item, noteShape);
    return `\tremote_ip ${item.text}${note === '' ? '' : ` # ${note}`}\n`;
  });
  // Without an address it matches nobody; without a line, everybody.
  return `@${name} {\n${lines.length === 0 ? '\tremote_ip\n' : lines.join('')}}\n`;
}
