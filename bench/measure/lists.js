/**
 * Which lists are measured, and the names of the files that lists and clients are in.
 */

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
export const LONG_LIST = '100000';
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
export function clientsFiles(list, spelling, series) {
  return Object.fromEntries(series.map((placement) => [placement, clientsFile(list, spelling, placement)]));
}

/** @param {string} list */
export function listFile(list) {
  return `list-${list}`;
}
