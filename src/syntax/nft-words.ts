/**
 * Walking along a file of nftables, and where it is not what nft takes.
 */

import type { ProblemCode } from '../problem/codes.ts';
import { quote } from '../problem/say.ts';
import { durationOf } from './durations.ts';
import type { NftTokens } from './nft-tokens.ts';

/** What the reading of a file is told. */
export interface NftListener {
  readonly includes: ReadonlyMap<string, string>;
  /** Something makes the file useless. The reading ends. */
  refuse(start: number, end: number, code: ProblemCode, message: string): void;
  /** A rule has addresses of its own. */
  rule(start: number, end: number): void;
}

/** Ends the reading, once the listener has been told. */
export class Refused extends Error {}

/** The tokens that are read, and where they are. */
export class NftWords {
  readonly listener: NftListener;
  tokens: NftTokens;
  /** Where the text is included that is being read. */
  included: readonly [start: number, end: number] | undefined = undefined;

  constructor(tokens: NftTokens, listener: NftListener) {
    this.tokens = tokens;
    this.listener = listener;
  }

  /** Passes over the rest of a statement. */
  skip(): void {
    const tokens = this.tokens;
    for (let depth = 0; ; tokens.next()) {
      if (tokens.kind === 'end') {
        this.endOfText(depth);
        return;
      }
      if (depth === 0 && (tokens.isOver || tokens.isSign('}'))) return;
      if (tokens.isSign('{')) depth++;
      if (tokens.isSign('}')) depth--;
    }
  }

  /** A chain, or a rule: passed over, but for the addresses in it. */
  rules(): void {
    const tokens = this.tokens;
    let isTold = false;
    for (let depth = 0; ; tokens.next()) {
      if (depth === 0 && (tokens.isOver || tokens.isSign('}'))) return;
      if (tokens.kind === 'end') {
        this.endOfText(depth);
        return;
      }
      if (tokens.isSign('{')) depth++;
      if (tokens.isSign('}') && --depth === 0) {
        tokens.next();
        return;
      }
      if (isTold || !(tokens.isWord('saddr') || tokens.isWord('daddr'))) continue;
      const [start] = this.place();
      tokens.next();
      while (tokens.isSign('!') || tokens.isSign('=')) tokens.next();
      isTold = !tokens.isSign('@') && !tokens.isSign('$');
      if (isTold) this.listener.rule(start, this.place()[1]);
      if (tokens.isSign('{')) depth++;
    }
  }

  /** The rest of a statement as it is written. */
  restOf(): string {
    const tokens = this.tokens;
    const words: string[] = [];
    for (; !tokens.isOver && !tokens.isSign('}'); tokens.next()) words.push(tokens.value);
    return words.join(' ');
  }

  /** Takes a word; `what` says which one, for a message. */
  word(what: string): string {
    const tokens = this.tokens;
    if (tokens.kind !== 'word') this.unexpected(what);
    const { value } = tokens;
    tokens.next();
    return value;
  }

  /** Takes a sign. */
  sign(sign: string): void {
    if (!this.tokens.isSign(sign)) this.unexpected(sign);
    this.tokens.next();
  }

  passLines(): void {
    if (this.tokens.kind === 'line') this.tokens.nextInLines();
  }

  /** Requires the end of a statement. */
  over(): void {
    if (!this.tokens.isOver) this.unexpected('the end of the statement');
  }

  /** Where the token is; of an included text, where that is included. */
  place(): readonly [start: number, end: number] {
    return this.included ?? [this.tokens.start, this.tokens.end];
  }

  endOfText(depth = 0): void {
    const [start, end] = this.place();
    if (depth > 0 || this.tokens.isCut)
      this.refuse('truncated', start, end, 'the file ends inside braces or quotation marks: it was cut off');
  }

  unexpected(what: string): never {
    const tokens = this.tokens;
    if (tokens.kind === 'end') this.endOfText(1);
    const [start, end] = this.place();
    const found = tokens.kind === 'line' ? 'the line ends' : `there is ${quote(tokens.value)}`;
    return this.refuse('syntax', start, end, `${found} where nft expects ${what}`);
  }

  refuse(code: ProblemCode, start: number, end: number, message: string): never {
    this.listener.refuse(start, end, code, message);
    throw new Refused();
  }

  /** Takes a time, in milliseconds. */
  duration(): number {
    const tokens = this.tokens;
    const milliseconds = durationOf(tokens.value, ['d', 'h', 'm', 's', 'ms']);
    if (milliseconds === undefined) this.unexpected('a time such as 1d2h3m4s');
    tokens.next();
    return milliseconds as number;
  }
}
