/** The part of the reference page of the command that its table says. */

import type { Command } from '../../src/cli/command.ts';
import { commandLine, exitRows, meaningOf, optionGroups, spellingOf, usageOf } from '../../src/cli/help.ts';
import { commands } from '../../src/cli/table.ts';

const START = '<!-- Made of the table of commands by: npm run docs:cli -->';

/** The page with its second part made again; the chapters before it are written by hand. */
export function renewPage(page: string): string {
  const [written] = page.split(START);
  return `${written}${START}\n\n${reference()}`;
}

/** Every command: what it does, takes, and answers. */
function reference(): string {
  const rows = commands.map(({ name, summary }) => [`[\`${name}\`](#${name})`, summary] as const);
  const chapters = (commands as readonly Command[]).map(chapterOf);
  return ['## Commands', '', ...table(['command', 'does'], rows), '', ...chapters].join('\n');
}

function chapterOf(command: Command): string {
  const { name, summary, about, examples, exits, json } = command;
  return [
    `### ${name}`,
    '',
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    '',
    '```text',
    usageOf(command),
    '```',
    '',
    ...about.flatMap((paragraph) => [escaped(paragraph), '']),
    ...optionGroups(command).flatMap(({ title, options }) => [
      ...table(
        [title === 'Options' ? 'option' : lower(title), 'meaning'],
        options.map(([option, row]) => [`\`${spellingOf(option, row)}\``, escaped(meaningOf(option, row))]),
      ),
      '',
    ]),
    '```sh',
    ...examples.flatMap(({ line, about }) => [`# ${about}`, commandLine(line)]),
    '```',
    '',
    ...table(['exit code', 'when'], exitRows(exits).slice(0, exits.no === undefined ? 1 : 2)),
    '',
    ...(json === undefined
      ? []
      : [
          'JSON:',
          '',
          ...table(
            ['field', 'meaning'],
            json.map(([field, meaning]) => [`\`${field}\``, escaped(meaning)]),
          ),
          '',
        ]),
  ].join('\n');
}

function lower(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}

/** Signs as they are, and not as marks of the page; what is in backticks is code. */
function escaped(text: string): string {
  const parts = text.split(/(`[^`]*`)/);
  return parts.map((part, index) => (index % 2 === 1 ? part : part.replace(/[<*_`]/g, '\\$&'))).join('');
}

function table(head: readonly [string, string], rows: readonly (readonly [string, string])[]): string[] {
  const cells = rows.map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
  return [`| ${head.join(' | ')} |`, '| --- | --- |', ...cells];
}
