/**
 * From the options of a command to a policy: which files its lists are in, and what is said when they cannot be used.
 */

import type { Entry, EntrySource, Mode } from '../list/table.ts';
import { readInstant } from '../list/times.ts';
import { createPolicy, type Policy } from '../policy/policy.ts';
import type { ValuesOf } from './command.ts';
import { CommandError, usageError } from './exit.ts';
import type { ImportValues } from './imports.ts';
import type { ImportedSource } from './imports-lists.ts';
import { isNoInput, nameOf, readText } from './input.ts';
import { computing } from './interrupt.ts';
import { SourceTexts } from './located.ts';
import type { Notices } from './notices.ts';
import { importOptions, policyKinds, type policyOptions } from './options.ts';
import { printable } from './style.ts';

/** What says which policy is meant. */
export type PolicyValues = ValuesOf<typeof policyOptions>;

/** The instant that an option gives; the present one when it was not given. */
export function instantOf(given: string | undefined): Date {
  if (given === undefined) return new Date();
  const instant = readInstant(given);
  if (typeof instant === 'number') return new Date(instant);
  const advice = instant === '' ? '' : `: ${instant}`;
  throw usageError(`--at ${printable(given)} is not an instant such as 2026-12-31T18:00Z${advice}.`);
}

/**
 * Makes the policy that the options name.
 *
 * @param prefix - what stands before the names of the options, for messages: `before-`
 * @throws CommandError after its problems were printed
 */
export async function readPolicy(values: PolicyValues, notices: Notices, prefix = ''): Promise<Policy> {
  const { kind, file } = choosePolicy(values, prefix);
  if (kind === 'policy') return readSnapshot(file, values, notices, prefix);
  const texts = new SourceTexts();
  return texts.reporting(notices, async () => {
    const source = await readSource(kind, file, values, texts, notices);
    const policy = await makePolicy(source, file, values, texts, notices, prefix);
    textsOf.set(policy, texts);
    return policy;
  });
}

const textsOf = new WeakMap<Policy, SourceTexts>();

/** The file of an entry of such a policy, and the line there; `undefined` where it is not known, as in a snapshot. */
export function placeOf(
  policy: Policy,
  entry: Entry,
): { readonly file: string; readonly line: number } | undefined {
  return textsOf.get(policy)?.placeOf(entry);
}

/** Which of the options that name a policy was given, and the file that it names. */
export function choosePolicy(
  values: PolicyValues,
  prefix = '',
): { readonly kind: (typeof policyKinds)[number]; readonly file: string } {
  const given = policyKinds.filter((kind) => values[kind] !== undefined);
  const names = policyKinds.map((kind) => `--${prefix}${kind}`);
  if (given.length === 0)
    throw usageError(`Name a policy: ${names.slice(0, 3).join(', ')} or ${names[3]} with a file.`);
  if (given.length > 1)
    throw usageError(`A policy is one of ${names.join(', ')}, and ${given.length} of them were given.`);
  const [kind = 'policy'] = given;
  if (kind === 'rules' && values['when-empty'] !== undefined)
    throw usageError(`--${prefix}rules says "otherwise" in its file: leave out --${prefix}when-empty.`);
  return { kind, file: values[kind] as string };
}

/** Reads what a policy is made of: one list, or rules. */
export async function readSource(
  kind: Mode | 'rules',
  file: string,
  values: PolicyValues,
  texts: SourceTexts,
  notices: Notices,
): Promise<ImportedSource> {
  if (values.from !== undefined) {
    const { importSource } = await import('./imports-lists.ts');
    return importSource(kind, { file, values, texts, notices });
  }
  refuseStray(values);
  if (kind === 'rules') {
    const { readRules } = await import('./rules-file.ts');
    return { rules: await readRules(file, texts), doubts: 0 };
  }
  return { list: await readList(file, kind, values, texts, notices), mode: kind, doubts: 0 };
}

