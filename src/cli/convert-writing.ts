/**
 * From a policy to what another program reads, with the options of the format.
 */

import { type Exported, exportPolicy } from '../exchange/export.ts';
import type { ExportOptions } from '../exchange/export-options.ts';
import { type FormatName, findFormat } from '../exchange/format.ts';
import type { Loss } from '../exchange/loss.ts';
import { exportMmdb } from '../formats/mmdb.ts';
import type { Policy } from '../policy/policy.ts';
import { ListError } from '../problem/errors.ts';
import type { ValuesOf } from './command.ts';
import { WOULD_OPEN } from './convert-losses.ts';
import { CommandError, usageError } from './exit.ts';
import { MMDB } from './format-names.ts';
import { computing } from './interrupt.ts';
import { instantOf } from './policies.ts';
import type { convert } from './rows/convert.ts';
import { printable } from './style.ts';

/** What was asked for. */
export type ConvertValues = ValuesOf<(typeof convert)['options']>;

/** What is to be written, and what it does not say. */
export interface Written {
  readonly content: string | Uint8Array;
  readonly losses: readonly Loss[];
  /** Whether there is anything to write: an empty text can be a list of nobody. */
  readonly isWritten: boolean;
}

/** Formats of entries that say nothing about what becomes of them. */
const mereLists: readonly string[] = ['plain', 'netset', 'csv'];

/** Whether the same text is written for a list that allows and for one that denies. */
export function isMereList(to: string): boolean {
  return mereLists.includes(to);
}

/** The options that only some formats have: the names here, and those of the library. */
const ofFormats = {
  name: 'set',
  table: 'table',
  timeouts: 'now',
  dialect: 'dialect',
  rows: 'rows',
  method: 'method',
} as const;

/** Writes a policy in a format. */
export function write(policy: Policy, to: string, values: ConvertValues): Written {
  refuseUseless(to, values);
  try {
    return to === MMDB ? writeMmdb(policy, values) : writeText(policy, to, values);
  } catch (error) {
    if (!(error instanceof ListError)) throw error;
    const messages = error.problems.map(({ code, message }) => ({ code, text: inOwnWords(message) }));
    const text = messages.map((message) => `${printable(message.text)}.`).join('\n');
    throw messages.some(({ code }) => code === 'invalid-option') ? usageError(text) : new CommandError(text);
  }
}

function refuseUseless(to: string, values: ConvertValues): void {
  const isMmdb = to === MMDB;
  const taken = isMmdb ? [] : (findFormat(to).implementation.options ?? []);
  const useful = (Object.keys(ofFormats) as (keyof typeof ofFormats)[]).filter((name) =>
    taken.includes(ofFormats[name]),
  );
  const all = [...Object.keys(ofFormats), 'listed-only'] as (keyof typeof ofFormats | 'listed-only')[];
  const known: readonly string[] = isMmdb ? ['name', 'listed-only'] : useful;
  const useless = all.find(
    (name) => values[name] !== undefined && values[name] !== false && !known.includes(name),
  );
  if (useless === undefined) return;
  throw usageError(`The format ${to} has no use for --${useless}: leave it out.`);
}

function writeText(policy: Policy, to: string, values: ConvertValues): Written {
  const { name: set, table, dialect, rows, method } = values;
  const now = values.timeouts ? instantOf(values.at) : undefined;
  const notes = !values['no-notes'];
  const options: ExportOptions = { format: to as FormatName, set, table, notes, now, dialect, rows, method };
  const { text, losses }: Exported = computing(() => exportPolicy(policy, options));
  const isRefused = text === '' && losses.some(({ code }) => code === WOULD_OPEN);
  return { content: text, losses, isWritten: !isRefused };
}

function writeMmdb(policy: Policy, values: ConvertValues): Written {
  const { name } = values;
  const options = {
    notes: !values['no-notes'],
    listedOnly: values['listed-only'],
    ...(name !== undefined && { databaseType: name }),
  };
  const { bytes, losses } = computing(() => exportMmdb(policy, options));
  return { content: bytes, losses, isWritten: true };
}

/** A message that begins with the name of an option of the library. */
function inOwnWords(message: string): string {
  const [first = ''] = message.split(' ', 1);
  const own = Object.entries(ofFormats).find(([, name]) => name === first)?.[0];
  return own === undefined ? message : `--${own}${message.slice(first.length)}`;
}
