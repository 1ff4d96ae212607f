/**
 * V8 throws away the code compiled for a class when a collection finds no object of it. Whatever builds, collects and
 * builds again must find its code, so each class that lives during a call keeps one instance; these tests look for those
 * that do not, in the log of V8.
 */

import { describe, expect, test } from 'vitest';
import { builtEntry, lostCode, runProgram } from '../support/process.ts';

const prelude = `
  import * as core from '${builtEntry('index')}';
  import * as list from '${builtEntry('list')}';
  import { AddressSet } from '${builtEntry('set')}';
  import { createClientResolver } from '${builtEntry('client')}';
  // Neighbours, duplicates and nested networks would have warnings, which are made for people.
  const lines = (seed, count = 300) =>
    Array.from({ length: count }, (_, index) => {
      const at = seed + index * 3;
      if (index % 3 === 0) return '2001:db8:' + at.toString(16) + '::/48 # Site ' + index;
      if (index % 7 === 1) return '172.16.' + (at & 255) + '.' + (at >> 8) + '-172.16.' + (at & 255) + '.' + ((at >> 8) + 77);
      return '10.' + (at >> 8) + '.' + (at & 255) + '.0/25 # Note ' + index;
    }).join('\\n');
  const listOf = (seed) => list.RestrictionList.parse('deny', lines(seed, 100));
  const policyOf = (seed) => core.createPolicy({ deny: lines(seed), exempt: '10.0.0.7' });
`;

/** What is called again and again, with a seed for its lists. */
const tasks: readonly (readonly [name: string, call: string])[] = [
  ['createPolicy', 'policyOf(seed)'],
  ['createMatcher', "core.createMatcher(lines(seed).split('\\n').map((line) => [line.split(' ')[0], line]))"],
  ['parseList', 'core.parseList(lines(seed))'],
  ['minimize', "list.minimize(lines(seed).split('\\n').map((line) => line.split(' ')[0]))"],
  ['comparePolicies', 'list.comparePolicies(policyOf(seed), policyOf(seed + 1))'],
  ['AddressSet', "AddressSet.of(lines(seed)).subtract(AddressSet.of(lines(seed + 1))).has('10.0.0.7')"],
  ['small sets', "AddressSet.of('10.0.0.' + seed).union(AddressSet.of('2001:db8::/32')).prefixes"],
  ['impactOf', "list.impactOf(policyOf(seed), policyOf(seed + 1), ['10.0.0.7', '2001:db8::1', '10.0.3.1'])"],
  ['RestrictionList', "String(listOf(seed).add('192.0.2.1'))"],
  [
    'createClientResolver',
    "createClientResolver({ header: 'x-forwarded-for', trusted: ['10.0.0.0/24', 'fd00::/8'] })",
  ],
];

describe('the compiled code of', () => {
  test.each(tasks)('%s survives collections between calls', (_, call) => {
    const program = `${prelude}
      const task = (seed) => ${call};
      for (let round = 0; round < 4; round++) {
        for (let seed = 0; seed < 100; seed++) task(round + seed % 5);
        // The second and third drop what the first had only aged.
        for (let time = 0; time < 3; time++) gc();
        gc({ type: 'major', flavor: 'last-resort' });
      }`;
    expect(lostCode(program)).toEqual([]);
  });

  test('a class without an instance is lost, so that these tests would see it', () => {
    const program = `
      class Short {
        #value;
        constructor(value) { this.#value = value; }
        read() { return this.#value; }
      }
      const task = () => {
        let sum = 0;
        for (let index = 0; index < 100_000; index++) sum += new Short(index).read();
        return sum;
      };
      for (let round = 0; round < 4; round++) {
        for (let time = 0; time < 20; time++) task();
        for (let time = 0; time < 3; time++) gc();
      }`;
    expect(lostCode(program)).not.toEqual([]);
  });
});

test('a hundred thousand policies leave neither code nor memory behind', () => {
  const program = `
    import { createPolicy } from '${builtEntry('index')}';
    import { getHeapCodeStatistics, getHeapStatistics } from 'node:v8';
    const used = () => {
      for (let time = 0; time < 3; time++) gc();
      const { code_and_metadata_size } = getHeapCodeStatistics();
      const { used_heap_size, external_memory } = getHeapStatistics();
      return { code: code_and_metadata_size, memory: used_heap_size + external_memory };
    };
    const make = (count) => {
      for (let index = 0; index < count; index++) {
        const policy = createPolicy({ deny: '10.' + (index & 255) + '.0.0/16 # Note\\n2001:db8::/32', exempt: ['10.0.0.1'] });
        policy.decide('10.1.2.3');
      }
    };
    make(50_000);
    const before = used();
    make(50_000);
    const after = used();
    console.log(JSON.stringify([after.code - before.code, after.memory - before.memory]));`;
  const [code, memory] = JSON.parse(runProgram(program, '--expose-gc')) as [number, number];
  // A policy that stayed would be 1 KB, and so would its code.
  expect(code).toBeLessThan(2_000_000);
  expect(memory).toBeLessThan(5_000_000);
});
