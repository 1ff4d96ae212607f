/** The row of `completion`. */

import { defineCommand } from '../command.ts';

/** The shells that there is a script for. */
export const shells = ['bash', 'zsh', 'fish'] as const;

export const completion = defineCommand({
  name: 'completion',
  summary: 'print a script that completes commands and options in a shell',
  operands: { usage: shells.join('|'), least: 1, most: 1, areInputs: false, words: shells },
  about: [
    'The script completes commands, options, their values and the names of files. It starts no process while you type.',
    'Bash: put "source <(ipverdict completion bash)" into ~/.bashrc. Zsh: put "source <(ipverdict completion zsh)" into ~/.zshrc after compinit, or write the script to a file _ipverdict in a folder of fpath. Fish: write it to ~/.config/fish/completions/ipverdict.fish.',
  ],
  options: {},
  examples: [
    { line: 'completion bash', about: 'the script for bash' },
    { line: 'completion fish > ipverdict.fish', about: 'the script for fish, in a file' },
  ],
  exits: { yes: 'the script was printed' },
});
