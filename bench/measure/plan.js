/**
 * What is measured: the groups, the lists, and one job for each process.
 */

import { contestants } from '../contestants/deciders.js';
import { parsers } from '../contestants/parsers.js';
import { placements, spellings } from '../input/clients.js';

/**
 * @typedef {import('./timing.js').Effort} Effort
 * @typedef {import('../input/clients.js').Spelling} Spelling
 * @typedef {'parse' | 'compile' | 'decide' | 'invalid' | 'refuse' | 'exempt' | 'crowd' | 'memory'} Group
 *
 * @typedef {object} Task
 * @property {Group} group
 * @property {string} list name of the list, '' where there is none
 * @property {Spelling | 'invalid' | ''} spelling
 * @property {string} contestant
 * @property {boolean} isOurs
 * @property {string} [node] another version of Node, by its major version
 * @property {boolean} [withExemptions]
 * @property {Record<string, unknown>} job for `process.js`
 */

/** @type {readonly Group[]} */
export const groups = ['parse', 'compile', 'decide', 'invalid', 'refuse', 'exempt', 'crowd', 'memory'];

/** Lists by name: samples of the routing table, and the whole of it. */
export const lists = [
  { name: '10', size: 10, title: '10 entries', texts: 1024 },
  { name: '1000', size: 1000, title: '1,000 entries', texts: 1024 },
  { name: '100000', size: 100_000, title: '100,000 entries', texts: 32_768 },
  { name: 'table', size: Number.POSITIVE_INFINITY, title: 'the full Internet table', texts: 32_768 },
];

/** The list of the groups that measure with one list only. */
export const COMMON_LIST = '1000';
/** The longest list of the quick mode: preparing the full table takes ten seconds. */
const LONG_LIST = '100000';
/** How many texts that are not addresses, and how many in exemptions. */
export const OTHER_TEXTS = 1024;
export const EXEMPTIONS = 10;

/**
 * @param {string} list
 * @param {string} spelling
 * @param {string} placement
 */
export function clientsFile(list, spelling, placement) {
  return `clients-${list}-${spelling}-${placement}`;
}

/** @param {string} list @param {string} spelling @param {readonly string[]} series */
function clientsFiles(list, spelling, series) {
  return Object.fromEntries(series.map((placement) => [placement, clientsFile(list, spelling, placement)]));
}

/** @param {string} list */
export function listFile(list) {
  return `list-${list}`;
}

/**
 * Short rounds: the less time between the floor and the subject, the less happens to only one of them. But long enough
 * to go through the texts more than once, which the previous side has pushed out of the caches.
 * @type {Readonly<Record<'ours' | 'rivals' | 'quick', Effort>>}
 */
export const efforts = {
  ours: { rounds: 61, roundMilliseconds: 4, warmUpMilliseconds: 150, budgetMilliseconds: 4000 },
  rivals: { rounds: 31, roundMilliseconds: 4, warmUpMilliseconds: 100, budgetMilliseconds: 2000 },
  quick: { rounds: 15, roundMilliseconds: 2, warmUpMilliseconds: 60, budgetMilliseconds: 600 },
};

/** A round over so many texts takes that much longer. */
export const MANY_TEXTS = { texts: 32_768, roundMilliseconds: 12 };

/** Building runs far more code than deciding, and takes longer to warm up. */
const BUILD_WARM_UP = { full: 800, quick: 300 };

/** The rivals of the quick mode: the built-in, the fastest, the most used, and a middleware. */
const quickRivals = ['net.BlockList', 'netparser', 'ipaddr.js', 'hono/ip-restriction'];

/**
 * All tasks, in the order of the report.
 * @param {{ quick: boolean, only: readonly string[], nodes?: readonly string[], isInstalled: (from: string | undefined) => boolean }} options
 * @returns {Task[]}
 */
export function makePlan({ quick, only, nodes = [], isInstalled }) {
  const present = contestants.filter(
    ({ name, from, isOurs }) => isInstalled(from) && (!quick || isOurs || quickRivals.includes(name)),
  );
  const readers = parsers.filter(({ from }) => isInstalled(from));
  /** @type {Scope} */
  const scope = {
    quick,
    readers,
    present,
    ours: present.filter(({ isOurs }) => isOurs),
    effortOf: ({ isOurs }) => (quick ? efforts.quick : isOurs ? efforts.ours : efforts.rivals),
  };
  const tasks = groups.flatMap((group) => planners[group](scope));
  const chosen = tasks.filter(({ group }) => only.length === 0 || only.includes(group));
  return [
    ...chosen,
    ...nodes.flatMap((node) => chosen.filter(differsByNode).map((task) => ({ ...task, node }))),
  ];
}

