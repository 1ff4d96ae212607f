import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { projectRoot } from './support/package.ts';

/**
 * What each import may weigh, minified and compressed, in bytes; and what the weight buys. Raise a budget only with a
 * line in the ledger.
 *
 * | date       | what                | bytes  | bought                                                                         |
 * |------------|---------------------|--------|--------------------------------------------------------------------------------|
 * | 2026-11-21 | everything          | 15,500 | the aim was 9,216; the rows below say where the rest goes                       |
 * |            | · diagnostics       |  4,300 | 32 codes with place and advice: without them a bad line is only "invalid"      |
 * |            | · tree with ranges  |  3,600 | sorting, nesting, ranges that overlap, comparisons that skip bytes             |
 * |            | · hostile sources   |  1,900 | items, iterables that throw or never end, unknown options, polluted prototypes |
 * |            | · explain, matcher  |  2,000 | sentences, every covering entry, values                                        |
 */
const budgets: readonly (readonly [code: string, bytes: number])[] = [
  ["export * from './dist/index.js'", 15_500],
  ["export { createPolicy } from './dist/index.js'", 14_300],
  ["export { createMatcher } from './dist/index.js'", 10_300],
  ["export { parseAddress } from './dist/index.js'", 3_700],
];

async function weigh(contents: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: projectRoot },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
  });
  return gzipSync(outputFiles[0]?.contents as Uint8Array, { level: 9 }).length;
}

describe('the weight of', () => {
  test.each(budgets)('%s is within its budget', async (code, bytes) => {
    const weight = await weigh(code);
    expect(weight).toBeLessThanOrEqual(bytes);
    // A budget far above the weight guards nothing.
    expect(weight).toBeGreaterThan(bytes * 0.9);
  });
});
