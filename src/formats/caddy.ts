/**
 * Caddy: named matchers of a Caddyfile with `remote_ip` and `client_ip`.
 *
 * ```
 * @office {
 *   client_ip 192.0.2.0/24 # a note
 *   not client_ip 192.0.2.7
 * }
 * ```
 *
 * A matcher only says which clients it is about; what becomes of them is said elsewhere.
 */

import type { Exporting } from '../exchange/exporting.ts';
import { defineFormat, type Format } from '../exchange/format.ts';
import type { Importing } from '../exchange/importing.ts';
import { isName } from '../exchange/names.ts';
import { quote } from '../problem/say.ts';
import { type CaddyWord, splitCaddyfile } from '../syntax/caddyfile.ts';
import { refuseShape } from '../syntax/manifest.ts';

/** Matchers `remote_ip` and `client_ip` of a Caddyfile. */
export const caddy: Format = /* @__PURE__ */ defineFormat(
  { name: 'caddy', title: 'Caddyfile matcher', extension: '.Caddyfile' },
  { read: readCaddy, write: writeCaddy, takes: ['set'], options: ['set'] },
);

/** A line of a matcher. */
interface Part {
  readonly name: CaddyWord;
  readonly isNegated: boolean;
  readonly values: readonly CaddyWord[];
}

interface Matcher {
  readonly name: CaddyWord;
  readonly parts: readonly Part[];
  /** Why it cannot be read at all. */
  readonly fault: CaddyFaultOf | undefined;
}

interface CaddyFaultOf {
  readonly word: CaddyWord;
  readonly code: 'include' | 'syntax';
  readonly message: string;
}

/** What `private_ranges` stands for, in the order of Caddy. */
const privateRanges = ['192.168.0.0/16', '172.16.0.0/12', '10.0.0.0/8', '127.0.0.0/8', 'fd00::/8', '::1'];

function readCaddy(importing: Importing): void {
  importing.findsMapped = false;
  const words = splitCaddyfile(importing.text);
  if ('message' in words) {
    importing.refuse(words.start, words.end, 'syntax', words.message);
    return;
  }
  const found: Matcher[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as CaddyWord;
    if (!word.isFirst || !word.value.startsWith('@')) continue;
    const reader = new MatcherReader(words, at);
    found.push(reader.read());
    at = reader.at - 1;
  }
  for (const matcher of chooseMatchers(importing, words, found)) takeMatcher(importing, matcher);
  if (importing.options.mode === undefined && importing.groups.length > 0)
    importing.warn(
      0,
      0,
      'verdict-required',
      'a matcher does not say what becomes of clients: give the option mode',
    );
}

/** Reads the definition of a matcher, which starts with its name. */
class MatcherReader {
  at: number;
  readonly #words: readonly CaddyWord[];
  readonly #parts: Part[] = [];
  readonly #name: CaddyWord;
  #fault: CaddyFaultOf | undefined = undefined;

  constructor(words: readonly CaddyWord[], at: number) {
    this.#words = words;
    this.#name = words[at] as CaddyWord;
    this.at = at + 1;
  }

  read(): Matcher {
    const next = this.#words[this.at];
    if (next !== undefined && !next.isFirst) {
      if (isBrace(next, '{')) this.#readBlock(false);
      else this.#readPart(false);
    }
    return { name: this.#name, parts: this.#parts, fault: this.#fault };
  }

  /** Reads the lines of a block, up to the brace that closes it. */
  #readBlock(isNegated: boolean): void {
    const open = this.#words[this.at++] as CaddyWord;
    const count = this.#parts.length;
    for (let word = this.#words[this.at]; word !== undefined; word = this.#words[this.at]) {
      if (!word.isFirst) {
        this.#refuse(word, 'syntax', 'a line of its own is required here');
        this.at++;
      } else if (isBrace(word, '}')) {
        this.at++;
        const names = new Set(this.#parts.slice(count).map(({ name }) => name.value));
        // Of different matchers in one negation, all have to match.
        if (isNegated && names.size !== 1)
          this.#refuse(open, 'syntax', 'a "not" of several matchers at once is not read');
        return;
      } else this.#readPart(isNegated);
    }
    this.#refuse(open, 'syntax', 'this brace is never closed');
  }

  /** Reads one matcher with its values, up to the end of the line. */
  #readPart(isNegated: boolean): void {
    const name = this.#words[this.at++] as CaddyWord;
    const next = this.#words[this.at];
    const isOnLine = next !== undefined && !next.isFirst;
    if (name.value === 'not' && !name.isQuoted && isOnLine && !isNegated) {
      if (isBrace(next, '{')) this.#readBlock(true);
      else this.#readPart(true);
      return;
    }
    if (name.value === 'not')
      this.#refuse(name, 'syntax', 'this "not" is not read: write what it means without it');
    if (name.value === 'import')
      this.#refuse(name, 'include', 'what is imported here can add conditions: write it in its place');
    const values: CaddyWord[] = [];
    for (let word = next; word !== undefined && !word.isFirst; word = this.#words[this.at]) {
      if (isBrace(word, '{')) {
        if (isAddress(name)) this.#refuse(word, 'syntax', `${quote(name.value)} takes no block`);
        this.#skipBlock();
        break;
      }
      values.push(word);
      this.at++;
    }
    this.#parts.push({ name, isNegated, values });
  }

