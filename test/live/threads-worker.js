/** A thread of `threads.test.ts`: decides all the while, and holds every decision against the versions that it may be of. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { createLivePolicy } from '../../dist/live.js';
import { decodePolicy } from '../../dist/snapshot.js';
import { acknowledged, bytesOf, lastOf, published, tell } from './board.js';
import { clientOf, isOfVersions, versionOf } from './versions.js';

const { board, reader, way } = workerData;

const live = createLivePolicy({ allow: '', whenEmpty: 'deny' });
const failures = [];
let held = 0;
let taken = 0;
let asked = 0;
let number = reader * 7_919;

/** Every other version is checked as bytes from anywhere are. */
function take(version, bytes) {
  live.update(decodePolicy(bytes, { verify: version % 2 === 0 ? 'all' : 'checksum' }), { mayBeEmpty: false });
  if (version <= held || versionOf(live.current) !== version)
    failures.push({ version, held, current: versionOf(live.current) });
  held = version;
  taken++;
  tell(board, reader, held, asked);
}

/** One question; it may be answered by any version from this one on. */
function ask(oldest) {
  const client = clientOf(number);
  number += 101;
  const decision = live.decide(client.text);
  const allowed = live.allows(client.text);
  asked++;
  const newest = published(board);
  if (!isOfVersions(decision, client, oldest, newest) || allowed !== (decision.verdict === 'allow')) {
    const { verdict, reason, entry } = decision;
    failures.push({
      client: client.text,
      verdict,
      reason,
      entry: entry?.canonical,
      note: entry?.note,
      oldest,
      newest,
    });
  }
}

function takeFromBoard() {
  const version = published(board);
  if (version !== held) take(version, bytesOf(board, version));
  return version;
}

try {
  if (way === 'messages') {
    parentPort.on('message', ({ version, shared }) => take(version, shared));
    while (held < 1) await nextTurn();
    while (held < lastOf(board) && failures.length === 0) {
      for (let count = 0; count < 20; count++) ask(acknowledged(board));
      tell(board, reader, held, asked);
      await nextTurn();
    }
    parentPort.removeAllListeners('message');
  } else {
    while (takeFromBoard() < 1);
    while (held < lastOf(board) && failures.length === 0) {
      ask(takeFromBoard());
      tell(board, reader, held, asked);
    }
  }
  if (failures.length === 0) for (let count = 0; count < 2_000; count++) ask(held);
} catch (error) {
  failures.push({ thrown: String(error?.stack ?? error) });
}
parentPort.postMessage({ failures: failures.slice(0, 5), asked, versions: taken, held });
