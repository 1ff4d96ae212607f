/** Files that a command writes: whole or not at all, where they are meant to be, with the rights that they had. */

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { refuseInput, saveFile } from '../../src/cli/save.ts';
import { makeFolder } from '../support/command.ts';

const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const isRoot = process.getuid?.() === 0;
const hasLinks = process.platform !== 'win32';
const umask = process.umask();

let folder: ReturnType<typeof makeFolder>;
beforeEach(() => {
  folder = makeFolder({ 'old.txt': 'old\n' });
});
afterEach(() => {
  process.umask(umask);
  folder.remove();
});

const at = (name: string): string => join(folder.path, name);
const modeOf = (name: string): number => statSync(at(name)).mode & 0o777;

/** What is said when a file cannot be written. Nothing may be left beside it. */
function refusal(file: string): string {
  const before = readdirSync(folder.path);
  let message = '';
  try {
    saveFile(file, 'new\n');
  } catch (error) {
    message = (error as Error).message;
  }
  expect(readdirSync(folder.path)).toEqual(before);
  return message;
}

describe.runIf(hasLinks)('a file that is written', () => {
  test('has the rights that it had, or those of a new one', () => {
    chmodSync(at('old.txt'), 0o640);
    process.umask(0o027);
    saveFile(at('old.txt'), 'new\n');
    saveFile(at('new.txt'), 'new\n');
    expect([modeOf('old.txt'), modeOf('new.txt')]).toEqual([0o640, 0o640]);
    process.umask(0o077);
    saveFile(at('secret.txt'), 'new\n');
    chmodSync(at('old.txt'), 0o666);
    saveFile(at('old.txt'), 'new\n');
    expect([modeOf('old.txt'), modeOf('secret.txt')]).toEqual([0o666, 0o600]);
    expect(readdirSync(folder.path).sort()).toEqual(['new.txt', 'old.txt', 'secret.txt']);
  });

  test('is the target of a link, which stays a link', () => {
    mkdirSync(at('deep'));
    symlinkSync('../old.txt', at('deep/link'));
    symlinkSync('../new.txt', at('deep/dangling'));
    symlinkSync('deep', at('other'));
    symlinkSync('other/dangling', at('far'));
    saveFile(at('deep/link'), 'one\n');
    saveFile(at('far'), 'two\n');
    expect([readFileSync(at('old.txt'), 'utf8'), readFileSync(at('new.txt'), 'utf8')]).toEqual([
      'one\n',
      'two\n',
    ]);
    for (const link of ['deep/link', 'deep/dangling', 'far'])
      expect(lstatSync(at(link)).isSymbolicLink()).toBe(true);
  });

  test('may have a name as long as names can be, and one that hides', () => {
    for (const name of ['x'.repeat(255), '.hidden', 'ü'.repeat(120)]) {
      saveFile(at(name), 'new\n');
      expect(readFileSync(at(name), 'utf8')).toBe('new\n');
    }
  });

  test('cannot be what cannot be a file', () => {
    symlinkSync('two', at('one'));
    symlinkSync('one', at('two'));
    symlinkSync('none/file', at('nowhere'));
    expect(refusal(at('one'))).toContain('its symbolic links go in a circle');
    expect(refusal(at('nowhere'))).toContain('its directory does not exist');
    expect(refusal(at('none/file'))).toContain('its directory does not exist');
    expect(refusal(at('old.txt/file'))).toContain('a part of its path is not a directory');
    expect(refusal(folder.path)).toContain('it is a directory');
    expect(refusal(`${at('new')}/`)).toContain('cannot be written');
    expect(refusal(at('x'.repeat(256)))).toContain('its name is too long');
    expect(refusal(at('\u001b[31m/file'))).toContain('<U+001B>[31m/file');
  });

  test.skipIf(isRoot)('needs a directory in which one may write', () => {
    chmodSync(folder.path, 0o500);
    expect(refusal(at('old.txt'))).toContain('permission was denied');
    chmodSync(folder.path, 0o700);
  });

  test('is not one of those that were read', () => {
    symlinkSync('old.txt', at('link'));
    expect(() => refuseInput(at('link'), [undefined, at('none'), at('old.txt')])).toThrow('is read, too');
    refuseInput(at('none'), [at('none')]);
    refuseInput(at('old.txt'), ['-', at('none')]);
  });
});

describe.runIf(existsSync('/proc/self/fd'))('the command', () => {
  const shell = (line: string) =>
    spawnSync('sh', ['-c', `ipverdict() { "${process.execPath}" "${program}" "$@"; }; ${line}`], {
      cwd: folder.path,
      encoding: 'utf8',
      timeout: 20_000,
    });

  beforeEach(() => writeFileSync(at('bad.txt'), '198.51.100.0/24\n'));

  test('writes into what a link to standard output leads to', () => {
    symlinkSync('/proc/self/fd/1', at('out'));
    const { stdout } = shell('ipverdict compile -q --deny bad.txt -o out | wc -c');
    expect(Number(stdout)).toBeGreaterThan(100);
    expect(lstatSync(at('out')).isSymbolicLink()).toBe(true);
  });

  test('writes into pipes and devices, and waits for a reader', () => {
    const { stdout } = shell(
      'mkfifo pipe; { sleep 0.2; wc -c <pipe; } & ipverdict compile -q --deny bad.txt -o pipe; wait',
    );
    expect(Number(stdout)).toBeGreaterThan(100);
    expect(lstatSync(at('pipe')).isFIFO()).toBe(true);
    const { status, stderr } = shell('ipverdict compile --deny bad.txt -o /dev/full');
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'ipverdict: The file /dev/full cannot be written: the disk is full.\n',
    });
  });

  test('leaves the old file when the disk is full', () => {
    const { status, stderr } = shell('ulimit -f 0; ipverdict compile --deny bad.txt -o old.txt');
    expect(stderr).toMatch(/^ipverdict: The file old\.txt cannot be written: [^/]*\.\n$/);
    expect(status).toBe(2);
    expect(readFileSync(at('old.txt'), 'utf8')).toBe('old\n');
    expect(readdirSync(folder.path).sort()).toEqual(['bad.txt', 'old.txt']);
  });

  test('does not write over a list that it reads', () => {
    for (const line of [
      'compile --deny bad.txt -o ./bad.txt',
      'convert bad.txt --mode deny --to nginx -o bad.txt',
    ]) {
      const { status, stderr } = shell(`ipverdict ${line}`);
      expect(stderr).toContain('bad.txt is read, too: name another file with --output.');
      expect(status).toBe(2);
    }
    expect(readFileSync(at('bad.txt'), 'utf8')).toBe('198.51.100.0/24\n');
  });

  test('takes "-" for standard output', () => {
    const { stdout, status } = shell('ipverdict convert bad.txt --mode deny --to plain -o -');
    expect(stdout).toContain('198.51.100.0/24');
    expect(status).toBe(0);
    expect(existsSync(at('-'))).toBe(false);
  });
});
