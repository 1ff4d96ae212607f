/**
 * The benchmarks measure right answers: every contestant is held against the reference on a small seeded sample, the
 * reference against the golden twins, and the seeded lists against the shape that they are said to have. No times here.
 */

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createPolicy } from '../src/public/index.ts';
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
  readonly slips?: Partial<Record<Question, string>>;
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

const { contestants } = await load<{ contestants: readonly Contestant[] }>('contestants/deciders.js');
const { parsers } = await load<{ parsers: readonly Parser[] }>('contestants/parsers.js');
const { checkAnswer, checkAddress } = await load<{
  checkAnswer(contestant: Contestant, asked: Asked, client: Client): Complaint;
  checkAddress(parser: ReturnType<Parser['load']>, text: string): Complaint;
}>('contestants/check.js');
const { makeClients, makeInvalidClients, placements, spellings } = await load<{
  makeClients(reference: ReferenceList, spelling: Spelling, placement: Placement, options: Counted): Client[];
  makeInvalidClients(options: Counted): Client[];
  placements: readonly Placement[];
  spellings: readonly Spelling[];
}>('input/clients.js');
const { lengthsInTable, makeTable, sampleList, writeList } = await load<{
  lengthsInTable: Record<Family, Record<number, number>>;
  makeTable(random: Random, size: { ipv4: number; ipv6: number }): string[];
  sampleList(random: Random, table: readonly string[], size: number): string[];
  writeList(entries: readonly string[]): string;
}>('input/lists.js');
const { mulberry32 } = await load<{ mulberry32(seed: number): Random }>('input/random.js');
const reference = await load<{
  ReferenceList: new (entries: readonly string[]) => ReferenceList;
  readNetwork(text: string): Network;
  writeShortIPv6(value: bigint): string;
}>('input/reference.js');
const { askAbout, readCharacters, sink } = await load<{
  askAbout(texts: readonly string[], ask: (text: string) => unknown): (calls: number) => void;
  readCharacters(texts: readonly string[]): (calls: number) => void;
  sink: { answer: unknown; count: number };
}>('measure/timing.js');
const {
  DENIED,
  FORWARDED_FOR,
  PROXY,
  makeList: makeHttpList,
} = await load<{ DENIED: string; FORWARDED_FOR: string; PROXY: string; makeList(): string[] }>(
  'http/list.js',
);
const { isInstalled } = await load<{ isInstalled(from: string | undefined): boolean }>(
  'contestants/install.js',
);
const { writeReport } = await load<{ writeReport(findings: unknown[], circumstances: unknown): string }>(
  'report/report.js',
);
const { writePage } = await load<{ writePage(findings: unknown[], circumstances: unknown): string }>(
  'report/page.js',
);

const { drawPicture } = await load<{
  drawPicture(findings: unknown[], circumstances: unknown): string | undefined;
}>('report/picture.js');

const rivals = new URL('../bench/rivals/', import.meta.url);
const areInstalled = existsSync(new URL('node_modules', rivals));

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

describe('the contestants', () => {
  for (const contestant of contestants) {
    const { name, from, lacks = {}, differs = {}, slips = {} } = contestant;
    it.skipIf(!isInstalled(from))(`${name} answers right, or differs as it is listed`, () => {
      const asked = contestant.load()(list);
      for (const question of questions) {
        if (lacks[question] !== undefined || slips[question] !== undefined) continue;
        const clients = clientsOf(question);
        const complaints = clients.flatMap((client) => checkAnswer(contestant, asked, client) ?? []);
        // A listed difference that is gone has to leave the list.
        if (differs[question] !== undefined) expect(complaints, differs[question]).not.toEqual([]);
        else if (slips[question] === undefined) expect(complaints, question).toEqual([]);
        else expect(complaints.length, slips[question]).toBeLessThan(clients.length / 20);
      }
    });
  }

  for (const parser of parsers) {
    it.skipIf(!isInstalled(parser.from))(`${parser.name} reads addresses right`, () => {
      const loaded = parser.load();
      const texts = spellings.flatMap((spelling) => clientsOf(spelling).map(({ text }) => text));
      expect(texts.flatMap((text) => checkAddress(loaded, text) ?? [])).toEqual([]);
    });
  }

  it.skipIf(!areInstalled)('include those of bench/rivals where npm ci was run there', () => {
    expect(contestants.filter(({ from }) => from !== undefined && isInstalled(from)).length).toBeGreaterThan(
      2,
    );
  });

  it('include both methods of ipverdict, neither of which may differ', () => {
    const ours = contestants.filter(({ isOurs }) => isOurs);
    expect(ours.map(({ name }) => name)).toEqual(['ipverdict decide', 'ipverdict allows']);
    expect(ours.every(({ differs, lacks, slips }) => !differs && !lacks && !slips)).toBe(true);
  });

  it('are caught when they answer wrong', () => {
    const contrary: Asked = {
      ask: (client) => client,
      read: (client) => ({ verdict: sample.deny(client as string).verdict === 'allow' ? 'deny' : 'allow' }),
    };
    const [contestant] = contestants as [Contestant];
    const clients = questions.flatMap(clientsOf);
    expect(clients.flatMap((client) => checkAnswer(contestant, contrary, client) ?? [])).toHaveLength(
      clients.length,
    );
  });

  it('are pinned, in a lock file without addresses of a registry', () => {
    const read = (file: string): string => readFileSync(new URL(file, rivals), 'utf8');
    const versions = Object.values(JSON.parse(read('package.json')).dependencies as Record<string, string>);
    for (const version of versions) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, object> };
    for (const installed of Object.values(lock.packages)) expect(installed).not.toHaveProperty('resolved');
  });
});

