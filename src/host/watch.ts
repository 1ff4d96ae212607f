/**
 * `watchList`: a live policy that is kept in step with a file.
 *
 * The file is looked at from time to time, and sooner when something happens in its directory. What is read is a whole
 * state of it, see `file.ts`. While that is bad, the last good one stays in use.
 */

import { gatherSource, sourceOfGathered } from '../list/gather.ts';
import type { EntrySource, Mode } from '../list/table.ts';
import { Following } from '../live/follow.ts';
import { type Follower, handleOf } from '../live/handle.ts';
import { createLivePolicy, type LivePolicy } from '../live/live.ts';
import { checkPace, type FollowOptions } from '../live/pace.ts';
import type { PolicyInput, PolicyOptions } from '../policy/input.ts';
import { createPolicy, type Policy } from '../policy/policy.ts';
import { ListError, type Problem } from '../problem/errors.ts';
import { messageOf, readField, reportOnConsole } from '../problem/foreign.ts';
import {
  aDate,
  anything,
  callable,
  countOf,
  DEFAULT_MAX_ENTRIES,
  oneOf,
  optionProblem,
  readOptions,
} from '../problem/options.ts';
import { describeType } from '../problem/say.ts';
import type { RulesInput } from '../rules/input.ts';
import { createBell } from './bell.ts';
import { SETTLING } from './file.ts';
import { createFileLoader, type FileLoader } from './loader.ts';
import { moduleOfRuntime } from './runtime.ts';
import { createTurns } from './turns.ts';

/** The options of {@link watchList}: those of the policy, and those of `follow`. */
export interface WatchOptions extends PolicyOptions, Omit<FollowOptions, 'every'> {
  /** Whether the list allows or denies. */
  readonly mode: Mode;
  /** Whether a file without entries is taken; `false` when not given. For an allow list, `whenEmpty` is required beside it. */
  readonly mayBeEmpty?: boolean | undefined;
  /** How often to look at the file, in milliseconds; 5,000 when not given. Changes are usually seen sooner. */
  readonly every?: number | undefined;
  /** What decides until the file has been read. Without it everybody is denied until then, by a deny list, too. */
  readonly initial?: Policy | PolicyInput | RulesInput | undefined;
}

/** A file that is watched. */
export interface ListWatcher extends Follower {
  /** The policy of the file, as it was when it was last good. */
  readonly policy: LivePolicy;
}

const kinds = {
  mode: /* @__PURE__ */ oneOf('allow', 'deny'),
  initial: anything,
  exempt: anything,
  whenEmpty: /* @__PURE__ */ oneOf('allow', 'deny'),
  maxEntries: /* @__PURE__ */ countOf('entries'),
  at: aDate,
  every: anything,
  jitter: anything,
  timeout: anything,
  maxBackoff: anything,
  maxLoss: anything,
  mayBeEmpty: anything,
  keepAlive: anything,
  mustAllow: anything,
  mustDeny: anything,
  onUpdate: callable,
  onError: callable,
  signal: anything,
} as const;

/** The shortest time limit of a load, in milliseconds: waiting, and as long for all else. */
const SHORTEST_LOAD = 2 * SETTLING;

/** How often a file is looked at, in milliseconds. */
const EVERY = 5000;

/**
 * Watches a list file, and keeps a live policy in step with it.
 *
 * The file may be written in place, replaced by renaming, removed and made again, or be reached through links that are
 * swapped, as those of a mounted ConfigMap are. It is taken once it has looked the same for 100 ms, so writes in quick
 * succession are one change. Replace it by renaming another file: nothing tells a half-written file from a whole one
 * if its writer pauses for longer, and `maxLoss` is the guard against that.
 *
 * A file that is missing, unreadable, not UTF-8, bad in a line, without an entry (unless `mayBeEmpty`), or refused by a
 * guard changes nothing: the last good list stays in use, and `onError` is told once. Before the first good one, nobody is
 * allowed, unless `initial` says what decides.
 *
 * @param path - the path of the file, or its `file:` URL
 * @param options - `mode`, the options of `createPolicy`, and those of `follow`; `every` is 5,000 ms when not given
 * @returns the watcher: its `policy` decides; `ready` is fulfilled by the first good list; `close()` ends it
 * @throws `ListError` with `invalid-option`, and all that is wrong with `exempt`
 * @remarks While the file does not change, looking at it takes a few calls of the file system. A change is read and built
 *   in one turn of the event loop, as by `createPolicy`. Neither timers nor watches keep the process alive, unless
 *   `keepAlive` is `true` or somebody waits for `ready` or for a refresh.
 * @example
 * ```ts
 * import { rm, writeFile } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { watchList } from 'ipverdict/node';
 *
 * const path = join(tmpdir(), 'ipverdict-example.txt');
 * await writeFile(path, '203.0.113.0/24 # Scanners');
 * const watcher = watchList(path, { mode: 'deny' });
 * watcher.policy.allows('192.0.2.1'); // false
 * await watcher.ready;
 * watcher.policy.allows('192.0.2.1'); // true
 * watcher.policy.allows('203.0.113.9'); // false
 * await watcher.close();
 * await rm(path);
 * ```
 */
