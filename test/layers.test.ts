/**
 * The house is one street of folders. `docs/architecture.md` draws it; this test reads the code, and fails when the
 * drawing and the code differ.
 */

import { existsSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { type SourceFile, sourceFiles } from './support/source.ts';

/** The folders of `src` in order: a file imports from its own folder or from folders before it. */
const street = [
  'problem',
  'address',
  'space',
  'tree',
  'list',
  'policy',
  'rules',
  'set',
  'manage',
  'lint',
  'change',
  'minimize',
  'live',
  'client',
  'snapshot',
  'exchange',
  'mmdb',
  'syntax',
  'formats',
  'host',
  'adapters',
  'cli',
  'public',
];

const MOST_LINES_OF_FILE = 350;
const MOST_LINES_OF_FUNCTION = 60;
/** The scanner is one pass over the text, unrolled; cut into functions it would be slower. */
const MOST_LINES_OF_SCANNER = 120;

/** Where whole numbers are larger than a double holds: counts of addresses, numbers of files, and a peer with BigInt. */
const withBigInt = [
  'space/set.ts',
  'set/address-set.ts',
  'policy/explanation.ts',
  'mmdb/integers.ts',
  'adapters/ip-num.ts',
  'cli/logs.ts',
];

/** The one door to the modules of the runtime. */
const doorToRuntime = 'host/runtime.ts';

/** The folders that read text which anyone may have written, and the files of `space` that write it. */
const readers = ['address', 'tree', 'list', 'policy', 'set', 'manage', 'change', 'minimize', 'client'];
const writers = ['space/prefixes.ts', 'space/set.ts'];

const files = sourceFiles.map((file) => [file.path, file] as const);

function folderOf(path: string): string {
  return path.slice(0, path.indexOf('/'));
}

function importsOf(file: SourceFile): string[] {
  return file.imports.filter(({ isFile }) => isFile).map(({ from }) => from);
}

/** The paths that lead from a file back to itself, through files of its folder. */
function findCircle(path: string, trail: readonly string[] = []): readonly string[] | undefined {
  if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
  const file = sourceFiles.find((other) => other.path === path);
  for (const next of file === undefined ? [] : importsOf(file)) {
    const circle = folderOf(next) === folderOf(path) ? findCircle(next, [...trail, path]) : undefined;
    if (circle !== undefined) return circle;
  }
  return undefined;
}

describe('the street', () => {
  test('has a place for every folder, and nothing else', () => {
    expect([...new Set(sourceFiles.map(({ folder }) => folder))].sort()).toEqual([...street].sort());
  });

  test.each(files)('%s imports from its own folder and from folders before it', (_, file) => {
    const allowed = street.slice(0, street.indexOf(file.folder) + 1);
    expect(importsOf(file).filter((from) => !allowed.includes(folderOf(from)))).toEqual([]);
    const packages = file.imports.filter(({ isFile }) => !isFile).map(({ from }) => from);
    // The command runs where Node's modules are, and finds an optional package when a format needs it.
    const isOfNode = (name: string): boolean => file.folder === 'cli' && name.startsWith('node:');
    const peers: Readonly<Record<string, string>> = {
      'adapters/ip-num.ts': 'ip-num',
      'cli/imports.ts': 'yaml',
    };
    const peer = peers[file.path];
    expect(packages.filter((name) => !isOfNode(name))).toEqual(peer === undefined ? [] : [peer]);
  });

  test.each(street)('%s has no circle among its files', (folder) => {
    const paths = sourceFiles.filter((file) => file.folder === folder).map(({ path }) => path);
    expect(paths.map((path) => findCircle(path)).filter((circle) => circle !== undefined)).toEqual([]);
  });

  test.each(files.filter(([, { folder }]) => folder === 'tree'))(
    '%s knows words and runs alone',
    (_, file) => {
      const known = ['address/scanner.ts', 'address/bytes.ts', 'address/words.ts'];
      const others = importsOf(file).filter((from) => !['tree', 'space'].includes(folderOf(from)));
      expect(others.filter((from) => !known.includes(from))).toEqual([]);
    },
  );

  test.each(files)('%s leaves the words of the scanner to address and tree', (_, file) => {
    const names = file.imports
      .filter(({ from }) => from === 'address/scanner.ts')
      .flatMap((taken) => taken.names);
    const isShared = ['address', 'tree'].includes(file.folder);
    expect(names.filter((name) => !isShared && (name === 'scanned' || name === '*'))).toEqual([]);
  });
});

/** A row of the table of folders in `docs/architecture.md`. */
interface Row {
  readonly folder: string;
  readonly imports: readonly string[];
  readonly files: readonly string[];
}

describe('docs/architecture.md', () => {
  const page = readFileSync(new URL('../docs/architecture.md', import.meta.url), 'utf8');
  const cells = [...page.matchAll(/^\| `(\w+)\/` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)];
  const rows = cells.map(([, folder = '', , imports = '', names = '']): Row => {
    const split = (cell: string): string[] =>
      cell === 'nothing' ? [] : cell.split(',').map((s) => s.trim());
    return { folder, imports: split(imports), files: split(names) };
  });
  const rowOf = (folder: string): Row => rows.find((row) => row.folder === folder) as Row;

  test('has a row for each folder, in order', () => {
    expect(rows.map(({ folder }) => folder)).toEqual(street);
  });

  test('draws the street in the same order', () => {
    const drawing = page.match(/```text\n([\s\S]*?)```/)?.[1] as string;
    expect([...drawing.matchAll(/^ *(\w+) {2,}/gm)].map((match) => match[1])).toEqual(street);
  });

  test.each(street)('says exactly what %s imports', (folder) => {
    const imported = sourceFiles.filter((file) => file.folder === folder).flatMap(importsOf);
    const folders = new Set(imported.map(folderOf).filter((name) => name !== folder));
    expect(rowOf(folder).imports.join(', ')).toBe(street.filter((name) => folders.has(name)).join(', '));
  });

  test.each(street)('names every file of %s', (folder) => {
    const paths = sourceFiles.filter((file) => file.folder === folder).map(({ path }) => path);
    const names = paths.map((path) => path.slice(folder.length + 1, -'.ts'.length));
    expect([...rowOf(folder).files].sort()).toEqual(names.sort());
  });

  test.each(['docs/architecture.md', 'CONTRIBUTING.md'])('%s speaks of no file that is not there', (name) => {
    const text = readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
    const spoken = [...text.matchAll(/`?\b((?:[a-z-]+\/)?[\w.-]+\.ts)\b/g)].map(
      (match) => match[1] as string,
    );
    expect(spoken.length).toBeGreaterThan(40);
    const exists = (path: string): boolean =>
      ['', 'src/', 'test/'].some((folder) => existsSync(new URL(`../${folder}${path}`, import.meta.url)));
    expect(spoken.filter((path) => !exists(path))).toEqual([]);
  });
});

function isInFunction({ parent }: ts.Node): boolean {
  return parent !== undefined && (ts.isFunctionLike(parent) || isInFunction(parent));
}

describe('every file', () => {
  test.each(files)('%s is short enough to be read', (_, file) => {
    expect(file.lines).toBeLessThanOrEqual(MOST_LINES_OF_FILE);
  });

  test.each(files)('%s has short functions', (_, file) => {
    const most = file.path === 'address/scanner.ts' ? MOST_LINES_OF_SCANNER : MOST_LINES_OF_FUNCTION;
    expect(file.functions.filter(({ lines }) => lines > most)).toEqual([]);
  });

  test.each(files)('%s needs no platform and runs no text', (_, file) => {
    const forbidden = ['require', 'window', 'document', 'eval', 'Function'];
    // The command runs on Node alone.
    const isCommand = file.folder === 'cli';
    if (!isCommand) forbidden.push('Buffer');
    if (!isCommand && file.path !== doorToRuntime) forbidden.push('process');
    // The one place that makes patterns late, so that an import need not read them.
    if (file.path !== 'problem/say.ts') forbidden.push('RegExp');
    expect(forbidden.filter((name) => file.identifiers.has(name))).toEqual([]);
    if (isCommand) return;
    const strings = file.nodes.filter(ts.isStringLiteralLike);
    const modules = strings.filter(({ text }) => text.startsWith('node:'));
    const isAsked = ({ parent }: ts.Node): boolean =>
      ts.isCallExpression(parent) && parent.expression.getText() === 'moduleOfRuntime';
    expect(modules.filter((text) => file.path !== doorToRuntime && !isAsked(text))).toEqual([]);
    // What a server does with files and threads takes time; everything else is done in one turn.
    if (file.folder !== 'host')
      expect(file.has(ts.SyntaxKind.AwaitExpression, ts.SyntaxKind.AwaitKeyword)).toBe(false);
    expect(file.nodes.filter(ts.isAwaitExpression).filter((node) => !isInFunction(node))).toEqual([]);
  });

  test('makes patterns only of text that is written there', () => {
    const calls = sourceFiles
      .flatMap(({ nodes }) => nodes)
      .filter(ts.isCallExpression)
      .filter(({ expression }) => expression.getText() === 'patternOf');
    expect(calls.length).toBeGreaterThan(10);
    const others = calls.flatMap(({ arguments: given }) => given.filter((one) => !ts.isStringLiteral(one)));
    expect(others).toEqual([]);
    const making = sourceFiles
      .flatMap(({ nodes }) => nodes)
      .filter((node) => ts.isNewExpression(node) && node.expression.getText() === 'RegExp');
    expect(making.map((node) => node.getText())).toEqual(['new RegExp(source, flags)']);
  });

  test.each(files.filter(([path]) => !withBigInt.includes(path)))('%s counts without BigInt', (_, file) => {
    const types = ['BigInt', 'BigInt64Array', 'BigUint64Array'];
    expect(types.filter((name) => file.identifiers.has(name))).toEqual([]);
    expect(file.has(ts.SyntaxKind.BigIntLiteral, ts.SyntaxKind.BigIntKeyword)).toBe(false);
  });

  test.each(files.filter(([path, { folder }]) => readers.includes(folder) || writers.includes(path)))(
    '%s reads text without regular expressions, parseInt and Number',
    (_, file) => {
      expect(file.has(ts.SyntaxKind.RegularExpressionLiteral)).toBe(false);
      const forbidden = ['parseInt', 'parseFloat', 'Number', 'match', 'replace', 'search', 'test'];
      expect(forbidden.filter((name) => file.calls.has(name))).toEqual([]);
    },
  );

  test('the loops of a decision call only what V8 inlines however seldom it is called', () => {
    const file = sourceFiles.find(({ path }) => path === 'tree/radix.ts') as SourceFile;
    const loops = file.nodes
      .filter(ts.isMethodDeclaration)
      .filter(({ name }) => /^find[46]$/.test(name.getText()));
    expect(loops).toHaveLength(2);
    const inlined = ['isNotZero', 'imul', 'labelByEdges'];
    for (const loop of loops) {
      const called = [...loop.getText().matchAll(/(\w+)\(/g)].map((match) => match[1]);
      expect(new Set(called)).toEqual(new Set([...inlined, loop.name.getText()]));
    }
  });

  test('has a name that says what it is for', () => {
    const drawers = /util|helper|common|constants|types|misc/;
    expect(sourceFiles.map(({ path }) => path).filter((path) => drawers.test(path))).toEqual([]);
  });
});
