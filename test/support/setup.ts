/**
 * What holds for every test: properties try the same examples in every run, titles fit a line of a terminal, and a test
 * that passes prints no warning and no error.
 */

import fc from 'fast-check';
import { afterEach, beforeEach, expect, vi } from 'vitest';

const LONGEST_TITLE = 100;
const LONGEST_NAME = 200;

/** `npm test` uses this one; `npm run test:random` sets `IPVERDICT_SEED` to a new one and says which. */
const FIXED_SEED = 20_260_101;

function readNumber(name: string, otherwise: number): number {
  const text = process.env[name] ?? '';
  if (text === '') return otherwise;
  const value = Number(text);
  if (!Number.isFinite(value)) throw new Error(`${name} is not a number: ${text}`);
  return value;
}

const DEFAULT_RUNS = 100;
const factor = readNumber('IPVERDICT_RUNS', 1);

fc.configureGlobal({ seed: readNumber('IPVERDICT_SEED', FIXED_SEED), numRuns: DEFAULT_RUNS });

if (factor !== 1) {
  // The number of runs that a property states for itself goes before the configured one, so it is changed on the way.
  vi.doMock('fast-check', async (importOriginal) => {
    const original = await importOriginal<typeof import('fast-check')>();
    const assert: typeof fc.assert = ((property: never, parameters: { numRuns?: number } = {}) =>
      original.assert(property, {
        ...parameters,
        numRuns: Math.ceil((parameters.numRuns ?? DEFAULT_RUNS) * factor),
      })) as never;
    return { ...original, assert, default: { ...original.default, assert } };
  });
}

beforeEach(({ task }) => {
  const name = expect.getState().currentTestName ?? '';
  const isReadable =
    task.name.length <= LONGEST_TITLE && name.length <= LONGEST_NAME && !/\p{Cc}/u.test(name);
  if (!isReadable) throw new Error(`This title does not fit a line: ${JSON.stringify(name.slice(0, 300))}`);
});

/** What was printed as a warning or an error and not expected: a test that expects it puts its own function there. */
const printed: string[] = [];
for (const method of ['warn', 'error'] as const) {
  console[method] = (...words: unknown[]): void => {
    printed.push(`console.${method}: ${words.map(String).join(' ')}`);
  };
}

afterEach(() => {
  expect(printed.splice(0), 'a test prints no warning and no error').toEqual([]);
});
