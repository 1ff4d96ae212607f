/**
 * Ctrl-C ends a command at once, with exit code 130 and without a file half written.
 *
 * While a command reads and writes, this program hears of the interrupt and ends itself. While it only computes, or waits
 * for a pipe that nobody writes to, that would be too late, so the system ends it; shells say 130 then, too.
 */

import { exits } from './exit.ts';

function stop(): never {
  process.exit(exits.interrupted);
}

/** How many works are under way during which the system must end this program. */
const works = { number: 0 };

function begin(): void {
  works.number++;
  if (works.number === 1) process.off('SIGINT', stop);
}

function end(): void {
  works.number--;
  if (works.number === 0) process.on('SIGINT', stop);
}

/** From now on, an interrupt ends the command with its exit code. */
export function listenForInterrupt(): void {
  process.on('SIGINT', stop);
}

/**
 * Runs what may take long without a pause, such as making a policy of a million entries. It must not write files that stay
 * half written.
 */
export function computing<Result>(run: () => Result): Result {
  begin();
  try {
    return run();
  } finally {
    end();
  }
}

/** Runs what may wait for another program in a thread of its own: before this one could end itself, that would have to. */
export async function waiting<Result>(run: () => Promise<Result>): Promise<Result> {
  begin();
  try {
    return await run();
  } finally {
    end();
  }
}
