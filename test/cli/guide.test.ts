/** The recipes of docs/guides/terminal.md: what is parsed is parsed, and what runs is run. No program of a network is used. */

import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { makeFolder } from '../support/command.ts';
import { commandSamples } from '../support/command-samples.ts';
import { projectRoot } from '../support/package.ts';
import { type LineRun, makePrograms, runLines } from '../support/shell-lines.ts';

const guide = readFileSync(join(projectRoot, 'docs/guides/terminal.md'), 'utf8');
const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));

const blocks = new Map(
  [...guide.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(
    ([, language, name = language, text]) => [name, text as string] as const,
  ),
);

function block(name: string): string {
  const text = blocks.get(name);
  if (text === undefined) throw new Error(`The guide has no block ${name}`);
  return text;
}

/** Whether all commands that the guide names are there. */
const isWhole = !['explain', 'compile'].some((name) =>
  spawnSync(process.execPath, [join(projectRoot, 'dist/cli.js'), name, '--policy', '/nonexistent', '::1'])
    .stderr.toString()
    .includes('is not there yet'),
);

const office = '# Offices\n203.0.113.0/24 # Office\n192.0.2.10-192.0.2.40\n2001:db8:12::/48\n';
const broken = `${office}10.0.0.*\n`;

let folder: string;
let programs: string;
let made: ReturnType<typeof makeFolder>;
beforeAll(() => {
  made = makeFolder({
    ...commandSamples,
    'access/office.txt': office,
    'access/bad.txt': commandSamples['bad.txt'] as string,
  });
  folder = made.path;
  programs = makePrograms(folder);
});
afterAll(() => made.remove());
beforeEach(() => writeFileSync(join(folder, 'access/office.txt'), office));

function run(lines: string, env: Readonly<Record<string, string>> = {}): Promise<LineRun> {
  return runLines(lines, folder, programs, env);
}

function breakList(): void {
  writeFileSync(join(folder, 'access/office.txt'), broken);
}

/** An allow list that lost its entries lets everyone in, and has no error. */
function emptyList(): void {
  writeFileSync(join(folder, 'access/office.txt'), '# Offices\n');
}

/** The lines that a step of a workflow runs, as its shell runs them. */
function stepOf(name: string, step: string): string {
  const { jobs } = parse(block(name)) as {
    jobs: Record<string, { steps: { name?: string; run?: string }[] }>;
  };
  const found = Object.values(jobs).flatMap(({ steps }) => steps.filter((one) => one.name === step));
  expect(found).toHaveLength(1);
  return `set -e\n${found[0]?.run}`;
}

describe('at the terminal', () => {
  test.skipIf(!isWhole)('every line works', async () => {
    const lines = block('terminal').trim().split('\n');
    const runs = await Promise.all(lines.map((line) => run(line)));
    expect(runs.map(({ stderr }) => stderr).join('')).not.toMatch(/ipverdict: (?!\d+ of)/);
    expect(runs.map(({ code }) => code)).toEqual([0, 1, 0, 1, 0]);
    expect(runs.filter(({ stdout }) => stdout === '')).toEqual([]);
  });

  test.skipIf(!isWhole)('a snapshot is made and used', async () => {
    expect(await run(block('snapshot'))).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('198.51.100.7'),
    });
  });
});

describe('in scripts', () => {
  test('only who is allowed gets on, and nobody when the list is broken', async () => {
    const ask = (CLIENT: string): Promise<LineRun> => run(block('script'), { CLIENT });
    expect(await ask('203.0.113.9')).toMatchObject({ code: 0, stdout: '203.0.113.9 may deploy\n' });
    expect(await ask('198.51.100.7')).toMatchObject({ code: 1, stdout: '' });
    for (const client of ['', '-', '-h', '--help', '--format=json'])
      expect(await ask(client)).toMatchObject({ code: 1, stdout: '' });
    emptyList();
    expect(await ask('203.0.113.9')).toMatchObject({ code: 1, stdout: '' });
    breakList();
    expect(await ask('203.0.113.9')).toMatchObject({ code: 1, stdout: '' });
  });

  test.skipIf(!isWhole)('decisions are read as JSON', async () => {
    expect((await run(block('json'))).code).toBe(0);
    expect(JSON.parse(readFileSync(join(folder, 'decision.json'), 'utf8')).schema).toBe(1);
  });
});

