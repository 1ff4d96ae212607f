/**
 * What the tests of formats for sets in the kernel have in common: policies, the lists that files give, and commands in a
 * network namespace.
 */

import fc from 'fast-check';
import type { ImportedList } from '../../src/public/formats.ts';
import type { Policy } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { AddressSet } from '../../src/public/set.ts';
import { programOf } from '../engines/engine.ts';
import { withNeeded } from '../engines/starting.ts';
import { clientsOf } from './clients.ts';
import { anyPolicy } from './policies.ts';

/** Entries and problems in short. */
export function shortOf({ entries, problems }: ImportedList): unknown[] {
  return [
    ...entries.map(({ address, note, label, until }) =>
      [address, note, label, until?.toJSON()].filter((part) => part !== undefined),
    ),
    ...problems.map(({ code, line, column, endColumn }) => `${code} ${line}:${column}-${endColumn}`),
  ];
}

/** The addresses that a policy lists. */
export function listedBy(policy: Policy): AddressSet {
  const allowed = AddressSet.allowedBy(policy);
  return policy.mode === 'allow' ? allowed : allowed.complement();
}

/** The same random policies in every run. */
export function somePolicies(count: number): Policy[] {
  return fc.sample(anyPolicy, { numRuns: count });
}

/** Clients at all edges of what a policy lists, and from anywhere; none is IPv4-mapped, as no packet is. */
export function clientsFor(policy: Policy, anywhere: number): string[] {
  return clientsOf(listedBy(policy).prefixes, anywhere, (client) => client.startsWith('::ffff:'));
}

/** What a policy answers. */
export function verdictsOf(policy: Policy, clients: readonly string[]): string[] {
  return clients.map((client) => policy.decide(client).verdict);
}

/** The policy that a file is. */
export function policyOf({ rules, order }: ImportedList, mode: 'allow' | 'deny'): Policy {
  return createRules({ rules, order, otherwise: mode === 'allow' ? 'deny' : 'allow' });
}

/** Runs commands one after another in a network namespace; each gives what it prints, or throws what it complains of. */
export function inNamespace(
  commands: readonly (readonly [command: readonly [string, ...string[]], input?: string])[],
): Promise<string[]> {
  return withNeeded(async (needed) => {
    const namespace = await needed.namespace();
    const outputs: string[] = [];
    for (const [[program, ...options], input = ''] of commands) {
      const { code, output, errors } = await namespace.run([programOf(program), ...options], input);
      if (code !== 0) throw new Error(errors.slice(0, 1000));
      outputs.push(output);
    }
    return outputs;
  });
}
