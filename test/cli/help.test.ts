/** Every row of the table of commands: its texts, its examples, and the help that is made of it. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Command, Option, Options } from '../../src/cli/command.ts';
import { commandLine, helpOf, helpOfAll, meaningOf, optionGroups, spellingOf } from '../../src/cli/help.ts';
import { commonOptions } from '../../src/cli/options.ts';
import { parseCommand } from '../../src/cli/parse.ts';
import { commands } from '../../src/cli/table.ts';
import { makeFolder, runCommand } from '../support/command.ts';
import { commandSamples } from '../support/command-samples.ts';
import { makePrograms, runLines } from '../support/shell-lines.ts';

const rows = commands.map((command) => [command.name, command as Command] as const);

const plain = (_: string, text: string): string => text;

function optionsOf(command: Command): [string, Option][] {
  return Object.entries({ ...command.options, ...commonOptions } as Options);
}

/** The texts of a row that are read as one line. */
function linesOf({ summary, examples, exits, options }: Command): string[] {
  const abouts = Object.values(options).map(({ about }) => about);
  const others = [exits.yes, exits.no ?? 'denied', ...examples.map(({ about }) => about)];
  return [summary, ...abouts, ...others];
}

describe.each(rows)('the row of %s', (name, command) => {
  test('is complete', () => {
    expect(name).toMatch(/^[a-z]+$/);
    expect(command.about.length).toBeGreaterThan(0);
    expect(command.examples.length).toBeGreaterThan(0);
    expect(command.summary.length).toBeLessThanOrEqual(66);
  });

  test('has lines without a capital and a full stop, and paragraphs with both', () => {
    for (const text of linesOf(command)) expect(text).toMatch(/^(?:[^A-Z\s]|[A-Z]{2}|U\+|--).*[^.\s]$/);
    for (const paragraph of command.about) expect(paragraph).toMatch(/^[A-Z"-].*[.:]$/s);
    for (const text of [...linesOf(command), ...command.about])
      expect(text).not.toMatch(/[^\x20-\x7e…–×]| {2}/);
    for (const option of Object.values(command.options)) expect(option.about.length).toBeLessThanOrEqual(120);
  });

  test('spells its options in one way', () => {
    const shorts = optionsOf(command).flatMap(([, { short }]) => (short === undefined ? [] : [short]));
    expect(new Set(shorts).size).toBe(shorts.length);
    for (const short of shorts) expect(short).toMatch(/^[A-Za-z]$/);
    for (const [option] of optionsOf(command)) expect(option).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(Object.keys(command.options).filter((option) => Object.hasOwn(commonOptions, option))).toEqual([]);
  });

  test('says of its defaults what can be given', () => {
    for (const [option, { about, ...rest }] of Object.entries(command.options)) {
      const [, byDefault = ''] = /\(default: ([^)]*)\)/.exec(about) ?? [];
      if (rest.kind === 'choice' && byDefault !== '')
        expect({ option, words: rest.words.includes(byDefault) }).toEqual({ option, words: true });
      if (rest.kind === 'flag') expect({ option, byDefault }).toEqual({ option, byDefault: '' });
    }
  });

  test('has help that fits every window', () => {
    const whole = helpOf(command, plain, Number.POSITIVE_INFINITY);
    for (const columns of [40, 80, 100, 120]) {
      const examples = command.examples.map(({ line }) => `  ${commandLine(line)}`);
      // What is typed is not broken, and neither is a single word.
      const wide = helpOf(command, plain, columns)
        .split('\n')
        .filter((line) => line.length > columns && !examples.includes(line) && line.trim().includes(' '));
      expect(wide).toEqual([]);
    }
    for (const [option, row] of optionsOf(command)) {
      expect(whole).toContain(`  ${spellingOf(option, row)} `);
      const words = (text: string): string => text.replace(/\s+/g, ' ');
      expect(words(whole)).toContain(words(meaningOf(option, row)));
    }
  });

  test('has every option in one group of its help', () => {
    const shown = optionGroups(command).flatMap(({ options }) => options.map(([option]) => option));
    expect([...shown].sort()).toEqual(
      optionsOf(command)
        .map(([option]) => option)
        .sort(),
    );
  });

  test('paints its help and changes no character of it', () => {
    const painted = helpOf(command, (colour, text) => `{${colour}:${text}}`, 80);
    const bare = painted.replace(/\{(?:bold|dim):(.*?)\}/g, '$1');
    expect(bare).toBe(helpOf(command, plain, 80));
  });

  test('is asked for its help whatever else is there', () => {
    expect(parseCommand(command, ['--help']).isHelp).toBe(true);
    expect(parseCommand(command, ['one', 'two', '-qh']).isHelp).toBe(true);
  });
});

describe('the help', () => {
  let folder: ReturnType<typeof makeFolder>;
  let programs: string;
  beforeAll(() => {
    folder = makeFolder(commandSamples);
    programs = makePrograms(folder.path);
  });
  afterAll(() => folder.remove());

  test('names every command in its order, and fits every window', () => {
    for (const columns of [40, 80, 120]) {
      const text = helpOfAll(plain, columns);
      const shown = [...text.matchAll(/^ {2}([a-z]+)(?: |$)/gm)].map(([, name]) => name);
      expect(shown).toEqual(commands.map(({ name }) => name));
      expect(text.split('\n').filter((line) => line.length > Math.max(columns, 46))).toEqual([]);
    }
  });

  test('is printed by the command, for all of it and for one', async () => {
    const all = await runCommand(['--help']);
    expect(all).toMatchObject({ code: 0, stderr: '', stdout: helpOfAll(plain, Number.POSITIVE_INFINITY) });
    const one = await runCommand(['decide', '--help']);
    const text = helpOf(commands.find(({ name }) => name === 'decide') as unknown as Command, plain, 100);
    expect(one).toMatchObject({ code: 0, stderr: '', stdout: text });
    expect((await runCommand(['help', 'decide'])).stdout).toBe(text);
  });

  const examples = commands.flatMap(({ name, examples }) =>
    examples.map(({ line }, index) => [name, index + 1, line] as const),
  );

  test.for(examples)('of %s has an example that works: number %i', async ([name, , line], { skip }) => {
    const { code, stdout, stderr } = await runLines(commandLine(line), folder.path, programs);
    if (stderr.includes('is not there yet')) skip();
    expect({ stderr, isDone: code === 0 || code === 1 }).toEqual({ stderr, isDone: true });
    // An example shows something, unless it writes a file.
    if (!/ (?:-o|--output|--fix|>) /.test(`${line} `)) expect(stdout).not.toBe('');
    const row = commands.find((command) => command.name === name) as Command;
    if (row.exits.no === undefined) expect(code).toBe(0);
  });
});