describe('before each commit', () => {
  test('pre-commit runs what the list needs', async () => {
    const { repos } = parse(block('.pre-commit-config.yaml'));
    const [hook] = repos[0].hooks;
    expect(hook.additional_dependencies).toEqual([`ipverdict@${version}`]);
    expect(new RegExp(hook.files).test('access/office.txt')).toBe(true);
    expect((await run(`${hook.entry} access/office.txt`)).code).toBe(0);
    emptyList();
    expect((await run(`${hook.entry} access/office.txt`)).code).toBe(1);
    breakList();
    expect(await run(`${hook.entry} access/office.txt`)).toMatchObject({ code: 1, stderr: '' });
    expect((await run('npx ipverdict check --mode allow access/office.txt')).code).toBe(1);
  });

  test('the hook of git refuses a commit with a broken list, and no other', async () => {
    const git = 'git -c user.name=A -c user.email=a@example.com -c init.defaultBranch=main';
    await run(`${git} init -q && git add access && ${git} commit -qm 'Add lists'`);
    const hook = join(folder, '.git/hooks/pre-commit');
    writeFileSync(hook, block('.git/hooks/pre-commit'));
    chmodSync(hook, 0o755);
    writeFileSync(join(folder, 'other.txt'), 'x');
    expect((await run(`git add other.txt && ${git} commit -qm 'Add another file'`)).code).toBe(0);
    writeFileSync(join(folder, 'access/office.txt'), `${office}198.51.100.4\n`);
    expect((await run(`git add access && ${git} commit -qm 'Add an address'`)).code).toBe(0);
    emptyList();
    expect((await run(`git add access && ${git} commit -qm 'Empty a list'`)).code).toBe(1);
    breakList();
    const refused = await run(`git add access && ${git} commit -qm 'Add a mistake'`);
    expect(refused.code).toBe(1);
    expect(refused.stdout + refused.stderr).toContain('access/office.txt:5:8 error invalid-character');
  });
});

describe('in continuous integration', () => {
  test('the workflow annotates, and uploads what lint found', async () => {
    const name = '.github/workflows/access-lists.yml';
    const steps = parse(block(name)).jobs.lists.steps as { uses?: string; with?: Record<string, string> }[];
    expect(steps.at(-1)).toMatchObject({ with: { sarif_file: 'lists.sarif' } });
    expect((await run(stepOf(name, 'Check'))).code).toBe(0);
    emptyList();
    expect((await run(stepOf(name, 'Check'))).code).toBe(1);
    breakList();
    const check = await run(stepOf(name, 'Check'));
    expect(check).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('::error file=access/office.txt,line=5'),
    });
    expect(await run(stepOf(name, 'Lint'))).toMatchObject({ code: 0 });
    const { version: sarif, runs } = JSON.parse(readFileSync(join(folder, 'lists.sarif'), 'utf8'));
    expect([sarif, runs[0].results.length > 0]).toEqual(['2.1.0', true]);
  });

  test('lint that cannot read a file fails the job', async () => {
    const lines = stepOf('.github/workflows/access-lists.yml', 'Lint').replace('access/*.txt', 'gone.txt');
    expect((await run(lines)).code).toBe(1);
  });

  test('a change that locks somebody out stops, and one that lets somebody in does not', async () => {
    const git = 'git -c user.name=A -c user.email=a@example.com';
    await run(
      `rm -rf .git; git init -q && git add access && ${git} commit -qm 'Add lists' && git update-ref refs/remotes/origin/main HEAD`,
    );
    const compare = (): Promise<LineRun> =>
      run(stepOf('.github/workflows/access-change.yml', 'Compare'), { GITHUB_BASE_REF: 'main' });
    expect((await compare()).code).toBe(0);
    writeFileSync(join(folder, 'access/office.txt'), `${office}198.51.100.4\n`);
    expect(await compare()).toMatchObject({ code: 0, stdout: expect.stringContaining('198.51.100.4') });
    writeFileSync(join(folder, 'access/office.txt'), office.replace(/^203.*\n/m, ''));
    expect(await compare()).toMatchObject({ code: 1, stdout: expect.stringContaining('203.0.113.0/24') });
    emptyList();
    expect(await compare()).toMatchObject({ code: 1, stdout: expect.stringContaining('denied  203') });
  });

  test('the job of GitLab fails with the list', async () => {
    const [script] = parse(block('.gitlab-ci.yml'))['access-lists'].script;
    expect((await run(script)).code).toBe(0);
    emptyList();
    expect((await run(script)).code).toBe(1);
    breakList();
    expect((await run(script)).code).toBe(1);
  });

  test('every recipe names this version', () => {
    const named = [...guide.matchAll(/ipverdict@([\d.]+)/g)].map(([, one]) => one);
    expect(new Set(named)).toEqual(new Set([version]));
  });
});