describe('the list of the adapters', () => {
  it('is 1,000 entries that deny one address, and not the others of the measurement', () => {
    const policy = createPolicy({ deny: makeHttpList() });
    expect(policy.size).toBe(1_000);
    expect(makeHttpList()).toEqual(makeHttpList());
    expect(policy.allows(DENIED)).toBe(false);
    for (const client of [PROXY, ...FORWARDED_FOR.split(', ')]) expect(policy.allows(client)).toBe(true);
  });
});

describe('the floor and the loop around a contestant', () => {
  it('reads every character of every text', () => {
    const texts = ['192.0.2.1', '2001:db8::', '::', '0'];
    const codes = texts.flatMap((text) => [...text].map((character) => character.charCodeAt(0)));
    const sum = codes.reduce((total, code) => total + code, 0);
    const run = readCharacters(texts);
    const before = sink.count;
    run(4);
    run(8);
    expect(sink.count - before).toBe(3 * sum);
  });

  it('asks about every text in turn, and keeps what is answered', () => {
    const asked: string[] = [];
    const run = askAbout(['a', 'b', 'c', 'd'], (text) => asked.push(text));
    run(3);
    run(3);
    expect(asked.join('')).toBe('abcdab');
    expect(sink.answer).toBe(6);
  });
});

describe('the reference', () => {
  it('decides as the golden twin does', () => {
    const policy = { mode: 'deny', entries: goldenList(entries), exempt: [], whenEmpty: 'allow' } as const;
    for (const { text, verdict, entry } of questions.flatMap(clientsOf)) {
      const golden = goldenDecide(policy, text);
      const named = golden.index === undefined ? '' : entries[golden.index];
      expect([text, verdict, entry]).toEqual([text, golden.verdict, named]);
    }
  });

  it('writes IPv6 as the golden twin does', () => {
    const random = mulberry32(5);
    for (let round = 0; round < 500; round++) {
      const groups = Array.from({ length: 8 }, () =>
        random() < 0.5 ? 0n : BigInt(Math.floor(random() * 65536)),
      );
      const value = groups.reduce((number, group) => (number << 16n) | group, 0n);
      if (value >> 32n !== 0xffffn) expect(reference.writeShortIPv6(value)).toBe(goldenText(6, value));
    }
  });
});

