/** The command `impact`: whom of a log a change of policy affects. */

import { type AffectedClient, type Impact, impactOf } from '../change/clients.ts';
import type { Decision } from '../policy/decision.ts';
import type { Policy } from '../policy/policy.ts';
import { exits } from './exit.ts';
import { judgeFor } from './filter.ts';
import { AffectedClients, type ReadLogs } from './impact-clients.ts';
import { writeDocument } from './json.ts';
import type { impact } from './rows/impact.ts';
import type { Program, Session } from './session.ts';
import { readSides, type Sides } from './sides.ts';
import { count, pad, printable } from './style.ts';

/** What there is to say. */
interface Answer {
  readonly impact: Impact;
  readonly logs: ReadLogs;
  readonly policies: Sides<Policy>;
}

export const run: Program<(typeof impact)['options']> = async ({ values, operands }, session) => {
  // What is wrong with the options is said before policies are made.
  judgeFor(values);
  const policies = await readSides(values, session.notices);
  const clients = new AffectedClients();
  const options = { maxClients: values['max-clients'], maxRequests: Number.POSITIVE_INFINITY };
  const counting = impactOf(policies.before, policies.after, clients, options);
  const logs = await clients.read(operands, policies, values, session);
  const answer = { impact: await counting, logs, policies };
  await writers[values.format ?? 'text'](answer, session);
  summarize(logs, session);
  if (!logs.isWhole) return exits.unusable;
  return requestsOf(answer) > 0 ? exits.no : exits.yes;
};

function requestsOf({ impact: { newlyAllowed, newlyDenied } }: Answer): number {
  return newlyAllowed + newlyDenied;
}

type Writer = (answer: Answer, session: Session) => Promise<void>;

const writers: Readonly<Record<'text' | 'json' | 'ndjson', Writer>> = {
  text: writeText,
  json: async (answer, { output }) => {
    const { clients } = answer.impact;
    const { undercount, ...totals } = totalsOf(answer);
    const items = clients.map((client) => clientOf(client, answer.policies));
    await writeDocument(output, { ...totals, clients: items, undercount });
  },
  ndjson: async (answer, { output }) => {
    for (const client of answer.impact.clients)
      await output.line(JSON.stringify(clientOf(client, answer.policies)));
    await output.line(JSON.stringify({ schema: 1, ...totalsOf(answer) }));
  },
};

function totalsOf({ impact, logs }: Answer) {
  const { newlyAllowed, newlyDenied, clients, undercount } = impact;
  const clientCount = undercount === 0 ? clients.length : null;
  return { requests: logs.lines, invalid: logs.invalid, newlyAllowed, newlyDenied, clientCount, undercount };
}

function clientOf({ address, requests }: AffectedClient, { before, after }: Sides<Policy>) {
  const outcomeOf = ({ verdict, reason, entry }: Decision) => {
    if (entry === undefined) return { verdict, reason, entry: null };
    const { list, rule, line, text, note = null } = entry;
    return { verdict, reason, entry: { list, rule, line, text, note } };
  };
  return {
    address,
    requests,
    before: outcomeOf(before.decide(address)),
    after: outcomeOf(after.decide(address)),
  };
}

async function writeText(answer: Answer, { output, paint }: Session): Promise<void> {
  const { impact, logs, policies } = answer;
  const { clients, newlyAllowed, newlyDenied, undercount } = impact;
  const digits = grouped(clients[0]?.requests ?? 0).length;
  const width = clients.reduce((most, { address }) => Math.max(most, address.length), 0);
  for (const { address, requests } of clients) {
    const [was, is] = [policies.before.decide(address), policies.after.decide(address)];
    const verdict = is.verdict === 'allow' ? paint('green', 'allowed') : paint('red', 'denied ');
    const number = grouped(requests).padStart(digits);
    await output.line(`${verdict} ${number} ${pad(address, width)}  ${nameOf(was)} → ${nameOf(is)}`);
  }
  const all = count(logs.lines, 'request');
  if (requestsOf(answer) === 0) return output.line(`No client is affected: ${all}, the same verdicts.`);
  await output.line(
    `${grouped(requestsOf(answer))} of ${all} are affected: ${grouped(newlyAllowed)} newly allowed, ${grouped(newlyDenied)} newly denied.`,
  );
  if (undercount === 0) return output.line(`${count(clients.length, 'client')} affected.`);
  const named =
    clients.length === 0 ? '' : ` The number of each may be too low by up to ${grouped(undercount)}.`;
  await output.line(`More clients are affected than the ${grouped(clients.length)} named here.${named}`);
}

function grouped(number: number): string {
  return number.toLocaleString('en-US');
}

/** What decides: the entry, or the reason where there is none. */
function nameOf({ reason, entry }: Decision): string {
  if (entry === undefined) return reason;
  const where = entry.rule === undefined ? entry.list : `${entry.list} of ${printable(entry.rule)}`;
  const note = entry.note === undefined ? '' : ` # ${printable(entry.note)}`;
  return `${where} line ${entry.line} ${printable(entry.text)}${note}`;
}

function summarize({ lines, invalid }: ReadLogs, { notices }: Session): void {
  if (lines > 0 && invalid === lines)
    notices.complain(
      'ipverdict: warning: No line has an address: say where the client is, with --field or --any.',
    );
  notices.say(`ipverdict: ${count(lines, 'line')} read, ${grouped(invalid)} without an address.`);
}
