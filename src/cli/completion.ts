/** The command `completion`. */

import { completionOfBash } from './completion-bash.ts';
import { completionOfFish } from './completion-fish.ts';
import { shellCommands } from './completion-words.ts';
import { completionOfZsh } from './completion-zsh.ts';
import { exits, usageError } from './exit.ts';
import { suggest } from './parse.ts';
import { completion } from './rows/completion.ts';
import type { Program } from './session.ts';
import { printable } from './style.ts';

const shells = { bash: completionOfBash, zsh: completionOfZsh, fish: completionOfFish };

function isShell(name: string): name is keyof typeof shells {
  return Object.hasOwn(shells, name);
}

export const run: Program<(typeof completion)['options']> = async ({ operands }, { output }) => {
  const [shell = ''] = operands;
  if (!isShell(shell)) {
    const known = completion.operands.words ?? [];
    throw usageError(
      `There is no completion for ${printable(shell)}${suggest(shell, known) || `: it is one of ${known.join(', ')}`}.`,
    );
  }
  await output.write(shells[shell](shellCommands()));
  return exits.yes;
};
