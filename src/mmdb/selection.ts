/**
 * Which records of a MaxMind database are asked for, and what of them becomes a label or a note. A path such as
 * `country.iso_code` names a field of a map in a map, or, by its position from 0, an item of an array.
 */

import { fitNote } from '../exchange/notes.ts';
import { ListError } from '../problem/errors.ts';
import { attempt, isIterable, isPlain, readTexts } from '../problem/foreign.ts';
import { type Kind, optionProblem } from '../problem/options.ts';
import { describeType, quote } from '../problem/say.ts';
import { Damage, type DamageReport } from './damage.ts';
import type { FieldReader } from './decoder.ts';
import type { MmdbValue } from './field.ts';
import { isMap } from './metadata.ts';

/** The texts that a record may have at each of some paths. */
export type Select = Readonly<Record<string, string | readonly string[]>>;

/** An option that is a path. */
export const aPath: Kind<string> = (value) =>
  typeof value === 'string' && value !== ''
    ? undefined
    : `must be a path such as "country.iso_code", got ${describeType(value)}`;

/** An option that says which texts are asked for at which paths. */
export const aSelect: Kind<Select> = (value) => {
  const shape = 'must be an object such as { "country.iso_code": ["DE", "AT"] }';
  if (typeof value !== 'object' || value === null || isIterable(value) || !isPlain(value))
    return `${shape}, got ${describeType(value)}`;
  return undefined;
};

/** A path, and what has been seen there. */
class Path {
  readonly text: string;
  readonly #keys: readonly string[];
  isSeen = false;

  constructor(text: string) {
    this.text = text;
    this.#keys = text.split('.');
  }

  /** What a record has there, as texts: one, or those of an array; `undefined` when there is nothing. */
  textsOf(record: MmdbValue): readonly string[] | undefined {
    let value: MmdbValue | undefined = record;
    for (const key of this.#keys) {
      if (typeof value !== 'object' || value instanceof Uint8Array || !Object.hasOwn(value, key))
        return undefined;
      value = (value as Readonly<Record<string, MmdbValue>>)[key];
    }
    this.isSeen = true;
    const items: readonly (MmdbValue | undefined)[] = Array.isArray(value) ? value : [value];
    return items.filter((item) => typeof item !== 'object').map((item) => `${item}`);
  }
}

/** A path with the texts that are asked for, and those of them that have been seen. */
interface Condition {
  readonly path: Path;
  readonly wanted: ReadonlySet<string>;
  readonly seen: Set<string>;
}

/** What is taken of a record. */
export interface Taken {
  readonly value: MmdbValue;
  readonly isSelected: boolean;
  readonly label: string | undefined;
  readonly note: string | undefined;
}

/** What is asked for. */
export class Selection {
  readonly #conditions: readonly Condition[];
  readonly #label: Path | undefined;
  readonly #note: Path | undefined;
  /** The keys of the first map, for the message about a path that no record has. */
  #keys: readonly string[] = [];

  constructor(select: Select | undefined, label: string | undefined, note: string | undefined) {
    const conditions = select === undefined ? [] : readSelect(select);
    this.#conditions = conditions.map(([path, wanted]) => ({
      path: new Path(path),
      wanted,
      seen: new Set(),
    }));
    this.#label = label === undefined ? undefined : new Path(label);
    this.#note = note === undefined ? undefined : new Path(note);
  }

  /** @param at - where the record is */
  take(value: MmdbValue, data: FieldReader, at: number, report: DamageReport): Taken {
    if (this.#keys.length === 0 && isMap(value)) this.#keys = Object.keys(value);
    let isSelected = true;
    for (const { path, wanted, seen } of this.#conditions) {
      const found = path.textsOf(value) ?? [];
      // Many records may share one long array.
      data.spend(found.length, at);
      const hits = found.filter((text) => wanted.has(text));
      for (const text of hits) seen.add(text);
      isSelected &&= hits.length > 0;
    }
    const textOf = (path: Path | undefined): string | undefined => {
      const texts = path?.textsOf(value);
      if (texts === undefined || texts.length === 0) return undefined;
      const text = texts.join(', ');
      data.spend(text.length, at);
      return text;
    };
    const label = textOf(this.#label);
    const note = textOf(this.#note);
    return { value, isSelected, label, note: note && this.#clean(note, at, report) };
  }

  #clean(note: string, at: number, report: DamageReport): string | undefined {
    const { fitting, isChanged } = fitNote(note);
    if (isChanged) {
      const message = `the text ${quote(note)} has characters that a note cannot have: they are left out`;
      report.add(new Damage('note-changed', at, message), 'warning');
    }
    return fitting || undefined;
  }

  /** After the last record: what was asked for and is in none of them. */
  reportUnseen(report: DamageReport): void {
    const paths = [...this.#conditions.map(({ path }) => path), this.#label, this.#note];
    const unseen = paths.filter((path) => path !== undefined && !path.isSeen) as Path[];
    const keys = this.#keys.slice(0, NAMED_KEYS).map(quote).join(', ');
    for (const { text } of unseen) {
      const known = keys === '' ? 'there are no maps among the records' : `the first record has ${keys}`;
      report.addAt('options', 'unselected', `no record has the field ${quote(text)}: ${known}`);
    }
    for (const { path, wanted, seen } of this.#conditions) {
      for (const text of path.isSeen ? wanted : []) {
        if (seen.has(text)) continue;
        const message = `no record has ${quote(text)} in the field ${quote(path.text)}`;
        report.addAt('options', 'unselected', message, 'warning');
      }
    }
  }
}

/** Keys beyond these are not named. */
const NAMED_KEYS = 10;

/** The paths and their texts, read once. */
function readSelect(given: Select): readonly (readonly [path: string, wanted: ReadonlySet<string>])[] {
  const read = attempt('options', 'the option select', () =>
    Object.keys(given).map((path) => [path, readTexts(given[path])] as const),
  );
  return read.map(([path, texts]) => {
    if (path !== '' && texts !== undefined) return [path, new Set(texts)];
    const message = `select must have a text, or an array of texts, for ${quote(path)}`;
    throw new ListError([optionProblem(message)]);
  });
}