/**
 * The other versions of Node that there are findings of.
 * @param {readonly Task[]} tasks
 */
export function otherNodesIn(tasks) {
  return [...new Set(tasks.flatMap(({ node }) => node ?? []))];
}

/**
 * What is also measured on other versions of Node: ours and the block list of Node, which has a trie in some of them.
 * @param {Task} task
 */
function differsByNode({ group, list, isOurs, contestant, spelling }) {
  if (contestant === 'ipverdict allows') return false;
  if (group === 'refuse' || group === 'crowd') return true;
  if (group === 'compile') return isOurs && (list === COMMON_LIST || list === 'table');
  if (group !== 'decide') return false;
  if (isOurs) return list !== '10' && (list !== LONG_LIST || isCommon(spelling));
  return contestant === 'net.BlockList' && isCommon(spelling);
}

/** @param {string} spelling */
function isCommon(spelling) {
  return spelling === 'ipv4' || spelling === 'ipv6-full';
}

/**
 * @typedef {import('../contestants/deciders.js').Contestant} Contestant
 * @typedef {import('../contestants/parsers.js').Parser} Parser
 *
 * @typedef {object} Scope
 * @property {boolean} quick
 * @property {Parser[]} readers
 * @property {Contestant[]} present
 * @property {Contestant[]} ours
 * @property {(one: { isOurs?: boolean }) => Effort} effortOf
 */

/** @type {Record<Group, (scope: Scope) => Task[]>} */
const planners = {
  parse: planParse,
  compile: planCompile,
  decide: planDecide,
  invalid: planInvalid,
  refuse: planRefuse,
  exempt: planExempt,
  crowd: planCrowd,
  memory: planMemory,
};

/** @param {Scope} scope */
function planParse({ readers, effortOf }) {
  return spellings.flatMap((spelling) =>
    readers.map((parser) => {
      const clients = clientsFiles(COMMON_LIST, spelling, ['hit']);
      return taskOf('parse', '', spelling, parser, { job: 'parse', clients, effort: effortOf(parser) });
    }),
  );
}

/** @param {Scope} scope */
function planCompile({ quick, present, effortOf }) {
  const warmUpMilliseconds = quick ? BUILD_WARM_UP.quick : BUILD_WARM_UP.full;
  return lists
    .filter(({ name }) => !quick || name !== 'table')
    .flatMap(({ name, size }) =>
      present
        // Both methods of ipverdict belong to one policy.
        .filter((one) => one.name !== 'ipverdict allows' && size <= one.largest)
        .filter((one) => !quick || one.isOurs || size <= 1000)
        .map((one) =>
          taskOf('compile', name, '', one, {
            job: 'build',
            list: listFile(name),
            clients: clientsFiles(name, 'ipv4', ['hit', 'outside']),
            effort: { ...effortOf(one), warmUpMilliseconds },
          }),
        ),
    );
}

/** @param {Scope} scope */
function planDecide({ quick, present, effortOf }) {
  return lists
    .filter(({ name }) => !quick || name === COMMON_LIST || name === LONG_LIST)
    .flatMap(({ name, size }) =>
      spellings
        .filter((spelling) => !quick || name !== LONG_LIST || isCommon(spelling))
        .flatMap((spelling) =>
          present
            .filter((one) => size <= one.largest && one.lacks?.[spelling] === undefined)
            .filter((one) => !quick || one.isOurs || size <= 1000)
            .map((one) => {
              const job = askJob(name, spelling, placements, effortOf(one));
              return taskOf('decide', name, spelling, one, job);
            }),
        ),
    );
}

/** @param {Scope} scope */
function planInvalid({ present, effortOf }) {
  return present.map((one) => {
    const job = askJob(COMMON_LIST, 'invalid', ['invalid'], effortOf(one));
    return taskOf('invalid', COMMON_LIST, 'invalid', one, job);
  });
}

