import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import {
  createPolicy,
  ListError,
  namedNetworks,
  normalize,
  ParseError,
  type Problem,
  parseList,
} from '../src/public/index.ts';
import { projectRoot } from './support/package.ts';

/**
 * Runs every TypeScript and JavaScript block of the documents and of the docstrings. In a block, an expression
 * statement with a comment after it states its value: both are evaluated and compared.
 */

const documents = [
  'README.md',
  ...['docs', 'docs/guides'].flatMap((folder) =>
    readdirSync(join(projectRoot, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
];

function read(name: string): string {
  return readFileSync(join(projectRoot, name), 'utf8');
}

interface Snippet {
  readonly name: string;
  readonly code: string;
}

function snippetsOf(name: string, text: string): Snippet[] {
  return [...text.matchAll(/^```(?:ts|js)\n([\s\S]*?)^```/gm)].map((match) => ({
    name: `${name}:${text.slice(0, match.index).split('\n').length}`,
    code: match[1] as string,
  }));
}

/** The blocks in the docstrings, without the stars. */
function docstringsOf(name: string): Snippet[] {
  return snippetsOf(name, read(name).replace(/^ *\* ?/gm, ''));
}

const snippets = [
  ...documents.flatMap((name) => snippetsOf(name, read(name))),
  ...readdirSync(join(projectRoot, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => docstringsOf(`src/${name.replaceAll('\\', '/')}`)),
];

const statement =
  /^(\s*)(?!(?:const|let|import|export|if|for|while|return|throw|try|\/\/|\*)\b)(\S.*?);\s*\/\/ (.+)$/gm;

type Check = (actual: () => unknown, stated: () => unknown, line: string) => void;
type Runner = (load: (name: string) => Promise<unknown>, check: Check, console: unknown) => Promise<void>;

/** Runs a block; answers how many values it states. */
async function runSnippet(code: string): Promise<number> {
  const checked = code
    .replace(
      statement,
      (_, indent, expression, value) =>
        `${indent}__check(() => (${expression}), () => (${value}), ${JSON.stringify(expression)});`,
    )
    .replace(
      /^import \{([^}]+)\} from '([^']+)';$/gm,
      (_, names, from) =>
        `const {${names.replace(/\btype \w+,?/g, '').replace(/ as /g, ': ')}} = await __load('${from}');`,
    )
    .replace(/^import (\w+) from '([^']+)';$/gm, "const { default: $1 } = await __load('$2');")
    .replace(/^import \* as (\w+) from '([^']+)';$/gm, "const $1 = await __load('$2');");
  const { outputText } = ts.transpileModule(checked, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const AsyncFunction = (async () => {}).constructor as new (...parameters: string[]) => Runner;
  let count = 0;
  const check: Check = (actual, stated, line) => {
    count++;
    expect({ line, value: actual() }).toEqual({ line, value: stated() });
  };
  const load = (name: string): Promise<unknown> =>
    name.startsWith('ipverdict')
      ? import(
          /* @vite-ignore */ new URL(
            `../dist/${name.slice('ipverdict/'.length) || 'index'}.js`,
            import.meta.url,
          ).href
        )
      : import(/* @vite-ignore */ name);
  const silent = { log: () => {}, error: () => {}, warn: () => {} };
  await new AsyncFunction('__load', '__check', 'console', outputText.replace(/^export \{\};$/m, ''))(
    load,
    check,
    silent,
  );
  return count;
}

