/**
 * The grammar of the header `Forwarded` (RFC 7239 §4), read from left to right in one pass:
 *
 * ```text
 * Forwarded         = 1#forwarded-element
 * forwarded-element = [ forwarded-pair ] *( ";" [ forwarded-pair ] )
 * forwarded-pair    = token "=" ( token / quoted-string )
 * ```
 *
 * A line that breaks the grammar anywhere is rejected as a whole. It cannot be read from the right alone, because only
 * a reader from the left knows what is quoted. And trusting one part of a line while another part makes no sense is how
 * two readers come to disagree. White space may surround commas and, as RFC 9110 §5.6.6 allows for parameters,
 * semicolons. Empty list elements are ignored.
 */

import { isOptionalBlank } from './hop.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;

/** Stands for an element that names no client: one without `for`, or with more than one. */
const NO_NODE = '';

/** The characters of a token (RFC 9110 §5.6.2), by ASCII code. */
const tokenCharacters: Uint8Array = /* @__PURE__ */ (() => {
  const table = new Uint8Array(128);
  const characters = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (let at = 0; at < characters.length; at++) table[characters.charCodeAt(at)] = 1;
  return table;
})();

/** Whether a whole text is one token, as a header name is. */
export function isToken(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (!isTokenCharacter(text.charCodeAt(at))) return false;
  return text !== '';
}

function isTokenCharacter(code: number): boolean {
  return code < 128 && tokenCharacters[code] === 1;
}

/**
 * The nodes that the elements of one line name with `for`, from left to right, unquoted. An element that names none, or
 * two, gives {@link NO_NODE}. Returns `undefined` when the line breaks the grammar.
 */
export function readForwarded(line: string): readonly string[] | undefined {
  const nodes: string[] = [];
  let node: string | undefined;
  let isRepeated = false;
  let isEmpty = true;
  let at = 0;
  for (;;) {
    at = skipBlanks(line, at);
    const code = line.charCodeAt(at);
    if (at === line.length || code === COMMA) {
      if (!isEmpty) nodes.push(isRepeated || node === undefined ? NO_NODE : node);
      if (at === line.length) return nodes;
      node = undefined;
      isRepeated = false;
      isEmpty = true;
      at++;
    } else if (code === SEMICOLON) {
      isEmpty = false;
      at++;
    } else {
      const valueStart = endOfToken(line, at) + 1;
      if (valueStart === at + 1 || line.charCodeAt(valueStart - 1) !== EQUALS) return undefined;
      const valueEnd = endOfValue(line, valueStart);
      if (valueEnd < 0) return undefined;
      if (isFor(line, at, valueStart - 1)) {
        isRepeated = node !== undefined;
        node = readValue(line, valueStart, valueEnd);
      }
      isEmpty = false;
      at = skipBlanks(line, valueEnd);
      const next = line.charCodeAt(at);
      if (at < line.length && next !== COMMA && next !== SEMICOLON) return undefined;
    }
  }
}

function skipBlanks(line: string, start: number): number {
  let at = start;
  while (at < line.length && isOptionalBlank(line.charCodeAt(at))) at++;
  return at;
}

function endOfToken(line: string, start: number): number {
  let at = start;
  while (at < line.length && isTokenCharacter(line.charCodeAt(at))) at++;
  return at;
}

/** Offset after the token or quoted string that starts here, or −1. */
function endOfValue(line: string, start: number): number {
  if (line.charCodeAt(start) !== QUOTE) {
    const end = endOfToken(line, start);
    return end === start ? -1 : end;
  }
  for (let at = start + 1; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    // A backslash is followed by any quotable character, including a quote or another backslash.
    if (code === BACKSLASH && ++at === line.length) return -1;
    if (!isQuotable(line.charCodeAt(at))) return -1;
  }
  return -1;
}

/** Tab, space, visible ASCII, and the octets above ASCII. */
function isQuotable(code: number): boolean {
  return code === 0x09 || (code >= 0x20 && code <= 0xff && code !== 0x7f);
}

/** Whether the parameter's name is `for`, in any case. */
function isFor(line: string, start: number, end: number): boolean {
  if (end - start !== 3) return false;
  const first = line.charCodeAt(start) | 0x20;
  return (
    first === 0x66 &&
    (line.charCodeAt(start + 1) | 0x20) === 0x6f &&
    (line.charCodeAt(start + 2) | 0x20) === 0x72
  );
}

/** The token, or the quoted string without its quotes and backslashes. */
function readValue(line: string, start: number, end: number): string {
  if (line.charCodeAt(start) !== QUOTE) return line.slice(start, end);
  let text = '';
  let from = start + 1;
  for (let at = from; at < end - 1; at++) {
    if (line.charCodeAt(at) !== BACKSLASH) continue;
    text += line.slice(from, at);
    from = ++at;
  }
  return text + line.slice(from, end - 1);
}
