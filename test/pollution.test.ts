/**
 * Whatever other code puts on `Object.prototype` under a name that our code uses changes nothing. Every name in the sources is
 * tried, so that a field that somebody adds tomorrow is tried, too.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createClientResolver } from '../src/public/client.ts';
import { createMatcher, createPolicy, ListError, parseList } from '../src/public/index.ts';
import {
  applyFixes,
  compareLists,
  comparePolicies,
  impactOf,
  lintList,
  minimize,
  minimizeList,
  RestrictionList,
  usageOf,
} from '../src/public/list.ts';
import { AddressSet } from '../src/public/set.ts';

const root = new URL('../src/', import.meta.url);
/** The command has a process of its own, which no other code is in. */
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.ts') && !/^cli[\\/]/.test(path),
);
const words = sources.flatMap(
  (path) => readFileSync(new URL(path, root), 'utf8').match(/[\p{L}_$][\p{L}\d_$]*/gu) ?? [],
);

/**
 * Names by which the language itself, or the runtime, reads every object: descriptors, iterators, promises, JSON and
 * errors. No code can be safe from these.
 */
const ofTheLanguage = new Set(
  'get set value writable enumerable configurable return then next done toJSON toString valueOf length raw index input cause name message stack constructor'.split(
    ' ',
  ),
);
const names = [...new Set([...words, '-1', '0', '1', '2', '3', '4', '1000'])].filter(
  (name) => !ofTheLanguage.has(name) && !Object.hasOwn(Object.prototype, name),
);

function messagesOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    if (error instanceof ListError) return error.problems.map((problem) => ({ ...problem }));
    return String(error);
  }
}

/** What a day's work gives, as text. */
function work(): string {
  const text = '10.1.2.3/8 # Lab\n2001:db8::/48\n192.0.2.7-192.0.2.20 # Lab\n@loopback';
  const policy = createPolicy({
    allow: text,
    exempt: '198.51.100.7 # Monitoring',
    mustDeny: ['203.0.113.9'],
  });
  const list = RestrictionList.parse('allow', text);
  const clients = [
    '10.0.0.1',
    '::ffff:192.0.2.9',
    '2001:db8::1',
    '198.51.100.7',
    '203.0.113.9',
    'fe80::1%4',
    'x',
    undefined,
  ];
  const other = createPolicy({ deny: '203.0.113.0/24' });
  const at = new Date('2026-06-01T00:00Z');
  const timedText =
    '10.0.0.1 until 2026-12-31T18:00Z # Lab\n10.0.0.2 from 2027-01-01T00:00Z\n10.0.0.3 until 2026-01-01T00:00Z';
  const timed = RestrictionList.parse('deny', timedText);
  const timedPolicy = createPolicy(timed, { at });
  const asked = clients.filter((client) => client !== undefined);
  const resolve = createClientResolver({ trusted: '10.0.0.0/8' });
  return JSON.stringify(
    [
      clients.map((client) => [policy.decide(client), policy.allows(client), policy.explain(client).message]),
      policy.problems,
      parseList('10.0.0.300\n10.0.0.1 Office\n!x\n10.0.0.0 netmask 255.0.0.0\n{}\n\u0000').problems,
      messagesOf(() => createPolicy({ deny: 'x', exempt: [{ address: '10.0.0.1', notes: 1 } as never] })),
      messagesOf(() => createPolicy({ deny: '', whenempty: 'deny' } as never)),
      createMatcher([['10.0.0.0/8', 1]]).match('10.0.0.1'),
      ...[
        () => list.add('203.0.113.9', 'New'),
        () => list.remove('2001:db8::/48'),
        () => list.exclude('10.0.0.1'),
        () => list.editEntry('2001:db8::/48', { note: 'Lab' }),
        () => list.editGroup('Lab', { addresses: '10.0.0.1' }),
        () => list.removeGroup('Lab'),
        () => list.edit('10.0.0.1'),
        () => list.edit('10.0.0.1', { ifRevision: 'x' }),
        () => minimizeList(list),
        () => RestrictionList.of('deny', [{ address: '10.0.0.1' }]),
      ].map((change) => messagesOf(() => String(change()))),
      list.describe(),
      list.revision,
      compareLists(list, list.add('203.0.113.9')),
      compareLists(timed, timed.editEntry('10.0.0.1', { until: at })),
      String(timed.add('10.0.0.4', 'New', { until: '2028-01-01T00:00Z' }).exclude('10.0.0.2')),
      [
        timedPolicy.changesAt,
        timedPolicy.explain('10.0.0.1'),
        timed.describe({ at }),
        lintList(timed, { at }),
      ],
      messagesOf(() => createPolicy({ deny: [{ address: '10.0.0.1', until: at }] })),
      parseList('10.0.0.1 until 2026-12-31\n10.0.0.1 until').problems,
      comparePolicies(policy, other),
      impactOf(policy, other, asked),
      usageOf(policy, asked),
      lintList(list),
      applyFixes(text, lintList(text, { mode: 'allow' })),
      minimize(text),
      ...algebra(AddressSet.of(text), AddressSet.allowedBy(other)),
      messagesOf(() => AddressSet.of('10.0.0.300')),
      resolve('10.0.0.1', '203.0.113.9, 10.0.0.2'),
      resolve('203.0.113.9', undefined),
    ],
    (_, value) => (typeof value === 'bigint' ? String(value) : value),
  );
}

/** What the sets of a day's work give. */
function algebra(set: AddressSet, other: AddressSet): unknown[] {
  const sets = [
    set,
    set.union(other, AddressSet.empty),
    set.intersect(other),
    other.subtract(set),
    set.complement(),
    AddressSet.all,
  ];
  return sets.map((one) => [
    one,
    [...one],
    one.ranges,
    [one.isEmpty, one.has('10.0.0.1'), one.covers(set), one.overlaps(set), one.equals(set)],
  ]);
}

/** What would do most harm where a list, a line or a text is expected. */
const value = ['0.0.0.0/0'];

test('a polluted Object.prototype changes no answer and no message', () => {
  const expected = work();
  const prototype = Object.prototype as unknown as Record<string, unknown>;
  const changed: string[] = [];
  for (const name of names) {
    let found: string;
    prototype[name] = value;
    try {
      found = work();
    } catch (error) {
      found = String(error);
    } finally {
      delete prototype[name];
    }
    if (found !== expected) changed.push(name);
  }
  expect(changed).toEqual([]);
  expect(names.length).toBeGreaterThan(1_000);
});
