/**
 * Cells of comma-separated values, RFC 4180: quoted where they have a separator, a quotation mark, which is doubled, or
 * a line end.
 *
 * Lines that start with `#` are comments, as in geofeeds (RFC 8805 §2.1). Blank lines are passed over.
 */

import { afterLineEnd, BYTE_ORDER_MARK, endOfLine, isLineEnd, trimEnd, trimStart } from '../list/grammar.ts';

/** One cell: its value, and where it is in the text, without its quotation marks and the blanks around it. */
export interface Cell {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** What is wrong with a record, and where it starts and ends. */
export type CellFault = (start: number, end: number, message: string) => void;

const QUOTE = 0x22;
const HASH = 0x23;

/**
 * Passes each record to `visit`. Linear: each character is looked at once, and once more where cells are cut out.
 *
 * @param separator - one character
 * @param onFault - is told of a record that is not one; a quotation mark that is never closed ends the reading
 */
export function eachRecord(
  text: string,
  separator: string,
  visit: (cells: readonly Cell[]) => void,
  onFault: CellFault,
): void {
  const sign = separator.charCodeAt(0);
  let at = startOfRecord(text, 0);
  while (at < text.length) {
    const record = readRecord(text, at, sign);
    if (record.fault === undefined) visit(record.cells);
    else onFault(record.faultAt, endOfLine(text, record.faultAt), record.fault);
    at = startOfRecord(text, afterLineEnd(text, record.end));
  }
}

/** The start of the next line that is neither blank nor a comment, or the length of the text. */
function startOfRecord(text: string, from: number): number {
  let at = from === 0 && text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : from;
  while (at < text.length) {
    const end = endOfLine(text, at);
    if (text.charCodeAt(at) !== HASH && trimStart(text, at, end) < end) break;
    at = afterLineEnd(text, end);
  }
  return at;
}

interface RecordRead {
  readonly cells: Cell[];
  end: number;
  fault: string | undefined;
  faultAt: number;
}

function readRecord(text: string, from: number, sign: number): RecordRead {
  const record: RecordRead = { cells: [], end: from, fault: undefined, faultAt: from };
  for (let at = from; ; at++) {
    const start = skipBlanks(text, at, sign);
    const isQuoted = text.charCodeAt(start) === QUOTE;
    if (isQuoted) {
      at = readQuoted(text, start, record);
      const rest = skipBlanks(text, at, sign);
      const isOver =
        rest === text.length || isLineEnd(text.charCodeAt(rest)) || text.charCodeAt(rest) === sign;
      if (!isOver && record.fault === undefined) {
        record.fault = 'there is text after the closing quotation mark: double the mark inside a cell';
        record.faultAt = rest;
      }
      at = isOver ? rest : endOfLine(text, rest);
    } else {
      at = endOfLine(text, start, sign);
      const end = trimEnd(text, start, at);
      record.cells.push({ value: text.slice(start, end), start, end });
    }
    if (text.charCodeAt(at) === sign && at < text.length) continue;
    record.end = at;
    return record;
  }
}

/** The offset after the blanks at a place; a separator may be a blank itself. */
function skipBlanks(text: string, from: number, sign: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) !== sign && trimStart(text, at, at + 1) > at) at++;
  return at;
}

/** Reads a cell in quotation marks; returns the offset after the closing one. */
function readQuoted(text: string, open: number, record: RecordRead): number {
  let close = open + 1;
  let hasDoubled = false;
  for (;;) {
    close = text.indexOf('"', close);
    if (close < 0) {
      record.fault = 'this quotation mark is never closed, so the rest of the file is one cell';
      record.faultAt = open;
      return text.length;
    }
    if (text.charCodeAt(close + 1) !== QUOTE) break;
    hasDoubled = true;
    close += 2;
  }
  const inner = text.slice(open + 1, close);
  record.cells.push({ value: hasDoubled ? inner.replaceAll('""', '"') : inner, start: open + 1, end: close });
  return close + 1;
}

/** The first line that has a record, or a part of one. */
export function firstRecordLine(text: string): string {
  const start = startOfRecord(text, 0);
  return text.slice(start, endOfLine(text, start));
}

/** Writes a cell: in quotation marks where it needs them. */
export function writeCell(value: string): string {
  const isPlain =
    !['"', ',', ';', '\t', '\n', '\r'].some((sign) => value.includes(sign)) && value.trim() === value;
  return isPlain ? value : `"${value.replaceAll('"', '""')}"`;
}

/** What spreadsheets read as a formula when a cell starts with it. */
const FORMULA = '=+-@\t\r';

/** Whether a spreadsheet would run a cell. */
export function isFormula(value: string): boolean {
  return value !== '' && FORMULA.includes(value.charAt(0));
}
