/** The log that the benchmark of filter is run on has what its report says. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createPolicy } from '../src/public/index.ts';
import { anyOf, fieldOf } from './cli/filter-oracle.ts';

interface LogMaker {
  readonly LINE_LENGTH: number;
  writeLog(file: string, entries: readonly string[], options: { lines: number; seed: number }): void;
}

const folder = mkdtempSync(join(tmpdir(), 'ipverdict-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('lines of one length with one address, some of it listed and some IPv6, the same each time', async () => {
  const maker: LogMaker = await import(new URL('../bench/input/log.js', import.meta.url).href);
  const entries = ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32'];
  const read = (name: string): string => {
    const file = join(folder, name);
    maker.writeLog(file, entries, { lines: 3000, seed: 7 });
    return readFileSync(file, 'latin1');
  };
  const text = read('one.log');
  expect(text).toBe(read('other.log'));
  const lines = text.split('\n').slice(0, -1);
  expect(lines).toHaveLength(3000);
  const policy = createPolicy({ deny: entries });
  let listed = 0;
  let ipv6 = 0;
  for (const line of lines) {
    expect(line).toHaveLength(maker.LINE_LENGTH - 1);
    const client = fieldOf(line, 1, false) as string;
    expect(anyOf(line)).toBe(client);
    expect(anyOf(line.slice(client.length))).toBeUndefined();
    if (policy.decide(client).reason === 'listed') listed++;
    if (client.includes(':')) ipv6++;
  }
  expect(listed).toBeGreaterThan(100);
  expect(ipv6).toBeGreaterThan(400);
  expect(ipv6).toBeLessThan(900);
});
