/**
 * The completion of bash, from version 3.2 on. All of it is in the script: no process starts while somebody types.
 */

import { type Expected, escapedWords, help, type ShellCommand, withoutCommand } from './completion-words.ts';

export function completionOfBash(commands: readonly ShellCommand[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  const options = withoutCommand.map(([option]) => `--${option}`).join(' ');
  return `# Completion of ipverdict for bash.
_ipverdict() {
  local IFS=$' \\t\\n' word=\${COMP_WORDS[COMP_CWORD]} command=\${COMP_WORDS[1]}
  local words='' options='' valued='' first='' files='' prefix='' option='' ended='' count=0 index given
  COMPREPLY=()
  case $command in
${commands.map(caseOfCommand).join('\n')}
    ${help[0]}) first='${names}' ;;
  esac

  for ((index = 2; index < COMP_CWORD; index++)); do
    given=\${COMP_WORDS[index]}
    if [[ $given == '=' ]]; then continue
    elif [[ $given == ':' || $given == '::' ]]; then option=':'
    elif [[ -n $option ]]; then option=''
    elif [[ -n $ended || $given != -* ]]; then ((count++))
    elif [[ $given == -- ]]; then ended=yes
    elif [[ " $valued " == *" $given "* ]]; then option=$given
    fi
  done

  if [[ -z $option && $word == --*=* ]]; then
    option=\${word%%=*} prefix="\${word%%=*}=" word=\${word#*=}
  elif [[ $word == '=' ]]; then word=''
  fi

  if ((COMP_CWORD == 1)); then
    words='${names} ${help[0]}' files=''
    [[ $word != -* ]] || words='${options}'
  elif [[ -n $option ]]; then
    files=''
    case "$command $option" in
${casesOfValues(commands).join('\n')}
    esac
  elif [[ -z $ended && $word == -* ]]; then words=$options files=''
  elif ((count == 0)) && [[ -n $first ]]; then words=$first files=''
  fi

  # Without words, bash completes the names of files by itself.
  [[ -n $files ]] || compopt +o default 2> /dev/null
  for given in $words; do
    [[ $given == "$word"* ]] && COMPREPLY+=("$prefix$given")
  done
  return 0
}
complete -o default -F _ipverdict ipverdict
`;
}

function caseOfCommand({ name, options, first, others }: ShellCommand): string {
  const spelled = options.map((option) => `--${option.name}`);
  const valued = options.flatMap(({ name: long, short, value }) =>
    value === undefined ? [] : [`--${long}`, ...(short === undefined ? [] : [`-${short}`])],
  );
  const files = others.areFiles ? ' files=yes' : '';
  return `    ${name})
      options='${spelled.join(' ')}'
      valued='${valued.join(' ')}' first='${first.words.join(' ')}'${files} ;;`;
}

/** Options of several commands that take the same are one case. */
function casesOfValues(commands: readonly ShellCommand[]): string[] {
  const places = new Map<string, string[]>();
  for (const { name, options } of commands)
    for (const { name: long, short, value } of options) {
      if (value === undefined) continue;
      const what = expected(value);
      if (what === '') continue;
      const spelled = [`'${name} --${long}'`, ...(short === undefined ? [] : [`'${name} -${short}'`])];
      places.set(what, [...(places.get(what) ?? []), ...spelled]);
    }
  return [...places].map(([what, spelled]) => `      ${spelled.join(' | ')}) ${what} ;;`);
}

function expected({ words, areFiles }: Expected): string {
  if (areFiles) return 'files=yes';
  return words.length === 0 ? '' : `words='${escapedWords(words)}'`;
}
