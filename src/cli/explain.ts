/** The command `explain`: why one address gets in or not. */

import { entryAsData, entryInWords, placeInWords } from './entries.ts';
import { exits } from './exit.ts';
import { computing } from './interrupt.ts';
import { writeDocument } from './json.ts';
import { hasEntries, placeOf, readPolicy } from './policies.ts';
import type { explain } from './rows/explain.ts';
import type { Program } from './session.ts';
import { pad, printable, widthOf, wrap } from './style.ts';

export const run: Program<(typeof explain)['options']> = async ({ values, operands }, session) => {
  const { output, notices, paint } = session;
  const [given] = operands as readonly [string];
  const policy = await readPolicy(values, notices);
  const { verdict, reason, entry, address, zone, covering, message } = computing(() => policy.explain(given));
  const exit = verdict === 'allow' ? exits.yes : exits.no;
  if (values.format === 'json') {
    await writeDocument(output, {
      client: given,
      address: address ?? null,
      zone: zone ?? null,
      verdict,
      reason,
      message,
      hasEntries: hasEntries(policy),
      entry: entry === undefined ? null : entryAsData(entry, placeOf(policy, entry)),
      covering: covering.map((found) => entryAsData(found, placeOf(policy, found))),
    });
    return exit;
  }
  for (const line of wrap(printable(message), output.columns))
    await output.line(paint(verdict === 'allow' ? 'green' : 'red', line));
  if (!hasEntries(policy) && ['listed', 'exempt'].includes(reason))
    await output.line('The snapshot has no entries, so it cannot say which one covers the address.');
  const rows = covering.map((found) => [found.list, placeInWords(policy, found, false), found] as const);
  const width = Math.max(0, ...rows.map(([, place]) => widthOf(place)));
  if (rows.length > 0) await output.line('\nEntries that cover it, the most specific first:');
  for (const [list, place, found] of rows) {
    const from = found.from === undefined ? '' : `  from ${found.from.toJSON()}`;
    const until = found.until === undefined ? '' : `  until ${found.until.toJSON()}`;
    await output.line(`  ${pad(list, 6)}  ${pad(place, width)}  ${entryInWords(found)}${from}${until}`);
  }
  return exit;
};
