/**
 * tcp_wrappers: hosts.allow and hosts.deny, asked with `tcpdmatch`. There is no check of the files: what it cannot read, it
 * skips, and tells the system's log.
 */

import { type Answer, programOf } from './engine.ts';
import { run } from './process.ts';
import { withNeeded } from './starting.ts';

export interface HostsFiles {
  readonly allow?: string;
  readonly deny?: string;
}

export interface HostsOptions {
  /** The daemon that the clients want; `sshd` if not given. */
  readonly daemon?: string;
}

/** One shell for all clients; each answer stands after the client that it is about. */
const loop = 'while read -r client; do echo "= $client"; "$0" -d "$1" "$client" 2>&1; done';

/** What the two files say about each client. */
export function askHostsAccess(
  files: HostsFiles,
  clients: readonly string[],
  { daemon = 'sshd' }: HostsOptions = {},
): Promise<readonly Answer[]> {
  return withNeeded(async (needed) => {
    const folder = needed.folder();
    folder.write('hosts.allow', files.allow ?? '');
    folder.write('hosts.deny', files.deny ?? '');
    const command = ['sh', '-c', loop, programOf('tcpdmatch'), daemon];
    const { output } = await run(command, clients.map((client) => `${client}\n`).join(''), folder.path);
    const parts = output.split(/^= /m).slice(1);
    return clients.map((client, index) => {
      const part = parts[index] ?? '';
      const word = /^access: +(granted|denied)$/m.exec(part)?.[1];
      if (word === undefined || !part.startsWith(`${client}\n`))
        throw new Error(`tcpdmatch says nothing about ${client}: ${part}`);
      return word === 'granted' ? 'allow' : 'deny';
    });
  });
}