/** Makes a policy of what was read, and of what is beside it in the options. */
export async function makePolicy(
  source: ImportedSource,
  file: string,
  values: PolicyValues,
  texts: SourceTexts,
  notices: Notices,
  prefix = '',
): Promise<Policy> {
  const exempt =
    values.exempt === undefined ? undefined : await readList(values.exempt, 'exempt', values, texts, notices);
  const maxEntries = values['max-entries'] ?? Number.POSITIVE_INFINITY;
  if ('rules' in source) refuseOverridden(source.rules, values, file);
  const shared = { exempt, maxEntries, at: instantOf(values.at) };
  if ('rules' in source) {
    const input = merged(source.rules, shared, file);
    const { makeRules } = await import('./rules-file.ts');
    return makeRules(input);
  }
  const whenEmpty = values['when-empty'];
  // The compiler cannot tell that one of the two names is there.
  const list = source.mode === 'deny' ? { deny: source.list } : { allow: source.list };
  const policy = computing(() => createPolicy({ ...list, ...shared, whenEmpty }));
  // Without its list, this would let everyone in, whatever its type.
  if (policy.size === 0 && whenEmpty === undefined && isNoInput(file))
    throw new CommandError(
      `Standard input is closed, or is a device such as /dev/null, so there is no list. If none is meant, say with --${prefix}when-empty what that means.`,
    );
  warnOfOpenList(policy, file, notices, prefix);
  // An import has said so already.
  if (policy.size === 0 && source.mode === 'deny' && whenEmpty === undefined && values.from === undefined)
    notices.complain(`ipverdict: warning: ${nameOf(file)} has no entries: it denies nobody.`);
  return policy;
}

/** Exemptions of the command line come beside those of the file only when the file has none. */
function merged<Rules extends { readonly exempt?: unknown }>(
  rules: Rules,
  shared: { exempt: EntrySource | undefined; maxEntries: number; at: Date },
  file: string,
) {
  if (rules.exempt !== undefined && shared.exempt !== undefined)
    throw usageError(`The exemptions are in ${nameOf(file)} and in --exempt: write them in one of the two.`);
  const { exempt, maxEntries } = rules as { readonly exempt?: EntrySource; readonly maxEntries?: number };
  return {
    ...rules,
    ...shared,
    ...(exempt !== undefined && { exempt }),
    ...(maxEntries !== undefined && { maxEntries }),
  };
}

/** What is in the file and in an option, too, would silently count in only one of them. */
function refuseOverridden(rules: object, values: PolicyValues, file: string): void {
  if (Object.hasOwn(rules, 'at'))
    throw new CommandError(`${nameOf(file)}: leave out "at", and give the instant with --at.`);
  if (Object.hasOwn(rules, 'maxEntries') && values['max-entries'] !== undefined)
    throw usageError(
      `The most entries are in ${nameOf(file)} and in --max-entries: write them in one of the two.`,
    );
}

/** Reads one list: text as it is, or what another format says. Exemptions are text. */
export async function readList(
  file: string,
  list: Mode | 'exempt',
  values: ImportValues,
  texts: SourceTexts,
  notices: Notices,
): Promise<EntrySource> {
  if (values.from !== undefined && list !== 'exempt') {
    // The formats are many, and are loaded when they are asked for.
    const { importedList } = await import('./imports-lists.ts');
    return importedList(list, { file, values, texts, notices });
  }
  if (values.from === undefined) refuseStray(values);
  const text = await readText(file);
  texts.add(list, file, text);
  return text;
}

/** Ignored, such an option would leave in what it was to leave out. */
export function refuseStray(values: ImportValues): void {
  const names = Object.keys(importOptions) as (keyof ImportValues)[];
  const stray = names.find((name) => values[name] !== undefined && values[name]?.length !== 0);
  if (stray !== undefined)
    throw usageError(`--${stray} is for files of other programs: say which with --from FORMAT.`);
}

/** Policies of snapshots without entries. */
const bare = new WeakSet<Policy>();

/** Whether a policy can name its entries. */
export function hasEntries(policy: Policy): boolean {
  return !bare.has(policy);
}

async function readSnapshot(
  file: string,
  values: PolicyValues,
  notices: Notices,
  prefix: string,
): Promise<Policy> {
  const at = instantOf(values.at);
  const useless = (['exempt', 'when-empty', 'max-entries', 'from'] as const).find(
    (name) => values[name] !== undefined,
  );
  if (useless !== undefined) throw usageError(`A snapshot is complete: leave out --${prefix}${useless}.`);
  refuseStray(values);
  // Only those who have a snapshot load what reads it.
  const { loadSnapshot } = await import('./snapshot-file.ts');
  const { policy, hasEntries: isFull } = await loadSnapshot(file, at);
  if (!isFull) bare.add(policy);
  if (isOpenList(policy))
    notices.complain(
      `ipverdict: warning: ${nameOf(file)} is of a list without entries, so it lets everyone in; made with --when-empty deny, it keeps everyone out.`,
    );
  return policy;
}

/** Says when a list lets everyone in because it has no entries: that is seldom what was meant. */
function warnOfOpenList(policy: Policy, file: string, notices: Notices, prefix: string): void {
  if (!isOpenList(policy)) return;
  notices.complain(
    `ipverdict: warning: ${nameOf(file)} has no entries, so it lets everyone in; --${prefix}when-empty deny keeps everyone out.`,
  );
}

function isOpenList({ problems }: Policy): boolean {
  return problems.some(({ code }) => code === 'open-list');
}
