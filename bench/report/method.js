/** The section of the report that says how it was measured. */

import { COMMON_LIST, lists, OTHER_TEXTS } from '../measure/lists.js';
import { efforts, MANY_TEXTS } from '../measure/task.js';
import { whole, wrap } from './tables.js';

/** @param {{ isReal: boolean, tableSize: number, quick: boolean }} circumstances */
export function describeMethod({ isReal, tableSize, quick }) {
  const table = isReal
    ? `The Internet routing table (${whole(tableSize)} prefixes)`
    : `A made table of ${whole(tableSize)} prefixes with the prefix lengths and the nesting of the Internet routing table`;
  const texts = lists.map(({ title, texts: count }) => `${whole(count)} for ${title}`).join(', ');
  const common = lists.find(({ name }) => name === COMMON_LIST)?.title;
  /** @param {import('../measure/timing.js').Effort} effort */
  const rounds = (effort) => `up to ${effort.rounds} of about ${effort.roundMilliseconds} ms`;
  const longer = quick ? '' : `, ${MANY_TEXTS.roundMilliseconds} ms over ${whole(MANY_TEXTS.texts)} texts`;
  const effort = quick
    ? rounds(efforts.quick)
    : `${rounds(efforts.ours)} for ipverdict, ${rounds(efforts.rivals)} for rivals`;
  const items = [
    `**Lists.** ${table}, and samples of it: half IPv4 and half IPv6, every fourth entry cut down to a single address, in
    no order, a note on every second line. All of it is seeded.`,
    `**Clients.** *In an entry*: a random entry, the bits after its prefix random. *Just outside*: the address before or
    after a random entry, where no other entry covers it, which is the hardest miss. *Anywhere*: any IPv4 address, any
    in 2000::/3. Each client is a flat text with its own memory: ${texts}, ${whole(OTHER_TEXTS)} that are not addresses. A
    list of ten entries has few addresses just outside, so these repeat. Addresses to read are those inside entries of
    the list of ${common}.`,
    `**Right before fast.** Answers are first compared with a slow reference that shares no code with ipverdict; the
    tables of all contestants say how many. Slow rivals are checked on as many clients as they answer in a quarter of a
    second, and on at least 16.`,
    `**One process each.** Every line of the tables of all contestants is a process of its own, because what V8 has
    compiled for one would change the next. In it, rounds of floor and contestant follow each other in changing order and length;
    clients in an entry, just outside and anywhere come one after the other, each with rounds of its own.`,
    `**Figures.** Rounds: ${effort}${longer}, of at least one call each, after a warm-up. The ratio is the median of the ratios of
    neighbouring rounds, and the factor of a rival is its ratio divided by that of ipverdict: processes are never compared by
    their times, because the machine may have been busy during one of them.`,
    `**Rivals.** Used as their documentation suggests, with everything compiled in advance that they can compile, and with
    up to 1,000 entries when they search entry by entry. An exception counts as a denial. The packages are pinned in
    \`bench/rivals/package.json\`; the answers in which they are known to differ are listed in \`bench/contestants/deciders.js\`.`,
    `**What is not counted.** What the middleware of hono does after its decision. A compiled policy is not
    changed in place but built again; that some rivals can add entries one by one is not measured.`,
  ];
  return `## How it was measured\n\n${items.map((item) => wrap(`- ${item}`, '  ')).join('\n')}`;
}
