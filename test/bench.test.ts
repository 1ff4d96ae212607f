/**
 * The benchmarks measure right answers: every contestant is held against the reference on a small seeded sample, the
 * reference against the golden twins, and the seeded lists against the shape that they are said to have. No times here.
 */

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { goldenClient, goldenText } from './golden/address.ts';
import { goldenEntry } from './golden/entry.ts';
import { goldenDecide, goldenList } from './golden/policy.ts';

type Family = 4 | 6;
type Spelling = 'ipv4' | 'ipv6-full' | 'ipv6-short' | 'mapped';
type Question = Spelling | 'invalid';
type Placement = 'hit' | 'outside' | 'spread';

interface Client {
  readonly text: string;
  readonly verdict: 'allow' | 'deny';
  readonly entry: string;
}

interface Asked {
  ask(client: string): unknown;
  read(answer: unknown): { verdict: 'allow' | 'deny'; entry?: string };
}

interface Contestant {
  readonly name: string;
  readonly from?: string;
  readonly isOurs?: boolean;
  readonly namesEntry?: boolean;
  readonly lacks?: Partial<Record<Question, string>>;
  readonly differs?: Partial<Record<Question, string>>;
  load(): (list: { text: string; entries: readonly string[] }) => Asked;
}

interface Parser {
  readonly name: string;
  readonly from?: string;
  load(): { parse(text: string): unknown };
}

interface Network {
  readonly family: Family;
  readonly value: bigint;
  readonly length: number;
}

interface ReferenceList {
  readonly networks: readonly Network[];
  deny(client: string): { verdict: 'allow' | 'deny'; entry: string };
}

type Random = () => number;
type Counted = { count: number; seed: number };
type Complaint = string | undefined;

// The benchmarks are plain JavaScript, so that they measure what is shipped and nothing compiles them.
const load = async <T>(file: string): Promise<T> =>
  (await import(new URL(`../bench/${file}`, import.meta.url).href)) as T;

const { contestants } = await load<{ contestants: readonly Contestant[] }>('contestants.js');
const { parsers } = await load<{ parsers: readonly Parser[] }>('parsers.js');
const { checkAnswer, checkAddress } = await load<{
  checkAnswer(contestant: Contestant, asked: Asked, client: Client): Complaint;
  checkAddress(parser: ReturnType<Parser['load']>, text: string): Complaint;
}>('check.js');
const { makeClients, makeInvalidClients, placements, spellings } = await load<{
  makeClients(reference: ReferenceList, spelling: Spelling, placement: Placement, options: Counted): Client[];
  makeInvalidClients(options: Counted): Client[];
  placements: readonly Placement[];
  spellings: readonly Spelling[];
}>('clients.js');
const { lengthsInTable, makeTable, mulberry32, sampleList, writeList } = await load<{
  lengthsInTable: Record<Family, Record<number, number>>;
  makeTable(random: Random, size: { ipv4: number; ipv6: number }): string[];
  mulberry32(seed: number): Random;
  sampleList(random: Random, table: readonly string[], size: number): string[];
  writeList(entries: readonly string[]): string;
}>('input.js');
const reference = await load<{
  ReferenceList: new (entries: readonly string[]) => ReferenceList;
  readNetwork(text: string): Network;
  writeShortIPv6(value: bigint): string;
}>('reference.js');
const { askAbout, readCharacters, sink } = await load<{
  askAbout(texts: readonly string[], ask: (text: string) => unknown): (calls: number) => void;
  readCharacters(texts: readonly string[]): (calls: number) => void;
  sink: { answer: unknown; count: number };
}>('measure.js');
const { isInstalled } = await load<{ isInstalled(from: string | undefined): boolean }>('install.js');
const { writeReport } = await load<{ writeReport(findings: unknown[], circumstances: unknown): string }>(
  'report.js',
);

const rivals = new URL('../bench/rivals/', import.meta.url);
const areInstalled = existsSync(new URL('node_modules', rivals));
if (!areInstalled) {
  console.warn('bench/rivals is not installed (npm ci there): its packages are not held against the reference.');
}

const table = makeTable(mulberry32(1), { ipv4: 8000, ipv6: 4000 });
const entries = sampleList(mulberry32(2), table, 40);
const list = { text: writeList(entries), entries };
const sample = new reference.ReferenceList(entries);
const options = { count: 32, seed: 3 };
const clientsOf = (question: Question): Client[] =>
  question === 'invalid'
    ? makeInvalidClients({ count: 256, seed: 4 })
    : placements.flatMap((placement) => makeClients(sample, question, placement, options));
const questions: readonly Question[] = [...spellings, 'invalid'];

describe('the contestants of the benchmarks', () => {
  it.each(contestants.map((contestant) => [contestant.name, contestant] as const))(
    '%s answers right, or differs as it is listed',
    ({}, contestant) => {
      const { from, lacks = {}, differs = {} } = contestant;
      if (!isInstalled(from)) return;
      const asked = contestant.load()(list);
      for (const question of questions) {
        if (lacks[question] !== undefined) continue;
        const complaints = clientsOf(question).flatMap((client) => checkAnswer(contestant, asked, client) ?? []);
        if (differs[question] === undefined) expect(complaints).toEqual([]);
        else expect(complaints, `${question}: ${differs[question]}`).not.toEqual([]);
      }
    },
  );
});
