/** The code of the guides about live lists, as a user pastes it: strict TypeScript, and the programs in JavaScript as well. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { projectRoot } from './support/package.ts';

const guides = ['lists-that-change', 'files', 'many-processes', 'snapshots'];

/** The clients that some recipes take, with what they need of them. */
const clients = `
  declare const db: { query(text: string, values: unknown[]): Promise<{ rows: any[] }> };
  declare const redis: { get(key: string): Promise<string | null> };`;

/** A block by the name of a file beside its guide. One whose fence names a program in JavaScript is checked as such. */
const files = new Map<string, string>([[join(projectRoot, 'docs/guides/clients.d.ts'), clients]]);
for (const guide of guides) {
  const text = readFileSync(join(projectRoot, `docs/guides/${guide}.md`), 'utf8');
  for (const { 1: name = '', 2: code = '', index } of text.matchAll(/^```(?:ts|js)(.*)\n([\s\S]*?)^```/gm)) {
    const line = text.slice(0, index).split('\n').length;
    const kind = name.endsWith('.js') ? 'js' : 'ts';
    // Each block is a module, also one that imports nothing.
    files.set(join(projectRoot, `docs/guides/${guide}-${line}.${kind}`), `${code}export {};`);
  }
}

/** What the compiler says, by the file and the line in it. */
function problemsIn(lib: readonly string[]): string[] {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    lib: lib.map((name) => `lib.${name}.d.ts`),
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
    strict: true,
    allowJs: true,
    checkJs: true,
    noEmit: true,
    skipLibCheck: true,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  host.getSourceFile = (name, settings, ...others) => {
    const code = files.get(name);
    return code === undefined
      ? getSourceFile(name, settings, ...others)
      : ts.createSourceFile(name, code, settings);
  };
  host.getCurrentDirectory = () => projectRoot;
  const program = ts.createProgram({ rootNames: [...files.keys()], options, host });
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, code, messageText }) => {
    const name = file?.fileName.slice(projectRoot.length) ?? '';
    const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1;
    return `${name}:${line} TS${code} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

test('has blocks to check', () => {
  expect(files.size).toBeGreaterThan(25);
});

test.each([[['es2022']], [['es2022', 'dom']]])(
  'compiles as strict TypeScript with %j',
  { timeout: 120_000 },
  (lib) => {
    expect(problemsIn(lib)).toEqual([]);
  },
);
