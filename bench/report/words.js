/** How things are called in the report. */

import { contestants } from '../contestants/deciders.js';
import { rivalVersions } from '../contestants/install.js';
import { parsers } from '../contestants/parsers.js';
import { lists } from '../measure/lists.js';

/** @typedef {import('../measure/task.js').Group} Group */

/** @type {Readonly<Record<string, string>>} */
const wordings = {
  ipv4: 'IPv4',
  'ipv6-full': 'IPv6, full length',
  'ipv6-short': 'IPv6, short',
  mapped: 'IPv4-mapped',
  invalid: 'not an address',
  hit: 'in an entry',
  outside: 'just outside',
  spread: 'anywhere',
  exempt: 'exempt',
};

/**
 * A spelling or placement in words.
 * @param {string} name
 */
export function wordingOf(name) {
  return wordings[name] ?? name;
}

/**
 * A list in words.
 * @param {string} name
 */
export function titleOf(name) {
  return lists.find((list) => list.name === name)?.title ?? '';
}

/**
 * A contestant with the version of its package, and with what it leaves undone. Both methods of ipverdict belong to one
 * policy, so a policy that is built or weighed has one name.
 * @param {string} contestant
 * @param {Group} group
 */
export function displayName(contestant, group) {
  const isBuilding = group === 'compile' || group === 'memory';
  if (contestant === 'ipverdict decide' && isBuilding) return 'ipverdict createPolicy';
  const found = [...contestants, ...parsers].find(({ name }) => name === contestant);
  const version = found?.from === undefined ? '' : ` ${rivalVersions[found.from]}`;
  const builds = contestants.find(({ name }) => name === contestant)?.builds;
  const remark = isBuilding && builds !== undefined ? ` (builds ${builds})` : '';
  return `${contestant}${version}${remark}`;
}

/**
 * What a rival leaves out that ipverdict does, for a fair reading of its time.
 * @param {string} contestant
 */
export function remarkOn(contestant) {
  const parser = parsers.find(({ name }) => name === contestant);
  return parser?.onlyValidates ? 'returns only the family' : undefined;
}
