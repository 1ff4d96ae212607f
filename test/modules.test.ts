/**
 * What docs/guides/modules.md says about TypeScript and Jest, done in projects of a stranger: every entry point from an ES
 * module and from a CommonJS file, and Jest itself with the very configuration of the guide.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createStranger, projectRoot, type Stranger } from './support/package.ts';

const guide = readFileSync(join(projectRoot, 'docs/guides/modules.md'), 'utf8');

/** The block of the guide with this name after its language. */
function blockOf(name: string): string {
  const fence = new RegExp(`^\`\`\`(?:js|ts) ${name.replaceAll('.', '\\.')}\\n([\\s\\S]*?)^\`\`\``, 'm');
  const found = fence.exec(guide);
  if (found === null) throw new Error(`The guide has no block ${name}`);
  return found[1] as string;
}

const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
  readonly exports: Record<string, unknown>;
};
/** All entry points but those of a peer that is not there, and of no code. */
const entryPoints = Object.keys(manifest.exports)
  .filter((name) => name !== './package.json' && name !== './ip-num')
  // One of many, which are alike.
  .map((name) => name.replace('.', 'ipverdict').replace('*', 'plain'));

let stranger: Stranger;
beforeAll(() => {
  stranger = createStranger();
});
afterAll(() => stranger.remove());

/** What a command prints, whether it succeeds or not. */
function outputOf(
  command: string,
  parameters: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): string {
  const { stdout, stderr } = spawnSync(command, parameters, {
    cwd: stranger.folder,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '', ...environment },
  });
  return `${stdout}${stderr}`;
}

/** What the compiler says about a file, under these options. */
function compile(file: string, text: string, options: Record<string, unknown>, type = 'commonjs'): string {
  stranger.write({
    'package.json': JSON.stringify({ type }),
    [file]: text,
    'tsconfig.json': JSON.stringify({
      compilerOptions: { target: 'es2022', strict: true, types: [], skipLibCheck: false, ...options },
      files: [file],
    }),
  });
  return outputOf(process.execPath, [join(projectRoot, 'node_modules/typescript/bin/tsc'), '-p', '.']);
}

const imports = entryPoints.map((name, index) => `import * as all${index} from '${name}';`).join('\n');
const everything = `${imports}\nexport const all: object[] = [${entryPoints.map((_, index) => `all${index}`)}];\n`;

test('CommonJS requires it, without a warning', () => {
  stranger.write({
    'required.cjs': `${blockOf('cjs')}
      process.on('warning', ({ message }) => console.log(message));
      setTimeout(() => console.log(typeof createPolicy, typeof restrictTo), 10);`,
  });
  expect(stranger.node('required.cjs')).toBe('function function\n');
});

describe('TypeScript resolves every entry point', () => {
  const settings = [
    ['node16', 'node16'],
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ] as const;

  test.each(settings)('from an ES module: module %s, moduleResolution %s', (module, moduleResolution) => {
    expect(compile('program.mts', everything, { module, moduleResolution, noEmit: true }, 'module')).toBe('');
  });

  test.each([
    ['node20', 'node16'],
    ['nodenext', 'nodenext'],
  ])('from a CommonJS file, which then runs: module %s', (module, moduleResolution) => {
    const outDir = `out-${module}`;
    expect(compile('program.ts', everything, { module, moduleResolution, outDir })).toBe('');
    expect(stranger.node('-p', `require('./${outDir}/program.js').all.length`)).toBe(
      `${entryPoints.length}\n`,
    );
  });

  test('from a CommonJS file by import() alone: module node16', () => {
    const options = { module: 'node16', moduleResolution: 'node16', outDir: 'out-node16' };
    expect(compile('program.ts', everything, options)).toContain('error TS1479');
    expect(compile('program.ts', blockOf('node16'), options)).toBe('');
    expect(
      stranger.node(
        '-e',
        "require('./out-node16/program.js').loadPolicy('').then(({ mode }) => console.log(mode))",
      ),
    ).toBe('allow\n');
  });

  test('not under moduleResolution node10', () => {
    const options = { module: 'commonjs', moduleResolution: 'node10', noEmit: true };
    expect(compile('program.ts', everything, options)).toContain('error TS2307');
  });
});