  /** Passes the block of a matcher that is not about addresses. */
  #skipBlock(): void {
    const open = this.#words[this.at++] as CaddyWord;
    for (let depth = 1; depth > 0; this.at++) {
      const word = this.#words[this.at];
      if (word === undefined) {
        this.#refuse(open, 'syntax', 'this brace is never closed');
        return;
      }
      if (isBrace(word, '{')) depth++;
      if (isBrace(word, '}')) depth--;
    }
  }

  #refuse(word: CaddyWord, code: CaddyFaultOf['code'], message: string): void {
    this.#fault ??= { word, code, message };
  }
}

function isBrace({ value, isQuoted }: CaddyWord, sign: '{' | '}'): boolean {
  return value === sign && !isQuoted;
}

function isAddress({ value }: CaddyWord): boolean {
  return value === 'remote_ip' || value === 'client_ip';
}

function isAddressMatcher({ name }: Part): boolean {
  return isAddress(name);
}

/** Whether an expression asks for the address of the client. */
function asksForAddress({ name, values }: Part): boolean {
  return [name, ...values].some(({ value }) =>
    ['remote_ip(', 'client_ip(', 'remote_host', 'http.request.remote'].some((word) => value.includes(word)),
  );
}

function chooseMatchers(
  importing: Importing,
  words: readonly CaddyWord[],
  found: readonly Matcher[],
): readonly Matcher[] {
  const { set, mode } = importing.options;
  const ours = found.filter(
    ({ parts, fault }) =>
      parts.some((part) => isAddressMatcher(part) || asksForAddress(part)) || fault?.code === 'include',
  );
  const name = set?.startsWith('@') === true ? set : `@${set}`;
  const chosen = set === undefined ? ours : found.filter((matcher) => matcher.name.value === name);
  const [first, second] = chosen;
  if (first === undefined) {
    const imported = words.find(({ value, isFirst }) => isFirst && value === 'import');
    const what = set === undefined ? 'matcher with remote_ip or client_ip' : `matcher ${quote(name)}`;
    if (imported !== undefined)
      importing.refuse(
        imported.start,
        imported.end,
        'include',
        `the text has no ${what}: give the text that is imported`,
      );
    else importing.refuse(0, 0, set === undefined ? 'syntax' : 'unselected', `the text has no ${what}`);
  }
  if (second === undefined || (set === undefined && mode === undefined)) return chosen;
  const some = ours.slice(0, 5).map((matcher) => quote(matcher.name.value));
  const message =
    set === undefined
      ? `the matchers are about different clients: choose with the option set, such as ${some.join(', ')}`
      : `there is more than one matcher ${quote(name)}: give the text of one of them alone`;
  importing.refuse(second.name.start, second.name.end, 'set-required', message);
  return [];
}

function takeMatcher(importing: Importing, { name, parts, fault }: Matcher): void {
  if (fault !== undefined) {
    importing.refuse(fault.word.start, fault.word.end, fault.code, fault.message);
    return;
  }
  const what = conditionOf(parts);
  const [part] = parts;
  if (part === undefined) {
    importing.refuse(name.start, name.end, 'syntax', 'a matcher without conditions is about everyone');
    return;
  }
  if (what !== undefined) {
    const { start, end } = (parts.find(isAddressMatcher) ?? part).name;
    importing.condition(start, end, what);
    return;
  }
  importing.group(name.value);
  if (parts.every(({ isNegated }) => isNegated))
    importing.everyone(part.name.start, part.name.end, { label: name.value });
  for (const { values, isNegated } of parts) {
    for (const value of values)
      takeValue(importing, value, isNegated, name.value, values.length === 1 ? value.note : undefined);
  }
}

/** Why a matcher is not for everyone at its addresses, if it is not. */
function conditionOf(parts: readonly Part[]): string | undefined {
  const other = parts.find((part) => !isAddressMatcher(part));
  if (other !== undefined) return `${quote(other.name.value)} has to match, too`;
  if (parts.some(({ values }) => values.some(({ value }) => value === 'forwarded')))
    return '"forwarded" takes the client out of a header that anyone can write';
  const names = new Set(parts.map(({ name }) => name.value));
  return names.size > 1 ? 'the addresses of the connection and of the client have to match' : undefined;
}

function takeValue(
  importing: Importing,
  { value, start, end }: CaddyWord,
  isNegated: boolean,
  label: string,
  note: string | undefined,
): void {
  const fields = { label, note };
  const texts = value === 'private_ranges' ? privateRanges : [value];
  for (const text of texts) {
    if (refuseShape(importing, text, start, end)) continue;
    if (isNegated) importing.exceptionOf(text, start, end, { note });
    else importing.entryOf(text, start, end, fields);
  }
}

function writeCaddy(exporting: Exporting): string {
  const { set = 'listed' } = exporting.options;
  const name = set.startsWith('@') ? set.slice(1) : set;
  if (!isName(name, 100))
    exporting.refuseOption(
      'set must be the name of a matcher: letters, digits and "_", at most 100, and not begin with a digit',
    );
  const items = exporting.listed({ nested: true });
  // Without addresses it matches nobody; without anything, it would match everyone.
  if (items.length === 0) return `@${name} client_ip\n`;
  const lines = items.map((item) => {
    const note = exporting.noteOf(item, noteShape);
    return `\tclient_ip ${item.text}${note === '' ? '' : ` # ${note}`}\n`;
  });
  return `@${name} {\n${lines.join('')}}\n`;
}

/** In comments, too, a backslash joins lines, and `{$NAME}` is replaced by what may have several. */
const noteShape = { maxBytes: Number.POSITIVE_INFINITY, forbidden: '\\{}', instead: '/()' };
