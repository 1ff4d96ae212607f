/** The terminal that other tests look at shows what a terminal shows. */

import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { Screen } from '../support/screen.ts';
import { describeInTerminal, openers, runInTerminal, Session } from '../support/terminal.ts';

const cwd = tmpdir();
const sh = (program: string): readonly string[] => ['/bin/sh', '-c', program];

describeInTerminal('a command in a terminal', () => {
  describe.each(openers.map((opener) => [opener.name, opener] as const))('by %s', (_, opener) => {
    const settings = { cwd, opener };

    test('has a terminal at its input and at both outputs, of the given size', async () => {
      const program = 'test -t 0 && test -t 1 && test -t 2 && stty size';
      const { status, screen } = await runInTerminal(sh(program), { ...settings, columns: 41, rows: 7 });
      expect({ status, text: screen.text }).toEqual({ status: 0, text: '7 41' });
    });

    test('answers the exit code, or the signal as a shell does', async () => {
      expect((await runInTerminal(sh('exit 70'), settings)).status).toBe(70);
      expect((await runInTerminal(sh('kill -TERM $$'), settings)).status).toBe(143);
    });

    test('keeps words as they are', async () => {
      const words = ["it's", '$HOME', 'a b', '"', '\\', '', '*'];
      const { screen } = await runInTerminal([...sh('printf "<%s>" "$@"'), 'sh', ...words], settings);
      expect(screen.text).toBe(words.map((word) => `<${word}>`).join(''));
    });

    test('keeps all output in order, however much it is', async () => {
      const program = 'i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done; echo end >&2';
      const { output } = await runInTerminal(sh(program), settings);
      const expected = Array.from({ length: 20_000 }, (_, index) => `line ${index}\r\n`).join('');
      expect(output === `${expected}end\r\n`).toBe(true);
    });

    test('is interrupted by Ctrl-C, and ends at Ctrl-D', async () => {
      const trapping = new Session(sh('trap "echo caught; exit 9" INT; echo ready; cat'), settings);
      await trapping.waitFor('ready');
      trapping.send('\x03');
      const trapped = await trapping.end();
      expect({ status: trapped.status, hasCaught: trapped.output.includes('caught') }).toEqual({
        status: 9,
        hasCaught: true,
      });
      const reading = new Session(sh('echo ready; cat; echo done'), settings);
      await reading.waitFor('ready');
      reading.send('typed\r');
      await reading.waitFor(/typed\r\ntyped\r\n/);
      reading.send('\x04');
      const { status, screen } = await reading.end();
      expect(status).toBe(0);
      expect(screen.text).toMatch(/typed\ntyped\n.*done$/);
    });

    test('fails to wait for what never comes', async () => {
      const session = new Session(sh('echo other'), settings);
      await expect(session.waitFor('this')).rejects.toThrow('ended without this: other');
    });
  });
});

describe('a screen', () => {
  const see = (bytes: string, columns = 20): Promise<Screen> => Screen.of(bytes, columns, 4);

  test('shows what is left after overwriting and erasing', async () => {
    const { text, wrapped } = await see('50 %\r\u001b[2Kdone\r\nnext\r\n');
    expect(text).toBe('done\nnext');
    expect(wrapped).toEqual([]);
  });

  test('knows what wraps, and what has scrolled away', async () => {
    const screen = await see(`${'x'.repeat(25)}\r\n1\r\n2\r\n3\r\n4\r\n5\r\n`);
    expect(screen.wrapped).toEqual(['xxxxx']);
    expect(screen.lines.map(({ text }) => text)).toEqual(['x'.repeat(20), 'xxxxx', '1', '2', '3', '4', '5']);
  });

  test('tells colours, weights and columns of cells', async () => {
    const screen = await see('a \u001b[1;31mred\u001b[0m \u001b[2mdim\u001b[22m\u001b[92mhi\u001b[38;5;99mx');
    expect(screen.lookOf('red')).toMatchObject({ colour: 'red', isBold: true, isDim: false });
    expect(screen.lookOf('dim')).toMatchObject({ colour: 'default', isBold: false, isDim: true });
    expect(screen.lookOf('hi').colour).toBe('bright green');
    expect(screen.lookOf('x').colour).toBe('number 99');
    expect(screen.lines[0]?.runs.map(({ column, text }) => [column, text])).toEqual([
      [0, 'a '],
      [2, 'red'],
      [5, ' '],
      [6, 'dim'],
      [9, 'hi'],
      [11, 'x'],
    ]);
    expect(() => screen.lookOf('none')).toThrow(/"none" is not on the screen/);
  });

  test('tells titles and hidden cursors, which a program should leave alone', async () => {
    const screen = await see('\u001b]0;owned\u0007\u001b[?25l');
    expect([screen.title, screen.isCursorHidden]).toEqual(['owned', true]);
    expect((await see('\u001b[?25l\u001b[?25h')).isCursorHidden).toBe(false);
  });
});
