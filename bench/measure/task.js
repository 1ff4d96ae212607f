/**
 * A task: one row to measure, with the job for its process. A new kind of row needs a group here, a planner in `plan.js`,
 * a job that `process.js` knows, a section in `report/report.js`, and a line in `report/targets.js` if it has a target.
 */

/**
 * @typedef {import('./timing.js').Effort} Effort
 * @typedef {import('../input/clients.js').Spelling} Spelling
 * @typedef {import('../contestants/deciders.js').Contestant} Contestant
 * @typedef {import('../contestants/parsers.js').Parser} Parser
 * @typedef {(typeof groups)[number]} Group
 *
 * @typedef {object} Task
 * @property {Group} group
 * @property {string} list name of the list, '' where there is none
 * @property {Spelling | 'invalid' | ''} spelling
 * @property {string} contestant
 * @property {boolean} isOurs
 * @property {string} [node] another version of Node, by its major version
 * @property {boolean} [withExemptions]
 * @property {boolean} [collects] whether the process calls the collector, `gc()`
 * @property {Record<string, unknown>} job for `process.js`
 *
 * @typedef {object} Scope
 * @property {boolean} quick
 * @property {Parser[]} readers
 * @property {Contestant[]} present
 * @property {Contestant[]} ours
 * @property {(one: { isOurs?: boolean }) => Effort} effortOf
 */

/** In the order of the report. */
export const groups = /** @type {const} */ ([
  'parse',
  'compile',
  'decide',
  'invalid',
  'refuse',
  'exempt',
  'rules',
  'sets',
  'crowd',
  'collected',
  'cold',
  'memory',
]);

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
export const BUILD_WARM_UP = { full: 800, quick: 300 };

/**
 * @param {Group} group
 * @param {string} list
 * @param {Spelling | 'invalid' | ''} spelling
 * @param {{ name: string, isOurs?: boolean }} contestant
 * @param {Record<string, unknown>} job
 * @returns {Task}
 */
export function taskOf(group, list, spelling, { name, isOurs = false }, job) {
  return { group, list, spelling, contestant: name, isOurs, job: { ...job, contestant: name } };
}
