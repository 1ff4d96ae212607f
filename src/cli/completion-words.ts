/**
 * What a shell completes, from the table of commands: the same for every shell.
 */

import type { Command, Option, Options } from './command.ts';
import { readableFormats, writableFormats } from './format-names.ts';
import { commonOptions } from './options.ts';
import { commands } from './table.ts';

/** What can stand in a place of the command line. */
export interface Expected {
  readonly words: readonly string[];
  readonly areFiles: boolean;
}

/** An option as a shell shows it. */
export interface ShellOption {
  /** Without the two signs before it. */
  readonly name: string;
  readonly short: string | undefined;
  readonly about: string;
  readonly isRepeated: boolean;
  /** `undefined` for a flag. */
  readonly value: (Expected & { readonly name: string }) | undefined;
}

export interface ShellCommand {
  readonly name: string;
  readonly about: string;
  readonly options: readonly ShellOption[];
  /** The first operand; the words, or a file where there are none. */
  readonly first: Expected;
  readonly others: Expected;
}

/** What stands in the place of a command. */
export const withoutCommand: readonly (readonly [option: string, about: string])[] = [
  ['help', 'show the commands'],
  ['version', 'show the version'],
];

/** The word that stands before the name of a command, in place of `--help` after it. */
export const help: readonly [word: string, about: string] = ['help', 'show what a command does'];

/** Every command, as shells show it. */
export function shellCommands(): ShellCommand[] {
  return commands.map(({ name, summary, operands, options }: Command) => {
    const all: Options = { ...options, ...commonOptions };
    const others = { words: [], areFiles: operands.areInputs };
    return {
      name,
      about: summary,
      options: Object.entries(all).map(([option, row]) => shellOption(option, row)),
      first: operands.words === undefined ? others : { words: operands.words, areFiles: false },
      others,
    };
  });
}

function shellOption(name: string, option: Option): ShellOption {
  return {
    name,
    short: option.short,
    about: option.about,
    isRepeated: option.kind === 'texts',
    value: expectedValue(name, option),
  };
}

function expectedValue(name: string, option: Option): ShellOption['value'] {
  switch (option.kind) {
    case 'flag':
      return undefined;
    case 'choice':
      return { name: name.toUpperCase(), words: option.words, areFiles: false };
    case 'instant':
      return { name: 'INSTANT', words: [], areFiles: false };
    case 'count':
      return { name: option.value, words: option.none ? ['none'] : [], areFiles: false };
    default: {
      const areFiles = option.isInput === true || option.value === 'FILE';
      return { name: option.value, words: option.value === 'FORMAT' ? formatsFor(name) : [], areFiles };
    }
  }
}

/** The formats that an option of this name takes. */
function formatsFor(name: string): string[] {
  return name === 'to' ? writableFormats() : ['auto', ...readableFormats()];
}

/** Words with blanks between them, in which nothing means anything to a shell. */
export function escapedWords(words: readonly string[]): string {
  return words.map((word) => word.replace(/[^\w.,:=/@+-]/g, '\\$&')).join(' ');
}
