/**
 * Random policies for tests of formats: lists, exemptions and rules among addresses that are close to each other, near
 * both ends of the address space and around the IPv4-mapped block.
 */

import fc from 'fast-check';
import { createPolicy, type Policy } from '../../src/public/index.ts';
import { createRules, type Rule } from '../../src/public/rules.ts';
import { entryText } from './arbitraries.ts';
import { entriesIn, universes } from './universe.ts';

const entries: fc.Arbitrary<string[]> = fc.oneof(
  ...universes.map((universe) => entriesIn(universe, entryText)),
  fc.array(
    fc.constantFrom(
      '0.0.0.0/0',
      '::/0',
      '0.0.0.0/1',
      '::/80',
      '::fffe:0:0/96',
      '::1:0:0:0/96',
      '255.255.255.255',
    ),
    { maxLength: 4 },
  ),
);

/** Entries with notes, some of which are hard to write. */
const lines: fc.Arbitrary<string[]> = entries.chain((texts) =>
  fc
    .array(fc.constantFrom('', ' # Office', ' # a "b" \\', ' # été; x, y { } $z', ` # ${'é'.repeat(200)}`), {
      minLength: texts.length,
      maxLength: texts.length,
    })
    .map((notes) => texts.map((text, index) => text + (notes[index] as string))),
);

const mode: fc.Arbitrary<'allow' | 'deny'> = fc.constantFrom('allow', 'deny');

const listed: fc.Arbitrary<Policy> = fc
  .record({ mode, list: lines, exempt: fc.oneof(fc.constant([]), lines), whenEmpty: mode })
  .map(({ mode, list, exempt, whenEmpty }) => createPolicy({ mode, list, exempt, whenEmpty }));

const ruled: fc.Arbitrary<Policy> = fc
  .record({
    rules: fc.array(fc.record({ mode, list: lines, except: fc.oneof(fc.constant([]), entries) }), {
      maxLength: 3,
    }),
    exempt: fc.oneof(fc.constant([]), entries),
    otherwise: mode,
    order: fc.constantFrom('first-match' as const, 'most-specific' as const),
  })
  .map(({ rules, ...rest }) => createRules({ rules: rules as Rule[], ...rest }));

/** Any policy that has no times. */
export const anyPolicy: fc.Arbitrary<Policy> = fc.oneof(listed, ruled);
