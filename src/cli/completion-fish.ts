/**
 * The completion of fish. All of it is in the script.
 */

import {
  type Expected,
  escapedWords,
  help,
  type ShellCommand,
  type ShellOption,
  withoutCommand,
} from './completion-words.ts';

export function completionOfFish(commands: readonly ShellCommand[]): string {
  const atStart = `complete -c ipverdict -n 'test (count (commandline -opc)) -eq 1'`;
  const words = [...commands.map(({ name, about }) => [name, about] as const), help];
  const start = [
    ...words.map(([word, about]) => `${atStart} -a ${word} -d ${quote(about)}`),
    ...withoutCommand.map(([option, about]) => `${atStart} -l ${option} -d ${quote(about)}`),
  ];
  return `# Completion of ipverdict for fish.
function __ipverdict_command -d 'Whether the command is one of these'
    set -l given (commandline -opc)
    test (count $given) -gt 1; and contains -- $given[2] $argv
end

function __ipverdict_first -d 'Whether the first operand of this command comes now; the rest are its options with values'
    set -l given (commandline -opc)
    test (count $given) -gt 1; and test $given[2] = $argv[1]; or return 1
    set -l isvalue no
    for word in $given[3..]
        if test $isvalue = yes
            set isvalue no
        else if contains -- $word $argv[2..]
            set isvalue yes
        else if not string match -q -- '-*' $word
            return 1
        end
    end
    test $isvalue = no
end

complete -c ipverdict -e
complete -c ipverdict -f
${start.join('\n')}
complete -c ipverdict -n '__ipverdict_first ${help[0]}' -a ${quote(commands.map(({ name }) => name).join(' '))}

${commands.map(rowsOfCommand).join('\n\n')}
`;
}

function rowsOfCommand({ name, options, first, others }: ShellCommand): string {
  const when = `complete -c ipverdict -n '__ipverdict_command ${name}'`;
  const valued = options.flatMap(({ name: long, short, value }) =>
    value === undefined ? [] : [`--${long}`, ...(short === undefined ? [] : [`-${short}`])],
  );
  const rows = options.map((option) => `${when} ${rowOf(option)}`);
  if (first.words.length > 0) {
    const isFirst = ['__ipverdict_first', name, ...valued].join(' ');
    rows.push(`complete -c ipverdict -n '${isFirst}' -a ${quote(first.words.join(' '))}`);
    if (others.areFiles)
      rows.push(`complete -c ipverdict -n '__ipverdict_command ${name}; and not ${isFirst}' -F`);
  } else if (others.areFiles) rows.push(`${when} -F`);
  return rows.join('\n');
}

function rowOf({ name, short, about, value }: ShellOption): string {
  const spelled = `${short === undefined ? '' : `-s ${short} `}-l ${name}`;
  return `${spelled}${value === undefined ? '' : ` ${takes(value)}`} -d ${quote(about)}`;
}

function takes({ words, areFiles }: Expected): string {
  if (areFiles) return '-r -F';
  return words.length === 0 ? '-x' : `-x -a ${quote(escapedWords(words))}`;
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
