/**
 * The command `ipverdict`: finds the row of the table, reads the arguments by it, runs its program, and ends with its exit
 * code.
 */

import type { Command, Options } from './command.ts';
import { CommandError, type Exit, exits, usageError } from './exit.ts';
import { helpOf, helpOfAll, usageOf } from './help.ts';
import { listenForInterrupt } from './interrupt.ts';
import { Notices } from './notices.ts';
import { Output } from './output.ts';
import { parseCommand, suggest } from './parse.ts';
import { type Program, startSession } from './session.ts';
import { paintFor, printable } from './style.ts';
import { type CommandName, commands, findCommand } from './table.ts';
import { versionOf } from './version.ts';

/** The program of each command, which is loaded when it is asked for. */
const programs: Readonly<Record<CommandName, () => Promise<{ readonly run: unknown }>>> = {
  check: () => import('./check.ts'),
  lint: () => import('./lint.ts'),
  decide: () => import('./decide.ts'),
  explain: () => import('./explain.ts'),
  diff: () => import('./diff.ts'),
  impact: () => import('./impact.ts'),
  filter: () => import('./filter.ts'),
  convert: () => import('./convert.ts'),
  set: () => import('./set.ts'),
  compile: () => import('./compile.ts'),
  inspect: () => import('./inspect.ts'),
  completion: () => import('./completion.ts'),
  demo: () => import('./demo.ts'),
};

/** What asks for help where a command could be. */
const helpWords: readonly string[] = ['help', '--help', '-h'];

async function start(given: readonly string[], output: Output): Promise<Exit> {
  const [name, ...rest] = given;
  if (name === undefined) {
    new Notices(false, output).complain(helpOfAll(paintFor(process.stderr), output.columns).trimEnd());
    return exits.unusable;
  }
  const isHelp = helpWords.includes(name);
  const [wanted = '', extra] = isHelp ? rest : [name];
  if (isHelp && (rest.length === 0 || helpWords.includes(wanted))) {
    await output.write(helpOfAll(paintFor(output.stream), output.columns));
    return exits.yes;
  }
  const isVersion = name === '--version' || name === '-V';
  const stray = isVersion ? rest[0] : extra;
  if (stray !== undefined) throw usageError(`${name} does not take ${printable(stray)}.`);
  if (isVersion) {
    await output.line(versionOf());
    return exits.yes;
  }
  const command = findCommand(wanted);
  if (command === undefined) {
    const what = wanted.startsWith('-')
      ? 'The command comes first; there is no option'
      : 'There is no command';
    const names = commands.map((known) => known.name);
    throw usageError(`${what} ${printable(wanted)}${suggest(wanted, names)}.`);
  }
  try {
    return await runCommand(command, isHelp ? ['--help'] : rest, output);
  } catch (error) {
    if (!(error instanceof CommandError && error.isUsage)) throw error;
    const help = `Usage: ${usageOf(command)}\nMore: ipverdict ${command.name} --help`;
    throw new CommandError(`${error.message}\n${help}`);
  }
}

async function runCommand(command: Command, given: readonly string[], output: Output): Promise<Exit> {
  const { request, isHelp, isQuiet } = parseCommand(command, given);
  if (isHelp) {
    await output.write(helpOf(command, paintFor(output.stream), output.columns));
    return exits.yes;
  }
  const { run } = await programs[command.name as CommandName]();
  // The types of the values come from the row by which they were just read.
  return (run as Program<Options>)(request, startSession(output, new Notices(isQuiet, output)));
}

/** Says what went wrong, and gives the exit code for it. */
function fail(error: unknown): Exit {
  const notices = new Notices(false, output);
  if (error instanceof CommandError) {
    const help = error.isUsage ? '\nMore: ipverdict --help' : '';
    notices.complain(`ipverdict: ${error.message}${help}`);
    return exits.unusable;
  }
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  notices.complain(
    `ipverdict: This is a fault of ipverdict, not of your files. Please report it:\n${printable(what).replaceAll('<U+000A>', '\n')}`,
  );
  return exits.fault;
}

listenForInterrupt();
const output = new Output();
// Node would end with 1, which says no.
process.on('uncaughtException', (error) => process.exit(fail(error)));
try {
  process.exitCode = await start(process.argv.slice(2), output);
} catch (error) {
  process.exitCode = fail(error);
}
await output.flush();