describe('in an editor', () => {
  const list = `${broken}203.0.113.0/24\n`;
  const found = [
    ['access/office.txt', '5', '8', 'error', 'invalid-character'],
    ['access/office.txt', '6', '1', 'warning', 'duplicate'],
  ];

  test('the pattern for Visual Studio Code matches every problem and no other line', async () => {
    writeFileSync(join(folder, 'access/office.txt'), list);
    const [task] = JSON.parse(block('.vscode/tasks.json')).tasks;
    const { regexp, ...places } = task.problemMatcher.pattern;
    expect(places).toEqual({ file: 1, line: 2, column: 3, severity: 4, code: 5, message: 6 });
    const { stdout } = await run(task.command);
    const matches = stdout.split('\n').flatMap((line) => new RegExp(regexp).exec(line) ?? []);
    expect(matches.filter((_, index) => index % 7 > 0 && index % 7 < 6)).toEqual(found.flat());
  });

  const hasVim = spawnSync('vim', ['--version']).status === 0;
  test.skipIf(!hasVim)('Vim reads the same places (skipped without vim)', async () => {
    writeFileSync(join(folder, 'access/office.txt'), list);
    const settings = block('vim');
    const program = /makeprg=(.*)/
      .exec(settings)?.[1]
      ?.replaceAll('\\ ', ' ')
      .replace('%', 'access/office.txt');
    await run(`${program} > made.txt`);
    const script = `${settings}cgetfile made.txt
call writefile([json_encode(map(getqflist(), '[bufname(v:val.bufnr), v:val.lnum, v:val.col, v:val.type, v:val.text]'))], 'found.json')
qall!
`;
    writeFileSync(join(folder, 'ask.vim'), script);
    await run('vim -u NONE -es -S ask.vim');
    const rows = JSON.parse(readFileSync(join(folder, 'found.json'), 'utf8')) as [
      string,
      number,
      number,
      string,
      string,
    ][];
    const seen = rows.map(([file, line, column, type, text]) => [
      file,
      `${line}`,
      `${column}`,
      type,
      text.split(' ')[0],
    ]);
    expect(seen).toEqual(
      found.map(([file, line, column, severity, code]) => [file, line, column, severity?.[0], code]),
    );
  });
});

describe('in cron', () => {
  const jobs = block('crontab')
    .split('\n')
    .filter((line) => /^\d/.test(line))
    .map((line) => line.replace(/^(?:\S+\s+){5}/, '').replace('cd /srv/app', 'true'));

  test('no job has a sign that cron reads as the end of a line', () => {
    expect(jobs).toHaveLength(2);
    for (const job of jobs) expect(job).not.toMatch(/%/);
  });

  test.skipIf(!isWhole)('a job prints only when something is wrong', async () => {
    await run('ipverdict compile --quiet --deny access/bad.txt --output bad.ipv');
    // Lint warns of addresses that are for documents only.
    const list = '9.9.9.0/24 # Office\n';
    writeFileSync(join(folder, 'access/office.txt'), list);
    for (const job of jobs) expect(await run(job)).toEqual({ code: 0, stdout: '', stderr: '' });
    writeFileSync(join(folder, 'access/office.txt'), `${list}149.112.112.112 until 2020-01-01\n`);
    await run('ipverdict compile --quiet --deny guests.txt --output bad.ipv');
    for (const job of jobs) expect((await run(job)).stdout).toMatch(/\S/);
  });

  test.skipIf(!isWhole)('a feed is taken only when it is good', async () => {
    const curl = '#!/bin/sh\nwhile [ "$1" != -o ]; do shift; done\nprintf "$FEED" > "$2"\n';
    writeFileSync(join(programs, 'curl'), curl, { mode: 0o755 });
    const bad = (): string => readFileSync(join(folder, 'access/bad.txt'), 'utf8');
    const before = bad();
    expect((await run(block('update'), { FEED: '198.51.100.0/24\n10.0.0.*\n' })).code).toBe(1);
    const lockedOut = await run(block('update'), { FEED: '198.51.100.0/24\n203.0.113.9\n' });
    expect(lockedOut).toMatchObject({ code: 1, stdout: expect.stringContaining('203.0.113.9') });
    for (const FEED of ['', '\n', '# Nobody today\n', '\ufeff# Nobody\r\n'])
      expect(await run(block('update'), { FEED })).toMatchObject({
        code: 1,
        stdout: 'The feed has no entries.\n',
      });
    const good = { FEED: '198.51.100.0/24\n' };
    writeFileSync(join(folder, 'access.log'), '');
    expect(await run(block('update'), good)).toMatchObject({ code: 1, stdout: 'The log is empty.\n' });
    expect(bad()).toBe(before);
    writeFileSync(join(folder, 'access.log'), commandSamples['access.log'] as string);
    expect(await run(block('update'), good)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(bad()).toBe('198.51.100.0/24\n');
  });
});

test('the lines for the shells complete', async () => {
  const [bash = '', zsh = '', fish = ''] = block('completion').split('\n');
  expect((await run(`${bash}\ncomplete -p ipverdict`)).stdout).toContain('-F _ipverdict ipverdict');
  expect(zsh).toContain('source <(ipverdict completion zsh)');
  const isQuiet = { code: 0, stdout: '', stderr: '' };
  expect(await run(`hash -r; PATH=/nowhere\n${bash}\ntrue`)).toEqual(isQuiet);
  await run(`mkdir -p .config/fish/completions\n${fish}`);
  expect(readFileSync(join(folder, '.config/fish/completions/ipverdict.fish'), 'utf8')).toContain(
    'complete -c ipverdict',
  );
});
