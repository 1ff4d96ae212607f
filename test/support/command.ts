/** The built command as a process of its own, in a folder of its own. */

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** What a run of the command left. */
export interface Run {
  /** The exit code; `null` when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as bytes. */
  readonly bytes: Buffer;
}

export interface RunOptions {
  /** Where it runs; the folder of the machine for temporary files when not given. */
  readonly folder?: string;
  readonly stdin?: string | Uint8Array;
  /** Beside PATH; colours are never forced by what surrounds the tests. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs `ipverdict` with arguments. */
export function runCommand(given: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { folder = tmpdir(), stdin = '', env = {} } = options;
  const child = spawn(process.execPath, [program, ...given], {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...env },
  });
  const out: Buffer[] = [];
  const notices: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => notices.push(chunk));
  // A command that does not read its input closes it.
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const bytes = Buffer.concat(out);
      resolve({ code, bytes, stdout: bytes.toString(), stderr: Buffer.concat(notices).toString() });
    });
  });
}

/** A new folder with files in it, by their paths; `remove` takes it away. */
export function makeFolder(files: Readonly<Record<string, string | Uint8Array>>): {
  readonly path: string;
  readonly remove: () => void;
} {
  const path = mkdtempSync(join(tmpdir(), 'ipverdict-'));
  for (const [name, content] of Object.entries(files)) {
    const file = join(path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
