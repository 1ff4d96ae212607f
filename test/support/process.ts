/** Programs in a Node of their own, which has flags of V8, a heap that nobody else uses, and a log. */

import { execFileSync } from 'node:child_process';

/** Where a program imports a built entry point from, such as `index`. */
export function builtEntry(name: string): string {
  return new URL(`../../dist/${name}.js`, import.meta.url).href;
}

/** Runs a program with flags of V8, and returns what it prints. */
export function runProgram(program: string, ...flags: string[]): string {
  return execFileSync(process.execPath, [...flags, '--input-type=module', '-e', program], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
}

/** Functions of Node itself that lose their code, in loading modules. */
const ofNode = ['getPathFromURLPosix'];

/**
 * Runs a program, which may call `gc`, and returns the names of the functions whose compiled code V8 threw away because
 * a collection had found no object of a class in it.
 */
export function lostCode(program: string): string[] {
  const log = runProgram(program, '--expose-gc', '--trace-deopt');
  return log
    .split('\n')
    .filter((line) => line.includes('weak objects'))
    .map((line) => /SharedFunctionInfo ([^>]*)>/.exec(line)?.[1] ?? line)
    .filter((name) => !ofNode.includes(name));
}
