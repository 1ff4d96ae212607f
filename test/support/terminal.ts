/**
 * A command in a real terminal: a pseudo-terminal of the kernel, whose other end the test holds. What the command prints
 * is collected in the order in which it came, keys can be sent, and {@link Screen} tells what a person sees of it.
 */

import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { afterAll, describe } from 'vitest';
import { Screen } from './screen.ts';

/** A program that opens pseudo-terminals, since Node has none. */
export interface Opener {
  readonly name: string;
  /** The command line that runs `command` in a terminal of that size. */
  line(command: readonly string[], columns: number, rows: number): readonly string[];
}

/** Runs the command, copies the terminal to its output and its input to the terminal, and ends as the command did. */
const pythonProgram = `
import fcntl, os, pty, select, struct, sys, termios
columns, rows, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
size = struct.pack('HHHH', rows, columns, 0, 0)
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, size)
    try:
        os.execvp(command[0], command)
    except OSError:
        os._exit(127)
sources = [terminal, 0]
while True:
    ready = select.select(sources, [], [])[0]
    if 0 in ready:
        keys = os.read(0, 65536)
        if not keys:
            sources.remove(0)
        while keys:
            keys = keys[os.write(terminal, keys):]
    if terminal in ready:
        try:
            output = os.read(terminal, 65536)
        except OSError:
            break
        if not output:
            break
        while output:
            output = output[os.write(1, output):]
status = os.waitpid(child, 0)[1]
sys.exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
`;

const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

const script: Opener = {
  name: 'script',
  line: (command, columns, rows) => [
    'script',
    '--quiet',
    '--flush',
    '--return',
    '--command',
    `stty columns ${columns} rows ${rows} && exec ${command.map(quote).join(' ')}`,
    '/dev/null',
  ],
};

const python: Opener = {
  name: 'python3',
  line: (command, columns, rows) => [
    'python3',
    '-c',
    pythonProgram,
    String(columns),
    String(rows),
    ...command,
  ],
};

function answers(program: string, ...words: string[]): boolean {
  return spawnSync(program, words, { stdio: 'ignore' }).status === 0;
}

/** What there is on this machine. `script` of util-linux is part of Debian; the one of BSD has other options. */
export const openers: readonly Opener[] = [
  ...(answers('script', '--return', '--quiet', '--command', 'stty size', '/dev/null') ? [script] : []),
  ...(answers('python3', '-c', 'import pty, termios') ? [python] : []),
];

/** A group of tests that need a terminal. Where none can be opened they are left out, and their title says so. */
export function describeInTerminal(title: string, tests: () => void): void {
  if (openers.length > 0) describe(title, tests);
  else describe.skip(`${title}: left out, neither script with stty nor python3 is installed`, tests);
}

/** What the test runner and the machine say about colours, which the one who runs a test should not decide. */
const aboutColour =
  /^(?:NO_COLOR|FORCE_COLOR|COLORTERM|TERM|TERM_PROGRAM|TMUX|CI|TF_BUILD|GITHUB_ACTIONS|GITEA_ACTIONS|TEAMCITY_VERSION|NODE_DISABLE_COLORS|NODE_OPTIONS|COLUMNS|LINES)$/;

/** The environment of a person at a terminal with 256 colours. */
export function environmentOf(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !aboutColour.test(name));
  return { ...Object.fromEntries(kept), TERM: 'xterm-256color', SHELL: '/bin/sh', ...extra };
}

export interface Settings {
  readonly cwd: string;
  /** 80 when not given. */
  readonly columns?: number;
  /** 24 when not given. */
  readonly rows?: number;
  /** Beside {@link environmentOf}. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The first of {@link openers} when not given. */
  readonly opener?: Opener;
}

/** How a command ended, and everything that it printed. */
export interface Ended {
  /** As a shell says it: 128 and the signal when one ended it. */
  readonly status: number | null;
  /** The bytes as they came, both streams in one: a terminal knows no difference. */
  readonly output: string;
  readonly screen: Screen;
}

const running = new Set<Session>();

/** A command that runs in a terminal. */
export class Session {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #pieces: Buffer[] = [];
  readonly #closed: Promise<number | null>;
  readonly #columns: number;
  readonly #rows: number;
  #wake: () => void = () => {};

  constructor(command: readonly string[], settings: Settings) {
    const { cwd, columns = 80, rows = 24, environment = {}, opener = openers[0] } = settings;
    if (opener === undefined) throw new Error('No terminal can be opened on this machine.');
    const [program = '', ...words] = opener.line(command, columns, rows);
    this.#columns = columns;
    this.#rows = rows;
    this.#child = spawn(program, words, { cwd, env: environmentOf(environment) });
    running.add(this);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.on('data', (piece: Buffer) => {
        this.#pieces.push(piece);
        this.#wake();
      });
    }
    // Keys that are sent after the end go nowhere.
    this.#child.stdin.on('error', () => {});
    this.#closed = new Promise((resolve, reject) => {
      this.#child.on('error', reject);
      this.#child.on('close', (status) => {
        running.delete(this);
        resolve(status);
        this.#wake();
      });
    });
  }

  get output(): string {
    return Buffer.concat(this.#pieces).toString('utf8');
  }

  /** Types: `\x03` is Ctrl-C, `\x04` is Ctrl-D, `\r` is Enter. */
  send(keys: string): void {
    this.#child.stdin.write(keys);
  }

  /** Waits until a text has been printed. Fails when the command ends without it. */
  async waitFor(text: string | RegExp): Promise<void> {
    const isThere = (): boolean =>
      typeof text === 'string' ? this.output.includes(text) : text.test(this.output);
    while (!isThere()) {
      if (!running.has(this)) throw new Error(`The command ended without ${text}: ${this.output}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Waits for the end of the command. */
  async end(): Promise<Ended> {
    const status = await this.#closed;
    return { status, output: this.output, screen: await this.look() };
  }

  /** What a person sees now. */
  look(): Promise<Screen> {
    return Screen.of(Buffer.concat(this.#pieces), this.#columns, this.#rows);
  }

  /** Ends whatever still runs: the program that holds the terminal, and with the terminal what runs in it. */
  stop(): void {
    this.#child.kill('SIGTERM');
  }
}

/** Runs a command in a terminal from its start to its end. */
export function runInTerminal(command: readonly string[], settings: Settings): Promise<Ended> {
  return new Session(command, settings).end();
}

afterAll(() => {
  for (const session of running) session.stop();
});
