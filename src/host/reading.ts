/**
 * The sources of a policy, read for another thread: texts as they are, and items as lines, a few in each turn of the event
 * loop.
 *
 * Items are objects of other code, and objects do not cross to another thread. So they are read here, once, by the reader
 * of all lists, and only text and problems cross.
 */

import { startGathering } from '../list/gather.ts';
import type { ListName } from '../list/table.ts';
import { MAX_GUARDS } from '../policy/guards.ts';
import type { Problem } from '../problem/errors.ts';
import { hasItems, inTurn, isIterator } from '../problem/foreign.ts';
import { moduleOfRuntime } from './runtime.ts';

/** Items, or guards, that are read in one turn: a few milliseconds. */
const ITEMS_IN_TURN = 8192;

/** Characters of a text that cross in one turn: less than a millisecond. */
const CHARACTERS_IN_TURN = 0x10_0000;

/** What is left to say of a source after its text. */
export interface SourceEnd {
  /** Whether it was given as text. */
  readonly isText: boolean;
  /** Whether its text does not count. */
  readonly isTooLong: boolean;
  readonly errors: readonly Problem[];
}

/** What {@link Rest} throws when reading is to stop. No other code has it. */
export const STOPPED: unique symbol = Symbol('stopped');

/** Lets other code run. Rejects with {@link STOPPED} when reading is to stop. */
export type Rest = () => Promise<void>;

/** How a source is read. */
export interface SourceSetting {
  readonly list: ListName;
  readonly maxEntries: number;
  readonly lines?: readonly number[] | undefined;
}

/** Gives way to everything that waits for the event loop. */
export function nextTurn(): Promise<void> {
  const { setImmediate } = moduleOfRuntime('node:timers');
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/**
 * Reads a source and passes its text on, part by part.
 *
 * @returns its problems, and what a foreign iterator threw
 */
export async function readSource(
  source: unknown,
  { list, maxEntries, lines }: SourceSetting,
  pass: (part: string) => void,
  rest: Rest,
): Promise<{ readonly end: SourceEnd; readonly cause: unknown }> {
  if (typeof source === 'string') {
    for (let at = 0; at < source.length; at += CHARACTERS_IN_TURN) {
      pass(source.slice(at, at + CHARACTERS_IN_TURN));
      await rest();
    }
    return { end: { isText: true, isTooLong: false, errors: [] }, cause: undefined };
  }
  const gathering = startGathering(list, maxEntries, lines);
  const { texts, errors } = gathering;
  let isFirst = true;
  const passOn = (): void => {
    if (texts.length === 0) return;
    pass((isFirst ? '' : '\n') + texts.join('\n'));
    isFirst = false;
    texts.length = 0;
  };
  const restAfter = async (): Promise<void> => {
    passOn();
    await rest();
  };
  try {
    if (gathering.takes(source))
      gathering.end(source, await eachInTurns(source, gathering.most, gathering.add, restAfter));
  } catch (thrown) {
    if (thrown === STOPPED) throw thrown;
    gathering.fail(thrown);
  }
  passOn();
  return { end: { isText: false, isTooLong: gathering.isTooLong, errors }, cause: gathering.cause };
}

/** Guards as they cross to another thread, for {@link replayGuards}. */
export interface GuardCopy {
  readonly clients: readonly unknown[];
  /** Whether reading them failed after these. */
  readonly isBroken: boolean;
}

/** Copies guards; `undefined` when there are none, and a number when they cannot be read at all. */
export async function copyGuards(
  clients: unknown,
  rest: Rest,
): Promise<{ readonly copy: GuardCopy | number | undefined; readonly cause: unknown }> {
  if (clients === undefined) return { copy: undefined, cause: undefined };
  const copied: unknown[] = [];
  const items = typeof clients === 'string' ? [clients] : clients;
  try {
    if (!hasItems(items)) return { copy: 0, cause: undefined };
    // One more than are read is refused as too many.
    await eachInTurns(items, MAX_GUARDS + 1, (client) => copied.push(copyClient(client)) > 0, rest);
    const isUsed = copied.length === 0 && isIterator(items);
    return { copy: isUsed ? 0 : { clients: copied, isBroken: false }, cause: undefined };
  } catch (cause) {
    if (cause === STOPPED) throw cause;
    return { copy: { clients: copied, isBroken: true }, cause };
  }
}

/** What is not text is refused, by its type alone. Functions and symbols do not cross. */
function copyClient(client: unknown): unknown {
  const type = typeof client;
  if (type === 'function' || type === 'symbol') return [type];
  return type === 'object' && client !== null ? {} : client;
}

/** The guards of a copy, which fail where those that were copied did. */
export function replayGuards(copy: GuardCopy | number | undefined): unknown {
  if (typeof copy !== 'object') return copy;
  const clients = copy.clients.map((client) => (Array.isArray(client) ? standIn(client[0]) : client));
  return copy.isBroken ? failingAfter(clients) : clients;
}

function standIn(type: unknown): unknown {
  return type === 'symbol' ? Symbol() : standIn;
}

function* failingAfter(clients: readonly unknown[]): Generator<unknown> {
  yield* clients;
  throw new Error('the guards could not be read any further');
}

/** As {@link eachItem}, with a rest now and then. */
async function eachInTurns(
  items: Iterable<unknown>,
  most: number,
  visit: (item: unknown) => boolean,
  rest: Rest,
): Promise<boolean> {
  let count = 0;
  for (const item of inTurn(items)) {
    if (count++ >= most) return false;
    if (!visit(item)) break;
    if (count % ITEMS_IN_TURN === 0) await rest();
  }
  return true;
}
