/** Every run of `npm test` tries the same examples, and `npm run test:random` can repeat what it tried. */

import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const folder = new URL('./', import.meta.url);
const own = ['seeds.test.ts', 'support/setup.ts'];
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.ts') && !own.includes(name));

function examples(): number[] {
  const seen: number[] = [];
  fc.assert(
    fc.property(fc.nat(), (number) => {
      seen.push(number);
    }),
    { numRuns: 10 },
  );
  return seen;
}

describe('the examples of properties', () => {
  test('come from one seed, which no parameter of a property replaces', () => {
    expect(fc.readConfigureGlobal().seed).toBe(Number(process.env['IPVERDICT_SEED'] || 20_260_101));
    expect(examples()).toEqual(examples());
    expect(fc.sample(fc.nat(), 5)).toEqual(fc.sample(fc.nat(), 5));
  });

  test('are as many as the property says, times IPVERDICT_RUNS', () => {
    expect(examples()).toHaveLength(Math.ceil(10 * Number(process.env['IPVERDICT_RUNS'] || 1)));
  });

  test.each(files)('%s draws nothing from elsewhere', (name) => {
    const code = readFileSync(new URL(name, folder), 'utf8');
    expect(code).not.toMatch(/Math\.random|fc\.check\(|randomBytes|getRandomValues|randomUUID/);
    // Parameters of fast-check that hold a seed stand beside the number of runs.
    expect(code).not.toMatch(/\bnumRuns: [^}]*\bseed\b|\bseed: [^}]*\bnumRuns\b/);
  });
});
