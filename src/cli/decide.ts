/** The command `decide`: a verdict for each address. */

import type { Policy } from '../policy/policy.ts';
import type { Request } from './command.ts';
import { readLines } from './decide-lines.ts';
import { entryAsData, entryInWords, placeInWords } from './entries.ts';
import { CommandError, type Exit, exits, usageError } from './exit.ts';
import { STDIN } from './input.ts';
import { safeJson, writeLine } from './json.ts';
import { placeOf, readPolicy } from './policies.ts';
import type { decide } from './rows/decide.ts';
import type { Program, Session } from './session.ts';
import { cut, pad, printable, widthOf } from './style.ts';

type Table = (typeof decide)['options'];
type Values = Request<Table>['values'];

export const run: Program<Table> = async ({ values, operands }, session) => {
  const inputs = [values.allow, values.deny, values.rules, values.policy, values.exempt];
  if (operands.length === 0 && inputs.includes(STDIN))
    throw usageError('Standard input is a list here, so the addresses must be arguments.');
  const policy = await readPolicy(values, session.notices);
  const writer = new VerdictWriter(policy, values, session);
  await writer.start();
  if (operands.length > 0) {
    const width = Math.max(...operands.map((address) => widthOf(shownAddress(address))));
    for (const address of operands) await writer.decide(address, width);
  } else await decideLines(writer, session);
  await writer.end();
  // Code 0 would say that the client of a script is let in, which found no address for it.
  if (writer.count === 0)
    throw new CommandError('Standard input has no lines, so there is nobody to decide about.');
  return writer.exit;
};

async function decideLines(writer: VerdictWriter, { notices, output }: Session): Promise<void> {
  if (process.stdin.isTTY) notices.say('ipverdict: Type an address on each line; Ctrl-D ends.');
  for await (const lines of readLines(process.stdin)) {
    for (const line of lines) await writer.decide(line, 0);
    await output.flush();
  }
}

/** More of a text that is not an address is not shown. */
const SHOWN = 100;

/** An address for people; in quotes where a blank, or nothing at all, is the reason why it is denied. */
function shownAddress(address: string): string {
  const shown = cut(printable(address.slice(0, 2 * SHOWN)), SHOWN);
  return shown === '' || shown.includes(' ') ? `"${shown}"` : shown;
}

/** Writes verdicts in the format that is asked for. */
class VerdictWriter {
  exit: Exit = exits.yes;
  readonly #policy: Policy;
  readonly #session: Session;
  readonly #format: 'text' | 'json' | 'ndjson';
  readonly #hasOneList: boolean;
  /** How many addresses were decided about. */
  count = 0;

  constructor(policy: Policy, values: Values, session: Session) {
    this.#policy = policy;
    this.#session = session;
    this.#format = values.format ?? 'text';
    this.#hasOneList = (values.allow ?? values.deny) !== undefined && values.exempt === undefined;
  }

  async start(): Promise<void> {
    if (this.#format === 'json') await this.#session.output.write('{\n  "schema": 1,\n  "decisions": [');
  }

  async end(): Promise<void> {
    if (this.#format === 'json') await this.#session.output.write(this.count > 0 ? '\n  ]\n}\n' : ']\n}\n');
  }

  /** @param width - that of the longest address, where it is known */
  async decide(address: string, width: number): Promise<void> {
    const { output, paint } = this.#session;
    const isFirst = this.count++ === 0;
    const { verdict, entry, reason } = this.#policy.decide(address);
    if (verdict === 'deny') this.exit = exits.no;
    if (this.#format === 'text') {
      const because =
        entry === undefined
          ? reason
          : `${placeInWords(this.#policy, entry, this.#hasOneList)} ${entryInWords(entry)}`;
      const shown = paint(verdict === 'allow' ? 'green' : 'red', pad(verdict, 5));
      return output.line(`${shown} ${pad(shownAddress(address), width)} ${because}`);
    }
    const found = entry === undefined ? null : entryAsData(entry, placeOf(this.#policy, entry));
    const data = { address, verdict, reason, entry: found };
    if (this.#format === 'ndjson') return writeLine(output, data);
    return output.write(`${isFirst ? '' : ','}\n    ${safeJson(data)}`);
  }
}
