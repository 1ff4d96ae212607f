/**
 * `compileInWorker`: a policy that another thread builds, while this one goes on serving.
 *
 * Text and problems cross to the thread, and the bytes of a snapshot come back without being copied. What is foreign, the
 * items of a list or the guards, is read here in turns: see `reading.ts`. The thread is `worker.ts`.
 */

import { kindOf } from '../live/given.ts';
import { signalKind } from '../live/pace.ts';
import { onAbort, reasonOf, type Signal, type StopSignal } from '../live/runtime.ts';
import { checkInput, type PolicyInput } from '../policy/input.ts';
import type { Policy } from '../policy/policy.ts';
import { ListError, type Problem } from '../problem/errors.ts';
import { attempt, messageOf, readField } from '../problem/foreign.ts';
import { requireOptions } from '../problem/options.ts';
import { checkRules, type RulesInput } from '../rules/input.ts';
import { decodePolicy } from '../snapshot/decode.ts';
import { type Answer, type Job, type Part, replaceSources } from './job.ts';
import {
  copyGuards,
  nextTurn,
  type Rest,
  readSource,
  type SourceEnd,
  type SourceSetting,
  STOPPED,
} from './reading.ts';
import { moduleOfRuntime } from './runtime.ts';

/** The options of {@link compileInWorker}. */
export interface CompileOptions {
  /** Stops the thread when it is aborted. */
  readonly signal?: Signal | undefined;
}

/**
 * Builds a policy in a worker thread, so that this thread goes on serving while a large list is read.
 *
 * The policy is the one that `createPolicy` or `createRules` would make. The thread ends when it is built.
 *
 * @param input - what `createPolicy` or `createRules` takes
 * @param options - a signal that stops the work
 * @returns the policy
 * @throws `ListError`, as a rejection, with the problems that `createPolicy` or `createRules` would throw; the reason of
 *   the signal when it is aborted; an `Error` when the thread dies
 * @remarks Starting the thread costs about 50 ms and some megabytes, so it pays from some ten thousand entries on. Text
 *   is passed on as it is, about a millisecond a megabyte. Items are read here, 8,192 in each turn of the event loop: do
 *   not change them before the promise settles. Where possible, pass text. The bytes of the policy come back without a
 *   copy.
 * @example
 * ```ts
 * import { compileInWorker } from 'ipverdict/node';
 *
 * const policy = await compileInWorker({ deny: '203.0.113.0/24 # Scanners' });
 * policy.decide('203.0.113.9').entry?.note; // 'Scanners'
 * ```
 */
export function compileInWorker(input: PolicyInput | RulesInput, options?: CompileOptions): Promise<Policy> {
  return compile(input, options);
}

async function compile(given: unknown, options: unknown): Promise<Policy> {
  const { signal } = requireOptions(options, { signal: signalKind });
  if (signal?.aborted === true) throw reasonOf(signal);
  const input = attempt('options', 'the input', () =>
    kindOf(given) === 'rules' ? checkRules(given) : checkInput(given, undefined),
  );
  const thread = openThread(signal);
  try {
    const { job, cause } = await handOver(input, thread);
    const answer = await thread.ask(job);
    if (answer.kind === 'policy') return decodePolicy(answer.bytes, { verify: 'checksum' });
    if (answer.kind !== 'refusal') throw failure('the worker failed');
    throw await receiveRefusal(answer.message, answer.count, cause, thread);
  } catch (error) {
    throw error === STOPPED ? thread.failure() : error;
  } finally {
    thread.close();
  }
}

/** A thread that is asked one question at a time. */
interface OpenThread {
  tell(message: Part): void;
  /** Rejects when the thread dies, or the signal is aborted. */
  ask(message: Job | number): Promise<Answer>;
  /** Rejects with {@link STOPPED} when the thread has died, or the signal was aborted. */
  readonly rest: Rest;
  /** Why the thread is of no more use. */
  failure(): unknown;
  close(): void;
}

