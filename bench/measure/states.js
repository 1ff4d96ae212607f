/**
 * The groups of which the state of the process is the question: many policies in it, the collector has just run, it has
 * just started, or what it keeps in memory.
 */

import { COMMON_LIST, clientsFile, clientsFiles, LONG_LIST, listFile } from './lists.js';
import { BUILD_WARM_UP, taskOf } from './task.js';

/**
 * @typedef {import('./task.js').Contestant} Contestant
 * @typedef {import('./task.js').Scope} Scope
 * @typedef {import('./task.js').Task} Task
 */

/** Policies in one process, and the entries of each. */
export const CROWD = { count: 10_000, size: 20 };

/**
 * Many policies in one process: one of them used again and again, and many in turn.
 * @param {Scope} scope
 */
export function planCrowd({ ours, effortOf }) {
  return ours.filter(isPolicy).map((one) =>
    taskOf('crowd', LONG_LIST, '', one, {
      job: 'crowd',
      list: listFile(LONG_LIST),
      ...CROWD,
      clients: {
        ipv4: clientsFile(LONG_LIST, 'ipv4', 'hit'),
        ipv6: clientsFile(LONG_LIST, 'ipv6-full', 'hit'),
      },
      effort: effortOf(one),
    }),
  );
}

/** The rules that one list is divided into, and the many whose time alone counts. */
const RULES = { count: 50, size: 0 };
export const MANY_RULES = { count: 200, size: 1000 };

/**
 * Several lists in one policy, against one list with the same entries.
 * @param {Scope} scope
 */
export function planRules({ quick, ours, effortOf }) {
  return ours.filter(isPolicy).flatMap((one) => {
    const effort = effortOf(one);
    const warmUpMilliseconds = quick ? BUILD_WARM_UP.quick : BUILD_WARM_UP.full;
    const build = { job: 'buildRules', effort: { ...effort, warmUpMilliseconds } };
    const whole = quick ? LONG_LIST : 'table';
    return [
      taskOf('rules', COMMON_LIST, 'ipv4', one, {
        job: 'askRules',
        list: listFile(COMMON_LIST),
        clients: clientsFiles(COMMON_LIST, 'ipv4', ['hit', 'outside']),
        ...RULES,
        effort,
      }),
      taskOf('rules', whole, '', one, { ...build, list: listFile(whole), ...RULES }),
      taskOf('rules', LONG_LIST, '', one, { ...build, list: listFile(LONG_LIST), ...MANY_RULES }),
    ];
  });
}

/**
 * Operations on sets.
 * @param {Scope} scope
 */
export function planSets({ quick, ours, effortOf }) {
  const list = quick ? LONG_LIST : 'table';
  return ours.filter(isPolicy).map((one) => {
    const effort = { ...effortOf(one), budgetMilliseconds: quick ? 200 : 2000 };
    return taskOf('sets', list, '', one, { job: 'joinSets', list: listFile(list), effort });
  });
}

/** Which decisions are timed after a collection: from the 101st to the 1,100th. */
export const AFTER_COLLECTION = { left: 100, timed: 1000 };

/**
 * Building and deciding where the collector has just run: V8 throws away compiled code that has lost its last object.
 * @param {Scope} scope
 */
export function planCollected({ quick, ours, effortOf }) {
  const warmUps = { buildCollected: quick ? BUILD_WARM_UP.quick : BUILD_WARM_UP.full, askCollected: 150 };
  return ours.filter(isPolicy).flatMap((one) =>
    Object.entries(warmUps).map(([job, warmUpMilliseconds]) => ({
      ...taskOf('collected', COMMON_LIST, job === 'askCollected' ? 'ipv4' : '', one, {
        job,
        list: listFile(COMMON_LIST),
        clients: clientsFiles(COMMON_LIST, 'ipv4', ['hit', 'outside']),
        left: AFTER_COLLECTION.left,
        count: AFTER_COLLECTION.timed,
        effort: { ...effortOf(one), warmUpMilliseconds },
      }),
      collects: true,
    })),
  );
}

/** How many processes are started for a row; their median counts. */
export const STARTS = {
  full: { startCold: 41, buildCold: 9, crowdCold: 5, loadCold: 9 },
  quick: { startCold: 7, buildCold: 3, crowdCold: 1, loadCold: 3 },
};

/**
 * What a process that has just started pays: each figure is the median of several such processes.
 * @param {Scope} scope
 */
export function planCold({ quick, ours }) {
  return ours.filter(isPolicy).flatMap((one) =>
    Object.entries(STARTS[quick ? 'quick' : 'full']).map(([job, starts]) => {
      const longest = job === 'loadCold' && !quick ? 'table' : LONG_LIST;
      const list = job === 'startCold' ? '' : longest;
      const file = list === '' ? {} : { list: listFile(list) };
      // All the policies in the quick mode, too: seconds and bytes of a tenth would be held against the wrong target.
      return taskOf('cold', list, '', one, { job, ...file, ...CROWD, starts });
    }),
  );
}

/** How many policies of how many entries are built to be weighed. */
const weighed = [
  { size: 1, count: 10_000 },
  { size: 20, count: 10_000 },
  { size: 1000, count: 100 },
  { size: 100_000, count: 1 },
];

/** @param {Scope} scope */
export function planMemory({ quick, present, effortOf }) {
  const measured = present.filter(({ name, isNative }) => name !== 'ipverdict allows' && !isNative);
  /** @type {(one: Contestant, list: string, size: number, count: number) => Task} */
  const weigh = (one, list, size, count) => ({
    ...taskOf('memory', list, '', one, {
      job: 'memory',
      list: listFile(list),
      size,
      // With few of ours, the memory of the code that is compiled meanwhile would count as theirs.
      count: quick && !one.isOurs ? Math.ceil(count / 10) : count,
      effort: effortOf(one),
    }),
    collects: true,
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
 * Both methods of ipverdict belong to one policy, so what is about policies is measured with one of them.
 * @param {Contestant} contestant
 */
function isPolicy({ namesEntry }) {
  return namesEntry === true;
}
