/** ipset: what `ipset restore` loads, asked with `test`. */

import {
  type Answer,
  answerOf,
  askOnce,
  type Checked,
  type Engine,
  platformText,
  programOf,
} from './engine.ts';
import type { Namespace } from './namespace.ts';
import type { SetOptions } from './nftables.ts';
import { startEngine, withNeeded } from './starting.ts';

interface NamedSet {
  readonly name: string;
  readonly isIPv6: boolean;
}

async function setsOf(namespace: Namespace, options: SetOptions): Promise<NamedSet[]> {
  const { output } = await namespace.run([programOf('ipset'), 'save']);
  const created = output.split('\n').filter((line) => line.startsWith('create '));
  const sets = created.map((line) => ({
    name: line.split(' ')[1] as string,
    isIPv6: line.includes(' family inet6'),
  }));
  for (const name of options.sets ?? [])
    if (!sets.some((set) => set.name === name)) throw new Error(`ipset knows no set ${name}`);
  return sets.filter(({ name }) => options.sets?.includes(name) ?? true);
}

/** What a set says about each client, one line each. */
async function testAll(namespace: Namespace, set: NamedSet, clients: readonly string[]): Promise<boolean[]> {
  const commands = clients.map((client) => `test ${set.name} ${client}\n`).join('');
  const { output, errors } = await namespace.run([programOf('ipset'), '-'], commands);
  const lines = `${output}\n${errors}`.split('\n').filter((line) => line.includes(` in set ${set.name}.`));
  const said = new Map(
    lines.map((line) => {
      const [, client = '', word] = /([0-9a-f.:]+) is (NOT )?in set /i.exec(line) ?? [];
      return [platformText(client), word === undefined] as const;
    }),
  );
  return clients.map((client) => {
    const isListed = said.get(platformText(client));
    if (isListed === undefined)
      throw new Error(`ipset says nothing about ${client}: ${errors.slice(0, 300)}`);
    return isListed;
  });
}

/** Sets in a network namespace of their own. */
export function startIpset(text: string, options: SetOptions = {}): Promise<Engine> {
  return startEngine(async (needed) => {
    const namespace = await needed.namespace();
    const { code, errors } = await namespace.run([programOf('ipset'), 'restore'], text);
    if (code !== 0) throw new Error(`ipset refuses this: ${errors}`);
    const sets = await setsOf(namespace, options);
    return async (clients) => {
      const listed = new Set<string>();
      for (const set of sets) {
        const some = clients.filter((client) => client.includes(':') === set.isIPv6);
        const isListed = await testAll(namespace, set, some);
        for (const [index, client] of some.entries()) if (isListed[index]) listed.add(client);
      }
      return clients.map((client) => answerOf(listed.has(client), options.mode));
    };
  });
}

/** Whether the sets have each client. */
export function askIpset(
  text: string,
  clients: readonly string[],
  options?: SetOptions,
): Promise<readonly Answer[]> {
  return askOnce(startIpset(text, options), clients);
}

/** `ipset restore` in a network namespace. */
export function checkIpset(text: string): Promise<Checked> {
  return withNeeded(async (needed) => {
    const namespace = await needed.namespace();
    const { code, errors } = await namespace.run([programOf('ipset'), 'restore'], text);
    return { isAccepted: code === 0, message: errors };
  });
}
