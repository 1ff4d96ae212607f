import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

/** The files of `src`, from the ground up: each may import only what stands above it here. */
const order = [
  'errors',
  'networks',
  'scanner',
  'address-fault',
  'address',
  'span',
  'entry-fault',
  'prefix',
  'column',
  'nesting',
  'radix',
  'radix-builder',
  'entries',
  'warnings',
  'source',
  'list',
  'matcher',
  'decision',
  'explanation',
  'policy-input',
  'policy',
  'index',
  'ip-num',
  'list-lines',
  'change-input',
  'list-words',
  'entry-groups',
  'restriction-list',
  'list-change',
  'intervals',
  'special-purpose',
  'lint-silence',
  'lint-merge',
  'lint-plan',
  'lint-fixes',
  'lint-rules',
  'lint-clients',
  'lint',
  'address-set',
  'compare-policies',
  'impact',
  'minimize',
  'note-tree',
  'entry-stretches',
  'minimize-entries',
  'minimize-list',
  'lists',
  'hop',
  'forwarded',
  'client-resolver',
  'proxy-diagnostics',
  'client',
  'adapters/denial',
  'adapters/guard',
  'adapters/http',
  'adapters/web',
  'adapters/node',
  'adapters/express',
  'adapters/fastify',
  'adapters/koa',
  'adapters/hono',
  'adapters/fetch',
];

const source = new URL('../src/', import.meta.url);
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.ts'));

function read(name: string): string {
  return readFileSync(new URL(name, source), 'utf8');
}

/** Code without comments, which may speak of what the code must not do. */
function codeOf(name: string): string {
  return read(name)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
}

function importsOf(name: string): string[] {
  return [...read(name).matchAll(/(?:from|import)\s*\(?'([^']+)'/g)]
    .map((match) => match[1] as string)
    .filter((target) => target !== 'ipverdict' && !read(name).includes(` * import { ${target}`))
    .filter((target) => codeOf(name).includes(`'${target}'`))
    .map((target) => (target.startsWith('.') ? placeOf(name, target) : target));
}

/** An import as if it stood in `src` itself: `./adapters/guard.ts`. */
function placeOf(name: string, target: string): string {
  return `./${new URL(target, `file:///${name}`).pathname.slice(1)}`;
}

describe('the house', () => {
  test('has a place for every file', () => {
    expect(files.map((name) => name.replace('.ts', '')).sort()).toEqual([...order].sort());
  });

  test.each(order)('%s imports only downward', (name) => {
    const imports = importsOf(`${name}.ts`);
    const below = order.slice(0, order.indexOf(name)).map((file) => `./${file}.ts`);
    const allowed = name === 'ip-num' ? [...below, 'ip-num'] : below;
    expect(imports.filter((target) => !allowed.includes(target))).toEqual([]);
    if (name === 'policy') expect(imports.length).toBeGreaterThan(5);
  });

  test.each(files)('%s is short enough to be read, and needs no platform', (name) => {
    expect(read(name).split('\n').length).toBeLessThanOrEqual(351);
    const code = codeOf(name);
    expect(code).not.toMatch(/['"]node:|\brequire\(|\bprocess\b|\bBuffer\b|\bwindow\b|\bdocument\b/);
    expect(code).not.toMatch(/\beval\(|new Function|new RegExp|\bawait\b/);
  });

  test.each([
    'scanner',
    'span',
    'address-fault',
    'entry-fault',
    'prefix',
    'list',
    'entries',
    'source',
    'radix',
    'matcher',
    'list-lines',
    'change-input',
    'list-words',
    'entry-groups',
    'restriction-list',
    'list-change',
    'address-set',
    'compare-policies',
    'impact',
    'minimize',
    'hop',
    'forwarded',
    'client-resolver',
  ])('%s reads text without regular expressions, parseInt and Number', (name) => {
    expect(codeOf(`${name}.ts`)).not.toMatch(
      /parseInt|parseFloat|\bNumber\(|\.match\(|\.replace\(|\.test\(|RegExp/,
    );
  });

  test('has no BigInt on the way of a decision', () => {
    for (const name of ['scanner', 'radix', 'matcher', 'decision', 'policy']) {
      expect(codeOf(`${name}.ts`)).not.toMatch(/\bBigInt\b|\bbigint\b|\d+n\b/);
    }
  });

  test('compares policies without a BigInt for an address', () => {
    for (const name of ['compare-policies', 'minimize']) {
      expect(codeOf(`${name}.ts`)).not.toMatch(/\bBigInt\b|\bbigint\b|\d+n\b/);
    }
  });

  test('is as docs/architecture.md draws it', () => {
    const table = readFileSync(new URL('../docs/architecture.md', import.meta.url), 'utf8');
    const rows = [...table.matchAll(/^\| (\d+) \| `([\w/-]+)\.ts` \| .+ \| (nothing|[\d, ]+)[^|]*\|$/gm)];
    expect(rows.map((row) => row[2])).toEqual(order);
    for (const [, , name, imports] of rows) {
      const drawn =
        imports === 'nothing ' ? [] : (imports as string).split(',').map((number) => number.trim());
      const actual = importsOf(`${name}.ts`).filter((target) => target.startsWith('./'));
      const numbers = actual.map((target) => `${order.indexOf(target.slice(2, -3)) + 1}`);
      expect({ name, imports: drawn.filter((number) => /^\d+$/.test(number)) }).toEqual({
        name,
        imports: [...new Set(numbers)].sort((left, right) => Number(left) - Number(right)),
      });
    }
  });

  test('has no drawers for odds and ends', () => {
    expect(files.filter((name) => /util|helper|common|constants|types|misc/.test(name))).toEqual([]);
  });
});
