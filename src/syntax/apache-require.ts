/**
 * `Require` of Apache 2.4 as rules.
 *
 * A part that grants access to everyone except some addresses is a list that denies, if it is the only one. A part that has
 * conditions beside its addresses grants nothing here, as a condition that is left out would grant more than it does.
 */

import type { Importing } from '../exchange/importing.ts';
import { quote } from '../problem/say.ts';
import { type Take, takeAddress } from './apache-addresses.ts';
import type { AccessBlock, Directive, Requirements } from './apache-blocks.ts';
import type { Word } from './joined-lines.ts';

/** What a group of requirements comes to. */
interface Summary {
  /** Directives with addresses that are granted access, each of which has to hold where all have to. */
  readonly granted: Directive[];
  /** Directives with addresses that are refused. */
  readonly refused: Directive[];
  /** Whether everyone is granted access, and whether nobody is. */
  isEveryone: boolean;
  isNobody: boolean;
  /** A condition that everyone has to fulfil. */
  condition: Directive | undefined;
}

export function readRequirements(importing: Importing, { requirements }: AccessBlock): void {
  const { parts } = requirements;
  // The body of <RequireAll>, in a file that is included there.
  const isBody = parts.length > 0 && parts.every((part) => 'name' in part && isNegated(part));
  if (isBody) {
    for (const part of parts as Directive[]) takeAll(importing, part, 'deny', entriesOf(importing));
    return;
  }
  if (parts.length > 0) importing.otherwise = 'deny';
  const [only] = parts;
  readAny(importing, requirements, parts.length === 1 && only !== undefined && !('name' in only));
}

/** Reads requirements of which any one is enough. */
function readAny(importing: Importing, { parts }: Requirements, isAlone: boolean): void {
  for (const part of parts) {
    if ('name' in part) readSingle(importing, part);
    else if (part.kind === 'any') readAny(importing, part, isAlone && part.parts.length === 1);
    else if (part.kind === 'all') readAll(importing, part, isAlone);
    else refuseNone(importing, part);
  }
}

function refuseNone(importing: Importing, { start, end }: Requirements): void {
  importing.refuse(
    start,
    end,
    'syntax',
    'Apache takes <RequireNone> only inside <RequireAll>, as it grants nothing',
  );
}

/** A directive by itself. */
function readSingle(importing: Importing, directive: Directive): void {
  const { start, end } = directive;
  const kind = kindOf(directive);
  if (isNegated(directive)) {
    importing.refuse(
      start,
      end,
      'negated',
      'Apache takes "Require not" only inside <RequireAll>, as it grants nothing',
    );
  } else if (kind === 'ip') {
    takeAll(importing, directive, 'allow', entriesOf(importing));
  } else if (kind === 'granted') importing.everyone(start, end, { action: 'allow' });
  else if (kind !== 'denied') importing.condition(start, end, sayWords(directive));
}

/** Reads requirements all of which have to hold. */
function readAll(importing: Importing, all: Requirements, isAlone: boolean): void {
  const summary = summarize(importing, all);
  const { granted, refused, isEveryone, isNobody, condition } = summary;
  const { start, end } = all;
  if (isNobody) return;
  if (condition !== undefined || granted.length > 1) {
    const what = condition === undefined ? 'several requirements at once' : sayWords(condition);
    importing.condition(start, end, what);
    return;
  }
  const [only] = granted;
  if (only === undefined && !isEveryone) {
    importing.refuse(
      start,
      end,
      'negated',
      'the container has only negative requirements, which Apache refuses',
    );
    return;
  }
  if (only === undefined && isAlone) {
    importing.otherwise = 'allow';
    for (const directive of refused) takeAll(importing, directive, 'deny', entriesOf(importing));
    return;
  }
  importing.group();
  if (only === undefined) importing.everyone(start, end, { action: 'allow' });
  else takeAll(importing, only, 'allow', entriesOf(importing));
  for (const directive of refused)
    takeAll(importing, directive, undefined, (value, from, to, fields) =>
      importing.exceptionOf(value, from, to, fields),
    );
  importing.group();
}

function summarize(importing: Importing, all: Requirements): Summary {
  const summary: Summary = {
    granted: [],
    refused: [],
    isEveryone: false,
    isNobody: false,
    condition: undefined,
  };
  const add = (directive: Directive, isRefused: boolean): void => {
    const kind = kindOf(directive);
    const isNot = isNegated(directive) !== isRefused;
    if (kind === 'ip') (isNot ? summary.refused : summary.granted).push(directive);
    else if (kind === 'granted' || kind === 'denied') {
      if ((kind === 'granted') !== isNot) summary.isEveryone = true;
      else summary.isNobody = true;
    } else if (isNot) importing.condition(directive.start, directive.end, sayWords(directive));
    else summary.condition ??= directive;
  };
  for (const part of all.parts) {
    if ('name' in part) add(part, false);
    else if (part.kind === 'none' && part.parts.every((inner) => 'name' in inner))
      for (const inner of part.parts as Directive[]) add(inner, true);
    else if (
      part.kind === 'any' &&
      part.parts.length === 1 &&
      part.parts[0] !== undefined &&
      'name' in part.parts[0]
    )
      add(part.parts[0], false);
    else summary.condition ??= { name: 'require', words: [], start: part.start, end: part.end };
  }
  return summary;
}

/** What a directive requires, in words. A container has none of its own. */
function sayWords({ words }: Directive): string {
  return words.length === 0 ? 'a container in it' : quote(words.map(({ value }) => value).join(' '));
}

function isNegated({ words }: Directive): boolean {
  return words[0]?.value.toLowerCase() === 'not';
}

/** The words after `not`. */
function wordsAfterNot(directive: Directive): readonly Word[] {
  return isNegated(directive) ? directive.words.slice(1) : directive.words;
}

function kindOf(directive: Directive): 'ip' | 'granted' | 'denied' | 'other' {
  const [kind, value] = wordsAfterNot(directive).map((word) => word.value.toLowerCase());
  if (kind === 'ip') return 'ip';
  if (kind === 'all' && value === 'granted') return 'granted';
  return kind === 'all' && value === 'denied' ? 'denied' : 'other';
}

function takeAll(
  importing: Importing,
  directive: Directive,
  action: 'allow' | 'deny' | undefined,
  take: Take,
): void {
  const [, ...addresses] = wordsAfterNot(directive);
  if (addresses.length === 0)
    importing.refuse(directive.start, directive.end, 'syntax', 'there is no address after "ip"');
  for (const address of addresses) takeAddress(importing, address, { action }, take);
}

function entriesOf(importing: Importing): Take {
  return (value, start, end, fields) => importing.entryOf(value, start, end, fields);
}
