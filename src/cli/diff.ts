/** The command `diff`: two policies address by address. Two lists entry by entry are compared by `diff-lists.ts`. */

import { type AddressChange, comparePolicies } from '../change/addresses.ts';
import { inAddressOrder } from '../change/prefixes.ts';
import type { AddressSet } from '../set/address-set.ts';
import type { ValuesOf } from './command.ts';
import { exitForChange, usageError } from './exit.ts';
import { computing } from './interrupt.ts';
import { countsAsData, writeDocument, writeLine } from './json.ts';
import { policyKinds } from './options.ts';
import type { diff } from './rows/diff.ts';
import type { Program, Session } from './session.ts';
import { readSides, sideNames } from './sides.ts';
import { count } from './style.ts';

type DiffValues = ValuesOf<(typeof diff)['options']>;

export const run: Program<(typeof diff)['options']> = async ({ values, operands }, session) => {
  const named = withFiles(values, operands);
  if (values.lists) {
    const { diffLists } = await import('./diff-lists.ts');
    return diffLists(named, session);
  }
  const { before, after } = await readSides(named, session.notices);
  const change = computing(() => comparePolicies(before, after));
  await writers[values.format ?? 'text'](change, session);
  const { allowed, denied } = change;
  return exitForChange(values['fail-on'], { isAllowing: !allowed.isEmpty, isDenying: !denied.isEmpty });
};

/** Two files are the same as two options. */
function withFiles(values: DiffValues, files: readonly string[]): DiffValues {
  const { mode = values.lists ? 'deny' : undefined } = values;
  const given = sideNames
    .flatMap((side) => policyKinds.map((kind) => `${side}-${kind}` as const))
    .find((name) => values[name] !== undefined);
  if (files.length === 0) {
    if (values.mode !== undefined)
      throw usageError('--mode says what two files are for: name them, or leave it out.');
    return values;
  }
  const [before, after] = files;
  if (after === undefined) throw usageError('"diff" takes two files, the list before and the one after.');
  if (given !== undefined)
    throw usageError(`Two files are compared, so --${given} would be ignored: leave it out, or the files.`);
  if (mode === undefined) throw usageError('Say what the two files are for: --mode allow or --mode deny.');
  return { ...values, [`before-${mode}`]: before, [`after-${mode}`]: after };
}

function differs({ allowed, denied }: AddressChange): boolean {
  return !(allowed.isEmpty && denied.isEmpty);
}

type Writer = (change: AddressChange, session: Session) => Promise<void>;

const writers: Readonly<Record<'text' | 'json' | 'ndjson', Writer>> = {
  text: async (change, { output, paint }) => {
    const shown = { allow: paint('green', 'allowed'), deny: paint('red', 'denied ') };
    for (const { verdict, prefix } of inAddressOrder(change))
      await output.line(`${shown[verdict]} ${prefix}`);
    if (!differs(change)) return output.line('No difference: both decide the same about every address.');
    await output.line(`Newly allowed: ${countsOf(change.allowed)}.`);
    await output.line(`Newly denied: ${countsOf(change.denied)}.`);
  },
  json: async (change, { output }) => {
    const { allowed, denied } = change;
    await writeDocument(output, {
      differs: differs(change),
      allowed: allowed.toJSON(),
      denied: denied.toJSON(),
    });
  },
  ndjson: async (change, { output }) => {
    for (const item of inAddressOrder(change)) await writeLine(output, item);
    const { allowed, denied } = change;
    await writeLine(output, {
      differs: differs(change),
      allowed: countsAsData(allowed),
      denied: countsAsData(denied),
    });
  },
};

/** `512 IPv4 addresses and 0 IPv6 addresses in 2 prefixes` */
function countsOf({ ipv4Count, ipv6Count, prefixes }: AddressSet): string {
  const [ipv4, ipv6] = [
    count(ipv4Count, 'IPv4 address', 'IPv4 addresses'),
    count(ipv6Count, 'IPv6 address', 'IPv6 addresses'),
  ];
  return prefixes.length === 0
    ? 'nobody'
    : `${ipv4} and ${ipv6} in ${count(prefixes.length, 'prefix', 'prefixes')}`;
}
