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

function run(command: string, parameters: readonly string[], cwd: string): string {
  return execFileSync(command, parameters, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
}

/** Packs what is built, without running scripts. Returns the path of the tarball. */
function pack(folder: string): string {
  const parameters = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const packed = JSON.parse(run('npm', parameters, projectRoot));
  const list = Array.isArray(packed) ? packed : Object.values(packed);
  return join(folder, (list[0] as { filename: string }).filename);
}

/** Packs what is built, and unpacks it where modules are found. */
export function createStranger(): Stranger {
  const folder = mkdtempSync(join(tmpdir(), 'ipverdict-'));
  const tarball = pack(folder);
  const target = join(folder, 'node_modules', 'ipverdict');
  mkdirSync(target, { recursive: true });
  run('tar', ['-xzf', tarball, '--strip-components=1', '-C', target], folder);
  return strangerIn(folder, tarball);
}

/** Packs what is built, and has npm install it, so that the command is where npm puts commands. */
export function installStranger(): Stranger {
  const folder = mkdtempSync(join(tmpdir(), 'ipverdict-'));
  const tarball = pack(folder);
  run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--no-package-lock', tarball], folder);
  return strangerIn(folder, tarball);
}

function strangerIn(folder: string, tarball: string): Stranger {
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
