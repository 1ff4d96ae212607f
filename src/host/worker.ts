/**
 * The thread that builds policies for `compileInWorker`: a program of its own, which builds one and ends.
 */

import { sourceOfGathered } from '../list/gather.ts';
import { compileList } from '../policy/policy.ts';
import { ListError, type Problem } from '../problem/errors.ts';
import { messageOf } from '../problem/foreign.ts';
import { compileRules } from '../rules/rules.ts';
import { encodePolicy } from '../snapshot/encode.ts';
import { type Answer, type Job, type Part, PROBLEMS_AT_ONCE, type Request, replaceSources } from './job.ts';
import { replayGuards } from './reading.ts';
import { moduleOfRuntime, type ParentPort } from './runtime.ts';

/** The parts of the text of each source, as they come in. */
type Parts = readonly string[][];

function serve(port: ParentPort): void {
  const parts: string[][] = [];
  let problems: readonly Problem[] = [];
  const answer = (given: Answer, ...moved: readonly unknown[]): void => port.postMessage(given, moved);
  const build = (job: Job): void => {
    try {
      const bytes = encodePolicy(compile(job, parts));
      answer({ kind: 'policy', bytes }, bytes.buffer);
    } catch (error) {
      if (error instanceof ListError) {
        problems = error.problems;
        answer({ kind: 'refusal', message: error.message, count: problems.length });
      } else answer({ kind: 'failure', message: messageOf(error) });
    }
  };
  port.on('message', (message) => {
    if (Array.isArray(message)) {
      const [source, text] = message as unknown as Part;
      parts[source] ??= [];
      parts[source].push(text);
    } else if (typeof message === 'number') {
      const from: Request = message;
      answer({ kind: 'problems', problems: problems.slice(from, from + PROBLEMS_AT_ONCE) });
    } else build(message as Job);
  });
}

function compile({ input, ends, mustAllow, mustDeny }: Job, parts: Parts): ReturnType<typeof compileList> {
  const given = {
    ...replaceSources(input, (source) => {
      const { isText, isTooLong, errors } = ends[source as number] as Job['ends'][number];
      const text = isTooLong ? '' : (parts[source as number] ?? []).join('');
      return isText ? text : sourceOfGathered({ text, isText, errors, cause: undefined });
    }),
    mustAllow: replayGuards(mustAllow),
    mustDeny: replayGuards(mustDeny),
  };
  return 'rules' in given ? compileRules(given) : compileList(given);
}

serve(moduleOfRuntime('node:worker_threads').parentPort as ParentPort);
