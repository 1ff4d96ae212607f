/**
 * Real threads: the main thread publishes hundreds of versions as snapshots in shared memory, while workers decide all
 * the while. Every decision is the exact answer of one published version, and of none that is older than the last one
 * that every worker had taken when the question was asked.
 */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';

const load = (name: string): Promise<never> =>
  import(/* @vite-ignore */ new URL(name, import.meta.url).href) as Promise<never>;

interface Board {
  readonly words: Int32Array;
}

interface BoardModule {
  readonly SLOTS: number;
  createBoard(readers: number, slotSize: number, last: number): Board;
  lowestHeld(board: Board): number;
  questionsOf(board: Board, reader: number): number;
  acknowledge(board: Board, version: number): void;
  announce(board: Board, version: number): void;
  hasRoom(board: Board, version: number): boolean;
  put(board: Board, version: number, bytes: Uint8Array): void;
}

interface VersionsModule {
  policyOf(version: number): import('../../src/public/index.ts').Policy;
  clientOf(number: number): { text: string };
  expectedOf(version: number, client: object): string;
  say(decision: object): string;
  isOfVersions(decision: object, client: object, first: number, last: number): boolean;
}

const board_: BoardModule = await load('./board.js');
const { policyOf, clientOf, expectedOf, say, isOfVersions }: VersionsModule = await load('./versions.js');
const { encodePolicy }: { encodePolicy(policy: object): Uint8Array } = await load('../../dist/snapshot.js');

const READERS = 2;
const VERSIONS = 400;
const SLOT_SIZE = 262_144;
/** How many questions there are between two versions, at least. */
const QUESTIONS = 20;

interface Report {
  readonly failures: readonly object[];
  readonly asked: number;
  readonly versions: number;
  readonly held: number;
}

/** Of a worker that was stopped, because another one had failed. */
const STOPPED: Report = { failures: [], asked: 0, versions: 0, held: 0 };

interface Readers {
  readonly workers: readonly Worker[];
  readonly reports: Promise<Report[]>;
  /** How many have reported: after a failure, before the last version. */
  ended: number;
}

function startWorkers(board: Board, way: string): Readers {
  const workers = Array.from(
    { length: READERS },
    (_, reader) =>
      new Worker(new URL('./threads-worker.js', import.meta.url), {
        workerData: { board, reader, way },
      }),
  );
  const readers: Readers = {
    workers,
    ended: 0,
    reports: Promise.all(
      workers.map(async (worker) => {
        try {
          const [report] = await Promise.race([
            once(worker, 'message'),
            once(worker, 'exit').then(() => [STOPPED]),
          ]);
          return report as Report;
        } finally {
          readers.ended++;
          await worker.terminate();
        }
      }),
    ),
  };
  // It is awaited after the last version.
  readers.reports.catch(() => {});
  return readers;
}

/** Publishes all versions, as long as the workers go on; `send` brings one to them. */
async function publishAll(
  board: Board,
  readers: Readers,
  send: (version: number, bytes: Uint8Array) => void,
): Promise<void> {
  const wait = async (until: () => boolean): Promise<void> => {
    while (readers.ended === 0 && !until()) await new Promise((resolve) => setImmediate(resolve));
    board_.acknowledge(board, board_.lowestHeld(board));
  };
  const questions = (): number =>
    readers.workers.reduce((sum, _, reader) => sum + board_.questionsOf(board, reader), 0);
  for (let version = 1; version <= VERSIONS; version++) {
    const bytes = encodePolicy(policyOf(version));
    await wait(() => board_.hasRoom(board, version));
    if (readers.ended > 0) {
      // One has found something wrong; the others would wait for the last version.
      for (const worker of readers.workers) await worker.terminate();
      return;
    }
    const before = questions();
    send(version, bytes);
    if (version > 1) await wait(() => version === VERSIONS || questions() >= before + QUESTIONS);
  }
}

function expectProof(reports: readonly Report[]): void {
  expect(reports.flatMap(({ failures }) => failures)).toEqual([]);
  for (const { asked, versions, held } of reports) {
    expect(held).toBe(VERSIONS);
    expect(asked).toBeGreaterThan(2_000);
    expect(versions).toBeGreaterThan(VERSIONS / board_.SLOTS / 2);
  }
}

describe('numbered policies', () => {
  test('answer as they are known to', () => {
    for (const version of [1, 2, 3, 18, 255, 256, 257, 400]) {
      const policy = policyOf(version);
      for (let number = 0; number < 1_280; number++) {
        const client = clientOf(number);
        expect(say(policy.decide(client.text))).toBe(expectedOf(version, client));
      }
    }
  });

  test('are told apart', () => {
    const decision = policyOf(7).decide('10.91.1.2');
    const client = { text: '10.91.1.2', kind: 4, part: 91 };
    expect(isOfVersions(decision, client, 6, 8)).toBe(true);
    expect(isOfVersions(decision, client, 8, 20)).toBe(false);
    expect(isOfVersions(decision, client, 1, 6)).toBe(false);
  });
});

describe('workers that decide while versions are published', () => {
  test('each in shared memory of its own, which goes by message', async () => {
    const board = board_.createBoard(READERS, 0, VERSIONS);
    const readers = startWorkers(board, 'messages');
    await publishAll(board, readers, (version, bytes) => {
      const shared = new SharedArrayBuffer(bytes.length);
      new Uint8Array(shared).set(bytes);
      board_.announce(board, version);
      for (const worker of readers.workers) worker.postMessage({ version, shared });
    });
    expectProof(await readers.reports);
  });

  test('in memory that is used again, and looked at before each question', async () => {
    const board = board_.createBoard(READERS, SLOT_SIZE, VERSIONS);
    const readers = startWorkers(board, 'board');
    await publishAll(board, readers, (version, bytes) => board_.put(board, version, bytes));
    expectProof(await readers.reports);
  });
});