/**
 * Ours only: text that is not an address must never cost more than an address.
 * @param {Scope} scope
 */
function planRefuse({ ours, effortOf }) {
  return ours.map((one) => {
    const job = { ...askJob(COMMON_LIST, 'ipv4', ['hit'], effortOf(one)), job: 'refuse' };
    return taskOf('refuse', COMMON_LIST, 'invalid', one, job);
  });
}

/** Policies in one process, and the entries of each. */
export const CROWD = { count: 10_000, size: 20 };

/**
 * Many policies in one process: one of them used again and again, and many in turn.
 * @param {Scope} scope
 */
function planCrowd({ quick, ours, effortOf }) {
  return ours
    .filter(({ namesEntry }) => namesEntry)
    .map((one) =>
      taskOf('crowd', LONG_LIST, '', one, {
        job: 'crowd',
        list: listFile(LONG_LIST),
        size: CROWD.size,
        count: quick ? CROWD.count / 10 : CROWD.count,
        clients: {
          ipv4: clientsFile(LONG_LIST, 'ipv4', 'hit'),
          ipv6: clientsFile(LONG_LIST, 'ipv6-full', 'hit'),
        },
        effort: effortOf(one),
      }),
    );
}

/**
 * The same clients with and without exemptions, and those that are exempt.
 * @param {Scope} scope
 */
function planExempt({ quick, ours, effortOf }) {
  /** @type {Spelling[]} */
  const chosen = quick ? ['ipv4'] : ['ipv4', 'ipv6-full'];
  return chosen.flatMap((spelling) =>
    ours.flatMap((one) =>
      [false, true].map((withExemptions) => {
        const job = withExemptions
          ? {
              ...askJob('exempt', spelling, ['hit', 'outside', 'exempt'], effortOf(one)),
              exempt: listFile('exempt'),
            }
          : askJob(COMMON_LIST, spelling, ['hit', 'outside'], effortOf(one));
        const task = taskOf('exempt', COMMON_LIST, spelling, one, { ...job, list: listFile(COMMON_LIST) });
        return { ...task, withExemptions };
      }),
    ),
  );
}

/** How many policies of how many entries are built to be weighed. */
const weighed = [
  { size: 10, count: 2000 },
  { size: 20, count: 10_000 },
  { size: 1000, count: 100 },
  { size: 100_000, count: 1 },
];

/** @param {Scope} scope */
function planMemory({ quick, present, effortOf }) {
  const measured = present.filter(({ name, isNative }) => name !== 'ipverdict allows' && !isNative);
  /** @type {(one: Contestant, list: string, size: number, count: number) => Task} */
  const weigh = (one, list, size, count) =>
    taskOf('memory', list, '', one, {
      job: 'memory',
      list: listFile(list),
      size,
      count: quick ? Math.ceil(count / 10) : count,
      effort: effortOf(one),
    });
  return [
    ...weighed.flatMap(({ size, count }) =>
      // Rivals where the reader compares: at the size of a well-filled list.
      measured
        .filter(({ isOurs }) => isOurs || size === 1000)
        .map((one) => weigh(one, LONG_LIST, size, count)),
    ),
    ...(quick ? [] : measured)
      .filter(({ largest }) => largest === Number.POSITIVE_INFINITY)
      .map((one) => weigh(one, 'table', 0, 1)),
  ];
}

/**
 * @param {Group} group
 * @param {string} list
 * @param {Spelling | 'invalid' | ''} spelling
 * @param {{ name: string, isOurs?: boolean }} contestant
 * @param {Record<string, unknown>} job
 * @returns {Task}
 */
function taskOf(group, list, spelling, { name, isOurs = false }, job) {
  return { group, list, spelling, contestant: name, isOurs, job: { ...job, contestant: name } };
}

/**
 * @param {string} list
 * @param {string} spelling
 * @param {readonly string[]} series
 * @param {Effort} effort
 */
function askJob(list, spelling, series, effort) {
  const hasManyTexts = lists.some(({ name, texts }) => name === list && texts >= MANY_TEXTS.texts);
  const { roundMilliseconds } = hasManyTexts && effort !== efforts.quick ? MANY_TEXTS : effort;
  return {
    job: 'ask',
    list: listFile(list),
    clients: clientsFiles(list, spelling, series),
    effort: { ...effort, roundMilliseconds },
  };
}
