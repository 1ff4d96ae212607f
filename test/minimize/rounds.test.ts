import { expect, test, vi } from 'vitest';
import { minimizeEntries } from '../../src/minimize/notes.ts';
import { nest } from '../../src/space/nest.ts';

vi.mock('../../src/space/nest.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../src/space/nest.ts')>();
  return { nest: vi.fn(original.nest) };
});

test('groups in groups, each of which waits for the others to go, take no round for each prefix length', () => {
  const group = (length: number, size: number): { address: string; note: string }[] =>
    Array.from({ length: size }, (_, note) => ({ address: `2001::/${length}`, note: `${note}` }));
  const entries = group(16, 130);
  for (let length = 18; length < 128; length++) entries.push(...group(length, length - 16));
  expect(minimizeEntries(entries)).toHaveLength(130);
  // Twice in each round for each family: where entries go, and where they join.
  expect(vi.mocked(nest).mock.calls.length / 4).toBeLessThanOrEqual(3);
});
