/**
 * What is measured, one task for each process. The groups of which the state of the process is the question are in
 * `states.js`.
 */

import { contestants } from '../contestants/deciders.js';
import { parsers } from '../contestants/parsers.js';
import { placements, spellings } from '../input/clients.js';
import { COMMON_LIST, clientsFiles, LONG_LIST, listFile, lists } from './lists.js';
import { planCold, planCollected, planCrowd, planMemory, planRules, planSets } from './states.js';
import { BUILD_WARM_UP, efforts, groups, MANY_TEXTS, taskOf } from './task.js';

/**
 * @typedef {import('./task.js').Effort} Effort
 * @typedef {import('./task.js').Group} Group
 * @typedef {import('./task.js').Scope} Scope
 * @typedef {import('./task.js').Spelling} Spelling
 * @typedef {import('./task.js').Task} Task
 */

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
  if (isOurs && whollyOurs.includes(group)) return true;
  if (group === 'compile') return isOurs && (list === COMMON_LIST || list === 'table');
  if (group !== 'decide') return false;
  if (isOurs) return list !== '10' && (list !== LONG_LIST || isCommon(spelling));
  return contestant === 'net.BlockList' && isCommon(spelling);
}

/** @type {readonly Group[]} */
const whollyOurs = ['refuse', 'exempt', 'rules', 'sets', 'crowd', 'collected', 'cold', 'memory'];

/** @param {string} spelling */
function isCommon(spelling) {
  return spelling === 'ipv4' || spelling === 'ipv6-full';
}

/** @type {Record<Group, (scope: Scope) => Task[]>} */
const planners = {
  parse: planParse,
  compile: planCompile,
  decide: planDecide,
  invalid: planInvalid,
  refuse: planRefuse,
  exempt: planExempt,
  rules: planRules,
  sets: planSets,
  crowd: planCrowd,
  collected: planCollected,
  cold: planCold,
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
            .filter((one) => !quick || one.isOurs || size <= 1000 || one.name === 'net.BlockList')
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
