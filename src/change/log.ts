/**
 * A log of clients, read once from beginning to end, from an iterable or an asynchronous one.
 *
 * Both ways keep the same promises: the items are bounded, what the iterable throws is a problem of the clients, what a
 * reader throws passes through, and the iterator is closed when reading ends early.
 */

import { scanClient } from '../address/scanner.ts';
import { ListError, type ProblemCode, problemOf } from '../problem/errors.ts';
import { adviceForMap, eachItem, messageOf } from '../problem/foreign.ts';
import { describeType } from '../problem/say.ts';

/** Requests a log may have unless `maxRequests` says otherwise. */
export const MAX_REQUESTS = 100_000_000;

/** What is made of a log. */
export interface LogReader<Result> {
  readonly maxRequests: number;
  /** Takes the client of a request, which is an address. */
  add(client: string): void;
  /** Gives the result when the log has been read to its end. */
  finish(requests: number, invalid: number): Result;
}

/**
 * Reads a log.
 *
 * @param start - checks the other arguments and makes the reader
 * @returns the result; a promise of it when the log is an asynchronous iterable, and then every error rejects it
 */
export function readLog<Result>(clients: unknown, start: () => LogReader<Result>): Result | Promise<Result> {
  const log = open(clients);
  if (log instanceof ListError) {
    // What is wrong with the other arguments comes first.
    start();
    throw log;
  }
  if ('items' in log) {
    const reading = new Reading(start());
    reading.readAll(log.items);
    return reading.finish();
  }
  // Whatever is thrown in here rejects the promise.
  return new Promise((resolve) => {
    const reading = new Reading(start());
    resolve(reading.readLater(log.iterate).then(() => reading.finish()));
  });
}

/** An iterable that has been asked for its iterator method, once. */
type OpenLog = { readonly items: Iterable<unknown> } | { readonly iterate: () => AsyncIterator<unknown> };

function open(clients: unknown): OpenLog | ListError {
  if (typeof clients === 'string') {
    const message = 'the clients are a single string: split it into an array of addresses';
    return refusal('invalid-option', message, 1);
  }
  let why = '';
  try {
    why = adviceForMap(clients);
    const log =
      why === '' && typeof clients === 'object' && clients !== null ? openObject(clients) : undefined;
    if (log !== undefined) return log;
  } catch {
    // A hostile object is not iterable.
  }
  if (why === '') why = `, got ${describeType(clients)}: pass an array, a generator or a stream`;
  return refusal('invalid-option', `the clients must be an iterable of addresses${why}`, 1);
}

/** What is both synchronous and asynchronous is read at once, as the types say. */
function openObject(clients: object): OpenLog | undefined {
  if (Array.isArray(clients)) return { items: clients };
  const { [Symbol.iterator]: iterate } = clients as Partial<Iterable<unknown>>;
  if (typeof iterate === 'function') {
    return { items: { [Symbol.iterator]: () => Reflect.apply(iterate, clients, []) } };
  }
  const { [Symbol.asyncIterator]: iterateLater } = clients as Partial<AsyncIterable<unknown>>;
  if (typeof iterateLater !== 'function') return undefined;
  return { iterate: () => Reflect.apply(iterateLater, clients, []) };
}

class Reading<Result> {
  readonly #reader: LogReader<Result>;
  #requests = 0;
  #invalid = 0;
  /** An error of a reader is not the fault of the iterable. */
  #isAdding = false;

  constructor(reader: LogReader<Result>) {
    this.#reader = reader;
  }

  finish(): Result {
    return this.#reader.finish(this.#requests, this.#invalid);
  }

  readAll(items: Iterable<unknown>): void {
    let isRead: boolean;
    try {
      isRead = eachItem(items, this.#reader.maxRequests, (item) => this.#add(item));
    } catch (cause) {
      throw this.#isAdding ? cause : this.#unreadable(cause);
    }
    if (!isRead) throw this.#tooMany();
  }

  /** As `for await` does it: one item at a time, so that memory stays bounded. */
  readLater(iterate: () => AsyncIterator<unknown>): Promise<void> {
    return new Promise((resolve, reject) => {
      const failToRead = (cause: unknown): void => reject(this.#unreadable(cause));
      const iterator = this.#attempt(iterate);
      const next = this.#attempt(() => iterator.next as () => unknown);
      const step = (): void => {
        // A promise of our own, as another may have a `then` of its own.
        const result = new Promise((settle) => settle(Reflect.apply(next, iterator, [])));
        result.then(take, failToRead).catch(reject);
      };
      const take = (result: unknown): void => {
        const { isEnd, item } = this.#attempt(() => readResult(result as IteratorResult<unknown>));
        if (isEnd) resolve();
        else if (this.#addLater(iterator, item, reject)) step();
      };
      step();
    });
  }

  /** Adds an item that came later. If that fails, closes the iterator, rejects, and answers that reading ends. */
  #addLater(iterator: AsyncIterator<unknown>, item: unknown, reject: (error: unknown) => void): boolean {
    try {
      if (this.#requests >= this.#reader.maxRequests) throw this.#tooMany();
      this.#add(item);
      return true;
    } catch (error) {
      closeThen(iterator, () => reject(error));
      return false;
    }
  }

  /** Runs code of the iterable. */
  #attempt<Value>(run: () => Value): Value {
    try {
      return run();
    } catch (cause) {
      throw this.#unreadable(cause);
    }
  }

  #add(item: unknown): void {
    this.#isAdding = true;
    this.#requests++;
    if (scanClient(item) === 0) this.#invalid++;
    else this.#reader.add(item as string);
    this.#isAdding = false;
  }

  #tooMany(): ListError {
    const message = `there are more than ${this.#reader.maxRequests} clients: raise the option maxRequests`;
    return refusal('invalid-option', message, this.#requests + 1);
  }

  #unreadable(cause: unknown): ListError {
    const message = `the clients could not be read any further: ${messageOf(cause)}`;
    return refusal('unreadable', message, this.#requests + 1, cause);
  }
}

function readResult(result: IteratorResult<unknown> | null): { isEnd: boolean; item: unknown } {
  if (typeof result !== 'object' || result === null) {
    throw new TypeError(`an iterator gives objects with done and value, this gave ${describeType(result)}`);
  }
  return result.done ? { isEnd: true, item: undefined } : { isEnd: false, item: result.value };
}

/** Closes an iterator that has not ended, and waits until it is closed. What that throws matters less than why. */
function closeThen(iterator: AsyncIterator<unknown>, go: () => void): void {
  new Promise((settle) => settle(iterator.return?.())).then(go, go);
}

function refusal(code: ProblemCode, message: string, line: number, cause?: unknown): ListError {
  return new ListError([problemOf({ source: 'clients', line }, code, message)], { cause });
}
