import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createStranger, projectRoot, type Stranger } from './support/package.ts';

const names = [
  'ListError',
  'ParseError',
  'createMatcher',
  'createPolicy',
  'formatAddress',
  'formatPrefix',
  'namedNetworks',
  'normalize',
  'parseAddress',
  'parseList',
  'parsePrefix',
  'tryParseAddress',
  'tryParsePrefix',
  'unmapAddress',
];

/** What the other entry points export, but for ip-num. */
const subpaths: Readonly<Record<string, readonly string[]>> = {
  list: [
    'ListError',
    'RestrictionList',
    'applyFixes',
    'compareLists',
    'comparePolicies',
    'impactOf',
    'lintList',
    'lintRules',
    'minimize',
    'minimizeList',
    'usageOf',
  ],
  rules: ['createRules'],
  set: ['AddressSet'],
  live: ['UpdateError', 'createLivePolicy', 'follow'],
  client: ['createClientResolver', 'createProxyDiagnostics'],
  snapshot: ['SnapshotError', 'decodePolicy', 'encodePolicy', 'inspectSnapshot'],
  formats: ['detectFormat', 'exportMmdb', 'exportPolicy', 'formats', 'importList', 'importMmdb'],
  node: ['clientOf', 'compileInWorker', 'guardServer', 'restrictTo', 'restrictUpgrade', 'watchList'],
  express: ['clientOf', 'restrictTo'],
  fastify: ['clientOf', 'restrictTo'],
  koa: ['clientOf', 'restrictTo'],
  hono: ['clientOf', 'cloudflareClient', 'restrictTo'],
  fetch: ['clientOf', 'cloudflareClient', 'restrictTo'],
};

/** The code of these files and of all that they import, by their names. */
function filesFrom(
  root: string,
  names: readonly string[],
  found = new Map<string, string>(),
): Map<string, string> {
  for (const name of names) {
    if (found.has(name)) continue;
    const code = readFileSync(join(root, name), 'utf8');
    found.set(name, code);
    const imported = importedBy(code).filter((from) => from.startsWith('.'));
    filesFrom(
      root,
      imported.map((from) => join(name, '..', from)),
      found,
    );
  }
  return found;
}

