/**
 * Lines of other programs, known by their first word, so that a message can name the program.
 */

import { seek, WORD_ENDS } from './characters.ts';

/** Each program, the words that its lines start with, and the sign that they have. */
const dialects: readonly (readonly [name: string, words: string, sign: string])[] = [
  ['nginx configuration', 'deny allow default', ';'],
  ['configuration of Apache or a router', 'deny allow permit require order access-list', ' '],
  ['an ipset file', 'add create', ' '],
  ['iptables rules', '-a -i -n -p *filter commit iptables ip6tables', ' '],
  ['pg_hba.conf', 'host hostssl hostnossl local', ' '],
  ['hosts.allow or hosts.deny', 'all sshd known local paranoid', ':'],
];

/** Says that a word is the name of a file; `undefined` for any other text. */
export function describeFile(text: string): string | undefined {
  const ending = text.slice(text.lastIndexOf('.')).toLowerCase();
  const isFile = ' .txt .csv .json .list .conf '.includes(` ${ending} `);
  return isFile && !text.includes(' ')
    ? 'this looks like the name of a file or a URL, read it and give its text'
    : undefined;
}

/** Says what a line looks like; `undefined` when it looks like none of these. */
export function describeDialect(line: string): string | undefined {
  const word = line.slice(0, seek(line, 0, `${WORD_ENDS}:`)).toLowerCase();
  const found = dialects.find(([, words, sign]) => words.split(' ').includes(word) && line.includes(sign));
  return found && `this looks like ${found[0]}, write its addresses alone, and what it denies in a deny list`;
}
