import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { projectRoot } from './support/package.ts';

const policy = "export { createPolicy } from './dist/index.js'";

/**
 * What each import may weigh, minified and compressed, in bytes; and what the weight buys. Raise a budget only with a
 * row in the ledger. The aims are 14,400 for `createPolicy`, 9,500 for `createMatcher`, 4,200 for `parseAddress` and 16,000
 * for everything; none is there. The parts are in minified bytes before compression.
 *
 * | date       | what                       | bytes  | bought                                                              |
 * |------------|----------------------------|--------|---------------------------------------------------------------------|
 * | 2026-11-21 | everything, compressed     | 16,300 |                                                                     |
 * |            | · codes, places and advice | 11,900 | 30 codes, each with a sentence that says what to write instead      |
 * |            | · addresses, entries       |  8,200 | windows instead of loops: IPv4 at 1.2 times its characters, not 1.7 |
 * |            | · sorting, nesting, tree   |  7,300 | ranges that overlap, comparisons that skip bytes, 16 bytes a branch |
 * |            | · lists, items             |  6,400 | hostile iterables, items, line and column, entries made on demand   |
 * |            | · policy, options          |  5,300 | guards, misspelt options, managed lists, exemptions in one tree     |
 * |            | · explain, matcher         |  3,400 | sentences, every covering entry, values                             |
 * | 2026-11-22 | hints, input read once     | +1,200 | what to write instead of 20 more shapes; getters, proxies, realms   |
 * |            | a faster tree              |   +750 | IPv6: a root of its own, fields of twelve bits; a third off builds  |
 * |            | managed lists, alone       | 16,000 | groups, edits to the letter, places in what was given, audit log;   |
 * |            | · beside `createPolicy`    | +4,300 | 11,000 of it are the core's lists, addresses and messages           |
 * |            | entries read for lint      |   +100 | notes and lines of entries one by one, long entries copied once     |
 * |            | lint, beside managed lists | +7,500 | 13 rules, safe fixes, 51 rows of the registries                     |
 * |            | what lists mean            | +5,200 | every address and client that a change concerns, the smallest list  |
 * | 2026-11-22 | the client, beside a policy | +3,500 | RFC 7239, the walk along proxies, options, six warnings             |
 * |            | an adapter, beside a policy | +5,250 | the client, hooks that deny when they throw, text or JSON           |
 * |            | advice, stored lists       |   +700 | quotes, URLs, bullets; toJSON; lists in wrong places; silent lines  |
 * |            | bounds of items            |   +200 | arrays of any length, bad items and long notes end; columns of text |
 * |            | whole lists                |   +150 | the smallest list: covered ranges go, lines that stay are kept      |
 * |            | adapters against attacks   | +1,500 | all lines of a head, resets while waiting, halves of a family trusted |
 * | 2026-11-28 | one sweep, one reader       | −1,050 | `createPolicy`: one sweep, one search, faults as data, options by table |
 * |            | advice that cannot mislead |   +350 | a second address, an exception or a time never becomes a note        |
 * |            | no matcher in adapters     | −1,300 | trusted proxies are a set                                           |
 * | 2026-11-29 | advice by shapes, suggestions | +2,500 | 40 shapes with the one text to put in, formats named, lines with marks |
 * |            | lists that seem empty       |   +700 | unknown fields, entries of bad texts, used iterators, `{ mode, list }` |
 * |            | a bounded tree              |   +500 | 496 bytes an entry at most, ranges up to 27 times smaller            |
 * |            | plain decisions, options    |   +600 | decisions kept, own fields alone, `null` where it would open         |
 * |            | lists edited in place, lint | +10,500 | exclude, revisions, usage by entry, look-alikes, feeds, JSON         |
 * |            | who is asking               | +1,900 | required headers, warnings about proxies, `clientOf`, tenants        |
 * |            | refusals that hold          | +1,300 | uploads, trailers, bodies and hooks of earlier code, on each framework |
 * |            | patterns made when needed   |    +60 | a third of an import: engines look up Unicode as they read literals  |
 * |            | lists built at full speed   |   +650 | code that outlives collections, no object for a block, half the memory |
 * |            | entries that begin and end  | +1,400 | instants checked by position, items, advice for each slip; 2,700 more for lists that keep them |
 * |            | rules                       |   +200 | labels that allow, joined tables; 4,000 beside `createPolicy`, and 7,600 for `lintRules` |
 * |            | sets                        |     +0 | 2,000 beside `createPolicy`; 830 in everything of the list               |
 * |            | times that explain themselves |   +450 | what covered a client until when, the fault of an entry that ends, words in ten languages |
 * |            | lists that change           |   +110 | 10,000 beside `createPolicy`, 1,700 of it `follow`: comparisons, rules and instants, too |
 * |            | snapshots                   |     +0 | `decodePolicy` alone 24,600: explanations, rules and warnings are most of it; 12,500 beside `createPolicy` |
 * |            | files and threads           |    +20 | `watchList` 11,700 beside `createPolicy`, 10,000 of it live policies; `compileInWorker` 12,600, rules and snapshots most of it |
 * |            | lists in several turns      |   +200 | items gathered while the thread goes on                                  |
 * |            | entries of other formats    |   +110 | an entry says what its file does with it, and a list that does not refuses it |
 * |            | lists of other programs     |     +0 | the frame of readers and writers 6,000, and 1,000 to 5,000 for each format          |
 * |            | strict snapshots            |   +600 | trees that the builder makes, texts read strictly, entries against their tree         |
 * |            | followers that go on        |   +200 | what is waited for holds a process, failures told again, one look at a file at a time |
 */
