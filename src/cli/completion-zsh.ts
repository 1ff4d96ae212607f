/**
 * The completion of zsh, for its own completion system. All of it is in the script.
 */

import {
  type Expected,
  escapedWords,
  help,
  type ShellCommand,
  type ShellOption,
  withoutCommand,
} from './completion-words.ts';

export function completionOfZsh(commands: readonly ShellCommand[]): string {
  const rows = [...commands.map(({ name, about }) => [name, about] as const), help];
  const options = withoutCommand.map(([name, about]) => quote(`(- *)--${name}[${escaped(about)}]`));
  return `#compdef ipverdict
# Completion of ipverdict for zsh.
_ipverdict() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  local -a commands
  commands=(
${rows.map(([name, about]) => `    ${quote(`${escaped(name)}:${about}`)}`).join('\n')}
  )
  _arguments -C ${options.join(' ')} '1: :->command' '*:: :->rest'
  case $state in
    command) _describe -t commands command commands ;;
    rest)
      case $words[1] in
${commands.map(caseOfCommand).join('\n')}
        ${help[0]}) _arguments -S ${quote(`1:command:(${commands.map(({ name }) => name).join(' ')})`)} ;;
      esac ;;
  esac
}
if [[ $funcstack[1] == _ipverdict ]]; then _ipverdict "$@"; else compdef _ipverdict ipverdict; fi
`;
}

function caseOfCommand({ name, options, first, others }: ShellCommand): string {
  const specs = [
    ...options.flatMap(specsOf),
    ...(first.words.length > 0 ? [`1:operand:${actionOf(first)}`] : []),
    ...(others.areFiles ? ['*:file:_files'] : []),
  ];
  return `        ${name})
          _arguments -s -S \\
${specs.map((spec) => `            ${quote(spec)}`).join(' \\\n')} ;;`;
}

/** One specification of an option for each of its spellings, of which one excludes the other. */
function specsOf({ name, short, about, isRepeated, value }: ShellOption): string[] {
  const shown = `[${escaped(about)}]`;
  const taken = value === undefined ? '' : `:${escaped(value.name)}:${actionOf(value)}`;
  const names = [...(short === undefined ? [] : [`-${short}`]), `--${name}`];
  const excluded = isRepeated ? '*' : names.length === 1 ? '' : `(${names.join(' ')})`;
  return names.map((spelled) => {
    const joint = value === undefined ? '' : spelled.startsWith('--') ? '=' : '+';
    return `${excluded}${spelled}${joint}${shown}${taken}`;
  });
}

function actionOf({ words, areFiles }: Expected): string {
  if (areFiles) return '_files';
  return words.length === 0 ? ' ' : `(${escapedWords(words)})`;
}

/** For a text within a specification. */
function escaped(text: string): string {
  return text.replace(/[\\[\]:]/g, '\\$&');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