describe('the seeded input', () => {
  it('is the same for the same seed', () => {
    expect(mulberry32(1)()).toBe(0.6270739405881613);
    expect(makeTable(mulberry32(1), { ipv4: 8000, ipv6: 4000 })).toEqual(table);
    expect(sampleList(mulberry32(2), table, 40)).toEqual(entries);
    expect(sampleList(mulberry32(3), table, 40)).not.toEqual(entries);
    expect(clientsOf('mapped')).toEqual(clientsOf('mapped'));
  });

  it('has a table of different prefixes without host bits, in order', () => {
    expect(new Set(table).size).toBe(12_000);
    const networks = table.map((prefix) => goldenEntry(prefix)?.[0]);
    networks.forEach((network, index) => {
      const next = networks[index + 1];
      if (network === undefined) expect.unreachable(table[index]);
      if (next?.family === network.family) expect(next.first >= network.first).toBe(true);
      expect(reference.readNetwork(table[index] as string).value).toBe(network.first);
    });
  });

  it.each([
    [4, 8000],
    [6, 4000],
  ] as const)('has the prefix lengths of the routing table for IPv%i', (family, count) => {
    const networks = table.map(reference.readNetwork).filter((network) => network.family === family);
    expect(networks).toHaveLength(count);
    for (const [length, share] of Object.entries(lengthsInTable[family])) {
      const found = networks.filter((network) => network.length === Number(length)).length / count;
      // A block that is short of room for its few wide prefixes comes out lower.
      expect(Math.abs(found - share / 10_000), `/${length}`).toBeLessThan(0.03);
    }
  });

  it('nests about as many IPv6 prefixes as the routing table, 57 of 100', () => {
    const ends: bigint[] = [];
    let nested = 0;
    for (const { value, length } of table.map(reference.readNetwork).filter(({ family }) => family === 6)) {
      while (ends.length > 0 && (ends.at(-1) as bigint) < value) ends.pop();
      if (ends.length > 0) nested++;
      ends.push(value + (1n << BigInt(128 - length)) - 1n);
    }
    expect(nested / 4000).toBeGreaterThan(0.4);
    expect(nested / 4000).toBeLessThan(0.7);
  });

  it('samples half IPv4, half IPv6, and a quarter single addresses', () => {
    expect(new Set(entries).size).toBe(40);
    expect(entries.filter((entry) => entry.includes(':'))).toHaveLength(20);
    expect(entries.filter((entry) => !entry.includes('/'))).toHaveLength(10);
    expect(list.text.split('\n').filter((line) => line.includes(' # '))).toHaveLength(20);
  });

  it('has clients of the spelling and the place that they are said to have', () => {
    const patterns: Record<Spelling, RegExp> = {
      ipv4: /^[\d.]+$/,
      'ipv6-full': /^([0-9a-f]{4}:){7}[0-9a-f]{4}$/,
      'ipv6-short': /^[0-9a-f:]{2,30}$/,
      mapped: /^::ffff:[\d.]+$/,
    };
    for (const spelling of spellings) {
      const all = clientsOf(spelling);
      for (const { text } of all) expect(text).toMatch(patterns[spelling]);
      expect(new Set(all.slice(0, 32).map(({ verdict }) => verdict))).toEqual(new Set(['deny']));
      for (const { text, verdict } of all.slice(32, 64)) {
        expect(verdict).toBe('allow');
        const { family, value } = goldenClient(text) as { family: Family; value: bigint };
        const isNeighbour = sample.networks.some((network) => {
          const size = 1n << BigInt((family === 4 ? 32 : 128) - network.length);
          return (
            network.family === family && (value === network.value - 1n || value === network.value + size)
          );
        });
        expect(isNeighbour, text).toBe(true);
      }
    }
  });

  it('has invalid clients that no reader takes', () => {
    for (const { text, verdict } of clientsOf('invalid')) {
      expect(goldenClient(text), text).toBeUndefined();
      expect(verdict).toBe('deny');
    }
  });
});

