/** The command `impact`: whom of a log a change of policy affects. */

import { type AffectedClient, type Impact, impactOf } from '../change/clients.ts';
import type { Policy } from '../policy/policy.ts';
import { entryAsData } from './entries.ts';
import { exitForChange, exits } from './exit.ts';
import { judgeFor } from './filter.ts';
import { AffectedClients, type ReadLogs } from './impact-clients.ts';
import { nameOf } from './input.ts';
import { writeDocument, writeLine } from './json.ts';
import { placeOf } from './policies.ts';
import type { impact } from './rows/impact.ts';
import type { Program, Session } from './session.ts';
import { readSides, type Sides } from './sides.ts';
import { count, grouped, pad, printable } from './style.ts';

/** Clients that are counted, however few are named: so their number and the number of each are exact. */
const COUNTED = 100_000;
const NAMED = 10_000;

/** What there is to say. */
interface Answer {
  readonly impact: Impact;
  /** The clients to name. */
  readonly named: readonly AffectedClient[];
  readonly logs: ReadLogs;
  readonly policies: Sides<Policy>;
}

export const run: Program<(typeof impact)['options']> = async ({ values, operands }, session) => {
  // What is wrong with the options is said before policies are made.
  judgeFor(values);
  const policies = await readSides(values, session.notices);
  const clients = new AffectedClients();
  const most = values['max-clients'] ?? NAMED;
  const options = { maxClients: Math.max(most, COUNTED), maxRequests: Number.POSITIVE_INFINITY };
  const counting = impactOf(policies.before, policies.after, clients, options);
  const logs = await clients.read(operands, policies, values, session);
  const impact = await counting;
  const answer = { impact, named: impact.clients.slice(0, most), logs, policies };
  await writers[values.format ?? 'text'](answer, session);
  summarize(logs, session);
  if (!logs.isWhole || hasNoClients(logs)) return exits.unusable;
  const { newlyAllowed, newlyDenied } = impact;
  return exitForChange(values['fail-on'], { isAllowing: newlyAllowed > 0, isDenying: newlyDenied > 0 });
};

function requestsOf({ impact: { newlyAllowed, newlyDenied } }: Answer): number {
  return newlyAllowed + newlyDenied;
}

type Writer = (answer: Answer, session: Session) => Promise<void>;

const writers: Readonly<Record<'text' | 'json' | 'ndjson', Writer>> = {
  text: writeText,
  json: async (answer, { output }) => {
    const { undercount, ...totals } = totalsOf(answer);
    const items = answer.named.map((client) => clientOf(client, answer.policies));
    await writeDocument(output, { ...totals, clients: items, undercount });
  },
  ndjson: async (answer, { output }) => {
    for (const client of answer.named) await writeLine(output, clientOf(client, answer.policies));
    await writeLine(output, { ...totalsOf(answer) });
  },
};

function totalsOf({ impact, logs }: Answer) {
  const { newlyAllowed, newlyDenied, clients, undercount } = impact;
  const clientCount = undercount === 0 ? clients.length : null;
  return { requests: logs.lines, invalid: logs.invalid, newlyAllowed, newlyDenied, clientCount, undercount };
}

function clientOf({ address, requests }: AffectedClient, { before, after }: Sides<Policy>) {
  const outcomeOf = (policy: Policy) => {
    const { verdict, reason, entry } = policy.decide(address);
    const found = entry === undefined ? null : entryAsData(entry, placeOf(policy, entry));
    return { verdict, reason, entry: found };
  };
  return { address, requests, before: outcomeOf(before), after: outcomeOf(after) };
}

async function writeText(answer: Answer, { output, paint }: Session): Promise<void> {
  const { impact, named, logs, policies } = answer;
  const { clients, newlyAllowed, newlyDenied, undercount } = impact;
  const digits = grouped(named[0]?.requests ?? 0).length;
  const width = named.reduce((most, { address }) => Math.max(most, address.length), 0);
  for (const { address, requests } of named) {
    const verdict =
      policies.after.decide(address).verdict === 'allow'
        ? paint('green', 'allowed')
        : paint('red', 'denied ');
    const number = grouped(requests).padStart(digits);
    await output.line(
      `${verdict} ${number} ${pad(address, width)}  ${reasonOf(policies.before, address)} → ${reasonOf(policies.after, address)}`,
    );
  }
  const all = count(logs.lines, 'request');
  if (requestsOf(answer) === 0) return output.line(`No client is affected: ${all}, the same verdicts.`);
  await output.line(
    `${grouped(requestsOf(answer))} of ${all} ${requestsOf(answer) === 1 || logs.lines === 1 ? 'is' : 'are'} affected: ${grouped(newlyAllowed)} newly allowed, ${grouped(newlyDenied)} newly denied.`,
  );
  if (undercount > 0)
    return output.line(
      `More than ${count(clients.length, 'client')} affected. The number of each may be too low by up to ${grouped(undercount)}.`,
    );
  const rest = clients.length - named.length;
  await output.line(
    `${count(clients.length, 'client')} affected${rest > 0 ? `, ${grouped(rest)} of them not named here` : ''}.`,
  );
}

/** What decides: the entry, or the reason where there is none. */
function reasonOf(policy: Policy, address: string): string {
  const { reason, entry } = policy.decide(address);
  if (entry === undefined) return reason;
  const place = placeOf(policy, entry);
  const where =
    place === undefined ? `${entry.list} line ${entry.line}` : `${nameOf(place.file)}:${place.line}`;
  const note = entry.note === undefined ? '' : ` # ${printable(entry.note)}`;
  return `${where} ${printable(entry.text)}${note}`;
}

/** A log that names nobody says nothing about a change, and its silence must not pass for "nobody is affected". */
function hasNoClients({ lines, invalid }: ReadLogs): boolean {
  return lines > 0 && invalid === lines;
}

function summarize(logs: ReadLogs, { notices }: Session): void {
  const { lines, invalid } = logs;
  if (hasNoClients(logs))
    notices.complain('ipverdict: No line has an address: say where the client is, with --field or --any.');
  else if (lines === 0) notices.complain('ipverdict: warning: There are no lines in what was read.');
  notices.say(`ipverdict: ${count(lines, 'line')} read, ${grouped(invalid)} without an address.`);
}
