/** The completion of shells, asked of the shells themselves. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Command, Options } from '../../src/cli/command.ts';
import { run } from '../../src/cli/completion.ts';
import { completionOfBash } from '../../src/cli/completion-bash.ts';
import { completionOfFish } from '../../src/cli/completion-fish.ts';
import { shellCommands } from '../../src/cli/completion-words.ts';
import { completionOfZsh } from '../../src/cli/completion-zsh.ts';
import { commonOptions } from '../../src/cli/options.ts';
import type { Session } from '../../src/cli/session.ts';
import { commands } from '../../src/cli/table.ts';
import { formats } from '../../src/formats/table.ts';
import { makeFolder } from '../support/command.ts';
import { askBash, askFish, askZsh, hasShell, type Offered } from '../support/shells.ts';

/** A command line to complete, and what is expected: words, or the names of files. */
interface Case {
  readonly line: string;
  readonly words: readonly string[];
  /** Whether these words are only some of what is offered. */
  readonly isPart?: boolean;
}

const files = ['office.txt', 'old office.txt'];

const names: string[] = commands.map(({ name }) => name);

/** Two cases of each option, one of the options of each command, one of its operands. */
const cases: Case[] = [
  { line: '', words: [...names, 'help'] },
  { line: 'ch', words: ['check'] },
  { line: 'help ', words: names },
  { line: 'help exp', words: ['explain'] },
  { line: '--v', words: ['--version'] },
  ...commands.flatMap((command: Command): Case[] => {
    const { name, operands } = command;
    const options: Options = { ...command.options, ...commonOptions };
    const first = operands.words ?? (operands.areInputs ? files : []);
    return [
      { line: `${name} --`, words: Object.keys(options).map((option) => `--${option}`) },
      { line: `${name} --quiet --he`, words: ['--help'] },
      ...(operands.words || operands.areInputs ? [{ line: `${name} `, words: first }] : []),
      ...(operands.words && operands.areInputs
        ? [{ line: `${name} ${operands.words[0]} o`, words: files }]
        : []),
      ...Object.entries(options).flatMap(([long, option]): Case[] => {
        if (option.kind === 'choice')
          return [
            { line: `${name} --${long} `, words: option.words },
            { line: `${name} --${long}=${option.words.at(-1)}`, words: [option.words.at(-1) as string] },
          ];
        if (!('isInput' in option && option.isInput)) return [];
        return [{ line: `${name} --${long} o`, words: files }];
      }),
    ];
  }),
  { line: 'decide --from au', words: ['auto'] },
  { line: 'decide --from mm', words: ['mmdb'] },
  { line: 'convert --to mm', words: ['mmdb'] },
  {
    line: 'decide --from ',
    words: formats.filter(({ reads }) => reads).map(({ name }) => name),
    isPart: true,
  },
  {
    line: 'convert office.txt --to ',
    words: formats.filter(({ writes }) => writes).map(({ name }) => name),
    isPart: true,
  },
  { line: 'convert -o o', words: files },
  { line: 'set --format json ', words: ['union', 'count'], isPart: true },
  { line: 'set --max-entries none un', words: ['union'] },
  { line: 'decide --at 2026', words: [] },
  // The name of a command is a word like any other after it.
  { line: 'inspect set ', words: files },
];

let folder: ReturnType<typeof makeFolder>;
let scripts: string;
beforeAll(() => {
  folder = makeFolder({ 'files/office.txt': '', 'files/old office.txt': '' });
  scripts = join(folder.path, 'scripts');
  mkdirSync(scripts);
});
afterAll(() => folder.remove());

/** Without the values before `=` that fish repeats, the marks of file names, and descriptions. */
function compare(offered: Offered, fix: (word: string) => string): void {
  expect(offered.length).toBe(cases.length);
  const answers = cases.map(({ line, isPart, words }, index) => {
    const shown = [...new Set(offered[index]?.map(fix))].filter((word) => !/^-\w?$/.test(word));
    return { line, words: isPart ? words.filter((word) => shown.includes(word)).sort() : shown.sort() };
  });
  expect(answers).toEqual(cases.map(({ line, words }) => ({ line, words: [...words].sort() })));
}

describe('the script of', () => {
  test.skipIf(!hasShell('bash'))('bash completes everything, and starts no process', () => {
    const lines = cases.map(({ line }) => [
      'ipverdict',
      ...line.split(/ |(=)/).filter((word) => word !== undefined),
    ]);
    const offered = askBash(completionOfBash(shellCommands()), lines, scripts);
    const named = offered.map((words) => (words[0] === '<files>' ? files : words));
    compare(named, (word) => word.replaceAll('\\', ''));
  });

  test.skipIf(!hasShell('bash'))('bash completes a value in one word with its option', () => {
    const [offered] = askBash(
      completionOfBash(shellCommands()),
      [['ipverdict', 'check', '--format=js']],
      scripts,
    );
    expect(offered).toEqual(['--format=json']);
  });

  test.skipIf(!hasShell('zsh'))('zsh completes everything (skipped without zsh)', () => {
    const lines = cases.map(({ line }) => `ipverdict ${line}`);
    const offered = askZsh(completionOfZsh(shellCommands()), lines, join(folder.path, 'files'), scripts);
    compare(offered, (word) => word.replaceAll('\\', ''));
  });

  test.skipIf(!hasShell('fish'))('fish completes everything (skipped without fish)', () => {
    const lines = cases.map(({ line }) => `ipverdict ${line}`);
    const offered = askFish(completionOfFish(shellCommands()), lines, join(folder.path, 'files'), scripts);
    compare(offered, (row) =>
      row
        .replace(/\t.*$/, '')
        .replace(/^--[\w-]+=/, '')
        .replaceAll('\\', ''),
    );
  });

  test.skipIf(!hasShell('fish'))('fish describes what it completes (skipped without fish)', () => {
    const script = completionOfFish(shellCommands());
    const [rows] = askFish(script, ['ipverdict check --mo'], join(folder.path, 'files'), scripts);
    expect(rows).toEqual([`--mode\t${commands[0].options.mode.about}`]);
  });
});

describe('texts that mean something to a shell', () => {
  const about = 'it\'s $HOME, `date`, [x]: \\ "y"';
  const hostile = [
    {
      name: 'check',
      about,
      options: [{ name: 'mode', short: undefined, about, isRepeated: false, value: undefined }],
      first: { words: [], areFiles: false },
      others: { words: [], areFiles: false },
    },
  ];

  test.skipIf(!hasShell('fish'))('are shown as they are by fish (skipped without fish)', () => {
    const script = completionOfFish(hostile);
    expect(askFish(script, ['ipverdict ch', 'ipverdict check --'], folder.path, scripts)).toEqual([
      [`check\t${about}`],
      [`--mode\t${about}`],
    ]);
  });

  test.skipIf(!hasShell('zsh'))('do not disturb zsh (skipped without zsh)', () => {
    const script = completionOfZsh(hostile);
    expect(askZsh(script, ['ipverdict ch', 'ipverdict check --'], folder.path, scripts)).toEqual([
      ['check'],
      ['--mode'],
    ]);
  });
});

test('another shell is refused with those that there are', async () => {
  const request = { values: {}, operands: ['powershell'] };
  await expect(run(request, {} as Session)).rejects.toThrow(
    'There is no completion for powershell: it is one of bash, zsh, fish.',
  );
});
