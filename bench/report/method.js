/** The section of the report that says how it was measured. */

import { COMMON_LIST, lists, OTHER_TEXTS } from '../measure/lists.js';
import { AFTER_COLLECTION, STARTS } from '../measure/states.js';
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
  const starts = quick ? STARTS.quick : STARTS.full;
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
    `**After a collection.** The process has warmed up, then calls \`gc()\`, a full collection, before each pass; nothing
    that it built or answered is alive but the policy that decides. A list is compiled once in each pass, and nothing is
    built between the passes. Of the decisions that follow a collection, the first ${AFTER_COLLECTION.left} are not counted, and the next ${whole(AFTER_COLLECTION.timed)}
    are timed together and divided, because one is too short for the clock: a pass has one figure, and the median is
    that of the passes, not of single decisions. Between the passes decisions go on for 20 ms, so that their code is
    compiled again.`,
    `**Cold.** Each figure comes from processes of its own, which load nothing of ipverdict before they measure themselves,
    and is their median: ${starts.startCold} processes for the import, ${starts.buildCold} for the long list, ${starts.crowdCold} for the many policies, and ${starts.loadCold} for
    each way to load a snapshot, which are compared start by start. The import is the
    time around \`await import('ipverdict')\`, less that of an empty module in another process next to it, in changing
    order: what Node itself takes to start is in neither. Policies are made after the import. Resident memory is what the
    operating system has given to the process, and includes garbage that is not collected yet; heap and buffers are
    weighed after full collections. Both are what the policies add, with their texts.`,
    `**Rivals.** Used as their documentation suggests, with everything compiled in advance that they can compile, and with
    up to 1,000 entries when they search entry by entry. An exception counts as a denial. The packages are pinned in
    \`bench/rivals/package.json\`; the answers in which they are known to differ are listed in \`bench/contestants/deciders.js\`.`,
    `**What is not counted.** What the middleware of hono does after its decision. A compiled policy is not
    changed in place but built again; that some rivals can add entries one by one is not measured.`,
  ];
  return `## How it was measured\n\n${items.map((item) => wrap(`- ${item}`, '  ')).join('\n')}`;
}
