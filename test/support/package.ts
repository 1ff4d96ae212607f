/** The package as a stranger gets it: packed, and unpacked into an empty folder. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot: string = fileURLToPath(new URL('../../', import.meta.url));

export interface Stranger {
  readonly folder: string;
  readonly tarball: string;
  /** Writes files, by name. */
  write(files: Record<string, string>): void;
  /** Runs a program of Node in the folder, and answers what it printed. */
  node(...parameters: string[]): string;
  remove(): void;
}

/** Packs what is built, without running scripts, and installs it. */
export function createStranger(): Stranger {
  const folder = mkdtempSync(join(tmpdir(), 'ipverdict-'));
  const run = (command: string, parameters: readonly string[], cwd: string): string =>
    execFileSync(command, parameters, {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
  const packed = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], projectRoot),
  );
  const list = Array.isArray(packed) ? packed : Object.values(packed);
  const tarball = join(folder, (list[0] as { filename: string }).filename);
  const target = join(folder, 'node_modules', 'ipverdict');
  mkdirSync(target, { recursive: true });
  run('tar', ['-xzf', tarball, '--strip-components=1', '-C', target], folder);
  return {
    folder,
    tarball,
    write(files) {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    },
    node: (...parameters) => run(process.execPath, parameters, folder),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
