/** The row of `completion`. */

import { defineCommand } from '../command.ts';

export const completion = defineCommand({
  name: 'completion',
  summary: 'print the completion of a shell',
  operands: { usage: 'bash|zsh|fish', least: 1, most: 1, areInputs: false, words: ['bash', 'zsh', 'fish'] },
  about: ['Add it to the files that your shell reads at its start.'],
  options: {},
  examples: [{ line: 'completion bash', about: 'the completion of bash' }],
  exits: { yes: 'it was printed' },
});
