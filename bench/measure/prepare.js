/**
 * Writes the lists and clients that a plan needs into a folder of temporary files, with the answers of the reference.
 */

import { makeClients, makeInvalidClients, placements, spellings } from '../input/clients.js';
import { writeClients, writeText } from '../input/files.js';
import { loadTable, sampleList, writeList } from '../input/lists.js';
import { mulberry32, pick } from '../input/random.js';
import { ReferenceList, readNetwork, writePrefix } from '../input/reference.js';
import { COMMON_LIST, clientsFile, EXEMPTIONS, listFile, lists, OTHER_TEXTS } from './lists.js';

/** @typedef {import('../input/clients.js').Client} Client */

const SEED = 20_240_229;

/**
 * @param {string} folder
 * @param {readonly import('./task.js').Task[]} tasks
 * @returns {{ isReal: boolean, tableSize: number }} whether the routing table is the real one
 */
export function prepareInput(folder, tasks) {
  const needed = new Set(tasks.flatMap(({ job }) => namesIn(job)));
  const table = loadTable(SEED);
  for (const { name, size, texts } of lists) {
    const isWhole = size >= table.entries.length;
    const entries = isWhole ? table.entries : sampleList(mulberry32(SEED + size), table.entries, size);
    // People write notes into their lists; the table has none.
    if (needed.has(listFile(name)))
      writeText(folder, listFile(name), isWhole ? entries.join('\n') : writeList(entries));
    if (name === COMMON_LIST) writeExemptions(folder, entries);
    const wanted = spellings.flatMap((spelling) =>
      placements
        .map((placement) => ({ spelling, placement, file: clientsFile(name, spelling, placement) }))
        .filter(({ file }) => needed.has(file)),
    );
    // The reference of the full table takes seconds.
    if (wanted.length === 0) continue;
    const reference = new ReferenceList(entries);
    for (const { spelling, placement, file } of wanted) {
      writeClients(folder, file, makeClients(reference, spelling, placement, { count: texts, seed: SEED }));
    }
  }
  const invalid = makeInvalidClients({ count: OTHER_TEXTS, seed: SEED });
  writeClients(folder, clientsFile(COMMON_LIST, 'invalid', 'invalid'), invalid);
  return { isReal: table.isReal, tableSize: table.entries.length };
}

/**
 * Names of files in a job.
 * @param {Record<string, unknown>} job
 * @returns {string[]}
 */
function namesIn({ list, clients }) {
  return [...(typeof list === 'string' ? [list] : []), ...Object.values(clients ?? {})];
}

/**
 * Ten networks inside entries of the list, half IPv4 and half IPv6, and the clients for them.
 * @param {string} folder
 * @param {readonly string[]} entries
 */
function writeExemptions(folder, entries) {
  const random = mulberry32(SEED + 1);
  const reference = new ReferenceList(entries);
  /** @type {Set<string>} */
  const exemptions = new Set();
  while (exemptions.size < EXEMPTIONS) {
    const { family, value, length } = readNetwork(pick(random, entries));
    const isWanted = family === (exemptions.size % 2 === 0 ? 4 : 6);
    if (!isWanted || length > (family === 4 ? 24 : 48)) continue;
    exemptions.add(writePrefix({ family, value, length: family === 4 ? 28 : 64 }));
  }
  const exempt = new ReferenceList([...exemptions]);
  writeText(folder, listFile('exempt'), [...exemptions].join('\n'));
  /** @type {(clients: Client[]) => Client[]} */
  const withExemptions = (clients) =>
    clients.map((client) => {
      const { verdict, entry } = exempt.deny(client.text);
      return verdict === 'deny' ? { text: client.text, verdict: 'allow', entry } : client;
    });
  for (const spelling of /** @type {const} */ (['ipv4', 'ipv6-full'])) {
    const options = { count: OTHER_TEXTS, seed: SEED };
    for (const placement of /** @type {const} */ (['hit', 'outside'])) {
      const clients = makeClients(reference, spelling, placement, options);
      writeClients(folder, clientsFile('exempt', spelling, placement), withExemptions(clients));
    }
    const clients = makeClients(exempt, spelling, 'hit', options);
    writeClients(folder, clientsFile('exempt', spelling, 'exempt'), withExemptions(clients));
  }
}
