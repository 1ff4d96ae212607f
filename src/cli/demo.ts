/** The command `demo`: decides about every client of a log by a list, and shows why. */

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Mode } from '../list/table.ts';
import type { Policy } from '../policy/policy.ts';
import { EXEMPTION, policyOfGoodLines } from './demo-policy.ts';
import { Tally } from './demo-tally.ts';
import {
  type Page,
  type Row,
  renderDecisions,
  renderEmpty,
  renderErrors,
  renderLeftOut,
  renderReasons,
  renderRefusal,
  renderSummary,
  renderTitle,
} from './demo-text.ts';
import { exits, usageError } from './exit.ts';
import { readFirstFields } from './first-fields.ts';
import { nameOf, readText, STDIN } from './input.ts';
import { computing } from './interrupt.ts';
import { locate } from './located.ts';
import { type Log, openLog, sizeOfLogs } from './logs.ts';
import type { Progress } from './progress.ts';
import type { demo } from './rows/demo.ts';
import type { Program, Session } from './session.ts';

/** Number of decisions to print; the summary counts all of them. */
const SHOWN_DECISIONS = 40;

/** A file to read, and what it is called. */
interface Named {
  readonly path: string;
  readonly name: string;
}

export const run: Program<(typeof demo)['options']> = async ({ values, operands }, session) => {
  const mode = values.deny ? 'deny' : 'allow';
  const [list, clients] = filesOf(operands);
  // Both are opened before anything is printed, so that a wrong name is the only thing on the screen.
  const log = await openLog(clients.path);
  try {
    const text = await readText(list.path);
    return await show(text, { mode, list: list.name, clients }, log, session);
  } finally {
    await log.close();
  }
};

function filesOf(operands: readonly string[]): readonly [list: Named, clients: Named] {
  const [list, clients] = operands;
  if (list === undefined) return [ownFile('office.txt'), ownFile('clients.txt')];
  if (clients === undefined) throw usageError('"demo" needs two files, a list and a log, or none.');
  return [namedFile(list), namedFile(clients)];
}

/** A file of the demo, which is in the package. */
function ownFile(name: string): Named {
  const place = `examples/demo/${name}`;
  return { path: fileURLToPath(new URL(`../${place}`, import.meta.url)), name: place };
}

function namedFile(file: string): Named {
  // npm runs scripts in the folder of the package, but names of files are relative to where the command was typed.
  const { npm_lifecycle_event: script, INIT_CWD: folder } = process.env;
  const path = script === 'demo' && folder && file !== STDIN ? resolve(folder, file) : file;
  return { path, name: nameOf(file) };
}

async function show(
  text: string,
  names: { readonly mode: Mode; readonly list: string; readonly clients: Named },
  log: Log,
  { output, notices, paint }: Session,
) {
  const page: Page = { columns: output.columns, paint };
  const print = async (lines: readonly string[]): Promise<void> => {
    for (const line of lines) await output.line(line);
  };
  const { mode, list, clients } = names;
  const { policy, errors, entries } = computing(() => policyOfGoodLines(text, mode));
  await print(renderTitle({ mode, list, clients: clients.name }, EXEMPTION, page));
  await print(renderErrors(locate(list, text, errors), page));
  if (policy === undefined) {
    await output.flush();
    notices.complain(renderRefusal(list, mode, output.columns).join('\n'));
    return exits.no;
  }
  await print(renderLeftOut(errors, policy, page));
  await print(renderEmpty(policy, page));
  const tally = await decideAll(
    policy,
    clientsOf(clients.path, log, notices.progress(sizeOfLogs([clients.path]))),
    async (lines) => {
      await print(lines);
      await output.flush();
    },
    page,
  );
  await print(renderReasons(policy, tally, page));
  const unused = entries.filter(({ line }) => !tally.lines.has(line));
  await print(renderSummary(tally, policy, unused, page));
  return exits.yes;
}

/** The first column of each line that is neither blank nor a comment. */
async function* clientsOf(file: string, log: Log, progress: Progress): AsyncGenerator<string> {
  let lines = 0;
  try {
    for await (const fields of readFirstFields(file, log)) {
      const first = lines === 0 ? fields[0] : undefined;
      if (first?.startsWith('\ufeff')) fields[0] = first.slice(1);
      for (const field of fields) if (field !== '' && !field.startsWith('#')) yield field;
      lines += fields.length;
      progress.update(log.taken, lines);
    }
  } finally {
    progress.clear();
  }
}

/** Decides about each client in turn, prints the first decisions and counts all of them. */
async function decideAll(
  policy: Policy,
  clients: AsyncIterable<string>,
  print: (lines: readonly string[]) => Promise<void>,
  page: Page,
): Promise<Tally> {
  const tally = new Tally();
  let rows: Row[] = [];
  for await (const client of clients) {
    const decision = policy.decide(client);
    tally.add(client, decision);
    if (tally.clients > SHOWN_DECISIONS) continue;
    rows.push({ client, decision });
    if (rows.length < SHOWN_DECISIONS) continue;
    await print(renderDecisions(rows, page));
    rows = [];
  }
  const more = tally.clients - SHOWN_DECISIONS;
  await print([
    ...(rows.length > 0 ? renderDecisions(rows, page) : []),
    ...(more > 0 ? [`  … and ${more.toLocaleString('en-US')} more`] : []),
    ...(tally.clients === 0 ? ['  No line of this file names a client.'] : []),
    '',
  ]);
  return tally;
}
