/**
 * Databases of MaxMind, by `--from mmdb`: bytes, with a record for each network. Which of them a list has, `--select` says.
 */

import type { Declared, Trust } from '../exchange/importing.ts';
import { type ImportedMmdbEntry, importMmdb } from '../formats/mmdb.ts';
import type { Mode } from '../list/table.ts';
import type { Problem } from '../problem/errors.ts';
import type { Rule } from '../rules/input.ts';
import { CommandError, usageError } from './exit.ts';
import { nameOf } from './input.ts';

/** The keys of `--select` that name a part of an entry. */
export const partsOfMmdb = ['note', 'label'] as const;

/** A database, in the shape of every other import. */
export interface FoundMmdb {
  readonly format: 'mmdb';
  readonly entries: readonly ImportedMmdbEntry[];
  readonly rules: readonly Rule[];
  readonly otherwise: undefined;
  readonly order: 'most-specific';
  readonly problems: readonly Problem[];
  readonly conditional: 0;
  readonly trust: Trust;
  readonly declared: Declared;
}

/** Reads a database. Its records say nothing about who gets in, unless this command wrote them. */
export function readMmdb(
  file: string,
  bytes: Uint8Array,
  select: Readonly<Record<string, readonly string[]>> | undefined,
  others: Readonly<Record<'set' | 'listed' | 'comment' | 'includes' | 'made-at', unknown>>,
  mode: Mode | undefined,
): FoundMmdb {
  for (const name of ['set', 'listed', 'comment', 'includes', 'made-at'] as const)
    if (others[name] !== undefined)
      throw usageError(`The format mmdb has no use for --${name}: leave it out.`);
  const { note: [note] = [], label: [label] = [], ...wanted } = select ?? {};
  if (Object.keys(wanted).length === 0)
    throw usageError(
      'A database has a record for every network: say which of them are meant, such as --select country.iso_code=DE, or --select verdict=deny where ipverdict made it',
    );
  const found = importMmdb(bytes, {
    select: wanted,
    ...(note !== undefined && { note }),
    ...(label !== undefined && { label }),
  });
  const { entries, problems } = found;
  const verdicts = new Set(entries.map(verdictOf).filter((verdict) => verdict !== undefined));
  const [said] = verdicts;
  const isOther = mode !== undefined && said !== undefined && said !== mode;
  if (verdicts.size > 1 || isOther)
    throw new CommandError(
      `The records of ${nameOf(file)} say themselves whom to allow and to deny. Take one of the two: --select verdict=${mode ?? 'allow'}`,
    );
  const meant = mode ?? said;
  const hasErrors = problems.some(({ severity }) => severity === 'error');
  return {
    ...found,
    // The compiler cannot tell that one of the two names is there.
    rules: meant === undefined || entries.length === 0 ? [] : [{ [meant]: entries } as unknown as Rule],
    trust: hasErrors ? 'refused' : 'whole',
  };
}

/** What a record of a policy says, as `--to mmdb` writes it. */
function verdictOf({ value }: ImportedMmdbEntry): Mode | undefined {
  if (typeof value !== 'object' || Array.isArray(value) || value instanceof Uint8Array) return undefined;
  const verdict = (value as { readonly [name: string]: unknown })['verdict'];
  return verdict === 'allow' || verdict === 'deny' ? verdict : undefined;
}
