/**
 * Problems in the Static Analysis Results Interchange Format, version 2.1.0, which code hosts and editors import.
 *
 * The results are written as they come. The rules are those that were broken, so they are written after the results.
 */

import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type ProblemWriter,
  pathInRepository,
  type ReportedProblem,
  type UnreadableFile,
} from './check-writer.ts';
import { STDIN } from './input.ts';
import { safeJson } from './json.ts';
import { printable } from './style.ts';
import { versionOf } from './version.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** Where a file is: a reference that is relative to the repository, or the URL of a file outside of it. */
function artifactOf(file: string): object {
  if (file === STDIN) return { uri: 'stdin', description: { text: 'standard input' } };
  const path = pathInRepository(file);
  if (isAbsolute(path)) return { uri: pathToFileURL(path).href };
  return { uri: path.split('/').map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%' };
}

/** A message as it is: neither a placeholder such as `{0}` nor a link. */
function messageOf(text: string): object {
  const plain = printable(text).replace(/\{(\d+)\}/g, '{{$1}}');
  return { text: plain.includes('](') ? plain.replace(/[[\]]/g, '\\$&') : plain };
}

function regionOf({ line, column, endColumn }: ReportedProblem): object {
  return { startLine: line, startColumn: column, endColumn };
}

function fixesOf(artifactLocation: object, problem: ReportedProblem): object[] | undefined {
  if (problem.suggestion === undefined) return undefined;
  const insertedContent = problem.suggestion === '' ? undefined : { text: problem.suggestion };
  const replacements = [{ deletedRegion: regionOf(problem), insertedContent }];
  return [{ artifactChanges: [{ artifactLocation, replacements }] }];
}

function notificationOf({ file, message }: UnreadableFile): object {
  return {
    level: 'error',
    message: messageOf(message),
    locations: [{ physicalLocation: { artifactLocation: artifactOf(file) } }],
  };
}

/** The log of one run. */
export function sarifWriter(): ProblemWriter {
  const version = versionOf();
  /** The broken rules, by the order in which they were first broken. */
  const rules = new Map<string, number>();
  const ruleOf = (id: string): object => ({
    id,
    helpUri: `https://unpkg.com/ipverdict@${version}/docs/errors.md#${id}`,
  });
  const artifacts = new Map<string, object>();
  let isFirst = true;
  return {
    hasLines: false,
    start: `{"$schema":"${SCHEMA}","version":"2.1.0","runs":[{"columnKind":"utf16CodeUnits","results":[`,
    problem({ file, problem }) {
      const { code, severity, message } = problem;
      if (!rules.has(code)) rules.set(code, rules.size);
      const artifactLocation = artifacts.get(file) ?? artifactOf(file);
      artifacts.set(file, artifactLocation);
      const result = {
        ruleId: code,
        ruleIndex: rules.get(code),
        level: severity,
        message: messageOf(message),
        locations: [{ physicalLocation: { artifactLocation, region: regionOf(problem) } }],
        fixes: fixesOf(artifactLocation, problem),
      };
      const before = isFirst ? '\n' : ',\n';
      isFirst = false;
      return before + safeJson(result);
    },
    unreadable: () => '',
    finish({ unreadable }) {
      const driver = { name: 'ipverdict', version, rules: [...rules.keys()].map(ruleOf) };
      const invocation = {
        executionSuccessful: unreadable.length === 0,
        toolExecutionNotifications: unreadable.map(notificationOf),
      };
      return `\n],"tool":${safeJson({ driver })},"invocations":${safeJson([invocation])}}]}\n`;
    },
  };
}
