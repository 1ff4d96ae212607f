/** Threads: versions are put on a board of shared memory as fast as they can be built, and a worker decides. */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { encodePolicy } from '../../dist/snapshot.js';
import { acknowledge, createBoard, endAt, hasRoom, lowestHeld, put, questionsOf } from '../live/board.js';
import { policyOf } from '../live/versions.js';
import { judge, measure, perSecond } from './memory.js';

const NEVER = 2 ** 31 - 1;
const SAMPLES = 40;

/** @returns {Promise<string[]>} problems */
export async function threads(seconds) {
  console.log(`Threads on shared memory, ${seconds} seconds`);
  const board = createBoard(1, 262_144, NEVER);
  const worker = new Worker(new URL('../live/threads-worker.js', import.meta.url), {
    workerData: { board, reader: 0, way: 'board' },
  });
  let report;
  const reported = once(worker, 'message').then(([message]) => {
    report = message;
  });

  const samples = [];
  const begin = performance.now();
  const elapsed = () => (performance.now() - begin) / 1_000;
  let version = 0;
  const publish = async () => {
    version++;
    const bytes = encodePolicy(policyOf(version));
    while (report === undefined && !hasRoom(board, version))
      await new Promise((resolve) => setImmediate(resolve));
    put(board, version, bytes);
    acknowledge(board, lowestHeld(board));
  };
  while (report === undefined && elapsed() < seconds) {
    for (let count = 0; count < 20; count++) await publish();
    if (samples.length < (elapsed() / seconds) * SAMPLES) samples.push(measure());
  }
  const [asked, took] = [questionsOf(board, 0), elapsed()];
  endAt(board, version + 1);
  await publish();
  await reported;
  await worker.terminate();
  console.log(
    `  updates: ${perSecond(version, took)}; taken by the worker: ${report.versions.toLocaleString('en')}`,
  );
  console.log(`  decisions, each checked twice: ${perSecond(asked, took)}`);
  return [...judge('the process', samples), ...report.failures.map((failure) => JSON.stringify(failure))];
}
