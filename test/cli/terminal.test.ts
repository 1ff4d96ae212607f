/** The packed command in a real terminal: colour, width, keys, progress and what is left on the screen. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/table.ts';
import { files, Installed } from '../support/installed.ts';
import { describeInTerminal, type Ended, Session } from '../support/terminal.ts';

let installed: Installed;
beforeAll(() => {
  installed = new Installed();
});
afterAll(() => installed.remove());

interface Window {
  readonly columns?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Types a command line of the shell in a terminal. */
function type(line: string, { columns = 100, environment = {} }: Window = {}): Session {
  const settings = { cwd: installed.folder, columns, environment: installed.environment(environment) };
  return new Session(['/bin/sh', '-c', line], settings);
}

const run = (line: string, window?: Window): Promise<Ended> => type(line, window).end();

/** What a command may send to a terminal beside text: colours, the end of a line, and the erasing of one. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const allowed = /\u001b\[[\d;]*m|\r\u001b\[K|\r\n|\u001b\[K/g;

function expectTidy({ output, screen }: Ended): void {
  const others = Array.from(output.replace(allowed, '')).filter((character) => /\p{C}/u.test(character));
  expect(others).toEqual([]);
  expect({ title: screen.title, isCursorHidden: screen.isCursorHidden }).toEqual({
    title: '',
    isCursorHidden: false,
  });
}

/** A program of the shell that writes to the pipe `slow` for as long as somebody reads it. */
const slowly = (line: string): string =>
  `rm -f slow; mkfifo slow; (while echo '${line}'; do sleep 0.05; done > slow 2> /dev/null) &`;

describeInTerminal('the installed command in a terminal', () => {
  describe.each(commands.map((row) => [row.name, row] as const))('%s', (name, row) => {
    test('shows its help in colour, and breaks it between words', async () => {
      for (const columns of [40, 80, 120]) {
        const ended = await run(`ipverdict ${name} --help`, { columns });
        expect(ended.status).toBe(0);
        expectTidy(ended);
        const { screen } = ended;
        const heading = screen.lines.find(({ text }) => text === 'Options');
        expect(heading?.runs.map(({ isBold }) => isBold)).toEqual([true]);
        // What has no blanks and what is to be copied stays as it is.
        const whole = new Set(row.examples.map(({ line }) => `ipverdict${line}`.replaceAll(' ', '')));
        const broken = screen.paragraphs.filter(([first = '', ...rest]) => {
          return (
            rest.some((part) => part.includes(' ')) &&
            !whole.has([first, ...rest].join('').replaceAll(' ', ''))
          );
        });
        expect(broken).toEqual([]);
      }
    });

    test('shows its examples without leaving anything behind', async () => {
      const modes = (file: string): string => readFileSync(join(installed.folder, file), 'utf8');
      for (const { line } of row.examples) {
        for (const columns of line === row.examples[0]?.line ? [100, 40] : [40]) {
          installed.write(files);
          const program = `stty -g > before; ipverdict ${line}; code=$?; stty -g > after; exit $code`;
          const ended = await run(program, { columns });
          expect([0, 1], `${line}: ${ended.output}`).toContain(ended.status);
          expectTidy(ended);
          expect(modes('after')).toBe(modes('before'));
        }
      }
    });

    test.each([
      ['NO_COLOR', { NO_COLOR: '1' }],
      ['TERM=dumb', { TERM: 'dumb' }],
      ['FORCE_COLOR=0', { FORCE_COLOR: '0' }],
    ])('is plain with %s', async (_, environment) => {
      for (const { line } of [{ line: `${name} --help` }, ...row.examples.slice(0, 2)]) {
        const { output } = await run(`ipverdict ${line}`, { environment });
        expect({ line, hasCodes: output.includes('\u001b') }).toEqual({ line, hasCodes: false });
      }
    });
  });

  test('colours verdicts', async () => {
    const { status, screen } = await run('ipverdict decide --allow office.txt 203.0.113.9 192.0.2.1');
    expect(status).toBe(1);
    expect(screen.lookOf('allow').colour).toBe('green');
    expect(screen.lookOf('deny').colour).toBe('red');
  });

  test('colours what is wrong, and marks it', async () => {
    installed.write({ 'mistake.txt': '192.0.2.1\n\t192.0.2.300 # 中文\n' });
    const { status, screen } = await run('ipverdict decide --allow mistake.txt 192.0.2.1');
    expect(status).toBe(2);
    expect(screen.lookOf('error').colour).toBe('red');
    expect(screen.lookOf('^^^').colour).toBe('red');
    const lines = screen.lines.map(({ text }) => text);
    const marked = lines.findIndex((text) => text.includes('^^^'));
    const column = (lines[marked] as string).indexOf('^');
    expect((lines[marked - 1] as string).slice(column, column + 3)).toBe('300');
  });

  test('breaks the sentence of explain between words', async () => {
    for (const columns of [40, 94]) {
      const { screen } = await run('ipverdict explain --allow office.txt 198.51.100.200', { columns });
      const [first = '', ...rest] = screen.paragraphs[0] ?? [];
      expect({ columns, first, rest }).toEqual({ columns, first: expect.stringMatching(/^198\./), rest: [] });
    }
  });

  test('says what it did after it has done it', async () => {
    const { screen } = await run('ipverdict filter --deny bad.txt --by-entry access.log');
    expect(screen.lines.at(-1)?.text).toBe('ipverdict: 4 of 6 lines are denied.');
  });

  test('writes no snapshot to the screen', async () => {
    const ended = await run('ipverdict compile --deny bad.txt');
    expect(ended.status).toBe(2);
    expectTidy(ended);
    expect(ended.screen.text).toMatch(/^ipverdict: /);
  });

  test('answers each line as it is typed, and ends at Ctrl-D', async () => {
    const session = type('ipverdict decide --allow office.txt');
    session.send('203.0.113.9\r');
    await session.waitFor(/203\.0\.113\.0\/24/);
    session.send('192.0.2.1\r');
    await session.waitFor(/deny/);
    session.send('\x04');
    const { status, screen } = await session.end();
    expect(status).toBe(1);
    expect(screen.lookOf('deny').colour).toBe('red');
  });
});

