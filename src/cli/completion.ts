/** The command `completion`. */

import { completionOfBash } from './completion-bash.ts';
import { completionOfFish } from './completion-fish.ts';
import { type ShellCommand, shellCommands } from './completion-words.ts';
import { completionOfZsh } from './completion-zsh.ts';
import { exits, usageError } from './exit.ts';
import { suggest } from './parse.ts';
import { type completion, shells } from './rows/completion.ts';
import type { Program } from './session.ts';
import { printable } from './style.ts';

const scripts: Readonly<Record<(typeof shells)[number], (commands: readonly ShellCommand[]) => string>> = {
  bash: completionOfBash,
  zsh: completionOfZsh,
  fish: completionOfFish,
};

export const run: Program<(typeof completion)['options']> = async ({ operands }, { output }) => {
  const [name = ''] = operands;
  const shell = shells.find((known) => known === name);
  if (shell === undefined) {
    const advice = suggest(name, shells) || `: it is one of ${shells.join(', ')}`;
    throw usageError(`There is no completion for ${printable(name)}${advice}.`);
  }
  await output.write(scripts[shell](shellCommands()));
  return exits.yes;
};
