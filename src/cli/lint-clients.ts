/**
 * The clients of a log, for entries that none of them is in. Only the different ones are kept.
 */

import { scanClient } from '../address/scanner.ts';
import { CommandError } from './exit.ts';
import { readFirstFields } from './first-fields.ts';
import { nameOf } from './input.ts';
import { openLog, sizeOfLogs } from './logs.ts';
import type { Notices } from './notices.ts';
import { grouped } from './style.ts';

/** As many as lint takes. */
const MOST = 10_000_000;

/** Reads the different clients of a log. */
export async function readClients(file: string, notices: Notices): Promise<Iterable<string>> {
  const clients = new Set<string>();
  let isAnybody = false;
  let lines = 0;
  const log = await openLog(file);
  const progress = notices.progress(sizeOfLogs([file]));
  try {
    for await (const fields of readFirstFields(file, log)) {
      for (const client of fields) {
        clients.add(client);
        isAnybody ||= scanClient(client) > 0;
      }
      if (clients.size > MOST)
        throw new CommandError(`${nameOf(file)} has more than ${grouped(MOST)} different clients.`);
      lines += fields.length;
      progress.update(log.taken, lines);
    }
  } finally {
    progress.clear();
    await log.close();
  }
  if (!isAnybody)
    notices.complain(
      `ipverdict: warning: no line of ${nameOf(file)} starts with an address, so no entry is reported as unused.`,
    );
  return clients;
}
