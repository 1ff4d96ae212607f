/** The command `filter`: its options, and one log after another. */

import { fstatSync } from 'node:fs';
import { type ByteDecider, decideBytesOf, NO_ADDRESS } from '../policy/bytes.ts';
import type { Request } from './command.ts';
import { CommandError, exits, usageError } from './exit.ts';
import { AnyJudge } from './filter-any.ts';
import { counterFor } from './filter-counts.ts';
import { DelimitedJudge, FieldJudge, type Judge, type Labels } from './filter-fields.ts';
import { JsonJudge } from './filter-json.ts';
import { LineFilter } from './filter-lines.ts';
import { type CountFormat, printCounts } from './filter-print.ts';
import { isGzip, nameOf, packedError, STDIN } from './input.ts';
import { identityOf, type Log, openLog, sizeOfLogs } from './logs.ts';
import { readPolicy } from './policies.ts';
import type { filter } from './rows/filter.ts';
import type { Program, Session } from './session.ts';
import { count, grouped, printable } from './style.ts';

type Table = (typeof filter)['options'];
type Values = Request<Table>['values'];

/** The options that say where in a line the client is. */
export type PlaceValues = Pick<Values, 'field' | 'delimiter' | 'quoted' | 'json' | 'any'>;

export const run: Program<Table> = async ({ values, operands }, session) => {
  const { output, notices } = session;
  const makeJudge = judgeFor(values);
  checkTogether(values, operands);
  const print = values.print ?? 'denied';
  const policy = await readPolicy(values, notices);
  const decider = decideBytesOf(policy, textOf) as ByteDecider;
  const isOfKind = kinds[print as keyof typeof kinds](decider);
  const isInverted = values['invert-match'];
  let hasAddress = false;
  const isWanted = (label: number): boolean => {
    if (label !== NO_ADDRESS) hasAddress = true;
    return isOfKind(label) !== isInverted;
  };
  const counter = counterFor(values, policy, decider, textOf);
  const isCounted = values.count || counter !== undefined;
  const lines = new LineFilter(makeJudge(counter?.labels ?? decider), {
    isWanted,
    count: counter?.count,
    copies: !isCounted,
  });
  if (operands.length === 0 && process.stdin.isTTY)
    notices.say('ipverdict: Standard input is the log: type lines, Ctrl-D ends; or name a file.');
  const isWhole = await filterLogs(operands.length === 0 ? [STDIN] : operands, lines, session);
  if (isCounted) await printCounts(lines, counter, (values.format ?? 'text') as CountFormat, output);
  if (lines.lines > 0 && !hasAddress)
    notices.complain(
      'ipverdict: warning: No line has an address: say where the client is, with --field or --any.',
    );
  notices.say(summaryOf(lines, print, isInverted));
  if (!isWhole) return exits.unusable;
  return lines.found > 0 ? exits.yes : exits.no;
};

/** Refuses options that do not go together. */
function checkTogether(values: Values, logs: readonly string[]): void {
  const { count: isCounted, 'by-entry': byEntry, 'by-client': byClient, format } = values;
  if (byEntry && byClient) throw usageError('Lines are counted --by-entry or --by-client, not by both.');
  if (format !== undefined && !isCounted && !byEntry && !byClient)
    throw usageError('Lines come out as they went in: --format is for --count, --by-entry and --by-client.');
  const lists = [values.allow, values.deny, values.rules, values.policy, values.exempt];
  if (logs.length === 0 && lists.includes(STDIN))
    throw usageError('Standard input is the list already: name the logs.');
}

/** The fastest way of this runtime from bytes to a string. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  return (bytes as Buffer).toString('latin1', start, end);
}

/** Which labels are of a kind. The verdict where no entry decides is that of the policy. */
export const kinds = {
  denied: (decider: ByteDecider) => {
    const { allowing } = decider;
    const deniesOthers = decider.decision(0).verdict === 'deny';
    return (label: number) => label > allowing || label === NO_ADDRESS || (label === 0 && deniesOthers);
  },
  allowed: (decider: ByteDecider) => {
    const { allowing } = decider;
    const allowsOthers = decider.decision(0).verdict === 'allow';
    return (label: number) => (label > 0 && label <= allowing) || (label === 0 && allowsOthers);
  },
  invalid: () => (label: number) => label === NO_ADDRESS,
  listed: ({ exemptions }: ByteDecider) => {
    return (label: number) => label > exemptions;
  },
};

