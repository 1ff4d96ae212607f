/** Real shells, asked what they complete after a command line. */

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether a shell is installed. */
export function hasShell(name: string): boolean {
  return spawnSync(name, ['-c', 'true'], { stdio: 'ignore' }).status === 0;
}

function run(shell: string, args: readonly string[], folder: string, PATH: string): string {
  const { status, stdout, stderr } = spawnSync(shell, args, {
    cwd: folder,
    env: { PATH, HOME: folder, TERM: 'xterm', LC_ALL: 'C.UTF-8' },
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (status !== 0 || stderr !== '') throw new Error(`${shell} ended with ${status}: ${stderr}\n${stdout}`);
  return stdout;
}

/** What is offered for each command line; its last word is the one that is completed. */
export type Offered = readonly (readonly string[])[];

/**
 * What bash offers, `<files>` where it completes the names of files by itself. No program can be found, so one that is
 * started makes this throw.
 */
export function askBash(script: string, lines: readonly (readonly string[])[], folder: string): Offered {
  const asked = lines.map((words) => `ask ${words.map(quoted).join(' ')}`);
  const program = `${script}
compopt() { names=no; }
ask() {
  local names=yes
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
  _ipverdict
  [[ $names == no ]] || COMPREPLY+=('<files>')
  printf '%s\\n' "\${COMPREPLY[*]}"
}
${asked.join('\n')}`;
  writeFileSync(join(folder, 'ask.bash'), program);
  const path = spawnSync('sh', ['-c', 'command -v bash'], { encoding: 'utf8' }).stdout.trim();
  return run(path, ['--norc', '--noprofile', 'ask.bash'], folder, '/nonexistent')
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' ').filter((word) => word !== ''));
}

/** What fish offers: each word, and its description after a tab. */
export function askFish(script: string, lines: readonly string[], folder: string, scripts: string): Offered {
  const asked = lines.map((line) => `complete -C ${quoted(line)}; echo '<end>'`);
  const program = join(scripts, 'ask.fish');
  writeFileSync(program, [script, ...asked].join('\n'));
  return run('fish', ['--no-config', program], folder, process.env['PATH'] ?? '')
    .split('<end>\n')
    .slice(0, -1)
    .map((part) => part.split('\n').filter((row) => row !== ''));
}

/** What the completion system of zsh adds, in a terminal: it completes nowhere else. */
export function askZsh(script: string, lines: readonly string[], folder: string, scripts: string): Offered {
  const [completion, setup, answers, program] = ['_ipverdict', 'setup.zsh', 'answers', 'ask.zsh'].map(
    (name) => join(scripts, name),
  ) as [string, string, string, string];
  writeFileSync(completion, script);
  writeFileSync(answers, '');
  writeFileSync(
    setup,
    `PS1= PS2=
autoload -Uz compinit
compinit -u -D
source ${quoted(completion)}
bindkey '^I' complete-word
compadd() {
  local -a hits
  case " $* " in
    (*' -'[OAD]' '*) ;;
    (*) builtin compadd -A hits "$@"; print -rl -- $hits >> ${quoted(answers)} ;;
  esac
  builtin compadd "$@"
}
finish() { print '<end>' >> ${quoted(answers)}; print -n DO''NE; comppostfuncs=(finish); }
comppostfuncs=(finish)
print -n REA''DY
`,
  );
  const asked = lines.map((line) => `zpty -w -n z $'\\x15'${quoted(line)}$'\\t'; zpty -r z answer '*DONE*'`);
  writeFileSync(
    program,
    `zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'source ${setup}'
zpty -r z answer '*READY*'
${asked.join('\n')}
zpty -d z
cat ${quoted(answers)}
`,
  );
  return run('zsh', ['-f', program], folder, process.env['PATH'] ?? '')
    .split('<end>\n')
    .slice(0, -1)
    .map((part) => part.split('\n').filter((row) => row !== ''));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
