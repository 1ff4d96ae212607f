/**
 * Ctrl-C ends a command at once, with exit code 130 and without a file half written.
 *
 * While a command reads and writes, this program hears of the interrupt and ends itself. While it only computes, it would
 * hear of it too late, so the system ends it; shells say 130 then, too.
 */

import { exits } from './exit.ts';

function stop(): never {
  process.exit(exits.interrupted);
}

/** From now on, an interrupt ends the command with its exit code. */
export function listenForInterrupt(): void {
  process.on('SIGINT', stop);
}

/** Runs what may take long without a pause, such as making a policy of a million entries. It must not write files that stay half written. */
export function computing<Result>(run: () => Result): Result {
  process.off('SIGINT', stop);
  try {
    return run();
  } finally {
    process.on('SIGINT', stop);
  }
}
