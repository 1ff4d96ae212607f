/** MaxMind databases, asked with `mmdblookup`. */

import { type Answer, programOf } from './engine.ts';
import { run } from './process.ts';
import { withNeeded } from './starting.ts';

/** One shell for all clients; each answer stands after the client that it is about. */
const loop = 'while read -r client; do echo "= $client"; "$0" --file db.mmdb --ip "$client" "$@" 2>&1; done';

/** What a database says about each client at `path` of its record, as text; `none` where it has no record. */
export function askMmdb(
  bytes: Uint8Array,
  clients: readonly string[],
  path: readonly string[] = ['verdict'],
): Promise<readonly Answer[]> {
  return withNeeded(async (needed) => {
    const folder = needed.folder();
    folder.write('db.mmdb', bytes);
    const command = ['sh', '-c', loop, programOf('mmdblookup'), ...path];
    const { output } = await run(command, clients.map((client) => `${client}\n`).join(''), folder.path);
    const parts = output.split(/^= /m).slice(1);
    return clients.map((client, index) => {
      const part = parts[index] ?? '';
      if (part.includes('Could not find an entry for this IP address')) return 'none';
      const value = /^\s*(.*) <\w+>\s*$/m.exec(part.slice(client.length + 1))?.[1];
      if (value === undefined || !part.startsWith(`${client}\n`))
        throw new Error(`mmdblookup says nothing about ${client}: ${part}`);
      return value.replace(/^"([\s\S]*)"$/, '$1');
    });
  });
}
