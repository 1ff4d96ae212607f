/** Which processes stay for a list, and which end: real ones, as their modules are ESM and CommonJS. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeFolder, replaceFile } from '../support/list-file.ts';
import { builtEntry } from '../support/process.ts';

/** Runs a program, whose functions come from built entry points; answers what it printed and its exit code. */
async function run(
  kind: 'module' | 'commonjs',
  program: string,
  onOutput: (text: string) => void = () => {},
): Promise<readonly [output: string, code: number]> {
  let head = '';
  for (const entry of ['live', 'node']) {
    const from = JSON.stringify(builtEntry(entry));
    head +=
      kind === 'module'
        ? `import * as ${entry} from ${from};\n`
        : `const ${entry} = require(require('node:url').fileURLToPath(${from}));\n`;
  }
  const body = kind === 'module' ? program : `async function main() {\n${program}\n}\nmain();`;
  const child = spawn(process.execPath, [`--input-type=${kind}`, '-e', head + body], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
    onOutput(output);
  });
  const [code] = await once(child, 'close');
  return [output, code as number];
}

const follow = (load: string, options = ''): string => `
  let loads = 0;
  const policy = live.createLivePolicy({ allow: '', whenEmpty: 'deny' });
  const follower = live.follow(policy, ({ signal }) => {
    loads++;
    ${load}
  }, { every: 10, onError: ({ message }) => console.log(message)${options} });`;
const good = "return { policy: { allow: '192.0.2.1' } };";

describe.each(['module', 'commonjs'] as const)('a process of kind %s', (kind) => {
  test('stays for the first load that succeeds, and then ends', async () => {
    const program = `${follow(`if (loads < 4) throw new Error('load ' + loads + ' failed'); ${good}`)}
      await follower.ready;
      console.log(loads, policy.allows('192.0.2.1'));`;
    const output = 'load 1 failed\nload 2 failed\nload 3 failed\n4 true\n';
    expect(await run(kind, program)).toEqual([output, 0]);
  });

  test('stays for a load that hangs, which ends by its time limit', async () => {
    const program = `${follow(`if (loads < 3) return new Promise(() => {}); ${good}`, ', timeout: 40')}
      await follower.ready;
      console.log(loads, policy.allows('192.0.2.1'));`;
    const output = 'the load took longer than 40 ms and was given up\n3 true\n';
    expect(await run(kind, program)).toEqual([output, 0]);
  });

  test('stays for a file that is not there yet', async () => {
    const path = join(makeFolder(), 'list.txt');
    const program = `
      const { policy, ready } = node.watchList(${JSON.stringify(path)}, { mode: 'deny', every: 20,
        onError: () => console.log('missing') });
      await ready;
      console.log(policy.size);`;
    let isWritten = false;
    const [output, code] = await run(kind, program, () => {
      if (!isWritten) replaceFile(path, '192.0.2.1\n192.0.2.2\n');
      isWritten = true;
    });
    expect([output, code]).toEqual(['missing\n2\n', 0]);
  });

  test('stays for a refresh', async () => {
    const program = `${follow(`if (loads > 1) return new Promise(() => {}); ${good}`, ', timeout: 40')}
      await follower.ready;
      await follower.refresh().catch(({ message }) => console.log('refresh: ' + message));`;
    const message = 'the load took longer than 40 ms and was given up\n';
    expect(await run(kind, program)).toEqual([`${message}refresh: ${message}`, 0]);
  });

  test('ends where nobody waits, whatever becomes of the loads', async () => {
    const path = join(makeFolder(), 'list.txt');
    const program = `${follow('return new Promise(() => {});')}
      const watcher = node.watchList(${JSON.stringify(path)}, { mode: 'deny', every: 20, onError: () => {} });
      console.log(policy.version, watcher.policy.version, follower.status.failures, watcher.status.failures);`;
    expect(await run(kind, program)).toEqual(['1 1 0 0\n', 0]);
  });

  test('ends where what somebody waited for is closed', async () => {
    const program = `${follow("throw new Error('load failed');")}
      follower.ready.catch(({ message }) => console.log(message));
      await follower.refresh().catch(() => {});
      await follower.close();`;
    expect(await run(kind, program)).toEqual(['load failed\nthe follower was closed\n', 0]);
  });
});
