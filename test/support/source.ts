/** The files of `src` as the compiler reads them: comments and strings are not mistaken for code. */

import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';

const root = new URL('../../src/', import.meta.url);

export interface Import {
  /** The file as a path in `src`, or the name of a package. */
  readonly from: string;
  readonly isFile: boolean;
  readonly names: readonly string[];
}

export interface SourceFunction {
  readonly name: string;
  readonly lines: number;
}

/** Every node, parents first. */
function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => {
    children.push(child);
  });
  for (const child of children) yield* nodesOf(child);
}

/** The name under which a function is reached: its own, or that of what it is assigned to. */
function nameOf(node: ts.FunctionLikeDeclaration): string {
  if (node.name !== undefined) return node.name.getText();
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  for (let parent: ts.Node = node.parent; !ts.isSourceFile(parent); parent = parent.parent) {
    if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) return parent.name.getText();
    if (ts.isPropertyDeclaration(parent)) return parent.name.getText();
    if (ts.isFunctionLike(parent)) break;
  }
  return 'a function without a name';
}

function namesOf(node: ts.ImportDeclaration | ts.ExportDeclaration): string[] {
  const bindings = ts.isExportDeclaration(node) ? node.exportClause : node.importClause?.namedBindings;
  if (bindings === undefined || ts.isNamespaceImport(bindings) || ts.isNamespaceExport(bindings))
    return ['*'];
  return [...bindings.elements].map(({ name, propertyName }) => (propertyName ?? name).text);
}

export class SourceFile {
  readonly path: string;
  readonly folder: string;
  /** The number of lines of the file. */
  readonly lines: number;
  readonly nodes: readonly ts.Node[];

  constructor(path: string) {
    this.path = path;
    this.folder = path.slice(0, Math.max(0, path.indexOf('/')));
    const text = readFileSync(new URL(path, root), 'utf8');
    this.lines = text.trimEnd().split('\n').length;
    this.nodes = [...nodesOf(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true))];
  }

  /** Everything that is imported or exported from elsewhere, types too. */
  get imports(): Import[] {
    return this.nodes.flatMap((node) => {
      if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
        return [this.#importOf(node.moduleSpecifier, namesOf(node))];
      }
      const isCall = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
      if (isCall) return [this.#importOf(node.arguments[0] as ts.Node, ['*'])];
      return ts.isImportTypeNode(node) ? [this.#importOf(node.argument, ['*'])] : [];
    });
  }

  #importOf(specifier: ts.Node, names: readonly string[]): Import {
    const target = specifier.getText().slice(1, -1);
    const isFile = target.startsWith('.');
    const from = isFile ? new URL(target, `file:///${this.path}`).pathname.slice(1) : target;
    return { from, isFile, names };
  }

  /** Every function with a body: declarations, methods, accessors and arrows. A class is not a function. */
  get functions(): SourceFunction[] {
    return this.nodes.flatMap((node) => {
      if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return [];
      const lines = node.getText().split('\n').length;
      return [{ name: nameOf(node as ts.FunctionLikeDeclaration), lines }];
    });
  }

  /** The identifiers of the code. */
  get identifiers(): Set<string> {
    return new Set(this.nodes.filter(ts.isIdentifier).map(({ text }) => text));
  }

  /** The names of what is called: `Number` of `Number(text)` and `match` of `text.match(…)`. */
  get calls(): Set<string> {
    const callees = this.nodes.filter(ts.isCallExpression).map(({ expression }) => expression);
    return new Set(
      callees.map((callee) => (ts.isPropertyAccessExpression(callee) ? callee.name.text : callee.getText())),
    );
  }

  has(...kinds: readonly ts.SyntaxKind[]): boolean {
    return this.nodes.some(({ kind }) => kinds.includes(kind));
  }
}

/** The files of `src`, by path. */
export const sourceFiles: readonly SourceFile[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts'))
  .sort()
  .map((path) => new SourceFile(path));
