/**
 * The help, from the table of commands.
 */

import type { Command, Option } from './command.ts';
import { commonOptions } from './options.ts';
import { type Paint, pad, widthOf } from './style.ts';
import { commands } from './table.ts';

const PROGRAM = 'ipverdict';
const NARROWEST = 40;
const WIDEST = 100;

/** The help without a command: what the commands are. */
export function helpOfAll(paint: Paint, columns: number): string {
  const rows = commands.map(({ name, summary }) => [name, summary] as const);
  return [
    `${paint('bold', PROGRAM)} decides who gets in: lists of addresses and networks, allow or deny, with the reason.`,
    '',
    `${paint('bold', 'Usage')}  ${PROGRAM} COMMAND [OPTION…] [FILE…]`,
    '',
    ...table(rows, columns),
    '',
    ...table(
      [
        ['COMMAND --help', 'what a command does, its options and examples'],
        ['--version', 'the version of this program'],
      ],
      columns,
    ),
    '',
  ].join('\n');
}

/** The help of one command. */
export function helpOf(command: Command, paint: Paint, columns: number): string {
  const { about, options, examples, exits } = command;
  const all = { ...options, ...commonOptions };
  const rows = Object.entries(all).map(([name, option]) => [spellingOf(name, option), option.about] as const);
  const width = Math.max(NARROWEST, Math.min(columns, WIDEST));
  return [
    `${paint('bold', usageOf(command))}`,
    '',
    ...about.flatMap((paragraph) => [...wrap(paragraph, width), '']),
    paint('bold', 'Options'),
    ...table(rows, columns),
    '',
    paint('bold', examples.length === 1 ? 'Example' : 'Examples'),
    ...examples.flatMap(({ line, about }) => [`  ${PROGRAM} ${line}`, `    ${paint('dim', about)}`]),
    '',
    paint('bold', 'Exit codes'),
    ...table(exitRows(exits), columns),
    '',
  ].join('\n');
}

/** `ipverdict check [OPTION…] FILE…` */
export function usageOf({ name, operands }: Command): string {
  return `${PROGRAM} ${name} [OPTION…] ${operands.usage}`.trimEnd();
}

/** `-c, --count` or `--allow FILE`. */
export function spellingOf(name: string, option: Option): string {
  const short = option.short === undefined ? '' : `-${option.short}, `;
  const value =
    option.kind === 'flag'
      ? ''
      : option.kind === 'choice'
        ? ` ${option.words.join('|')}`
        : option.kind === 'instant'
          ? ' INSTANT'
          : ` ${option.value}`;
  return `${short}--${name}${value}`;
}

/** What the exit codes of a command mean. */
export function exitRows({ yes, no }: Command['exits']): (readonly [string, string])[] {
  return [
    ['0', yes],
    ...(no === undefined ? [] : [['1', no] as const]),
    ['2', 'wrong arguments, or a file that cannot be read or written'],
    ['70', 'a fault of this program'],
    ['130', 'interrupted'],
  ];
}

/** Two columns, the second wrapped where it is; below the first one where a window is too narrow for both. */
function table(rows: readonly (readonly [string, string])[], columns: number): string[] {
  const width = Math.max(NARROWEST, Math.min(columns, WIDEST));
  const first = Math.min(34, Math.max(...rows.map(([left]) => widthOf(left)))) + 2;
  const isNarrow = width < first + 30;
  const indent = isNarrow ? 6 : first + 2;
  return rows.flatMap(([left, right]) => {
    const lines = wrap(right, width - indent).map((line) => ' '.repeat(indent) + line);
    const [start = '', ...rest] = lines;
    const isApart = isNarrow || widthOf(left) + 2 > first;
    return isApart ? [`  ${left}`, ...lines] : [`  ${pad(left, first)}${start.trimStart()}`, ...rest];
  });
}

/** A paragraph as lines of at most so many columns. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
