/** docs/cli.md says what the table of commands says. `npm run docs:cli` makes it again. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { commands } from '../../src/cli/table.ts';
import { renewPage } from '../support/command-page.ts';

const file = fileURLToPath(new URL('../../docs/cli.md', import.meta.url));
const page = readFileSync(file, 'utf8');

test('the page agrees with the table of commands: if not, run "npm run docs:cli"', async () => {
  await expect(renewPage(page)).toMatchFileSnapshot(file);
});

test('the page has a chapter for each command, and only its own marks', () => {
  const [, made = ''] = page.split('npm run docs:cli -->');
  const headings = [...made.matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
  expect(headings).toEqual(commands.map(({ name }) => name));
  const shown = made.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');
  expect(shown).not.toMatch(/(?<!\\)[*<_`]/);
});
