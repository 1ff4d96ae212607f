/** The option `--fail-on`: which problems and which changes end with exit code 1. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeFolder, runCommand } from '../support/command.ts';

let folder: ReturnType<typeof makeFolder>;
beforeAll(() => {
  folder = makeFolder({
    'warning.txt': '9.9.9.0/24\n9.9.9.0/24\n',
    'error.txt': '9.9.9.*\n',
    'less.txt': '9.9.9.0/25\n',
    'other.txt': '8.8.8.0/24\n',
  });
});
afterAll(() => folder.remove());

async function codeOf(line: string): Promise<number | null> {
  return (await runCommand(line.split(' '), { folder: folder.path })).code;
}

const diff = 'diff --mode allow';

test.each([
  ['check warning.txt', 0],
  ['check warning.txt --strict', 1],
  ['check warning.txt --fail-on warning', 1],
  ['lint warning.txt --fail-on error', 0],
  ['check error.txt --fail-on never', 0],
  ['check gone.txt --fail-on never', 2],
  ['check warning.txt --strict --fail-on error', 2],
  [`${diff} warning.txt less.txt`, 1],
  [`${diff} warning.txt less.txt --fail-on allowed`, 0],
  [`${diff} warning.txt less.txt --fail-on denied`, 1],
  [`${diff} less.txt warning.txt --fail-on denied`, 0],
  [`${diff} warning.txt other.txt --fail-on never`, 0],
  [`${diff} error.txt other.txt --fail-on never`, 2],
  ['diff --lists warning.txt other.txt --fail-on never', 0],
  ['diff --lists warning.txt other.txt --fail-on denied', 2],
] as const)('%s ends with %i', async (line, code) => {
  expect(await codeOf(line)).toBe(code);
});