function openThread(signal: StopSignal | undefined): OpenThread {
  const { Worker } = moduleOfRuntime('node:worker_threads');
  const file = fileOfWorker();
  let failed: { readonly error: unknown } | undefined;
  let waiting: { resolve(answer: Answer): void; reject(error: unknown): void } | undefined;
  const fail = (error: unknown): void => {
    failed ??= { error };
    waiting?.reject(failed.error);
  };
  // Before there is a thread, as a signal of other code may throw. What was read may have aborted it.
  const stopListening = onAbort(signal, () => fail(reasonOf(signal)));
  if (failed !== undefined) throw reasonOf(signal);
  const thread = new Worker(file, optionsOfWorker);
  thread.on('message', (message) => {
    const answer = message as Answer;
    if (answer.kind === 'failure') fail(failure(`the worker failed: ${answer.message}`));
    else waiting?.resolve(answer);
  });
  thread.on('error', (error) =>
    fail(failure(`the worker failed: ${messageOf(error)}${adviceFor(error)}`, error)),
  );
  thread.on('messageerror', (error) => fail(failure('the answer of the worker could not be read', error)));
  thread.on('exit', (code) =>
    fail(failure(`the worker ended with code ${code} before the policy was built`)),
  );
  return {
    tell: (message) => thread.postMessage(message),
    ask: (message) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        if (failed !== undefined) reject(failed.error);
        else thread.postMessage(message);
      }),
    async rest() {
      await nextTurn();
      if (failed !== undefined) throw STOPPED;
    },
    failure: () => failed?.error,
    close() {
      stopListening();
      thread.terminate().catch(() => {});
    },
  };
}

function failure(why: string, cause?: unknown): Error {
  return new Error(`compileInWorker: ${why}`, cause === undefined ? undefined : { cause });
}

/** Only the type, as there are no types of the platform here. Where there is a URL, this is it. */
declare const URL: new (path: string, base: string) => unknown;

/** The program of the thread, beside the file that this code is built into. Bundlers know this form. */
function fileOfWorker(): unknown {
  try {
    return new URL('./ipverdict-worker.js', (import.meta as unknown as { readonly url: string }).url);
  } catch (error) {
    const message = `a bundle in CommonJS format has to leave ipverdict out, as such a file does not know where it is: ${GUIDE}`;
    throw failure(message, error);
  }
}

const GUIDE = 'see docs/guides/files.md#bundlers';

/**
 * The thread runs this one program, without what the command line loads into each. The environment stays, as package
 * managers such as Yarn find files by what it loads.
 */
const optionsOfWorker = { name: 'ipverdict', argv: [], execArgv: [] };

function adviceFor(error: unknown): string {
  const code = readField(error, 'code');
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
    ? `. A bundle needs the file ipverdict-worker.js beside it: ${GUIDE}`
    : '';
}

/** Hands all sources over to the thread; answers what is left to ask for, and what reading them threw. */
async function handOver(
  input: Job['input'],
  { tell, rest }: OpenThread,
): Promise<{ readonly job: Job; readonly cause: unknown }> {
  const sources: (readonly [source: unknown, setting: SourceSetting])[] = [];
  const numbered = replaceSources(input, (...source) => sources.push(source) - 1);
  const ends: SourceEnd[] = [];
  let cause = 'rules' in input ? input.cause : undefined;
  for (const [source, setting] of sources) {
    const read = await readSource(source, setting, (text) => tell([ends.length, text]), rest);
    ends.push(read.end);
    cause ??= read.cause;
  }
  const [mustAllow, mustDeny] = [
    await copyGuards(input.mustAllow, rest),
    await copyGuards(input.mustDeny, rest),
  ];
  cause ??= mustAllow.cause ?? mustDeny.cause;
  const own = { mustAllow: undefined, mustDeny: undefined, cause: undefined };
  const job = { input: { ...numbered, ...own }, ends, mustAllow: mustAllow.copy, mustDeny: mustDeny.copy };
  return { job, cause };
}

/** Receives problems, a few in each turn, and makes the error again that the thread has thrown. */
async function receiveRefusal(
  message: string,
  count: number,
  cause: unknown,
  { ask, rest }: OpenThread,
): Promise<ListError> {
  const problems: Problem[] = [];
  while (problems.length < count) {
    const answer = await ask(problems.length);
    if (answer.kind !== 'problems') break;
    for (const problem of answer.problems) problems.push(Object.freeze(problem));
    await rest();
  }
  const error = new ListError(problems, { cause });
  // The lines that the message shows have stayed in the thread.
  const { stack, message: own } = error;
  error.message = message;
  if (stack !== undefined) error.stack = stack.replace(own, () => message);
  return error;
}
