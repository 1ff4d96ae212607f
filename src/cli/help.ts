/**
 * The help, from the table of commands.
 */

import type { Command, Option, Options } from './command.ts';
import { changeOptions, commonOptions, policyOptions, readingOptions } from './options.ts';
import { type Paint, pad, widthOf, wrap } from './style.ts';
import { commands } from './table.ts';

const PROGRAM = 'ipverdict';
const NARROWEST = 40;
const WIDEST = 100;

/** The widest first column of a table. */
const FIRST = 34;

/** More than two words of an option stand beside its name only when they fit. */
const BESIDE = 26;

/** The help without a command: what the commands are. */
export function helpOfAll(paint: Paint, columns: number): string {
  const rows = commands.map(({ name, summary }) => [name, summary] as const);
  const about = `${PROGRAM} decides who gets in: lists of addresses and networks, allow or deny, with the reason.`;
  return [
    ...wrap(about, Math.max(NARROWEST, Math.min(columns, WIDEST))),
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
  const { about, examples, exits } = command;
  const width = Math.max(NARROWEST, Math.min(columns, WIDEST));
  const groups = optionGroups(command);
  const spelled = groups.flatMap(({ options }) => options.map(([name, option]) => spellingOf(name, option)));
  const widest = Math.max(...spelled.map(widthOf));
  const [usage = '', ...rest] = wrap(usageOf(command), width - 4);
  return [
    paint('bold', usage),
    ...rest.map((line) => paint('bold', `    ${line}`)),
    '',
    ...about.flatMap((paragraph) => [...wrap(paragraph, width), '']),
    ...groups.flatMap(({ title, options }) => [
      ...wrap(title, width).map((line) => paint('bold', line)),
      ...table(
        options.map(([name, option]) => [spellingOf(name, option), meaningOf(name, option)]),
        columns,
        widest,
      ),
      '',
    ]),
    paint('bold', examples.length === 1 ? 'Example' : 'Examples'),
    ...examples.flatMap(({ line, about }) => [
      `  ${commandLine(line)}`,
      ...wrap(about, width - 4).map((part) => `    ${paint('dim', part)}`),
    ]),
    '',
    paint('bold', 'Exit codes'),
    ...table(exitRows(exits), columns),
    '',
  ].join('\n');
}

/** Options that belong together. */
export interface OptionGroup {
  readonly title: string;
  readonly options: readonly (readonly [name: string, option: Option])[];
}

const titles = [
  'Which policy (one of --allow, --deny, --rules, --policy)',
  'The policy before',
  'The policy after',
  'Both policies',
  'Options',
  'How lists are read',
] as const;

/** The options of a command in the groups of its help. */
export function optionGroups(command: Command): OptionGroup[] {
  const all = Object.entries({ ...command.options, ...commonOptions } as Options);
  return titles
    .map((title) => ({ title, options: all.filter(([name, option]) => titleFor(name, option) === title) }))
    .filter(({ options }) => options.length > 0);
}

/** By where the option comes from: an option of the same name may be another one. */
function titleFor(name: string, option: Option): (typeof titles)[number] {
  const isOf = (options: Options): boolean => Object.values(options).includes(option);
  if (isOf(changeOptions) && name.startsWith('before-')) return 'The policy before';
  if (isOf(changeOptions) && name.startsWith('after-')) return 'The policy after';
  if (Object.hasOwn(readingOptions, name) || name === 'when-empty') return 'How lists are read';
  if (isOf(changeOptions)) return 'Both policies';
  return isOf(policyOptions) ? titles[0] : 'Options';
}

/** An example as it is typed. */
export function commandLine(line: string): string {
  return `${PROGRAM} ${line}`;
}

/** `ipverdict check [OPTION…] FILE…` */
export function usageOf({ name, operands }: Command): string {
  return `${PROGRAM} ${name} [OPTION…] ${operands.usage}`.trimEnd();
}

/** `-c, --count` or `--allow FILE`. */
export function spellingOf(name: string, option: Option): string {
  const short = option.short === undefined ? '' : `-${option.short}, `;
  const value = valueFor(name, option);
  return `${short}--${name}${value === '' ? '' : ` ${value}`}`;
}

/** What an option means; the words of a choice that are too many to stand beside its name are here. */
export function meaningOf(name: string, option: Option): string {
  if (option.kind !== 'choice' || hasWordsBeside(name, option.words)) return option.about;
  const [, about = '', byDefault = ''] = /^(.*?)( \(default: [^)]*\))?$/.exec(option.about) ?? [];
  return `${about}; one of ${option.words.join(', ')}${byDefault}`;
}

function valueFor(name: string, option: Option): string {
  if (option.kind === 'flag') return '';
  if (option.kind === 'instant') return 'INSTANT';
  if (option.kind !== 'choice') return option.value;
  return hasWordsBeside(name, option.words) ? option.words.join('|') : (option.value ?? name.toUpperCase());
}

function hasWordsBeside(name: string, words: readonly string[]): boolean {
  return words.length < 3 || `--${name} ${words.join('|')}`.length <= BESIDE;
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
function table(
  rows: readonly (readonly [string, string])[],
  columns: number,
  widest = Math.max(...rows.map(([left]) => widthOf(left))),
): string[] {
  const width = Math.max(NARROWEST, Math.min(columns, WIDEST));
  const first = Math.min(FIRST, widest) + 2;
  const isNarrow = width < first + 30;
  const indent = isNarrow ? 6 : first + 2;
  return rows.flatMap(([left, right]) => {
    const lines = wrap(right, width - indent).map((line) => ' '.repeat(indent) + line);
    const [start = '', ...rest] = lines;
    const isApart = isNarrow || widthOf(left) + 2 > first;
    return isApart ? [`  ${left}`, ...lines] : [`  ${pad(left, first)}${start.trimStart()}`, ...rest];
  });
}