export function watchList(path: string | { readonly href: string }, options: WatchOptions): ListWatcher {
  const { values, problems } = readOptions(options, kinds);
  const { mode, initial, exempt, whenEmpty, maxEntries, at, every = EVERY, ...following } = values;
  if (mode === undefined && problems.length === 0)
    problems.push(optionProblem('mode is required: "allow" or "deny"'));
  // A file that is cut off would let everybody in.
  if (mode === 'allow' && values.mayBeEmpty === true && whenEmpty === undefined && problems.length === 0)
    problems.push(
      optionProblem(
        'whenEmpty is required beside mayBeEmpty: "deny", or "allow" if an empty file is to let everybody in',
      ),
    );
  // A shorter load would never end.
  const { timeout } = values;
  if (typeof timeout === 'number' && timeout < SHORTEST_LOAD)
    problems.push(
      optionProblem(
        `timeout must be at least ${SHORTEST_LOAD} ms, as a file is read once it has looked the same for ${SETTLING} ms, got ${timeout}`,
      ),
    );
  const given = pathOf(path, problems);
  if (problems.length > 0) throw new ListError(problems);
  const { resolve } = moduleOfRuntime('node:path');
  // What the program calls its directory may change.
  const file = resolve(given);
  // Read now, as an iterator has its items once.
  const limit = maxEntries ?? DEFAULT_MAX_ENTRIES;
  const exemptions = exempt === undefined ? '' : sourceOfGathered(gatherSource(exempt, 'exempt', limit));
  const build = (list: string): Policy =>
    createPolicy({
      mode: mode as Mode,
      list,
      exempt: exemptions as EntrySource,
      whenEmpty,
      maxEntries,
      at: at ?? new Date(),
    });
  // The exemptions may be bad.
  build('');
  const policy = createLivePolicy((initial as PolicyInput | undefined) ?? { allow: '', whenEmpty: 'deny' });
  return followFile(file, createFileLoader(file, mode as Mode, build), policy, {
    ...following,
    every,
  } as FollowOptions);
}

/** The path as text; what is wrong with it becomes a problem. */
function pathOf(path: unknown, problems: Problem[]): string {
  if (typeof path === 'string') return path;
  let reason = `, got ${describeType(path)}`;
  try {
    const href = readField(path, 'href');
    if (typeof href === 'string' && href.startsWith('file:'))
      return moduleOfRuntime('node:url').fileURLToPath(href);
  } catch (error) {
    reason = `: ${messageOf(error)}`;
  }
  problems.push(optionProblem(`the path must be text or a file URL${reason}`));
  return '';
}

function followFile(
  file: string,
  loader: FileLoader,
  policy: LivePolicy,
  options: FollowOptions,
): ListWatcher {
  const turns = createTurns();
  const bell = createBell(file, () => {
    const look = async (): Promise<boolean> => {
      await bell.hang();
      return loader.hasChanged();
    };
    turns
      .later(look)
      .then((hasChanged) => (hasChanged === true ? following.refresh() : undefined))
      .catch(ignore);
  });
  const load = ({ signal, tag }: Parameters<FileLoader['load']>[0]): ReturnType<FileLoader['load']> =>
    turns.now(signal, async () => {
      // Before the look at the file, so that no change is missed in between.
      await bell.hang();
      try {
        return await loader.load({ signal, tag });
      } finally {
        // Links may have been swapped meanwhile.
        await bell.hang();
      }
    });
  const onError = (error: unknown): void => reportOnConsole(`the list ${file} was not taken`, error);
  const pace = checkPace(policy, load, {
    ...options,
    maxBackoff: options.maxBackoff ?? options.every,
    onError: options.onError ?? onError,
  });
  const { state, whyLate } = loader;
  const following = new Following(policy, load, pace, { state, whyLate, onEnd: () => bell.remove() });
  return handleOf(following, { policy });
}

function ignore(): void {}
