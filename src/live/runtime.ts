/**
 * What runtimes have: timers, signals to stop, consoles. Each is looked up when it is used, as tests replace them.
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

/**
 * Says what Node, Deno and Bun print of an object. A class that has this method under a computed name would be in every
 * bundle with its file.
 */
export function printAs(target: object, shown: () => object): void {
  // A descriptor without a prototype, where other code may have put something.
  const descriptor = Object.assign(Object.create(null), { value: shown });
  Object.defineProperty(target, Symbol.for('nodejs.util.inspect.custom'), descriptor);
}

/** Milliseconds of a clock that nobody sets. */
export function monotonicNow(): number {
  return runtime().performance.now();
}

export function createStopper(): Stopper {
  return new (runtime().AbortController)();
}

/** What a signal was aborted with. */
export function reasonOf(signal: StopSignal | undefined): unknown {
  return (signal as (StopSignal & { readonly reason?: unknown }) | undefined)?.reason;
}

/** Those who wait for a signal, and what ends the one listener that calls them all. */
interface Audience {
  readonly all: Set<() => void>;
  end(): void;
}

const audiences: WeakMap<StopSignal, Audience> = /* @__PURE__ */ new WeakMap();

/**
 * Calls a function when a signal is aborted, and at once if it was. A signal has one listener, however many wait for it,
 * as runtimes warn of many.
 *
 * @returns a function that ends it, which never throws
 */
export function onAbort(signal: StopSignal | undefined, run: () => void): () => void {
  if (signal === undefined) return () => {};
  if (signal.aborted) {
    run();
    return () => {};
  }
  const { all, end } = audiences.get(signal) ?? gather(signal);
  all.add(run);
  return () => {
    if (all.delete(run) && all.size === 0) end();
  };
}

function gather(signal: StopSignal): Audience {
  const all = new Set<() => void>();
  const abort = (): void => {
    for (const run of [...all]) run();
  };
  const end = (): void => {
    audiences.delete(signal);
    try {
      signal.removeEventListener('abort', abort);
    } catch {
      // One of other code may do anything. Nobody is called any more.
    }
  };
  signal.addEventListener('abort', abort);
  const audience = { all, end };
  audiences.set(signal, audience);
  return audience;
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
