/**
 * The lines of an nginx geo block: networks with values, `default`, `delete`, and ranges where the block has `ranges`.
 */

import { scanEntry, span } from '../address/entry.ts';
import { tryNormalize } from '../address/prefix.ts';
import type { ImportedEntry, Importing } from '../exchange/importing.ts';
import { quote } from '../problem/say.ts';
import { takeWord, type Word } from './directives.ts';
import { ValueReader } from './values.ts';

/** The words of a line before its `;`, and the comment after it. */
export interface GeoLine {
  readonly words: readonly [Word, ...Word[]];
  readonly note: string | undefined;
}

const everyone = ['0.0.0.0/0', '::/0'];

/** What a geo block says, line by line. */
export class GeoReader {
  readonly #importing: Importing;
  readonly #values: ValueReader;
  #default: string | undefined;
  readonly #isBlock: boolean;
  #hasRanges = false;
  #isStarted = false;

  constructor(importing: Importing, name: string | undefined) {
    this.#importing = importing;
    this.#isBlock = name !== undefined;
    this.#values = new ValueReader(importing, 'last', name);
  }

  read({ words, note }: GeoLine): void {
    const [first, second, ...others] = words;
    const { text, start, end } = first;
    if (second === undefined) this.#readFlag(first);
    else if (others.length > 0) {
      const message = 'a line of a geo block has a network and a value: is the ";" missing?';
      this.#importing.error(start, second.end, 'syntax', message);
    } else if (text === 'proxy')
      this.#importing.warn(start, end, 'skipped', `${PROXY} ${quote(second.text)} is one of them`);
    else if (text === 'default') this.#readDefault(second.text);
    else if (text === 'delete') this.#delete(second);
    else this.#readNetwork(first, second.text, note);
  }

  /** Leaves what counts in the end. */
  finish(): void {
    if (this.#hasRanges) this.#refuseOverlaps();
    // The value of a variable without a default is empty; a text without its block may have the default elsewhere.
    this.#values.finish(this.#default ?? (this.#isBlock && this.#isStarted ? '' : undefined));
  }

  #readFlag({ text, start, end }: Word): void {
    if (text === 'proxy_recursive') this.#importing.warn(start, end, 'skipped', PROXY);
    else if (text !== 'ranges')
      this.#importing.error(
        start,
        end,
        'syntax',
        `${quote(text)} has no value: is the ";" at the right place?`,
      );
    else {
      if (this.#isStarted)
        this.#importing.refuse(start, end, 'syntax', '"ranges" must come before everything else');
      this.#hasRanges = true;
    }
  }

  #readDefault(value: string): void {
    this.#default = value;
    if (this.#hasRanges) return;
    this.#isStarted = true;
    // It is the network of everyone, and the last one counts.
    for (const network of everyone) this.#values.remove(network);
  }

  #delete(word: Word): void {
    const { text, start, end } = word;
    const network = tryNormalize(text);
    const isFamily = network !== undefined && everyone.includes(network);
    if (this.#hasRanges || isFamily) {
      const message = isFamily
        ? 'nginx would delete the default of the family, too, which is not read'
        : 'nginx would leave a hole in the range around it, which is not read';
      this.#importing.error(start, end, 'syntax', message);
    } else if (network === undefined) takeWord(this.#importing, word, {});
    else if (!this.#values.remove(network))
      this.#importing.warn(start, end, 'skipped', 'there is no such network to delete');
  }

  #readNetwork(word: Word, value: string, note: string | undefined): void {
    this.#isStarted = true;
    const isRange = word.text.includes('-');
    if (isRange === this.#hasRanges && !(isRange && word.text.includes(':'))) {
      this.#values.add(value, note, word, (fields) => takeWord(this.#importing, word, fields));
      return;
    }
    const message = isRange
      ? 'nginx takes ranges only in a block that begins with "ranges;"'
      : 'nginx takes only ranges of IPv4 addresses in a block that begins with "ranges;"';
    this.#importing.error(word.start, word.end, 'syntax', message);
  }

  /**
   * nginx writes each range over those before it, where it takes it at all. The most specific one counts only if a range
   * in another comes after it.
   */
  #refuseOverlaps(): void {
    const around: Range[] = [];
    for (const range of this.#values.entries.map(rangeOf).sort(byPlace)) {
      while (around.length > 0 && (around.at(-1) as Range).last < range.first) around.pop();
      const outer = around.at(-1);
      if (outer !== undefined && (range.last > outer.last || range.index < outer.index))
        this.#refuse(range, outer);
      around.push(range);
    }
  }

  #refuse({ entry }: Range, outer: Range): void {
    const message = `line ${entry.line} has ${entry.address}, which is not inside of ${outer.entry.address} on line ${outer.entry.line} or comes before it: nginx refuses that, or takes the last one`;
    this.#importing.refuse(0, 0, 'syntax', message);
  }
}

const PROXY = 'proxies say who the client is, and are not part of the list:';

/** A range of IPv4 addresses as numbers. */
interface Range {
  readonly entry: ImportedEntry;
  /** Its place among the lines. */
  readonly index: number;
  readonly first: number;
  readonly last: number;
}

function rangeOf(entry: ImportedEntry, index: number): Range {
  scanEntry(entry.address, 0, entry.address.length);
  return { entry, index, first: (span.first[0] as number) >>> 0, last: (span.last[0] as number) >>> 0 };
}

function byPlace(left: Range, right: Range): number {
  return left.first - right.first || right.last - left.last;
}
