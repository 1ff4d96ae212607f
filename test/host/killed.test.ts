/** Processes that are killed while a list is replaced: the reader, and the writer. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { watchList } from '../../src/host/watch.ts';
import { Inbox, makeFolder, replaceFile } from '../support/list-file.ts';
import { builtEntry, runProgram } from '../support/process.ts';

/** A list that says in each line how many it has. */
function listOf(count: number): string {
  return Array.from(
    { length: count },
    (_, index) => `10.0.${index >> 8}.${index & 255} # of ${count}\n`,
  ).join('');
}

function start(program: string): ChildProcess {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

test('a reader that is killed and started again comes back with a complete list', async () => {
  const path = join(makeFolder(), 'list.txt');
  const reader = `
    import { watchList } from '${builtEntry('node')}';
    const { policy, ready } = watchList(${JSON.stringify(path)}, { mode: 'deny', every: 5, maxEntries: 2000, keepAlive: true,
      onUpdate: ({ after }) => console.log(after.size, after.decide('10.0.0.0').entry.note) });
    console.log(policy.allows('10.0.0.0'), policy.allows('192.0.2.1'));`;
  let count = 100;
  replaceFile(path, listOf(count));
  const writing = setInterval(() => replaceFile(path, listOf(++count)), 130);
  onTestFinished(() => clearInterval(writing));
  for (let round = 0; round < 8; round++) {
    const before = count;
    const child = start(reader);
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      lines.push(line);
      if (lines.length > 1 + (round % 3)) break;
    }
    child.kill('SIGKILL');
    const [first, ...lists] = lines;
    expect(first).toBe('false false');
    for (const line of lists) {
      const [size, , declared] = line.split(' ');
      expect(size).toBe(declared);
      expect(Number(size)).toBeGreaterThanOrEqual(before);
    }
  }
});

test('a writer that is killed leaves a complete list', async () => {
  const path = join(makeFolder(), 'list.txt');
  // Slowly, so that it is killed in the middle of a file more often than between two.
  const writer = `
    import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
    const listOf = ${listOf.toString()};
    for (let count = 100; ; count++) {
      writeFileSync('${path}.new', '');
      const text = listOf(count);
      for (let at = 0; at < text.length; at += 500) {
        appendFileSync('${path}.new', text.slice(at, at + 500));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      renameSync('${path}.new', '${path}');
      console.log(count);
    }`;
  const seen = new Inbox<readonly [size: number, note: string | undefined]>();
  const errors: unknown[] = [];
  const watcher = watchList(path, {
    mode: 'deny',
    every: 5,
    maxEntries: 2000,
    onUpdate: ({ after }) => seen.push([after.size, after.decide('10.0.0.0').entry?.note]),
    onError: (error) => errors.push(error),
  });
  onTestFinished(() => watcher.close());
  for (let round = 0; round < 6; round++) {
    const child = start(writer);
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    await sleep(20 * round);
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await watcher.ready;
  await watcher.refresh();
  expect(existsSync(path)).toBe(true);
  for (const [size, note] of seen.all) expect(note).toBe(`of ${size}`);
  expect(seen.all.length).toBeGreaterThan(0);
  // Nothing but that there was no file at first.
  expect(errors.map(String).filter((error) => !error.includes('ENOENT'))).toEqual([]);
});

test('a watcher keeps no process alive, unless it is to', async () => {
  const path = join(makeFolder(), 'list.txt');
  replaceFile(path, listOf(1));
  const program = (options: string): string => `
    import { watchList } from '${builtEntry('node')}';
    const { policy, ready } = watchList(${JSON.stringify(path)}, { mode: 'deny'${options} });
    await ready;
    console.log(policy.size);`;
  // It waits for the first list, as somebody does, and then ends.
  expect(runProgram(program(''))).toBe('1\n');
  expect(runProgram(program(', every: 10'))).toBe('1\n');
  const kept = start(program(', every: 10, keepAlive: true'));
  await once(kept.stdout as NodeJS.ReadableStream, 'data');
  const ended = await Promise.race([once(kept, 'exit').then(() => true), sleep(500, false)]);
  expect(ended).toBe(false);
});
