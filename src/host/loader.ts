/**
 * A file as something to follow: what is new in it since the policy that is in use, and what is wrong with it.
 *
 * Each state of the file is read and built once. What came of it is kept until the file changes, so that looking at an
 * unchanged file costs next to nothing, and the same failure is the same error. Only what the file is like is kept: a read
 * that fails, for want of file descriptors for example, or is given up, is tried again.
 */

import { eachLine } from '../list/grammar.ts';
import type { Mode } from '../list/table.ts';
import { reasonOf, type StopSignal } from '../live/runtime.ts';
import type { Policy } from '../policy/policy.ts';
import { ListError, problemOf } from '../problem/errors.ts';
import { type FileState, lookAt, readFile, readSettled } from './file.ts';
import { moduleOfRuntime } from './runtime.ts';

/**
 * The coarsest clock by which a file system stamps its files, in milliseconds, and a little more. Within one tick of it, a
 * file can change and look the same. So a file is read once more when the tick is over.
 */
const COARSEST_TICK = 2100;

/** A state of the file, and what came of it. */
interface Outcome {
  readonly stamp: string;
  /** When the file had this stamp first, and when it was last read, in milliseconds since 1970. */
  readonly since: number;
  readonly readAt: number;
  /** The content; `undefined` when there is none. */
  readonly text: string | undefined;
  /** Whether all of its bytes are UTF-8. */
  readonly isWhole: boolean;
  /** What stands for the content: other contents have others. */
  readonly tag: string;
  readonly policy: Policy | undefined;
  /** What is wrong, when there is no policy. */
  readonly error: unknown;
}

/** Loads a file. */
export interface FileLoader {
  /** The policy of the file, or `undefined` when the one of this tag is still that of the file. Rejects when it is bad. */
  load(request: {
    readonly signal: StopSignal;
    readonly tag: string | undefined;
  }): Promise<{ readonly policy: Policy; readonly tag: string } | undefined>;
  /** The tag of the state that was found last, be it good or bad; empty before the first. */
  state(): string;
  /** Why a load takes long, where that is known; otherwise empty. */
  whyLate(): string;
  /** Whether the file looks other than when it was last loaded. */
  hasChanged(): Promise<boolean>;
}

/**
 * Makes a loader.
 *
 * @param build - makes the policy of a text, or throws
 */
export function createFileLoader(path: string, mode: Mode, build: (text: string) => Policy): FileLoader {
  let last: Outcome | undefined;
  /** The one that is in use. */
  let taken: Outcome | undefined;
  let count = 0;
  let isUnsettled = false;
  const noticeChange = (): void => {
    isUnsettled = true;
  };

  const judge = ({ stamp, error: missing, bytes }: FileState): Outcome => {
    const now = Date.now();
    const seen = { stamp, since: now, readAt: now };
    const tag = `${++count}:${stamp}`;
    if (bytes === undefined)
      return { ...seen, text: undefined, isWhole: false, tag, policy: undefined, error: missing };
    const { text, isWhole } = decode(bytes);
    // A file that is written again, or restored, with the same content is nothing new.
    for (const known of [last, taken]) {
      if (known?.text === text && known.isWhole === isWhole) return { ...known, ...seen };
    }
    const made = tryToBuild(() => (isWhole ? build(text) : refuseBytes(text, mode, build)));
    return { ...seen, text, isWhole, tag, ...made };
  };

  /** The state of the file now, with what comes of it. */
  const examine = async (signal: StopSignal): Promise<Outcome> => {
    const look = await lookAt(path);
    if (last === undefined || last.stamp !== look.stamp)
      return judge(await readSettled(path, look, signal, noticeChange));
    if (isSure(last)) return last;
    const { since } = last;
    const state = await readFile(path, look, signal);
    if (state.stamp === look.stamp) return { ...judge(state), since };
    return judge(await readSettled(path, state, signal, noticeChange));
  };

  return {
    async load({ signal, tag }) {
      if (last !== undefined && last.tag === tag) taken = last;
      isUnsettled = false;
      const found = await examine(signal);
      // A load that was given up has found nothing, as it may have been stopped in the middle of reading.
      if (signal.aborted) throw reasonOf(signal);
      last = found;
      if (found.policy === undefined) throw found.error;
      return found.tag === tag ? undefined : { policy: found.policy, tag: found.tag };
    },
    state: () => last?.tag ?? '',
    whyLate: () => (isUnsettled ? ', as the file kept changing' : ''),
    async hasChanged() {
      return last?.stamp !== (await lookAt(path)).stamp;
    },
  };
}

/** What is wrong with the list stays wrong. Anything else, such as a lack of memory, may pass, and is thrown. */
function tryToBuild(build: () => Policy): Pick<Outcome, 'policy' | 'error'> {
  try {
    return { policy: build(), error: undefined };
  } catch (error) {
    if (!(error instanceof ListError)) throw error;
    return { policy: undefined, error };
  }
}

/** Whether a file that looks as it did is as it was. */
function isSure({ since, readAt, text }: Outcome): boolean {
  return text === undefined || readAt - since >= COARSEST_TICK || Date.now() - since < COARSEST_TICK;
}

/** The text of bytes; a part that is not UTF-8 becomes U+FFFD, and the text is not whole. */
function decode(bytes: Uint8Array): { readonly text: string; readonly isWhole: boolean } {
  const { TextDecoder } = moduleOfRuntime('node:util');
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), isWhole: true };
  } catch {
    return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), isWhole: false };
  }
}

/** Refuses a text that is not whole: as a file of another format, if that is why, or at the first bad byte. */
function refuseBytes(text: string, mode: Mode, build: (text: string) => Policy): never {
  try {
    build(text);
  } catch (error) {
    if (error instanceof ListError && error.problems[0]?.code === 'unsupported-format') throw error;
  }
  const at = text.indexOf('\ufffd');
  let place = { source: mode as string, line: 1, column: 1, text: '\ufffd' };
  eachLine(text, (line, start, end) => {
    if (start <= at && at < end) place = { ...place, line, column: at - start + 1 };
  });
  const message = 'these bytes are not UTF-8: save the file as UTF-8';
  throw new ListError([problemOf(place, 'invalid-character', message)]);
}