function importedBy(code: string): string[] {
  return [...code.matchAll(/^(?:import|export)\b[^'"]*["']([^"']+)["'];|\bimport\(["']([^"']+)["']\)/gm)].map(
    ([, from, late]) => (from ?? late) as string,
  );
}

/** What these files import that is not of the package. */
function packagesIn(files: ReadonlyMap<string, string>): string[] {
  const names = [...files.values()].flatMap(importedBy).filter((from) => !from.startsWith('.'));
  return [...new Set(names)].sort();
}

/** The files that only the command has. */
function ofCommand(root: string): Set<string> {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const entries = Object.values(exports as Record<string, { default?: string }>).flatMap(
    ({ default: file }) => (file === undefined || file.includes('*') ? [] : [file.slice(2)]),
  );
  const library = filesFrom(root, entries);
  const command = [...filesFrom(root, ['dist/cli.js']).keys()].filter((name) => !library.has(name));
  return new Set(command.map((name) => name.slice('dist/'.length)));
}

let stranger: Stranger;
beforeAll(() => {
  stranger = createStranger();
});
afterAll(() => stranger.remove());

describe('the packed tarball in an empty folder', () => {
  test('is imported with exactly the documented names', () => {
    stranger.write({
      'names.mjs': "import * as all from 'ipverdict'; console.log(JSON.stringify(Object.keys(all).sort()));",
    });
    expect(JSON.parse(stranger.node('names.mjs'))).toEqual(names);
  });

  test('is required from CommonJS, without a warning', () => {
    stranger.write({
      'require.cjs':
        "const { createPolicy } = require('ipverdict'); process.on('warning', (w) => console.log('warning', w.message)); setTimeout(() => console.log(createPolicy({ deny: '10.0.0.0/8' }).decide('::ffff:10.1.1.1').verdict), 10);",
    });
    expect(stranger.node('require.cjs')).toBe('deny\n');
  });

  test('decides in plain JavaScript', () => {
    stranger.write({
      'decide.mjs': `
        import { createPolicy, ListError } from 'ipverdict';
        const policy = createPolicy({ allow: '203.0.113.0/24 # Office', exempt: ['@loopback'] });
        console.log(policy.decide('::ffff:203.0.113.9').entry.note, policy.allows('::1'), policy.decide('192.0.2.1').reason);
        try { createPolicy({ allow: '203.0.113.300' }); } catch (error) { console.log(error instanceof ListError, error.problems[0].code); }`,
    });
    expect(stranger.node('decide.mjs')).toBe('Office true not-listed\ntrue octet-range\n');
  });

  test('has the entry for managed lists, with exactly the documented names and the same errors', () => {
    stranger.write({
      'managed.mjs': `
        import * as all from 'ipverdict/list';
        import { createPolicy, ListError } from 'ipverdict';
        console.log(Object.keys(all).sort().join());
        const list = all.RestrictionList.empty('allow').add('203.0.113.0/24', 'Office');
        console.log(createPolicy(list).decide('203.0.113.9').entry.note);
        try { list.remove('192.0.2.1'); } catch (error) { console.log(error instanceof ListError, all.ListError === ListError, all.RestrictionList.name); }`,
    });
    expect(stranger.node('managed.mjs')).toBe(
      'ListError,RestrictionList,applyFixes,compareLists,comparePolicies,impactOf,lintList,lintRules,minimize,minimizeList,usageOf\nOffice\ntrue true RestrictionList\n',
    );
  });

  test('has the entry for what lists mean, which knows the policies of the other entry', () => {
    stranger.write({
      'sets.mjs': `
        import * as all from 'ipverdict/list';
        import { createPolicy, ListError } from 'ipverdict';
        const [before, after] = ['', '192.0.2.0/31'].map((deny) => createPolicy({ deny }));
        console.log(all.comparePolicies(before, after).denied.prefixes.join());
        console.log(all.impactOf(before, after, ['192.0.2.1']).newlyDenied);
        try { all.minimize('192.0.2.300'); } catch (error) { console.log(error instanceof ListError); }`,
    });
    expect(stranger.node('sets.mjs')).toBe('192.0.2.0/31\n1\ntrue\n');
  });

  test('has the entry for sets, whose class the results of the other entry have', () => {
    stranger.write({
      'algebra.mjs': `
        import { AddressSet } from 'ipverdict/set';
        import { comparePolicies } from 'ipverdict/list';
        import { createPolicy, ListError } from 'ipverdict';
        const [before, after] = ['', '192.0.2.0/31'].map((deny) => createPolicy({ deny }));
        const { denied } = comparePolicies(before, after);
        console.log(denied instanceof AddressSet, AddressSet.name, AddressSet.of('192.0.2.0/30').covers(denied));
        console.log(AddressSet.allowedBy(after).complement().prefixes.join(), createPolicy({ deny: denied }).size);
        try { AddressSet.of('192.0.2.300'); } catch (error) { console.log(error instanceof ListError); }`,
    });
    expect(stranger.node('algebra.mjs')).toBe('true AddressSet true\n192.0.2.0/31 1\ntrue\n');
  });

  test('has the entry for ip-num, which asks for its peer only there', () => {
    stranger.write({
      'no-peer.mjs':
        "import('ipverdict/ip-num').then(() => console.log('loaded'), (error) => console.log(error.code));",
    });
    expect(stranger.node('no-peer.mjs')).toBe('ERR_MODULE_NOT_FOUND\n');
    symlinkSync(join(projectRoot, 'node_modules/ip-num'), join(stranger.folder, 'node_modules/ip-num'));
    stranger.write({
      'peer.mjs':
        "import * as all from 'ipverdict/ip-num'; import { IPv4 } from 'ip-num'; console.log(Object.keys(all).sort().join(), String(all.fromIpNum(new IPv4('10.0.0.1'))));",
    });
    expect(stranger.node('peer.mjs')).toBe('fromIpNum,toIpNum 10.0.0.1\n');
  });

  test('has the entry for managed lists', () => {
    stranger.write({
      'list.mjs':
        "import * as all from 'ipverdict/list'; console.log(all.applyFixes('10.0.0.1/8', all.lintList('10.0.0.1/8')));",
    });
    expect(stranger.node('list.mjs')).toBe('10.0.0.0/8\n');
  });

  test.each(Object.entries(subpaths))('has the entry %s, which needs no framework', (name, exported) => {
    stranger.write({
      'subpath.mjs': `import * as all from 'ipverdict/${name}'; console.log(Object.keys(all).sort().join());`,
      'subpath.cjs': `console.log(Object.keys(require('ipverdict/${name}')).sort().join());`,
    });
    expect(stranger.node('subpath.mjs')).toBe(`${exported.join()}\n`);
    expect(stranger.node('subpath.cjs')).toContain(exported.join());
  });

  test('has one core for all entries', () => {
    stranger.write({
      'one.mjs': `
        import { createPolicy, ListError } from 'ipverdict';
        import { createClientResolver } from 'ipverdict/client';
        import { restrictTo } from 'ipverdict/node';
        for (const make of [() => createClientResolver({ trusted: '10.0.0.*' }), () => restrictTo(createPolicy({ deny: '' }), { x: 1 })])
          try { make(); } catch (error) { console.log(error instanceof ListError); }`,
    });
    expect(stranger.node('one.mjs')).toBe('true\ntrue\n');
  });

  test.each(['ipverdict/dist/index.js', 'ipverdict/src/index.ts', 'ipverdict/radix'])('hides %s', (path) => {
    stranger.write({
      'deep.mjs': `import('${path}').then(() => console.log('loaded'), (error) => console.log(error.code));`,
    });
    expect(stranger.node('deep.mjs')).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED\n');
  });

  test.each(['nodenext', 'bundler'])('is typed under moduleResolution %s', (moduleResolution) => {
    stranger.write({
      'package.json': '{ "type": "module" }',
      'program.ts': `
        import { createPolicy, createMatcher, parseList, parseAddress, ListError, type Decision, type Entry, type Policy, type Problem, type PolicyInput, type Explanation, type Matcher, type Address, type Prefix, type Reason } from 'ipverdict';
        import { type Client, type ClientProblem, createClientResolver, createProxyDiagnostics, type ProxyWarning } from 'ipverdict/client';
        import { compileInWorker, type ListWatcher, type RestrictOptions, restrictTo, watchList, type WatchOptions } from 'ipverdict/node';
        import { restrictTo as restrictFetch } from 'ipverdict/fetch';
        import 'ipverdict/express';
        import 'ipverdict/fastify';
        import 'ipverdict/koa';
        import 'ipverdict/hono';
        const input: PolicyInput = { allow: [{ address: '10.0.0.0/8', note: 'Office' }, '@loopback'], mustAllow: ['10.0.0.1'] };
        import { compareLists, RestrictionList, type EntryGroup, type ListChange, type SwitchedList } from 'ipverdict/list';
        const managed: RestrictionList = RestrictionList.empty('allow', { maxEntries: 10 }).add(['10.0.0.1'], 'Office').add('10.0.0.2');
        import type { Entry as ListEntry, EntryItem, EntrySource, ListName, ManagedList, Mode, Policy as ListPolicy, Problem as ListProblem, ProblemCode, Reason as ListReason, Severity, StoredList, Verdict } from 'ipverdict/list';
        const sameEntry: ListEntry = {} as Entry;
        const samePolicy: ListPolicy = {} as Policy;
        const sameProblem: ListProblem = {} as Problem;
        const sameReason: ListReason = {} as Reason;
        const stored: StoredList = managed.toJSON();
        const again: ManagedList = RestrictionList.parse(stored.mode, stored.text, { maxEntries: stored.maxEntries });
        export type Others = [EntryItem, EntrySource, ListName, Mode, ProblemCode, Severity, Verdict];
        export { sameEntry, samePolicy, sameProblem, sameReason, again };
        const groups: readonly EntryGroup[] = managed.editGroup('Office', { note: 'HQ' }).groups;
        const switched: SwitchedList = managed.switchTo('deny');
        const change: ListChange = compareLists(managed, switched.list);
        createPolicy(managed, { exempt: '@loopback' });
        // @ts-expect-error lists are made by empty and parse
        new RestrictionList();
        // @ts-expect-error a list does not change
        managed.mode = 'deny';
        // @ts-expect-error a misspelt field
        managed.editGroup('Office', { notes: 'HQ' });
        import { comparePolicies, impactOf, minimize, type AddressChange, type AddressSet, type AffectedClient, type Impact, type ImpactOptions, type MinimizeOptions, type Outcome, type Usage, type UsageOptions, usageOf } from 'ipverdict/list';
        const difference: AddressChange = comparePolicies(createPolicy({ deny: '' }), createPolicy({ deny: '10.0.0.1' }));
        const set: AddressSet = difference.denied;
        import { AddressSet as Addresses, type AddressSetJson, type EntrySource as SetSource } from 'ipverdict/set';
        const ours: Addresses = Addresses.of([{ address: '10.0.0.0/8' }] satisfies SetSource).union(set, Addresses.empty).subtract(set);
        const json: AddressSetJson = Addresses.allowedBy(createPolicy({ deny: ours })).toJSON();
        export const [first, known, big]: [string | undefined, boolean, bigint] = [[...ours][0], ours.has(json.ipv4Count), ours.ipv6Count];
        // @ts-expect-error sets are made by of and allowedBy
        new Addresses();
        // @ts-expect-error a set does not change
        ours.prefixes = [];
        // @ts-expect-error a list is not a set
        ours.union(['10.0.0.1']);
        const impact: Impact = impactOf(createPolicy({ deny: '' }), { decide: createPolicy(input).decide }, new Set(['10.0.0.1']), { maxClients: 5 });
        const log = async function* (): AsyncGenerator<string> { yield '10.0.0.1'; };
        const later: Promise<Impact> = impactOf(createPolicy(input), createPolicy(input), log());
        const usage: Usage = usageOf(createPolicy(input), ['10.0.0.1'], { maxClients: 5 } satisfies UsageOptions);
        const usageLater: Promise<Usage> = usageOf(createPolicy(input), log());
        // @ts-expect-error a promise has no requests
        impactOf(createPolicy(input), createPolicy(input), log()).requests;
        const written: { readonly ipv4Count: string } = set.toJSON();
        const affected: AffectedClient | undefined = impact.clients[0];
        const smallest: string[] = minimize([{ address: '10.0.0.1' }], { maxEntries: 5 });
        // @ts-expect-error a look-alike has no lists to be read
        comparePolicies({ decide: () => undefined }, createPolicy(input));
        // @ts-expect-error a misspelt option
        impactOf(createPolicy(input), createPolicy(input), [], { maxClient: 5 });
        const policy: Policy = createPolicy(input, { whenEmpty: 'deny' });
        const decision: Decision = policy.decide(undefined);
        const reason: Reason = decision.reason;
        const note: string | undefined = decision.entry?.note;
        const entries: readonly Entry[] = parseList('').entries;
        const problems: readonly Problem[] = policy.problems;
        const explanation: Explanation = policy.explain(null);
        const matcher: Matcher<number> = createMatcher([['10.0.0.0/8', 1]]);
        const value: number | undefined = matcher.match('10.0.0.1')?.value;
        const address: Address = parseAddress('::1');
        const length: (prefix: Prefix) => number = (prefix) => prefix.length;
        createPolicy({ mode: 'allow', entries }, { exempt: new Set(['@private']) });
        const client: Client = createClientResolver({ trusted: ['@private'], header: 'forwarded' })('10.0.0.1', ['for=192.0.2.1']);
        const problem: ClientProblem | undefined = client.problem;
        createProxyDiagnostics({ warn: ({ code }: ProxyWarning) => void code })(client);
        type Seen = { socket: { remoteAddress?: string }; headers: Record<string, string>; user?: string };
        const options: RestrictOptions<Seen> = { client: { trusted: '127.0.0.1' }, onDecision: ({ verdict }, { user }) => verdict + user };
        const handler = restrictTo(policy, options)((request: Seen) => request.user);
        restrictFetch({ decide: async () => decision }, { client: (request, host: { ip: string }) => host.ip })(() => 5);
        const watcher: ListWatcher = watchList('list.txt', { mode: 'deny', exempt: '::1', every: 1000, onUpdate: ({ version }) => version } satisfies WatchOptions);
        const watched: Policy = watcher.policy;
        const built: Promise<Policy> = compileInWorker(input);
        export { watched, built };
        // @ts-expect-error no mode
        watchList('list.txt', {});
        // @ts-expect-error no hop count
        createClientResolver({ trusted: 1 });
        // @ts-expect-error a misspelt option
        restrictTo(policy, { onDeny: () => {} });
        // @ts-expect-error no policy
        restrictTo({ deny: '' });
        // @ts-expect-error both lists
        createPolicy({ allow: '', deny: '' });
        // @ts-expect-error no list
        createPolicy({ exempt: '' });
        // @ts-expect-error a misspelt option
        createPolicy({ allow: '', exempts: '' });
        // @ts-expect-error no text
        policy.decide(16909060);
        // @ts-expect-error read-only
        decision.verdict = 'allow';
        export { groups, change, set, affected, smallest, reason, note, problems, explanation, value, address, length, ListError, problem, handler };`,
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          target: 'ES2022',
          lib: ['ES2022'],
          types: [],
          strict: true,
          exactOptionalPropertyTypes: true,
          noEmit: true,
          skipLibCheck: false,
          module: moduleResolution === 'nodenext' ? 'NodeNext' : 'ESNext',
          moduleResolution,
        },
        files: ['program.ts'],
      }),
    });
    const compiler = join(projectRoot, 'node_modules/typescript/bin/tsc');
    expect(output(() => stranger.node(compiler, '-p', '.'))).toBe('');
  });

  // The older one has no types of the buffers of bytes.
  test.each([
    ['5.9', 'node_modules/typescript'],
    ['5.6', 'node_modules/@arethetypeswrong/core/node_modules/typescript'],
  ])('gives bytes that a response, a blob and a file take, for TypeScript %s', (version, folder) => {
    expect(JSON.parse(readFileSync(join(projectRoot, folder, 'package.json'), 'utf8')).version).toContain(
      version,
    );
    stranger.write({
      'bytes.mts': `
        import { decodePolicy, encodePolicy, type SnapshotBytes } from 'ipverdict/snapshot';
        export const bytes: SnapshotBytes = encodePolicy(decodePolicy(new Uint8Array()));
        export const plain: Uint8Array = bytes;
        export const bodies = [new Response(bytes), new Blob([bytes]), decodePolicy(bytes.buffer)];
        export const hash: Promise<ArrayBuffer> = crypto.subtle.digest('SHA-256', bytes);`,
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          target: 'ES2022',
          lib: ['ES2022', 'DOM'],
          types: [],
          strict: true,
          noEmit: true,
          skipLibCheck: false,
          module: 'NodeNext',
        },
        files: ['bytes.mts'],
      }),
    });
    expect(output(() => stranger.node(join(projectRoot, folder, 'bin/tsc'), '-p', '.'))).toBe('');
  });

  test('has nothing to say for publint and attw', () => {
    const bin = (name: string): string => join(projectRoot, 'node_modules', name);
    expect(output(() => stranger.node(bin('publint/src/cli.js'), stranger.tarball, '--strict'))).toContain(
      'All good!',
    );
    // attw ends with an error, which is thrown here, when there is a problem.
    const attw = bin('@arethetypeswrong/cli/dist/index.js');
    const table = stranger.node(attw, stranger.tarball, '--profile', 'esm-only', '--no-emoji', '--no-color');
    expect(table.match(/OK \(ESM\)/g)).toHaveLength(2 + Object.keys(subpaths).length);
  });

  test('holds what it should and nothing else', () => {
    const root = join(stranger.folder, 'node_modules/ipverdict');
    expect(readdirSync(root).sort()).toEqual([
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'dist',
      'docs',
      'examples',
      'package.json',
    ]);
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(manifest.dependencies).toBeUndefined();
    expect(
      Object.keys(manifest.scripts).filter((name) => /^(pre|post)?install$|^prepare$/.test(name)),
    ).toEqual([]);
    expect([manifest.type, manifest.sideEffects, manifest.engines.node]).toEqual([
      'module',
      false,
      '>=20.19',
    ]);
    expect(Object.keys(manifest.exports)).toEqual([
      '.',
      ...Object.keys(subpaths).flatMap((name) =>
        name === 'formats' ? ['./formats', './formats/*'] : [`./${name}`],
      ),
      './ip-num',
      './package.json',
    ]);
    for (const name of Object.keys(manifest.peerDependencies)) {
      expect(manifest.peerDependenciesMeta[name]).toEqual({ optional: true });
    }
    for (const name of readdirSync(join(root, 'dist')).filter((file) => file.endsWith('.js'))) {
      const code = readFileSync(join(root, 'dist', name), 'utf8');
      // A variable at the top is loaded again for each use; see tsup.config.ts.
      if (!ofCommand(root).has(name)) expect(code).not.toMatch(/^(?:var|let) /m);
      expect(code).not.toMatch(/\brequire\(|\beval\(|new Function/);
    }
  });

  test('has a command that imports only what is there, and a library that imports nothing of Node', () => {
    const root = join(stranger.folder, 'node_modules/ipverdict');
    const { bin, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(bin).toEqual({ ipverdict: 'dist/cli.js' });
    const start = readFileSync(join(root, bin.ipverdict), 'utf8');
    expect(start.startsWith('#!/usr/bin/env node\n')).toBe(true);
    const command = packagesIn(filesFrom(root, ['dist/cli.js']));
    expect(command.filter((name) => !name.startsWith('node:'))).toEqual(['yaml']);
    const entries = Object.values(exports as Record<string, { default?: string }>).flatMap(
      ({ default: file }) => (file === undefined || file.includes('*') ? [] : [file.slice(2)]),
    );
    expect(packagesIn(filesFrom(root, entries))).toEqual(['ip-num']);
  });

  test('is small enough, and holds nothing twice', () => {
    expect(statSync(stranger.tarball).size).toBeLessThanOrEqual(650_000);
    const dist = join(stranger.folder, 'node_modules/ipverdict/dist');
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file !== 'formats',
    );
    expect(files.filter((file) => !/\.(?:js|d\.ts)$/.test(file))).toEqual([]);
    // The thread of compileInWorker is one file, which runs wherever a bundler puts it.
    const thread = readFileSync(join(dist, 'ipverdict-worker.js'), 'utf8');
    expect(thread.length).toBeLessThan(86_000);
    expect(thread).not.toMatch(/(?:^|[;}\n])(?:import|export)\b/);
    const code = files.map((file) => readFileSync(join(dist, file), 'utf8'));
    expect(code.filter((text) => text.includes('sourceMappingURL'))).toEqual([]);
    // Errors point into what is built, so that it has to say where it comes from.
    expect(code.some((text) => text.includes('// src/policy/policy.ts'))).toBe(true);
  });
});

/** What a program printed, also when it failed. */
function output(run: () => string): string {
  try {
    return run();
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return `${stdout}${stderr}`;
  }
}

test('git holds no data of others and no built file', () => {
  const tracked = execFileSync('git', ['ls-files'], { cwd: projectRoot, encoding: 'utf8' }).split('\n');
  expect(tracked.filter((name) => /\.gz$|^dist\/|node_modules|\.tgz$/.test(name))).toEqual([]);
});
