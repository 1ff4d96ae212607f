/** Whole packet filters, of iptables or nftables, asked by packets that come from each client. */

import { type Answer, askOnce, type Checked, type Engine, programOf } from './engine.ts';
import { startEngine, withNeeded } from './starting.ts';

/** What loads the filter: `iptables-restore`, its twin for IPv6, or `nft -f`. */
export type Loader = 'iptables' | 'ip6tables' | 'nftables';

const commands: Readonly<Record<Loader, () => readonly string[]>> = {
  iptables: () => [programOf('iptables-restore')],
  ip6tables: () => [programOf('ip6tables-restore')],
  nftables: () => [programOf('nft'), '-f', '-'],
};

const PORT = 9;

/**
 * A filter in a network namespace of its own. Each client sends a datagram to this machine, and `allow` means that it
 * arrives. The interface is not called `lo`. A client of the family that a filter is not about is allowed.
 */
export function startFirewall(text: string, loader: Loader): Promise<Engine> {
  return startEngine(async (needed) => {
    const namespace = await needed.namespace();
    const { code, errors } = await namespace.run(commands[loader](), text);
    if (code !== 0) throw new Error(`${loader} refuses this: ${errors}`);
    return async (clients) => {
      const arrived = await namespace.arrive(PORT, clients);
      return arrived.map((isThere) => (isThere ? 'allow' : 'deny'));
    };
  });
}

/** Whether a datagram of each client passes. */
export function askFirewall(
  text: string,
  clients: readonly string[],
  loader: Loader,
): Promise<readonly Answer[]> {
  return askOnce(startFirewall(text, loader), clients);
}

/** `iptables-restore --test`, or `nft -c -f`. */
export function checkFirewall(text: string, loader: Loader): Promise<Checked> {
  return withNeeded(async (needed) => {
    const namespace = await needed.namespace();
    const flag = loader === 'nftables' ? '-c' : '--test';
    const { code, errors } = await namespace.run([...commands[loader](), flag], text);
    return { isAccepted: code === 0, message: errors };
  });
}
