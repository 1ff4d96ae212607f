/**
 * Lines of hosts.allow and hosts.deny, as tcp_wrappers takes them apart: daemons, clients and options, with colons between
 * them that do not stand in brackets.
 */

import type { Importing } from '../exchange/importing.ts';
import { bytesOf } from '../exchange/notes.ts';
import type { Verdict } from '../policy/decision.ts';
import { eachJoinedLine, type JoinedLine } from './joined-lines.ts';

/** A word of a list, and where it is. */
export interface Token {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** A line that is a rule. */
export interface HostsLine {
  readonly daemons: readonly Token[];
  readonly clients: readonly Token[];
  readonly start: number;
  readonly end: number;
  /** What its options say, where they do. */
  readonly action: Verdict | undefined;
}

/** The program reads so many bytes of a line, and takes what is longer for one without an end. */
const LONGEST_LINE = 2046;

/** Passes each rule to `visit`. Lines that the program cannot read are errors. Linear. */
export function eachHostsLine(importing: Importing, visit: (line: HostsLine) => void): void {
  const { text } = importing;
  const { length } = text;
  if (text.charCodeAt(0) === 0xfeff)
    importing.refuse(
      0,
      1,
      'syntax',
      'the byte order mark is taken for a part of the first line: save without it',
    );
  const message = 'the last line has no line end, and tcp_wrappers does not read it, or denies everyone';
  const isCut = length > 0 && (!text.endsWith('\n') || text.endsWith('\\\n'));
  // A single line is what somebody asks about, and not a file.
  if (isCut && text.includes('\n')) importing.refuse(length, length, 'truncated', message);
  else if (isCut) importing.warn(length, length, 'truncated', message);
  for (const [sign, what] of [
    ['\0', 'a line ends at a NUL, and then denies everyone'],
    ['\\\r\n', 'a backslash before CR LF does not join lines: save with LF'],
  ] as const) {
    const at = text.indexOf(sign);
    if (at >= 0) importing.refuse(at, at + 1, 'syntax', what);
  }
  eachJoinedLine(text, (line) => readLine(importing, line, visit));
}

function readLine(importing: Importing, line: JoinedLine, visit: (line: HostsLine) => void): void {
  const { text } = line;
  if (text.length > LONGEST_LINE || bytesOf(text) > LONGEST_LINE) {
    const [start, end] = line.place;
    importing.refuse(start, end, 'syntax', `a line of more than ${LONGEST_LINE} bytes denies everyone`);
    return;
  }
  // Only in the first column does a comment begin.
  if (text.startsWith('#') || tokensOf(line, 0, text.length).length === 0) return;
  const [start, end] = line.place;
  const first = colonFrom(text, 0);
  if (first === text.length) {
    importing.error(start, end, 'syntax', 'the line has no colon between daemons and clients');
    return;
  }
  const second = colonFrom(text, first + 1);
  const options = readOptions(second === text.length ? undefined : text.slice(second + 1));
  if (options.fault !== undefined) importing.error(start, end, 'syntax', options.fault);
  else if (options.condition !== undefined) importing.condition(start, end, options.condition);
  else {
    const [daemons, clients] = [tokensOf(line, 0, first), tokensOf(line, first + 1, second)];
    visit({ daemons, clients, start, end, action: options.action });
  }
}

/** The next colon that is not in brackets, or the end of the text. */
function colonFrom(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const sign = text.charAt(at);
    if (sign === '[') depth++;
    else if (sign === ']') depth--;
    else if (sign === ':' && depth === 0) return at;
  }
  return text.length;
}

const SEPARATORS = ', \t\r\n';

function tokensOf(line: JoinedLine, from: number, to: number): Token[] {
  const tokens: Token[] = [];
  for (let at = from; at < to; at++) {
    const start = at;
    while (at < to && !SEPARATORS.includes(line.text.charAt(at))) at++;
    if (at === start) continue;
    const value = line.text.slice(start, at);
    tokens.push({ value, start: line.offsetOf(start), end: line.offsetOf(at - 1) + 1 });
  }
  return tokens;
}

/** What the options of a line say. */
interface Options {
  readonly action?: Verdict;
  readonly condition?: string;
  readonly fault?: string;
}

/** Options that do not change who gets in, and whether they take an argument. */
const harmless: ReadonlyMap<string, 'some' | 'none' | 'any'> = /* @__PURE__ */ new Map([
  ['banners', 'some'],
  ['group', 'some'],
  ['keepalive', 'none'],
  ['linger', 'some'],
  ['nice', 'any'],
  ['rfc931', 'any'],
  ['setenv', 'some'],
  ['severity', 'some'],
  ['spawn', 'some'],
  ['umask', 'some'],
  ['user', 'some'],
]);

function readOptions(text: string | undefined): Options {
  if (text === undefined) return {};
  // A colon in a command has a backslash before it.
  const options = text.replaceAll('\\:', ';').split(':');
  for (const [index, option] of options.entries()) {
    const [name = '', value] = partsOf(option);
    const isLast = index === options.length - 1;
    const kind = harmless.get(name);
    if (name === 'twist' || name === 'aclexec') return { condition: `what the option ${name} does` };
    if (name === 'allow' || name === 'deny') {
      if (isLast && value === '') return { action: name };
      return { fault: `"${name}" is the last option of its line, and has no argument` };
    }
    if (kind === undefined) return { fault: 'there is no such option: the line denies all of its clients' };
    if ((kind === 'some') !== (value !== '') && kind !== 'any')
      return { fault: `the option "${name}" has ${kind === 'some' ? 'an' : 'no'} argument` };
  }
  return {};
}

/** The name of an option in small letters, and its argument after a blank or `=`. */
function partsOf(option: string): readonly [string, string] {
  const trimmed = option.trim();
  let at = 0;
  while (at < trimmed.length && !'= \t'.includes(trimmed.charAt(at))) at++;
  return [trimmed.slice(0, at).toLowerCase(), trimmed.slice(at + 1).trim()];
}
