/**
 * Work with a file, one thing at a time.
 *
 * A file system may never answer, such as one of a network that is gone, and each question to it holds one of the few
 * threads of the whole process, also after nobody waits for the answer any more. So nobody asks before it has answered.
 */

import type { StopSignal } from '../live/runtime.ts';
import { pause } from './file.ts';

/** How long work waits for its turn, in milliseconds: longer than a file system that is well. */
const PATIENCE = 1000;

/** Turns for the work with one file. */
export interface Turns {
  /** Works as soon as it is its turn. Rejects when the work before does not end, or the signal is aborted meanwhile. */
  now<Value>(signal: StopSignal, work: () => Promise<Value>): Promise<Value>;
  /** Works when there is time; gives `undefined` when other such work waits already. */
  later<Value>(work: () => Promise<Value>): Promise<Value | undefined>;
}

export function createTurns(): Turns {
  let working: Promise<void> | undefined;
  let isWaiting = false;

  const work = <Value>(run: () => Promise<Value>): Promise<Value> => {
    const result = run();
    const end = (): void => {
      working = undefined;
    };
    working = result.then(end, end);
    return result;
  };

  return {
    async now(signal, run) {
      let isPatient = true;
      if (working !== undefined) {
        const end = pause(PATIENCE, signal).finally(() => {
          isPatient = false;
        });
        while (working !== undefined && isPatient) await Promise.race([working, end]);
      }
      if (working !== undefined) throw new Error('still waiting for the file system to answer');
      return work(run);
    },
    async later(run) {
      if (isWaiting) return undefined;
      isWaiting = true;
      while (working !== undefined) await working;
      isWaiting = false;
      return work(run);
    },
  };
}
