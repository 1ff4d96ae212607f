/** What README says that others answer, asked of them; each figure is that of the report. */

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { BlockList } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createPolicy } from '../src/public/index.ts';
import { projectRoot } from './support/package.ts';

const read = (name: string): string => readFileSync(join(projectRoot, name), 'utf8');
const readme = read('README.md');

/** Loads what Express brings along, or a package of bench/rivals/ where those are installed. */
const require = createRequire(createRequire(import.meta.url).resolve('express'));
const rivals = join(projectRoot, 'bench/rivals/');
const hasIpFilter = existsSync(join(rivals, 'node_modules/express-ipfilter'));

interface IpAddress {
  toString(): string;
  match(range: unknown): boolean;
}

describe('README says right what others answer:', () => {
  test('net.BlockList', () => {
    const list = new BlockList();
    list.addAddress('2001:db8::1', 'ipv6');
    expect(readme).toContain("`check('2001:db8::1')` is `false`");
    expect([list.check('2001:db8::1'), list.check('2001:db8::1', 'ipv6')]).toEqual([false, true]);
    expect(list.check('2001:db8::1:80:x', 'ipv6')).toBe(false);
  });

  test('ipaddr.js', () => {
    const ipaddr = require('ipaddr.js') as {
      parse(text: string): IpAddress;
      parseCIDR(text: string): unknown;
    };
    expect(readme).toContain('reads `010.0.0.1` as 8.0.0.1 and `127.1` as 127.0.0.1');
    expect(`${ipaddr.parse('010.0.0.1')} ${ipaddr.parse('127.1')}`).toBe('8.0.0.1 127.0.0.1');
    expect(() => ipaddr.parse('::ffff:10.1.1.1').match(ipaddr.parseCIDR('10.0.0.0/8'))).toThrow();
  });

  test('proxy-addr', () => {
    const proxyAddress = require('proxy-addr') as ((request: object, trusted: string[]) => string) & {
      compile(trusted: string[]): (address: string) => boolean;
    };
    const clientOf = (header: string): string => {
      const socket = { remoteAddress: '10.0.0.1' };
      const request = { socket, connection: socket, headers: { 'x-forwarded-for': header } };
      return proxyAddress(request, ['10.0.0.0/8']);
    };
    expect(readme).toContain('where `unknown` and `203.0.113.9:4711` become the client');
    expect(clientOf('192.0.2.66, unknown')).toBe('unknown');
    expect(clientOf('203.0.113.9:4711')).toBe('203.0.113.9:4711');
    expect(readme).toContain('`010.0.0.0/8` as 8.0.0.0/8');
    expect(proxyAddress.compile(['010.0.0.0/8'])('8.1.1.1')).toBe(true);
  });

  test.skipIf(!hasIpFilter)('express-ipfilter, where npm ci was run in bench/rivals', () => {
    const { IpFilter } = createRequire(rivals)('express-ipfilter') as {
      IpFilter(list: string[], options: object): (...handed: unknown[]) => void;
    };
    const lets = (entry: string, client: string): boolean => {
      const socket = { remoteAddress: client };
      const request = { socket, connection: socket, headers: {}, url: '/', originalUrl: '/' };
      let isDenied = false;
      IpFilter([entry], { mode: 'deny', log: false })(request, {}, (error: unknown) => {
        isDenied = error !== undefined;
      });
      return !isDenied;
    };
    expect(lets('10.0.0.0/8', '10.1.1.1')).toBe(false);
    for (const [entry, client] of [
      ['10.0.0.0/8', '::ffff:10.1.1.1'],
      ['2001:db8::1', '2001:db8:0:0:0:0:0:1'],
    ] as const) {
      expect(readme).toContain(`\`${client}\``);
      expect(lets(entry, client)).toBe(true);
      expect(createPolicy({ deny: entry }).allows(client)).toBe(false);
    }
    expect(lets('10.0.0.*', '10.0.0.1')).toBe(true);
  });

  test('their times are those of the report', () => {
    const report = read('docs/performance-report.md');
    const start = report.indexOf('### 1,000 entries');
    const section = report.slice(start, report.indexOf('\n### ', start + 1));
    const ratioOf = (name: string): number => {
      const row = section
        .split('\n')
        .find((line) => line.startsWith(`| ${name}`) && line.includes('| IPv4 '));
      const [, ratio] = /, ([\d.,]+) × \|/.exec(row as string) as RegExpExecArray;
      return Number((ratio as string).replaceAll(',', ''));
    };
    const ours = ratioOf('ipverdict allows');
    for (const [name, shown] of [
      ['ipaddr.js', 141],
      ['express-ipfilter', 341_000],
      ['proxy-addr', 588],
    ] as const) {
      // Both ratios of the report are rounded.
      expect(Math.abs(ratioOf(name) / ours / shown - 1)).toBeLessThan(0.01);
      expect(readme).toContain(`| \`${name}\` | ${shown.toLocaleString('en-US')} ×`);
    }
    expect(readme).toContain('| `net.BlockList` | 123 × (3.93 × on Node 24) |');
    expect(report).toMatch(
      /^\| net\.BlockList against us, 1,000 entries, IPv4 .*\| +123 × ✓✓ \| +3\.93 × ✓ /m,
    );
  });
});
