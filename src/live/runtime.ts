/**
 * What every runtime has: timers and signals to stop. Each is looked up when it is used, as tests replace them.
 */

/** The part of an `AbortSignal` that is used here. */
export interface StopSignal {
  /** Whether to stop. */
  readonly aborted: boolean;
  /** Calls a function when it is time to stop. */
  addEventListener(type: 'abort', listener: () => void): void;
  /** Calls it no more. */
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** The platform's `AbortSignal` where its types are known; elsewhere, the part that is used here. */
export type Signal =
  typeof globalThis extends Record<'AbortSignal', abstract new (...given: never) => infer Value>
    ? Value extends StopSignal
      ? Value
      : StopSignal
    : StopSignal;

/** What gives a signal. */
export interface Stopper {
  readonly signal: Signal;
  abort(reason: unknown): void;
}

/** The parts of the global object. */
interface Runtime {
  readonly AbortController: new () => Stopper;
  readonly performance: { now(): number };
  setTimeout(run: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
  readonly Deno?: { refTimer?(timer: unknown): void; unrefTimer?(timer: unknown): void };
}

function runtime(): Runtime {
  return globalThis as unknown as Runtime;
}

/** Milliseconds of a clock that nobody sets. */
export function monotonicNow(): number {
  return runtime().performance.now();
}

export function createStopper(): Stopper {
  return new (runtime().AbortController)();
}

/** The longest time that a timer can wait: beyond it, runtimes fire at once. */
export const LONGEST_WAIT = 2_147_483_647;

/** A function that runs later. */
export interface Timer {
  /** It does not run. */
  cancel(): void;
  /** Says whether the process stays for it. */
  hold(stays: boolean): void;
}

/** Runs a function later. The process stays for it where that is said. */
export function runLater(run: () => void, milliseconds: number, stays: boolean): Timer {
  const { setTimeout, clearTimeout, Deno } = runtime();
  const timer = setTimeout(run, Math.min(milliseconds, LONGEST_WAIT));
  let isCancelled = false;
  const hold = (isHeld: boolean): void => {
    if (isCancelled) return;
    // Node, Bun and fake timers give an object, Deno may give a number. Elsewhere no process waits for a timer.
    const method = (Object(timer) as Record<string, unknown>)[isHeld ? 'ref' : 'unref'];
    if (typeof method === 'function') Reflect.apply(method, timer, []);
    else if (typeof timer === 'number') Deno?.[isHeld ? 'refTimer' : 'unrefTimer']?.(timer);
  };
  if (!stays) hold(false);
  const cancel = (): void => {
    isCancelled = true;
    clearTimeout(timer);
  };
  return { cancel, hold };
}