describe('the examples run, and their values are true', () => {
  test.each(snippets.map(({ name, code }) => [name, code] as const))('%s', async (_, code) => {
    const stated = [...code.matchAll(statement)].length;
    expect(await runSnippet(code)).toBe(stated);
  });

  // Guides, README and examples with their named blocks, which other tests run.
  const samples = [
    ...snippets,
    ...documents.flatMap((name) =>
      [...read(name).matchAll(/^```(?:ts|js) \S[^\n]*\n([\s\S]*?)^```/gm)].map((match) => ({
        name: `${name}:${read(name).slice(0, match.index).split('\n').length}`,
        code: match[1] as string,
      })),
    ),
    ...readdirSync(join(projectRoot, 'examples'))
      .filter((name) => name.endsWith('.js'))
      .map((name) => ({ name: `examples/${name}`, code: read(`examples/${name}`) })),
  ];

  test('no sample with a guard allows or exempts what may be a proxy', () => {
    const isGuard = /from 'ipverdict\/(?:node|express|fastify|koa|hono|fetch)'/;
    const own = /(?:exempt|allow)\w*: [^\n]*@(?:loopback|private|unique-local)/;
    const found = samples.filter(({ code }) => isGuard.test(code) && own.test(code));
    expect(samples.length).toBeGreaterThan(170);
    expect(found.map(({ name }) => name)).toEqual([]);
  });

  test('every recipe for a proxy requires its header', () => {
    const recipes = documents.flatMap((name) =>
      [...read(name).matchAll(/client: \{\s*trusted: [^}]+\}/g)].map(([recipe]) => `${name}: ${recipe}`),
    );
    expect(recipes.length).toBeGreaterThan(15);
    // One sample shows the error of a bad line.
    const others = recipes.filter((recipe) => !recipe.includes("'10.0.0.*'"));
    expect(others.filter((recipe) => !/\brequired: true\b/.test(recipe))).toEqual([]);
  });

  test('every sample with an allow list from outside says what it does when it is empty', () => {
    const fromOutside =
      /createPolicy\(\{ (?:allow(?:: (?!['`[]|rows\(\)|Promise|parseList)[^}]*)?|mode, list)[ ,}]/;
    const found = samples.filter(({ code }) => fromOutside.test(code) && !code.includes("whenEmpty: 'deny'"));
    expect(samples.filter(({ code }) => fromOutside.test(code)).length).toBeGreaterThan(7);
    expect(found.map(({ name, code }) => `${name}: ${fromOutside.exec(code)?.[0]}`)).toEqual([]);
  });

  test('a wrong value is noticed', async () => {
    await expect(
      runSnippet("import { normalize } from 'ipverdict';\nnormalize('10.1.1.1/8'); // '10.1.0.0/8'\n"),
    ).rejects.toThrow();
  });

  test('there are enough of them', () => {
    // The recipes of README have tests of their own: recipes.test.ts.
    expect(snippets.filter(({ name }) => name.startsWith('README')).length).toBeGreaterThanOrEqual(2);
    expect(snippets.filter(({ name }) => name.startsWith('src/')).length).toBeGreaterThanOrEqual(30);
  });
});

describe('docs/errors.md', () => {
  const text = read('docs/errors.md');
  const files = ['problem/codes', 'snapshot/error', 'live/guard'].map((name) => read(`src/${name}.ts`));
  const unions = files.flatMap((file) => [...file.matchAll(/type \w+Code =\s([^;]+);/g)]);
  const codes = unions.flatMap(([, union = '']) =>
    [...union.matchAll(/'([a-z0-9-]+)'/g)].map(([, code]) => code),
  );
  const headings = [...text.matchAll(/^#{2,4} `([a-z0-9-]+)`$/gm)].map((match) => match[1] as string);

  test('has a heading for every code, and for nothing else', () => {
    expect(codes.length).toBeGreaterThan(25);
    expect([...headings].sort()).toEqual([...new Set(codes)].sort());
  });

  test('gives inputs that have their codes', () => {
    const rows = [...text.matchAll(/^\| `([^`]+)` \| `([a-z0-9-]+)` \|/gm)].map(
      (match) => [match[1], match[2]] as const,
    );
    expect(rows.length).toBeGreaterThan(15);
    for (const [line, code] of rows) {
      const found = parseList(
        (line as string).replace(/\\u([0-9a-fA-F]{4})/g, (_, digits) =>
          String.fromCharCode(Number.parseInt(digits, 16)),
        ),
      ).problems;
      expect({ line, codes: found.map((problem) => problem.code) }).toEqual({
        line,
        codes: expect.arrayContaining([code]),
      });
    }
  });
});

describe('the documents', () => {
  const tableOf = (name: string): string[] =>
    [...read(name).matchAll(/^\s*\*?\s*\| ?([1-5]) +\|(.+)\|$/gm)].map((match) =>
      (match[2] as string).replace(/[`\s]+/g, ' ').trim(),
    );

  test('show one decision table', () => {
    expect(tableOf('README.md')).toHaveLength(5);
    expect(tableOf('docs/semantics.md')).toHaveLength(5);
    expect(tableOf('src/policy/policy.ts')).toHaveLength(5);
    const reasons = (rows: string[]): string[] => rows.map((row) => row.split('|').at(-1)?.trim() as string);
    expect(reasons(tableOf('README.md'))).toEqual(reasons(tableOf('src/policy/policy.ts')));
    expect(reasons(tableOf('docs/semantics.md'))).toEqual(reasons(tableOf('src/policy/policy.ts')));
  });

  test('name every named network', () => {
    for (const { name, prefixes } of namedNetworks) {
      expect(read('docs/semantics.md')).toContain(`@${name}`);
      for (const prefix of prefixes) expect(createPolicy({ deny: prefix }).size).toBe(1);
    }
  });

  const cellsOf = (line: string): string[] =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
  const rowsOf = (name: string): string[][] =>
    read(name)
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map(cellsOf);

  test('README gives the figures of the page about performance, and this those of the report', () => {
    const shown = rowsOf('README.md').filter((cells) => cells.length === 5 && cells[0]?.startsWith('IPv'));
    expect(shown).toHaveLength(4);
    const ofThousand = rowsOf('docs/performance.md').filter(([list]) => list === '1,000 entries');
    const withoutTime = ofThousand.map(([, client, decide, allows, rival, , factor]) => [
      client,
      decide,
      allows,
      rival,
      factor,
    ]);
    for (const row of shown) expect(withoutTime).toContainEqual(row);

    const page = read('docs/performance.md');
    const report = read('docs/performance-report.md');
    const part = (text: string, from: string, to: string): string =>
      text.slice(text.indexOf(from), text.indexOf(to, text.indexOf(from)));
    expect(part(page, '| command', '## Targets')).toBe(part(report, '| command', '## Targets'));
    expect(part(page, '## Targets', '\n\n## ')).toBe(part(report, '## Targets', '\n\n<details>'));
    expect(part(page, '## Where a rival', '\n\n## ')).toBe(part(report, '## Where a rival', '\n\n## '));
    const found = rowsOf('docs/performance-report.md').map((cells) => cells.join(' | '));
    const decided = rowsOf('docs/performance.md')
      .filter((cells) => cells.length === 7)
      .slice(2);
    expect(decided).toHaveLength(16);
    for (const [, client, decide, allows, rival, time, factor] of decided) {
      expect(
        found.some(
          (row) =>
            row.startsWith(`${client} | in an entry | `) &&
            row.includes(`, ${decide} | `) &&
            row.endsWith(`, ${allows} | ${rival} | ${time} | ${factor}`),
        ),
      ).toBe(true);
    }
    expect(page.split('\n').length).toBeLessThan(135);
  });

  test('README is short', () => {
    expect(read('README.md').split('\n').length).toBeLessThan(250);
  });

  test('link to files that exist', () => {
    const broken = documents
      .concat('CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'examples/README.md')
      .flatMap((name) =>
        [...read(name).matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)(#[^)]*)?\)/g)]
          .map((match) => join(name, '..', match[1] as string))
          .filter((target) => {
            try {
              readFileSync(join(projectRoot, target));
              return false;
            } catch (error) {
              return (error as NodeJS.ErrnoException).code !== 'EISDIR';
            }
          })
          .map((target) => `${name}: ${target}`),
      );
    expect(broken).toEqual([]);
  });

  test('link to headings that exist', () => {
    const slugOf = (heading: string): string =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-');
    const slugs = (name: string): Set<string> =>
      new Set([...read(name).matchAll(/^#{1,4} (.+)$/gm)].map((match) => slugOf(match[1] as string)));
    const broken = documents
      .concat('CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'examples/README.md')
      .flatMap((name) =>
        [...read(name).matchAll(/\]\((?!https?:|mailto:)([^)#]*)#([^)]*)\)/g)]
          .map(([, file, heading]) => [
            file === '' ? name : join(name, '..', file as string),
            heading as string,
          ])
          .filter(([file, heading]) => !slugs(file as string).has(heading as string))
          .map(([file, heading]) => `${name}: ${file}#${heading}`),
      );
    expect(broken).toEqual([]);
  });

  test('README says what each import may weigh, as the budgets do', () => {
    const budgets = new Map(
      [...read('test/size.test.ts').matchAll(/^ {2}\[["`](.+)["`], ([\d_]+)\],$/gm)].map((match) => [
        (match[1] as string).replaceAll('./dist/', ''),
        `${(Math.ceil(Number((match[2] as string).replaceAll('_', '')) / 100) / 10).toFixed(1)} KB`,
      ]),
    );
    const policy = '$' + '{policy}';
    for (const [code, pattern] of [
      ["export { createPolicy } from 'index.js'", '`createPolicy` (alone %)'],
      ["export { createMatcher } from 'index.js'", 'values by network (%)'],
      ["export { parseAddress } from 'index.js'", '`parseAddress` and friends (%)'],
      ["export * from 'index.js'", '`normalize` | % |'],
      ["export * from 'list.js'", 'minimizing lists | % |'],
      [`${policy}; export * from 'rules.js'`, 'an order; with `createPolicy` | % |'],
      [`${policy}; export * from 'set.js'`, 'counts; with `createPolicy` | % |'],
      [`${policy}; export * from 'client.js'`, 'behind-a-proxy.md); with `createPolicy` | % |'],
      [`${policy}; export { restrictTo } from 'node.js'`, '`clientOf`; with `createPolicy` | % |'],
      [`${policy}; export { watchList } from 'node.js'`, '[`watchList`](docs/guides/files.md) (%)'],
      [
        `${policy}; export { compileInWorker } from 'node.js'`,
        '`compileInWorker`; with `createPolicy` | % |',
      ],
      [
        "export { importList } from 'formats.js'; export * from 'formats/nginx.js'",
        '`importList` with nginx | % |',
      ],
      [`${policy}; export * from 'live.js'`, 'under load; with `createPolicy` | % |'],
      [`${policy}; export * from 'snapshot.js'`, 'among threads; with `createPolicy` | % |'],
    ] as const) {
      const size = budgets.get(code);
      expect({ code, size }).toEqual({ code, size: expect.any(String) });
      expect(read('README.md')).toContain(pattern.replace('%', size as string));
    }
  });

  test('the codes that users rely on are all there', () => {
    const promised =
      'not-a-string empty too-long invalid-character octet-count octet-range octet-leading-zero group-count group-length multiple-ellipses zone-not-allowed prefix-length-missing prefix-length-invalid prefix-length-range mapped-prefix-too-short range-reversed range-families trailing-text too-many-entries one-list-required host-bits-set duplicate covers-everything excludes-ipv4'.split(
        ' ',
      );
    const seen = new Set<string>();
    const collect = (problems: readonly Problem[]): void =>
      problems.forEach(({ code }) => void seen.add(code));
    const lines = [
      '',
      '1'.repeat(50),
      'x',
      '1.2.3',
      '256.1.1.1',
      '01.1.1.1',
      '1:2',
      '12345::',
      '1::2::3',
      '::1%a',
      '1.1.1.1/',
      '1.1.1.1/x',
      '1.1.1.1/33',
      '::ffff:1.1.1.1/8',
      '2.2.2.2-1.1.1.1',
      '1.1.1.1-::',
      '1.1.1.1 x',
      '10.0.0.1/8',
      '10.0.0.1/8',
      '0.0.0.0/0',
      '::/0',
    ];
    collect(parseList(lines.join('\n')).problems);
    collect(parseList(lines.join('\n'), { maxEntries: 1 }).problems);
    for (const run of [
      () => createPolicy({ deny: [5 as never, { address: '' }] }),
      () => createPolicy({} as never),
      () => normalize('1.1.1.1/'),
    ]) {
      try {
        run();
      } catch (error) {
        if (error instanceof ListError) collect(error.problems);
        if (error instanceof ParseError) seen.add(error.code);
      }
    }
    expect(promised.filter((code) => !seen.has(code))).toEqual([]);
  });
});
