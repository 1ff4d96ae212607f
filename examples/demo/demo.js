/**
 * Who gets in: decides about every client of an access log with a list, and shows why.
 *
 *     npm run demo
 *     npm run demo -- my-list.txt my-clients.txt
 *
 * Two calls do all the deciding: `createPolicy` in compile.js and `policy.decide` below. The rest reads files and prints.
 */

import { parseList } from '../../dist/index.js';
import { readArguments, UsageError, usage } from './arguments.js';
import { compile, EXEMPTION, splitLines } from './compile.js';
import { openFile, readClients, readText } from './files.js';
import {
  renderDecisions,
  renderEmpty,
  renderErrors,
  renderLeftOut,
  renderReasons,
  renderRefusal,
  renderSummary,
  renderTitle,
} from './render.js';
import { Tally } from './tally.js';
import { makeColours, wantsColour } from './terminal.js';

/** Number of decisions to print; the summary counts all of them. */
const SHOWN_DECISIONS = 40;

const colours = makeColours(wantsColour(process.env, process.stdout));

function print(lines) {
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
}

async function run(request) {
  const listFile = await openFile(request.list);
  const clientsFile = await openFile(request.clients);
  const written = await readText(listFile, request.list);

  const { policy, errors, text } = compile(written, request.mode);
  print(renderTitle(request, EXEMPTION, colours));
  print(renderErrors(errors, splitLines(written), request.list.name, colours));
  if (policy === undefined) {
    process.stderr.write(`${renderRefusal(request).join('\n')}\n`);
    await clientsFile.close();
    process.exitCode = 1;
    return;
  }
  print(renderLeftOut(errors, policy, colours));
  print(renderEmpty(policy, colours));

  const tally = await decideAll(policy, readClients(clientsFile, request.clients));
  print(renderReasons(policy, tally, colours));
  const { entries } = parseList(text, { list: request.mode, maxEntries: Infinity });
  const unused = entries.filter(({ line }) => !tally.lines.has(line));
  print(renderSummary(tally, policy, unused, colours));
}

/** Decides about each client in turn, prints the first decisions and counts all of them. */
async function decideAll(policy, clients) {
  const tally = new Tally();
  let rows = [];
  for await (const client of clients) {
    const decision = policy.decide(client);
    tally.add(client, decision);
    if (tally.clients > SHOWN_DECISIONS) continue;
    rows.push({ client, decision });
    if (rows.length < SHOWN_DECISIONS) continue;
    print(renderDecisions(rows, colours));
    rows = [];
  }
  if (rows.length > 0) print(renderDecisions(rows, colours));
  const more = tally.clients - SHOWN_DECISIONS;
  if (more > 0) print([`  … and ${more.toLocaleString('en-US')} more`]);
  if (tally.clients === 0) print(['  No line of this file names a client.']);
  print(['']);
  return tally;
}

// The reader of the output may stop early, as `| head` does. That is not a failure.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

try {
  const request = readArguments(process.argv.slice(2), process.env);
  if (request.isHelp) process.stdout.write(usage);
  else await run(request);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
