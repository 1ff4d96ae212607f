/** What policies take: bytes, counted by the engine in a process of its own, and the hidden classes of what it makes. */

import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';

const distOf = (name: string): string => new URL(`../../dist/${name}.js`, import.meta.url).href;

/** Runs a program with a flag of V8, and returns what it prints as JSON. */
function run(program: string, flag: string): unknown {
  const given = [flag, '--input-type=module', '-e', program];
  return JSON.parse(execFileSync(process.execPath, given, { encoding: 'utf8' }));
}

const prelude = `
  import { setImmediate } from 'node:timers/promises';
  import { getHeapCodeStatistics } from 'node:v8';
  import { createPolicy } from '${distOf('index')}';
  const bytes = async () => {
    for (let time = 0; time < 5; time++) {
      gc();
      await setImmediate();
    }
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const networks = (seed, count) => Array.from({ length: count }, (_, index) => {
    const bits = Math.imul(seed * 1000 + index + 1, 0x9e3779b1) >>> 0;
    return index % 5 === 4
      ? '2001:db8:' + (bits >>> 16).toString(16) + '::/48 # Office'
      : (1 + (bits >>> 24) % 220) + '.' + ((bits >>> 16) & 255) + '.' + ((bits >>> 8) & 255) + '.0/24 # Office ' + index;
  });
  /** A text with its own memory: one that is joined may keep its parts until it is read. */
  const flat = (lines) => Buffer.from(lines.join('\\n')).toString('latin1');
  const weigh = async (texts, make) => {
    const kept = new Array(texts.length).fill(undefined);
    // Compiled code is not counted.
    for (let round = 0; round < 2; round++) texts.forEach(make);
    const before = await bytes();
    texts.forEach((text, index) => { kept[index] = make(text); });
    const after = await bytes();
    return kept.length === 0 ? 0 : (after - before) / texts.length;
  };
`;

describe('the memory of a policy beside its text', () => {
  test.each([
    ['one entry', 1, 5000, 1000],
    ['20 entries', 20, 5000, 2600],
    ['20 entries between comments', 20, 5000, 2800, '# Comment'],
    ['1,000 entries', 1000, 100, 120_000],
  ])('of %s', (_, size, count, limit, comment = '') => {
    const program = `${prelude}
      const texts = Array.from({ length: ${count} }, (_, index) =>
        flat(networks(index, ${size}).map((line) => '${comment}' === '' ? line : '${comment}\\n' + line)));
      console.log(await weigh(texts, (deny) => createPolicy({ deny })));`;
    const found = run(program, '--expose-gc');
    expect(found).toBeLessThan(limit);
    // A limit far above guards nothing.
    expect(found).toBeGreaterThan(limit * 0.75);
  });

  test('grows by 300 bytes for each entry that clients meet', () => {
    const program = `${prelude}
      const lines = Array.from({ length: 8000 }, (_, index) => '10.' + (index >> 8) + '.' + (index & 255) + '.0/24');
      const policy = createPolicy({ deny: flat(lines), maxEntries: 8000 });
      for (let index = 0; index < 200_000; index++) policy.decide('10.0.0.' + (index & 255));
      const before = await bytes();
      for (const line of lines) policy.decide(line.slice(0, -3));
      console.log((await bytes() - before) / lines.length);`;
    expect(run(program, '--expose-gc')).toBeLessThan(300);
  });

  test('ends with it, and code does not pile up: 100,000 policies, one after another', () => {
    const program = `${prelude}
      const make = (count) => {
        for (let index = 0; index < count; index++) {
          if (createPolicy({ deny: '10.0.' + (index & 255) + '.0/24 # Office' }).decide('10.0.1.1') === undefined) throw index;
        }
      };
      const code = () => Object.values(getHeapCodeStatistics()).reduce((sum, size) => sum + size, 0);
      make(60_000);
      const before = await bytes() + code();
      make(100_000);
      console.log(await bytes() + code() - before);`;
    expect(run(program, '--expose-gc')).toBeLessThan(400_000);
  });
});

test('whatever is made by one function has the same hidden class, and fast properties', () => {
  const adapters = ['node', 'express', 'fastify', 'koa', 'hono', 'fetch'];
  const program = `
    import { createMatcher, createPolicy, parseList } from '${distOf('index')}';
    import { RestrictionList } from '${distOf('list')}';
    import { createClientResolver } from '${distOf('client')}';
    ${adapters.map((name) => `import * as ${name} from '${distOf(name)}';`).join('\n')}
    const policy = createPolicy({ deny: '10.0.0.0/8 # Lab' });
    const matcher = createMatcher([['10.0.0.0/8', 1], ['0.0.0.0/0', 'x']]);
    const parsed = parseList('1.2.3.4 # Note\\n::/0\\n1.2.3.4');
    const resolver = createClientResolver({ trusted: '10.0.0.0/8' });
    const families = {
      matcher: [matcher, createMatcher([['::/0', {}]]), createMatcher([])],
      match: matcher.matchAll('10.1.1.1'),
      list: [RestrictionList.empty(), RestrictionList.parse('allow', '::1 # Note'), RestrictionList.of('deny', [{ address: '::1' }])],
      resolver: [resolver, createClientResolver({ trusted: [], header: 'forwarded' })],
      client: [resolver('10.0.0.1', '192.0.2.1'), resolver('192.0.2.1', undefined)],
      parsed: [parsed, parseList('')],
      entry: parsed.entries,
      problem: parsed.problems,
      explanation: ['10.0.0.1', 'x', 'fe80::1%eth0'].map(policy.explain),
    };
    for (const [name, adapter] of Object.entries({ ${adapters.join(', ')} }))
      families[name] = [adapter.restrictTo(policy), adapter.restrictTo(() => policy)];
    console.log(JSON.stringify(Object.entries(families)
      .filter(([, all]) => all.length < 2 || !all.every((one) => %HasFastProperties(one) && %HaveSameMap(one, all[0])))
      .map(([name]) => name)));`;
  expect(run(program, '--allow-natives-syntax')).toEqual([]);
});
