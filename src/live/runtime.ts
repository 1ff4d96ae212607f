/**
 * What every runtime has: timers and signals to stop. Each is looked up when it is used, as tests replace them.
 */

/** A signal to stop, as far as it is used here. */
export interface StopSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** The `AbortSignal` of the runtime, where its types are known. */
export type Signal =
  typeof globalThis extends Record<'AbortSignal', { readonly prototype: infer Known }> ? Known : StopSignal;

/** What gives a signal. */
export interface Stopper {
  readonly signal: Signal;
  abort(reason: unknown): void;
}

/** The parts of the global object. */
interface Runtime {
  readonly AbortController: new () => Stopper;
  setTimeout(run: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
  readonly Deno?: { unrefTimer?(timer: unknown): void };
}

function runtime(): Runtime {
  return globalThis as unknown as Runtime;
}

export function createStopper(): Stopper {
  return new (runtime().AbortController)();
}

/** The longest time that a timer can wait: beyond it, runtimes fire at once. */
export const LONGEST_WAIT = 2_147_483_647;

/**
 * Runs a function later.
 *
 * @param keepAlive - whether the process stays for it
 * @returns a function that prevents it
 */
export function runLater(run: () => void, milliseconds: number, keepAlive: boolean): () => void {
  const { setTimeout, clearTimeout, Deno } = runtime();
  const timer = setTimeout(run, Math.min(milliseconds, LONGEST_WAIT));
  if (!keepAlive) {
    // Node, Bun and fake timers give an object, Deno may give a number. Elsewhere no process waits for a timer.
    const { unref } = Object(timer) as { readonly unref?: unknown };
    if (typeof unref === 'function') Reflect.apply(unref, timer, []);
    else if (typeof timer === 'number') Deno?.unrefTimer?.(timer);
  }
  return () => clearTimeout(timer);
}
