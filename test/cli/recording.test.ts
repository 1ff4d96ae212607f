/**
 * The picture of a session that README shows. It is made from the packed command in a real terminal, and this test fails
 * when the command prints something else than the picture says. `npm run recording` makes it again.
 */

import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Caption, drawSession, type Step } from '../support/drawing.ts';
import { Installed } from '../support/installed.ts';
import { projectRoot } from '../support/package.ts';
import { describeInTerminal, runInTerminal } from '../support/terminal.ts';

const file = join(projectRoot, 'docs', 'recording.svg');
const COLUMNS = 94;

/** A list with a mistake in its third line. */
const office = [
  '203.0.113.0/24     # Office',
  '203.0.113.64/28    # Rooms',
  '198.51.100.7:443   # Build server',
  '2001:db8:40::/48   # Office',
  '',
].join('\n');

/** What is typed, and the exit code of each command. */
const session: readonly (readonly [typed: string, status: number])[] = [
  ['ipverdict check office.txt', 1],
  ['sed -i s/:443// office.txt && ipverdict check office.txt', 0],
  ['ipverdict explain --allow office.txt 203.0.113.70', 0],
  ['ipverdict filter --deny bad.txt --by-entry access.log', 0],
];

const caption: Caption = {
  title: 'ipverdict in a terminal',
  description:
    'ipverdict check finds an address with a port in line 3 of a list, marks it and says what to write; after it is mended, it finds no problems. ipverdict explain says that an address is allowed, and which two lines cover it. ipverdict filter counts the requests of a log that each line of a list denies.',
};

/** Clients that come again and again, as they do: a few thousand lines, the same each time. */
function makeLog(): string {
  const clients = [
    '203.0.113.9',
    '192.0.2.66',
    '198.51.100.25',
    '2001:db8:40::17',
    '192.0.2.7',
    '203.0.113.200',
  ];
  const lines = Array.from({ length: 4096 }, (_, index) => {
    const client = clients[(index * index + (index >> 3)) % clients.length];
    const second = String(index % 60).padStart(2, '0');
    return `${client} - - [03/Mar/2025:09:00:${second} +0000] "GET /${index % 97} HTTP/1.1" 200 512 "-" "curl/8.5.0"\n`;
  });
  return lines.join('');
}

describeInTerminal('docs/recording.svg', () => {
  let installed: Installed;
  let steps: Step[];
  let drawn: string;

  beforeAll(async () => {
    installed = new Installed();
    installed.write({ 'office.txt': office, 'access.log': makeLog() });
    steps = [];
    for (const [typed, status] of session) {
      const settings = { cwd: installed.folder, columns: COLUMNS, environment: installed.environment() };
      const ended = await runInTerminal(['/bin/sh', '-c', typed], settings);
      expect({ typed, status: ended.status }).toEqual({ typed, status });
      steps.push({ typed, printed: ended.screen.lines });
    }
    drawn = drawSession(steps, COLUMNS, caption);
  });
  afterAll(() => installed.remove());

  test('shows what the command prints today', async () => {
    await expect(drawn, 'Run npm run recording').toMatchFileSnapshot(file);
  });

  test('says every word that is typed and printed, as text', () => {
    const texts = [...drawn.matchAll(/<text [^>]*>(.*?)<\/text>/g)].map(([, text = '']) =>
      text
        .replace(/<[^>]*>/g, '')
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&amp;', '&'),
    );
    const lines = steps.flatMap(({ typed, printed }) => [`$ ${typed}`, ...printed.map(({ text }) => text)]);
    expect(texts).toEqual(lines.filter((line) => line !== ''));
  });

  test('is well-formed, small, and needs nothing from elsewhere', () => {
    expect(Buffer.byteLength(drawn)).toBeLessThan(60_000);
    const open: string[] = [];
    for (const [tag, slash, name = '', rest = ''] of drawn.matchAll(
      /<(\/?)([a-z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*\/?>/g,
    )) {
      if (slash === '/') expect(open.pop()).toBe(name);
      else if (!tag.endsWith('/>')) open.push(name);
      const attributes = [...rest.matchAll(/([\w:-]+)=/g)].map((match) => match[1]);
      expect(new Set(attributes).size).toBe(attributes.length);
    }
    expect(open).toEqual([]);
    const text = drawn.replace(/<\/?[a-z]+(?:\s+[\w:-]+="[^"<]*")*\s*\/?>/g, '');
    expect(text).not.toMatch(/[<>]|&(?!lt;|gt;|amp;)/);
    expect(drawn.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|url\(|@import|<script|href/);
  });

  test('speaks to screen readers, and stands still where motion is not wanted', () => {
    expect(drawn).toContain('role="img" aria-labelledby="title description"');
    for (const [typed] of session) expect(caption.description).toContain(/ipverdict \w+/.exec(typed)?.[0]);
    const style = drawn.slice(drawn.indexOf('<style>'), drawn.indexOf('</style>'));
    const still = style.replace(/@media\(prefers-reduced-motion:no-preference\)\{[\s\S]*?\}\}/, '');
    expect(style).toContain('prefers-color-scheme:dark');
    expect(style).toContain('animation:shown');
    expect(still).not.toMatch(/animation:/);
  });

  test('fits into its window', () => {
    for (const { printed } of steps) expect(printed.filter(({ isWrapped }) => isWrapped)).toEqual([]);
  });
});
