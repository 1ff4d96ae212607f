/**
 * The conformance file on the Node that runs the tests, and the judge that `npm run test:runtimes` puts over the answers
 * of every runtime.
 */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

interface Result {
  readonly part: string;
  readonly name: string;
  readonly answer: unknown;
  readonly expected: unknown;
}

const load = (name: string): Promise<Record<string, never>> => import(/* @vite-ignore */ name);
const { conform } = (await load('./conformance.js')) as unknown as { conform(): Promise<Result[]> };
const { findDifferences, layOut } = (await load('./run.js')) as unknown as {
  findDifferences(answers: readonly Result[], reference: readonly Result[]): string[];
  layOut(rows: readonly (readonly string[])[]): string;
};
const results = await conform();

describe('the conformance file', () => {
  test.each([...new Set(results.map(({ part }) => part))])('is answered as expected: %s', (part) => {
    for (const { name, answer, expected } of results.filter((result) => result.part === part)) {
      expect({ name, answer }).toEqual({ name, answer: expected });
    }
  });

  test('asks each question once, and the same in every run', async () => {
    expect(new Set(results.map(({ part, name }) => `${part}: ${name}`)).size).toBe(results.length);
    expect(await conform()).toEqual(results);
  });

  test('imports what was built, and nothing else', () => {
    const text = readFileSync(new URL('./conformance.js', import.meta.url), 'utf8');
    const imported = [...text.matchAll(/^(?:import|\}) .*from '([^']+)';$/gm)].map(([, from]) => from);
    expect(imported.length).toBeGreaterThan(5);
    const others = imported.filter(
      (from) => !/^(?:\.\.\/\.\.\/dist\/[\w-]+|\.\/[\w-]+)\.js$/.test(from as string),
    );
    expect(others).toEqual([]);
  });
});

describe('the snapshots that were made elsewhere', () => {
  test('are those of test/vectors', async () => {
    const { snapshots } = (await load('./snapshots.js')) as unknown as { snapshots: Record<string, string> };
    for (const [name, text] of Object.entries(snapshots)) {
      const file = new URL(`../vectors/snapshots/${name}.v1`, import.meta.url);
      expect(Buffer.from(text, 'base64').equals(readFileSync(file))).toBe(true);
    }
  });
});

describe('the judge', () => {
  const changed = (at: number, change: Partial<Result>): Result[] =>
    results.map((result, index) => (index === at ? { ...result, ...change } : result));

  test('finds nothing where all is alike', () => {
    expect(findDifferences(results, results)).toEqual([]);
  });

  test('finds another answer, however late in a long text', () => {
    const long = 'x'.repeat(5_000);
    const [result] = results as [Result];
    expect(findDifferences(changed(0, { answer: 'other' }), results).join('\n')).toContain(result.name);
    const reference = changed(0, { answer: `${long}a`, expected: `${long}a` });
    expect(findDifferences(changed(0, { answer: `${long}b`, expected: `${long}a` }), reference)).not.toEqual(
      [],
    );
  });

  test('finds answers that are missing, too many, or right by another expectation', () => {
    expect(findDifferences(results.slice(1), results)).not.toEqual([]);
    expect(findDifferences(results.slice(0, -1), results)).not.toEqual([]);
    expect(findDifferences([...results, results[0] as Result], results)).not.toEqual([]);
    expect(findDifferences(changed(3, { answer: 1, expected: 1 }), results)).not.toEqual([]);
    expect(findDifferences([], results)).not.toEqual([]);
  });

  test('lays out a table', () => {
    expect(
      layOut([
        ['a', 'bc'],
        ['def', ''],
      ]),
    ).toBe('a    bc\n---  --\ndef');
  });
});
