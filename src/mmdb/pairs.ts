/**
 * Entries with values, on their way into a database.
 */

import { alone } from '../address/advice.ts';
import { readEntry } from '../address/entry.ts';
import { entryFaultOf } from '../address/entry-fault.ts';
import { type Loss, makeLoss } from '../exchange/loss.ts';
import { readPair } from '../policy/pair.ts';
import type { ProblemCode } from '../problem/codes.ts';
import { ListError, type Problem, problemOf, problemOfFault } from '../problem/errors.ts';
import { eachItem, hasItems, messageOf } from '../problem/foreign.ts';
import { describeType, quote } from '../problem/say.ts';
import { findRepetitions, ListIntervals } from '../space/intervals.ts';
import { decideRuns, type Runs } from '../space/runs.ts';
import type { Labelled } from './labels.ts';
import { BadValue, ValueWriter } from './values.ts';

/** With more pairs than this, there may be no end. */
const MOST_PAIRS = 20_000_000;

/**
 * What pairs say about the addresses in them: the smallest entry decides; ties go to the last.
 *
 * @throws ListError with a problem for each pair that cannot be written
 */
export function labelPairs(pairs: unknown): Labelled {
  const reader = new PairReader();
  let cause: unknown;
  try {
    if (!hasItems(pairs) && !(pairs instanceof Map))
      throw new TypeError(
        `exportMmdb takes a policy, or pairs of entry and value, got ${describeType(pairs)}`,
      );
    const isWhole = eachItem(pairs, MOST_PAIRS, (pair) => reader.add(pair));
    if (!isWhole) reader.complain('too-many-entries', `there are more than ${MOST_PAIRS} pairs`);
  } catch (thrown) {
    if (thrown instanceof TypeError && reader.isEmpty) throw thrown;
    cause = thrown;
    reader.complain('unreadable', `the pairs could not be read any further: ${messageOf(thrown)}`);
  }
  if (reader.problems.length > 0) throw new ListError(reader.problems, { cause });
  return reader.finish();
}

class PairReader {
  readonly problems: Problem[] = [];
  readonly #texts: string[] = [];
  readonly #numbers: number[] = [];
  readonly #values = new ValueWriter();
  readonly #losses: Loss[] = [];

  get isEmpty(): boolean {
    return this.#texts.length + this.problems.length === 0;
  }

  complain(code: ProblemCode, message: string): void {
    this.problems.push(problemOf({ source: 'entries', line: this.#texts.length + 1 }, code, message));
  }

  add(pair: unknown): void {
    let [text, number] = ['', -1];
    const read = readPair(pair);
    if (typeof read === 'string') this.complain('not-a-string', read);
    else {
      const [entry, value] = read;
      text = this.#checkText(entry);
      number = this.#readValue(text, value);
    }
    this.#texts.push(text);
    this.#numbers.push(number);
  }

  #checkText(text: string): string {
    if (readEntry(text, 0, text.length, () => {})) return text;
    const line = this.#texts.length + 1;
    this.problems.push(problemOfFault(text, entryFaultOf(text, 0, text.length, alone), 'entries', line));
    return '';
  }

  #readValue(text: string, value: unknown): number {
    const values = this.#values;
    try {
      const number = values.number(value);
      if (values.nulls > 0) {
        const message = `the format has no null: fields of ${text} are left out`;
        this.#losses.push(makeLoss('null-dropped', message));
      }
      if (values.brokenTexts > 0) {
        const message = `half of a character is missing in the value of ${text}: U+FFFD is written in its place`;
        this.#losses.push(makeLoss('text-changed', message));
      }
      return number;
    } catch (thrown) {
      const why = thrown instanceof BadValue ? thrown.message : messageOf(thrown);
      this.complain('invalid-value', `the value of ${quote(text)} cannot be written: ${why}`);
      return -1;
    } finally {
      values.nulls = 0;
      values.brokenTexts = 0;
    }
  }

  finish(): Labelled {
    const size = this.#texts.length;
    const intervals = new ListIntervals();
    // Numbered from the last to the first, as ties go to the lowest number.
    this.#texts.forEach((text, index) => {
      readEntry(text, 0, text.length, (isPartOfName) => intervals.add(size - 1 - index, isPartOfName));
    });
    const families = intervals.sort();
    const indexOf = (label: number): number => size - label;
    this.#loseRepetitions(findRepetitions(families, size));
    const [ipv4, ipv6] = families.map((family) => decideRuns(family, 0, (owner) => owner + 1)) as [
      Runs,
      Runs,
    ];
    const numberOf = (label: number): number =>
      label === 0 ? -1 : (this.#numbers[indexOf(label)] as number);
    return {
      runs: { ipv4, ipv6 },
      values: this.#values,
      numberOf,
      agree: (left, right) => numberOf(left) === numberOf(right),
      nameOf: (label) => [this.#texts[indexOf(label)] as string, undefined],
      losses: this.#losses,
    };
  }

  #loseRepetitions(lastOfSame: Int32Array): void {
    const size = this.#texts.length;
    for (let index = 0; index < size; index++) {
      const last = lastOfSame[size - 1 - index] as number;
      if (last < 0 || this.#numbers[index] === this.#numbers[size - 1 - last]) continue;
      const message = `${this.#texts[index]} comes more than once: item ${size - last}, the last, has the value that is written`;
      this.#losses.push(makeLoss('duplicate', message));
    }
  }
}
