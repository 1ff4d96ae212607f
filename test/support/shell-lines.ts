/** Command lines as they are typed, with pipes and all, in a shell that knows `ipverdict`. */

import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** What a line left. */
export interface LineRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Writes `ipverdict` and `npx`, which runs no other program, into a folder for PATH. */
export function makePrograms(folder: string): string {
  const programs = join(folder, '.programs');
  mkdirSync(programs, { recursive: true });
  const start = `exec '${process.execPath}' '${program}' "$@"\n`;
  writeFileSync(join(programs, 'ipverdict'), `#!/bin/sh\n${start}`, { mode: 0o755 });
  const npx = `#!/bin/sh\nuntil [ "\${1%@*}" = ipverdict ]; do shift || exit 99; done\nshift\n${start}`;
  writeFileSync(join(programs, 'npx'), npx, { mode: 0o755 });
  return programs;
}

/** Runs lines of a shell in a folder. */
export function runLines(
  lines: string,
  folder: string,
  programs: string,
  env: Readonly<Record<string, string>> = {},
): Promise<LineRun> {
  const child = spawn('bash', ['--norc', '--noprofile', '-c', lines], {
    cwd: folder,
    env: { PATH: `${programs}:${process.env['PATH']}`, HOME: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