const budgets: readonly (readonly [code: string, bytes: number])[] = [
  ["export * from './dist/index.js'", 27_100],
  ["export * from './dist/list.js'", 57_500],
  ["export { RestrictionList, compareLists } from './dist/list.js'", 30_100],
  ["export { createPolicy } from './dist/index.js'; export * from './dist/list.js'", 60_100],
  ["export { createPolicy } from './dist/index.js'", 25_150],
  ["export { createMatcher } from './dist/index.js'", 15_900],
  ["export { parseAddress } from './dist/index.js'", 4_850],
  [`${policy}; export * from './dist/rules.js'`, 29_150],
  [`${policy}; export * from './dist/set.js'`, 27_250],
  [`${policy}; export * from './dist/live.js'`, 36_200],
  [`${policy}; export * from './dist/client.js'`, 28_900],
  ["export { decodePolicy } from './dist/snapshot.js'", 26_250],
  [`${policy}; export * from './dist/snapshot.js'`, 39_000],
  ...(['express', 'fastify', 'koa', 'hono', 'fetch'] as const).map(
    (name) => [`${policy}; export { restrictTo } from './dist/${name}.js'`, 33_450] as const,
  ),
  [`${policy}; export { restrictTo } from './dist/node.js'`, 33_450],
  [`${policy}; export { watchList } from './dist/node.js'`, 38_400],
  ["export { importList } from './dist/formats.js'; export * from './dist/formats/nginx.js'", 20_600],
  [`${policy}; export { compileInWorker } from './dist/node.js'`, 40_100],
];

async function bundle(contents: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: projectRoot },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    // Chunks that are shared are imported for their order alone where nothing of them is used.
    logLevel: 'error',
  });
  return outputFiles[0]?.contents as Uint8Array;
}

async function weigh(contents: string): Promise<number> {
  return gzipSync(await bundle(contents), { level: 9 }).length;
}

/** A sentence that only `createMatcher` has. */
const SIGN_OF_MATCHER = 'a pair of entry and value';

describe('the weight of', () => {
  test.each(budgets)('%s', async (code, bytes) => {
    const weight = await weigh(code);
    expect(weight).toBeLessThanOrEqual(bytes);
    // A budget far above the weight guards nothing.
    expect(weight).toBeGreaterThan(bytes * 0.9);
  });

  test.each(['node', 'express', 'fastify', 'koa', 'hono', 'fetch', 'client'])(
    '%s has no matcher',
    async (name) => {
      const matcher = await bundle("export { createMatcher } from './dist/index.js'");
      expect(new TextDecoder().decode(matcher)).toContain(SIGN_OF_MATCHER);
      const text = new TextDecoder().decode(await bundle(`export * from './dist/${name}.js'`));
      expect(text).not.toContain(SIGN_OF_MATCHER);
    },
  );
});