describe('the report', () => {
  const circumstances = {
    quick: true,
    write: false,
    only: [],
    nodes: {},
    hasRivals: false,
    isReal: false,
    tableSize: 12_000,
    machine: {
      processor: '',
      cores: 1,
      memory: '',
      load: 0,
      node: '',
      v8: '',
      platform: '',
      date: '',
      version: '',
      commit: '',
    },
  };
  const finding = (contestant: string, ratio: number, wrong: number): unknown => {
    const figures = { minimum: ratio * 10, median: ratio * 10, spread: 0 };
    const floor = { minimum: 10, median: 10, spread: 0 };
    const example = wrong > 0 ? { example: 'lets in `192.0.2.1`' } : {};
    const series = [
      { name: 'hit', floor, subject: figures, ratio, rounds: 3, checked: 32, wrong, ...example },
    ];
    const isOurs = contestant.startsWith('ipverdict');
    return {
      group: 'decide',
      list: '1000',
      spelling: 'ipv4',
      contestant,
      isOurs,
      job: {},
      result: { series },
    };
  };
  const ours = [finding('ipverdict decide', 2, 0), finding('ipverdict allows', 2, 0)];
  const winsOf = (report: string): string =>
    report.slice(report.indexOf('## Where a rival wins'), report.indexOf('## How it was measured'));

  it('shows a wrong rival as wrong, and never as the fastest', () => {
    const report = writeReport(
      [...ours, finding('netparser', 1, 5), finding('net.BlockList', 50, 0)],
      circumstances,
    );
    expect(report).toContain('**5 of 32 wrong**');
    expect(report).toContain('5 of 32 wrong; lets in `192.0.2.1`');
    expect(report).toMatch(/\| net\.BlockList +\| 500 \/ 500 ns ±0 %, 50\.0 × \| 25\.0 × \|/);
    expect(winsOf(report)).toContain('In no row');
  });

  it('has a page with the targets, the clients in an entry and the wins, and no more', () => {
    const page = writePage([...ours, finding('net.BlockList', 1, 0)], circumstances);
    const report = writeReport([...ours, finding('net.BlockList', 1, 0)], circumstances);
    expect(page).toMatch(
      /^\| 1,000 entries \| IPv4 +\| 2\.00 × \| 2\.00 × \| net\.BlockList .*\| +0\.50 × \|$/m,
    );
    expect(winsOf(page)).toBe(winsOf(report));
    expect(page).toContain('## Targets');
    expect(page).not.toContain('<details>');
    expect(page).not.toContain('undefined');
    expect(page.match(/^# .*$/gm)).toEqual(['# Performance']);
    expect(report.match(/^# .*$/gm)).toEqual(['# Performance: the full report']);
    expect(writePage([], circumstances)).not.toContain('undefined');
  });

  it('says where a rival wins', () => {
    const report = writeReport([...ours, finding('net.BlockList', 1, 0)], circumstances);
    expect(winsOf(report)).toContain(
      '- deciding, 1,000 entries, IPv4, in an entry: net.BlockList 0.50 × ipverdict allows',
    );
  });

  it('holds our figures against the targets, for each version of Node', () => {
    const slow = (finding('ipverdict decide', 1.71, 0) as { result: object }).result;
    const fast = (finding('ipverdict decide', 1.5, 0) as { result: object }).result;
    const decide = finding('ipverdict decide', 1.6, 0) as object;
    const report = writeReport(
      [
        decide,
        { ...decide, node: '24', result: slow },
        { ...decide, node: '26', result: fast },
        { ...(finding('net.BlockList', 3, 0) as object), node: '24' },
        { ...decide, node: '24', contestant: 'ipverdict allows', result: fast },
      ],
      { ...circumstances, nodes: { 24: 'v24.1.0', 26: 'v26.1.0' } },
    );
    const targets = report.slice(report.indexOf('## Targets'), report.indexOf('## Deciding'));
    expect(targets).toMatch(/\| what +\| process +\| target +\| +\| +v24\.1\.0 \| +v26\.1\.0 \|/);
    expect(targets).toMatch(
      /\| decide, IPv4, 1,000 entries, inside +\| warm +\| ≤ 1\.6 × +\| +1\.60 × ✓ \| +\*\*1\.71 ×\*\* \| +1\.50 × ✓✓ \|/,
    );
    expect(targets).toMatch(
      /\| net\.BlockList against us, 1,000 entries, IPv4 +\| warm +\| ≥ 3 × +\| +\| +\*\*2\.00 ×\*\* \| +\|/,
    );
    // Everything else is about the version that runs.
    expect(report.slice(report.indexOf('## Deciding'))).not.toContain('1.71');
  });

  it('draws a line for each contestant that is right, on one floor', () => {
    const at = (list: string, one: unknown): unknown => ({ ...(one as object), list });
    const findings = [
      at('1000', finding('ipverdict decide', 2, 0)),
      at('100000', finding('ipverdict decide', 3, 0)),
      at('1000', finding('netparser', 40, 0)),
      at('1000', finding('net.BlockList', 50, 7)),
    ];
    const sizes = { 1000: 1000, 100000: 100_000 };
    const picture = drawPicture(findings, { ...circumstances, sizes }) as string;
    expect(
      picture
        .match(/<text[^>]*style[^>]*>([^<]+)</g)
        ?.map((text) => text.replace(/.*>(.+)</, '$1'))
        .sort(),
    ).toEqual(['ipverdict decide', 'netparser', 'reading the characters']);
    // 20 and 30 ns between 10 and 1,000 ns; higher is slower.
    const [, first, second] = /points="[\d.]+,([\d.]+) [\d.]+,([\d.]+)"/.exec(picture) as RegExpExecArray;
    expect(Number(first)).toBeGreaterThan(Number(second));
    expect(picture).toContain('prefers-color-scheme:dark');
    expect(drawPicture([], { ...circumstances, sizes })).toBeUndefined();
  });

  it('says which rival did not finish', () => {
    const failed = {
      ...(finding('netparser', 1, 0) as object),
      result: undefined,
      failure: 'did not finish',
    };
    expect(writeReport([...ours, failed], circumstances)).toContain('failed: did not finish');
  });
});
