/** nftables: named sets, asked one element at a time, and whole rulesets in firewall.ts. */

import { type Answer, answerOf, askOnce, type Checked, type Engine, type Mode, programOf } from './engine.ts';
import type { Namespace } from './namespace.ts';
import { startEngine, withNeeded } from './starting.ts';

export interface SetOptions {
  /** The sets that are asked; all of the client's family if not given. A client is listed if one of them has it. */
  readonly sets?: readonly string[];
  /** What being in a set means; `deny` if not given. */
  readonly mode?: Mode;
}

interface NamedSet {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly type: string;
}

const notFound = 'Could not process rule: No such file or directory';

async function setsOf(namespace: Namespace, options: SetOptions): Promise<NamedSet[]> {
  const { output } = await namespace.run([programOf('nft'), '-j', 'list', 'sets']);
  const rows = (JSON.parse(output) as { nftables: { set?: NamedSet }[] }).nftables;
  const sets = rows.map((row) => row.set).filter((set) => set !== undefined);
  for (const name of options.sets ?? [])
    if (!sets.some((set) => set.name === name)) throw new Error(`nft knows no set ${name}`);
  return sets.filter(({ name }) => options.sets?.includes(name) ?? true);
}

function typeOf(client: string): string {
  return client.includes(':') ? 'ipv6_addr' : 'ipv4_addr';
}

/** The clients that a set does not have. One `nft -i` runs all commands, and repeats those that fail. */
async function missingIn(
  namespace: Namespace,
  set: NamedSet,
  clients: readonly string[],
): Promise<Set<string>> {
  const commandFor = (client: string): string =>
    `get element ${set.family} ${set.table} ${set.name} { ${client} }`;
  const commands = clients.map(commandFor);
  const { errors } = await namespace.run([programOf('nft'), '-i'], `${commands.join('\n')}\n`);
  const lines = errors.split('\n').filter((line) => line !== '' && !/^ *\^+$/.test(line));
  const other = lines.filter((line) => line !== `Error: ${notFound}` && !commands.includes(line));
  if (other.length > 0) throw new Error(`nft says: ${other.slice(0, 5).join(' ')}`);
  const failed = new Set(lines);
  return new Set(clients.filter((client) => failed.has(commandFor(client))));
}

/**
 * Sets in a network namespace of their own. The text is what `nft -f` loads. A client is looked for in the sets of its own
 * family, by how it is written: no packet carries an IPv4-mapped source.
 */
export function startNftables(text: string, options: SetOptions = {}): Promise<Engine> {
  return startEngine(async (needed) => {
    const namespace = await needed.namespace();
    const { code, errors } = await namespace.run([programOf('nft'), '-f', '-'], text);
    if (code !== 0) throw new Error(`nft refuses this: ${errors}`);
    const sets = await setsOf(namespace, options);
    return async (clients) => {
      const listed = new Set<string>();
      for (const set of sets) {
        const some = clients.filter((client) => set.type === typeOf(client));
        const missing = await missingIn(namespace, set, some);
        for (const client of some) if (!missing.has(client)) listed.add(client);
      }
      return clients.map((client) => answerOf(listed.has(client), options.mode));
    };
  });
}

/** Whether the sets have each client. */
export function askNftables(
  text: string,
  clients: readonly string[],
  options?: SetOptions,
): Promise<readonly Answer[]> {
  return askOnce(startNftables(text, options), clients);
}

/** `nft -f` in a network namespace: the kernel has a say, too. */
export function checkNftables(text: string): Promise<Checked> {
  return withNeeded(async (needed) => {
    const namespace = await needed.namespace();
    const { code, errors } = await namespace.run([programOf('nft'), '-f', '-'], text);
    return { isAccepted: code === 0, message: errors };
  });
}