describe('Jest runs tests that use the package', () => {
  const packages = ['jest@30.5.2', '@babel/preset-env@7.29.14', 'ts-jest@29.4.15'];
  let isInstalled = false;
  beforeAll(() => {
    stranger.write({ 'package.json': '{ "private": true }' });
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--legacy-peer-deps', '--prefer-offline'];
    const kept = `ipverdict@file:${stranger.tarball}`;
    try {
      execFileSync('npm', ['install', ...flags, kept, ...packages], {
        cwd: stranger.folder,
        stdio: 'ignore',
        timeout: 100_000,
        env: { ...process.env, NODE_OPTIONS: '' },
      });
      symlinkSync(
        join(projectRoot, 'node_modules/typescript'),
        join(stranger.folder, 'node_modules/typescript'),
      );
      isInstalled = true;
    } catch {
      // Without a network there is no Jest, and the tests say that they were skipped.
    }
  }, 120_000);

  const body = `
    test('decides', () => {
      expect(createPolicy({ deny: '10.0.0.0/8' }).decide('::ffff:10.1.1.1').verdict).toBe('deny');
      expect(RestrictionList.empty('allow').mode).toBe('allow');
      expect(typeof restrictTo(createPolicy({ deny: '' }))).toBe('function');
    });`;
  const required = `const { createPolicy } = require('ipverdict');
    const { RestrictionList } = require('ipverdict/list');
    const { restrictTo } = require('ipverdict/express');${body}`;
  const imported = `import { createPolicy } from 'ipverdict';
    import { RestrictionList } from 'ipverdict/list';
    import { restrictTo } from 'ipverdict/express';${body}`;

  function jest(folder: string, files: Record<string, string>, environment: NodeJS.ProcessEnv = {}): string {
    mkdirSync(join(stranger.folder, folder), { recursive: true });
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(stranger.folder, folder, name), text);
    const program = join(stranger.folder, 'node_modules/jest/bin/jest.js');
    const parameters = [program, '--rootDir', folder, '--config', `${folder}/jest.config.cjs`, '--no-cache'];
    return outputOf(process.execPath, [...parameters, '--colors=false'], environment);
  }

  test('not without a configuration, which says so', ({ skip }) => {
    if (!isInstalled) skip('Jest could not be installed');
    const output = jest('plain', { 'jest.config.cjs': 'module.exports = {};', 'a.test.js': required });
    expect(output).toContain('Must use import to load ES Module');
  });

  test('compiled by Babel, with import and with require', ({ skip }) => {
    if (!isInstalled) skip('Jest could not be installed');
    const files = {
      'jest.config.cjs': blockOf('jest.config.cjs'),
      'babel.config.cjs': blockOf('babel.config.cjs'),
      'a.test.js': imported,
      'b.test.js': required,
    };
    expect(jest('babel', files)).toContain('Tests:       2 passed, 2 total');
  });

  test('compiled by ts-jest', ({ skip }) => {
    if (!isInstalled) skip('Jest could not be installed');
    const compilerOptions = { module: 'nodenext', target: 'es2022', allowJs: true, isolatedModules: true };
    const files = {
      'jest.config.cjs': blockOf('ts-jest.config.cjs'),
      'tsconfig.json': JSON.stringify({ compilerOptions }),
      'a.test.ts': imported,
    };
    expect(jest('ts', files)).toContain('Tests:       1 passed, 1 total');
  });

  test('as ES modules', ({ skip }) => {
    if (!isInstalled) skip('Jest could not be installed');
    const [, options] = /NODE_OPTIONS=(\S+) npx jest/.exec(guide) as RegExpExecArray;
    const config = "module.exports = { testMatch: ['**/*.mjs'], moduleFileExtensions: ['mjs', 'js'] };";
    const files = { 'jest.config.cjs': config, 'a.mjs': imported };
    expect(jest('esm', files, { NODE_OPTIONS: options })).toContain('Tests:       1 passed, 1 total');
  });

  test('the pattern finds the package where npm and pnpm put it, and nothing else', () => {
    const [, source] = /transformIgnorePatterns: \['(.+)'\]/.exec(
      blockOf('jest.config.cjs'),
    ) as RegExpExecArray;
    const pattern = new RegExp((source as string).replaceAll('\\\\', '\\'));
    const isIgnored = (path: string): boolean => pattern.test(path);
    expect(isIgnored('/app/node_modules/ipverdict/dist/index.js')).toBe(false);
    const inStore = '/app/node_modules/.pnpm/ipverdict@0.1.0/node_modules/ipverdict/dist/index.js';
    expect(isIgnored(inStore)).toBe(false);
    for (const other of ['express', 'ipverdict-other', '.pnpm/express@5.3.0/node_modules/express']) {
      expect(isIgnored(`/app/node_modules/${other}/index.js`)).toBe(true);
    }
    expect([...guide.matchAll(/transformIgnorePatterns: \['(.+)'\]/g)].map((match) => match[1])).toEqual([
      source,
      source,
    ]);
  });
});