/** Where the client is, by the options. */
export function judgeFor(values: PlaceValues): (labels: Labels) => Judge {
  const { field, delimiter, quoted, json, any } = values;
  const isField = field !== undefined || delimiter !== undefined || quoted;
  if ([any, json !== undefined, isField].filter(Boolean).length > 1)
    throw usageError(
      'The client is in one place: give only one of --any, --json, and --field with its options.',
    );
  if (any) return (labels) => new AnyJudge(labels);
  if (json !== undefined) {
    const keys = json.split('.');
    if (keys.includes(''))
      throw usageError(
        `--json ${printable(json)} has an empty key: write keys with dots between them, such as client.address.`,
      );
    return (labels) => new JsonJudge(labels, keys);
  }
  if (delimiter === undefined) return (labels) => new FieldJudge(labels, field ?? 1, quoted);
  const code = delimiter === '\\t' ? TAB : delimiter.charCodeAt(0);
  const isOne = delimiter === '\\t' || delimiter.length === 1;
  if (!isOne || code > 127 || code === 0x0a || code === 0x0d || (quoted && code === 0x22))
    throw usageError(`--delimiter ${printable(delimiter)} must be one ASCII character, or \\t for a tab.`);
  return (labels) => new DelimitedJudge(labels, code, field ?? 1, quoted);
}

const TAB = 0x09;
const STDOUT = 1;

/** Filters all logs; false when one of them could not be read. */
export async function filterLogs(
  files: readonly string[],
  lines: LineFilter,
  session: Session,
): Promise<boolean> {
  const { notices } = session;
  const progress = notices.progress(sizeOfLogs(files));
  let isWhole = true;
  let done = 0;
  for (const file of files) {
    try {
      const log = await openLog(file);
      try {
        refuseOutput(file, log);
        await filterLog(file, log, lines, session, (taken) => progress.update(done + taken, lines.lines));
      } finally {
        done += log.taken;
        await log.close();
      }
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      progress.clear();
      notices.complain(`ipverdict: ${error.message}`);
      isWhole = false;
    }
  }
  progress.clear();
  return isWhole;
}

async function filterLog(
  file: string,
  log: Log,
  lines: LineFilter,
  { output }: Session,
  report: (taken: number) => void,
): Promise<void> {
  let isCut = true;
  let isFirst = true;
  try {
    for (;;) {
      const room = lines.room();
      const read = log.read(room);
      const length = typeof read === 'number' ? read : await read;
      if (length === 0) break;
      if (isFirst && isGzip(room.subarray(0, length))) throw packedError(file);
      isFirst = false;
      const out = lines.take(length);
      if (out.length > 0) await output.bytes(out);
      report(log.taken);
    }
    isCut = false;
  } finally {
    const out = lines.finish(isCut);
    if (out.length > 0) await output.bytes(out);
  }
}

/** A log that grows by what comes out of it has no end. */
function refuseOutput(file: string, log: Log): void {
  if (log.identity !== undefined && log.identity === identityOf(fstatSync(STDOUT)))
    throw new CommandError(`${nameOf(file)} is also the output.`);
}

/** `48,123 of 1,000,000 lines are denied.` */
function summaryOf({ lines, found }: LineFilter, print: string, isInverted: boolean): string {
  const what = print === 'invalid' ? 'without an address' : print;
  const verb = found === 1 || lines === 1 ? 'is' : 'are';
  return `ipverdict: ${grouped(found)} of ${count(lines, 'line')} ${verb} ${isInverted ? 'not ' : ''}${what}.`;
}