describeInTerminal('a long work', () => {
  const works = [
    ['filter', 'ipverdict filter --deny bad.txt slow > found.txt'],
    ['demo', 'ipverdict demo office.txt slow > shown.txt'],
  ] as const;

  test.each(works)(
    'of %s shows how far it is after a second, on a line that is gone at the end',
    async (_, line) => {
      const start = performance.now();
      const session = type(
        `${slowly('192.0.2.66 -')} writer=$!; ${line} & work=$!; sleep 3; kill $writer; wait $work`,
      );
      await session.waitFor('lines/s');
      expect(performance.now() - start).toBeGreaterThan(1000);
      const during = await session.look();
      expect(during.text).toMatch(/\d (?:bytes|kB) .*lines\/s$/);
      const ended = await session.end();
      expect(ended.status).toBe(0);
      expectTidy(ended);
      expect(ended.screen.text).not.toContain('lines/s');
      expect(ended.screen.wrapped).toEqual([]);
    },
  );

  test.each(works)('of %s fits into a narrow window', async (_, line) => {
    const session = type(`${slowly('192.0.2.66 -')} ${line}`, { columns: 20 });
    await session.waitFor(/lines|MB|kB|bytes/);
    expect((await session.look()).lines.filter(({ isWrapped }) => isWrapped)).toEqual([]);
    session.send('\x03');
    expect((await session.end()).status).toBe(130);
  });

  test.each(works)('of %s shows nothing where it should not', async (_, line) => {
    for (const [extra, words] of [
      ['2> notices.txt', {}],
      ['--quiet', {}],
      ['', { TERM: 'dumb' }],
    ] as const) {
      const program = `${slowly('192.0.2.66 -')} writer=$!; ${line} ${extra} & work=$!; sleep 2; kill $writer; wait $work`;
      const { status, output } = await run(program, { environment: words });
      expect({ extra, status, hasProgress: output.includes('lines/s') }).toEqual({
        extra,
        status: 0,
        hasProgress: false,
      });
      if (extra.startsWith('2>'))
        expect(readFileSync(join(installed.folder, 'notices.txt'), 'utf8')).not.toContain('lines/s');
    }
  });

  test.each(works)('of %s ends at Ctrl-C, and leaves the terminal as it was', async (_, line) => {
    const session = type(
      `${slowly('192.0.2.66 -')} trap : INT; stty -g > before; ${line}; code=$?; stty -g > after; exit $code`,
    );
    await session.waitFor('lines/s');
    session.send('\x03');
    const ended = await session.end();
    expect(ended.status).toBe(130);
    expectTidy({ ...ended, output: ended.output.replace('^C', '') });
    expect(ended.screen.text).not.toContain('lines/s');
    const modes = (name: string): string => readFileSync(join(installed.folder, name), 'utf8');
    expect(modes('after')).toBe(modes('before'));
  });

  const writers = [
    ['compile', 'ipverdict compile --deny slow --output kept.txt'],
    ['convert', 'ipverdict convert slow --to nginx --mode deny --output kept.txt'],
  ] as const;

  test.each(writers)('of %s that is interrupted leaves the old file, and no other', async (_, line) => {
    installed.write({ 'kept.txt': 'old\n' });
    const before = readdirSync(installed.folder).filter((name) => name !== 'slow');
    const session = type(`${slowly('192.0.2.66')} echo started; ${line}`);
    await session.waitFor('started');
    await wait(500);
    session.send('\x03');
    expect((await session.end()).status).toBe(130);
    expect(readFileSync(join(installed.folder, 'kept.txt'), 'utf8')).toBe('old\n');
    expect(readdirSync(installed.folder).filter((name) => name !== 'slow')).toEqual(before);
  });
});
