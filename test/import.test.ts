import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectRoot } from './support/package.ts';

const dist = join(projectRoot, 'dist');

function run(code: string, ...options: string[]): string {
  return execFileSync(process.execPath, [...options, '--input-type=module', '--eval', code], {
    cwd: projectRoot,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
}

/** The files that an import of one of them loads. */
function filesBehind(name: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(name)) return found;
  found.add(name);
  const code = readFileSync(join(dist, name), 'utf8');
  for (const [, file] of code.matchAll(/^(?:import|\}? ?from|export .* from).*"\.\/([^"]+)";$/gm))
    filesBehind(file as string, found);
  return found;
}

/** Runs code, and answers how often it called each function of `dist`, and how often each part of a function ran. */
function callsOf(
  code: string,
): readonly { readonly name: string; readonly calls: number; readonly most: number }[] {
  const printed = run(`
    import { Session } from 'node:inspector';
    const session = new Session();
    session.connect();
    session.post('Profiler.enable');
    session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    ${code}
    session.post('Profiler.takePreciseCoverage', (_, { result }) => {
      const functions = result.filter(({ url }) => url.includes('/dist/')).flatMap(({ functions }) => functions);
      const counted = functions.map(({ functionName: name, ranges }) => {
        const counts = ranges.map(({ count }) => count);
        return { name, calls: counts[0], most: Math.max(...counts) };
      });
      console.log(JSON.stringify(counted.filter(({ calls }) => calls > 0)));
    });`);
  return JSON.parse(printed);
}

describe('the import of ipverdict', () => {
  // Each file takes half a millisecond, and V8 reads about thirty bytes in a microsecond.
  test('loads two files of bounded size', () => {
    const files = [...filesBehind('index.js')];
    expect(files).toHaveLength(2);
    const bytes = files.reduce((sum, name) => sum + readFileSync(join(dist, name)).length, 0);
    expect(bytes).toBeLessThanOrEqual(152_800);
    expect(bytes).toBeGreaterThan(152_800 * 0.9);
  });

  test('is of plain characters, which V8 keeps in one byte each', () => {
    for (const name of readdirSync(dist).filter((file) => file.endsWith('.js'))) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
      expect(readFileSync(join(dist, name), 'utf8').match(/.*[^\x00-\x7f].*/)?.[0], name).toBeUndefined();
    }
  });

  test('has no pattern of Unicode for the engine to look up, and makes none before one is needed', () => {
    for (const name of readdirSync(dist).filter((file) => file.endsWith('.js')))
      expect(readFileSync(join(dist, name), 'utf8').match(/.*[^\\]\\p\{.*/i)?.[0], name).toBeUndefined();
    const made = run(`
      let made = 0;
      globalThis.RegExp = new Proxy(RegExp, { construct: (...all) => (made++, Reflect.construct(...all)) });
      const { createPolicy } = await import('./dist/index.js');
      const policy = createPolicy({ allow: '203.0.113.0/24 # Office' });
      policy.decide('203.0.113.9');
      policy.decide('nobody');
      const before = made;
      policy.explain('no\u200bbody');
      console.log(before, made > 0);`);
    expect(made).toBe('0 true\n');
  });

  test('runs little code: tables, constants, and one instance of each class of a build', () => {
    const calls = callsOf("await import('./dist/index.js');");
    expect(calls.map(({ name }) => name)).toContain('fillOctets');
    expect(calls.length).toBeLessThanOrEqual(60);
    // The tables of octets take one step for each octet.
    expect(Math.max(...calls.map(({ most }) => most))).toBe(512);
  });

  // Each function that runs for the first time is compiled first, which takes it about fifteen microseconds.
  test('runs few functions for a first policy and decision', () => {
    const calls = callsOf(`
      const { createPolicy } = await import('./dist/index.js');
      createPolicy({ allow: '203.0.113.0/24 # Office' }).decide('203.0.113.9');`);
    expect(calls.length).toBeLessThanOrEqual(170);
    expect(calls.length).toBeGreaterThan(170 * 0.8);
  });
});

test('no code of a decision is thrown away by a collection', () => {
  const traced = run(
    `
      const { createPolicy } = await import('./dist/index.js');
      const policy = createPolicy({ deny: Array.from({ length: 200 }, (_, k) => '10.0.' + k + '.0/24 # Branch') });
      const clients = Array.from({ length: 256 }, (_, k) => '10.0.' + k + '.7');
      const ask = (calls) => {
        for (let call = 0; call < calls; call++) policy.decide(clients[call & 255]);
      };
      for (let round = 0; round < 50; round++) ask(2000);
      console.log('collecting');
      for (let round = 0; round < 8; round++) {
        gc();
        ask(2000);
      }`,
    '--expose-gc',
    '--trace-deopt',
  );
  const [before, after] = traced.split('collecting\n');
  expect(before).toBeDefined();
  const thrown = (after as string).match(
    /.*(?:SharedFunctionInfo|JSFunction) (?:decide|findLabel|scanClient|scanIPv4|find4)\b.*/g,
  );
  expect(thrown).toBeNull();
});
