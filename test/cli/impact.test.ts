/** `ipverdict impact`: logs against a naive reading of them, in every form of log, and every wrong command line. */

import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { createPolicy } from '../../src/policy/policy.ts';
import { makeFolder, type Run, runCommand } from '../support/command.ts';

const log = `203.0.113.200 - - "GET / HTTP/1.1" 200
203.0.113.1 - - "GET / HTTP/1.1" 200
203.0.113.200 - - "GET /a HTTP/1.1" 200
192.0.2.1 - - "GET / HTTP/1.1" 403
- - - "GET / HTTP/1.1" 400

::ffff:203.0.113.200 - - "GET / HTTP/1.1" 200
2001:db8:1::7 - - "GET / HTTP/1.1" 403`;

const lists = {
  'office.txt': '203.0.113.0/24 # Office\n198.51.100.7\n2001:db8::/48\n',
  'office-new.txt': '203.0.113.0/25 # Office\n198.51.100.7\n2001:db8::/47\n192.0.2.1 # \u0041ll\n',
};

const clients = ['203.0.113.200', '203.0.113.9', '192.0.2.1', '', 'x'];

const folder = makeFolder({
  ...lists,
  'access.log': log,
  'access.log.gz': gzipSync(log),
  'crlf.log': log.replaceAll('\n', '\r\n'),
  'cut.log.gz': gzipSync(log.repeat(5000)).subarray(0, 200),
  'none.log': '',
  'app.ndjson': clients.map((address) => JSON.stringify({ client: { address } })).join('\n'),
  'clients.csv': clients.map((address) => `GET,"a, b",${address}`).join('\n'),
  'any.log': clients.map((address) => `client=${address}; port 80`).join('\n'),
  'rules.json': JSON.stringify({
    otherwise: 'deny',
    rules: [{ name: 'Guests', allow: 'guests.txt' }],
  }),
  'guests.txt': '192.0.2.1 # Caf\u00e9\n',
});

afterAll(folder.remove);

const run = (given: readonly string[], stdin?: string): Promise<Run> =>
  runCommand(['impact', ...given], { folder: folder.path, ...(stdin !== undefined && { stdin }) });

const change = ['--before-allow', 'office.txt', '--after-allow', 'office-new.txt'];

const totals = async (...given: string[]) => {
  const { stdout, code, stderr } = await run([...change, ...given, '--format', 'json']);
  expect([0, 1, 2], stderr).toContain(code);
  const { requests, invalid, newlyAllowed, newlyDenied, clientCount } = JSON.parse(stdout);
  return { totals: [requests, invalid, newlyAllowed, newlyDenied, clientCount], code };
};

describe('impact', () => {
  test('names the affected clients, most requests first, with what decides before and after', async () => {
    const { stdout, stderr, code } = await run([...change, 'access.log']);
    expect(stdout).toBe(`denied  3 203.0.113.200  office.txt:1 203.0.113.0/24 # Office → not-listed
allowed 1 192.0.2.1      not-listed → office-new.txt:4 192.0.2.1 # All
allowed 1 2001:db8:1::7  not-listed → office-new.txt:3 2001:db8::/47
5 of 8 requests are affected: 2 newly allowed, 3 newly denied.
3 clients affected.
`);
    expect(stderr).toBe('ipverdict: 8 lines read, 2 without an address.\n');
    expect(code).toBe(1);
    expect((await run([...change, 'access.log', '--quiet'])).stderr).toBe('');
  });

  test('is 0 when nobody is affected', async () => {
    const given = ['--before-allow', 'office.txt', '--after-allow', 'office.txt', 'access.log'];
    const { stdout, code } = await run(given);
    expect(stdout).toBe('No client is affected: 8 requests, the same verdicts.\n');
    expect(code).toBe(0);
    expect(await totals('none.log')).toEqual({ totals: [0, 0, 0, 0, 0], code: 0 });
  });

  test('reads files, gzip, CRLF, standard input, several logs as one sum', async () => {
    const once = [8, 2, 2, 3, 3];
    expect(await totals('access.log.gz')).toEqual({ totals: once, code: 1 });
    expect(await totals('crlf.log')).toEqual({ totals: once, code: 1 });
    expect(await totals('access.log', 'access.log.gz', 'crlf.log')).toEqual({
      totals: [24, 6, 6, 9, 3],
      code: 1,
    });
    const { stdout } = await run([...change, '-', '--format', 'ndjson'], log);
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) as string)).toEqual({
      schema: 1,
      requests: 8,
      invalid: 2,
      newlyAllowed: 2,
      newlyDenied: 3,
      clientCount: 3,
      undercount: 0,
    });
  });

  test('counts the other logs when one cannot be read, and is 2', async () => {
    const { stdout, stderr, code } = await run([...change, 'missing.log', 'access.log']);
    expect(stdout).toContain('5 of 8 requests are affected');
    expect(stderr).toContain('The file missing.log does not exist.');
    expect(code).toBe(2);
    const cut = await run([...change, 'cut.log.gz', 'access.log', '--format', 'json']);
    expect(cut.code).toBe(2);
    expect(cut.stderr).toContain('cut.log.gz ends too early');
    expect(JSON.parse(cut.stdout).requests).toBeGreaterThanOrEqual(8);
  });

  test('finds the client where the options say', async () => {
    const found = [5, 2, 1, 1, 2];
    expect((await totals('--json', 'client.address', 'app.ndjson')).totals).toEqual(found);
    expect((await totals('--delimiter', ',', '--quoted', '--field', '3', 'clients.csv')).totals).toEqual(
      found,
    );
    expect((await totals('--any', 'any.log')).totals).toEqual(found);
    const { stderr, code } = await run([...change, '--field', '2', 'access.log']);
    expect(stderr).toContain('No line has an address: say where the client is');
    expect(code).toBe(2);
  });

  test('has the clients and their entries in JSON', async () => {
    const given = ['--before-rules', 'rules.json', '--after-allow', 'office.txt', 'access.log'];
    const { stdout } = await run([...given, '--format', 'json']);
    const whole = JSON.parse(stdout);
    expect(stdout).toBe(`${JSON.stringify(whole, null, 2)}\n`);
    expect(whole.schema).toBe(1);
    expect(whole.clients.at(-1)).toEqual({
      address: '192.0.2.1',
      requests: 1,
      before: {
        verdict: 'allow',
        reason: 'listed',
        entry: {
          file: 'guests.txt',
          rule: 'Guests',
          list: 'allow',
          line: 1,
          text: '192.0.2.1',
          canonical: '192.0.2.1',
          note: 'Café',
          from: null,
          until: null,
        },
      },
      after: { verdict: 'deny', reason: 'not-listed', entry: null },
    });
    const text = (await run(given)).stdout;
    expect(text).toContain('guests.txt:1 192.0.2.1 # Café → not-listed');
  });

  test('names as many clients as wanted, and counts all of them', async () => {
    const many = Array.from({ length: 300 }, (_, at) => `203.0.113.${128 + (at % 100)}`);
    const text = [...many, ...Array(50).fill('203.0.113.255')].join('\n');
    const whole = JSON.parse(
      (await run([...change, '-', '--max-clients', '1', '--format', 'json'], text)).stdout,
    );
    expect(whole).toMatchObject({ requests: 350, newlyDenied: 350, clientCount: 101, undercount: 0 });
    expect(whole.clients).toMatchObject([{ address: '203.0.113.255', requests: 50 }]);
    const shown = await run([...change, '-', '--max-clients', '1'], text);
    expect(shown.stdout).toMatch(/\n101 clients affected, 100 of them not named here\.\n$/);
    const one = await run([...change, '-'], '203.0.113.200\n203.0.113.9\n');
    expect(one.stdout).toContain('\n1 of 2 requests is affected: ');
    const none = await run([...change, '-', '--max-clients', '0'], text);
    expect(none.stdout).toMatch(/^350 of 350 requests are affected.*\n101 clients affected, 101 of/);
    const all = await run([...change, '-', '--max-clients', 'none', '--format', 'ndjson'], text);
    expect(all.stdout.split('\n')).toHaveLength(103);
  });

  test('says how much a count may be too low when more clients come than can be counted', async () => {
    const texts = ['203.0.113.200', '203.0.113.200'];
    for (let at = 0; at < 200_001; at++)
      texts.push(`2001:db8:1::${(at >> 16).toString(16)}:${(at & 0xffff).toString(16)}`);
    const given = [...change, '-', '--max-clients', '1'];
    const whole = JSON.parse((await run([...given, '--format', 'json'], texts.join('\n'))).stdout);
    const { clientCount, newlyAllowed, newlyDenied, undercount, clients } = whole;
    expect([clientCount, newlyAllowed, newlyDenied, undercount]).toEqual([null, 200_001, 2, 1]);
    expect(clients).toMatchObject([{ address: '203.0.113.200', requests: 1 }]);
    const { stdout } = await run(given, texts.join('\n'));
    expect(stdout).toMatch(/\nMore than \d.* affected\. The number of each may be too low by up to 1\.\n$/);
  });

  test.each([
    ['change', 1],
    ['allowed', 1],
    ['denied', 0],
    ['never', 0],
  ])('--fail-on %s of clients that are newly allowed is %i', async (failOn, expected) => {
    expect((await run([...change, '-', '--fail-on', failOn], '192.0.2.1')).code).toBe(expected);
  });

  test('counts as a naive program does, in logs of any bytes', async () => {
    const address = fc.constantFrom(
      '203.0.113.1',
      '203.0.113.200',
      '192.0.2.1',
      '2001:db8:1::7',
      '2001:DB8:1:0::7',
      '::ffff:192.0.2.1',
      '1.2.3',
      'fe80::1%eth0',
      '',
    );
    const rest = fc.constantFrom('', ' - "GET /"', '\t\u00e9', ' \u0000', ' 203.0.113.200');
    const lines = fc.array(
      fc.tuple(fc.constantFrom('', '  ', '\t'), address, rest).map((parts) => parts.join('')),
      { maxLength: 40 },
    );
    const [before, after] = Object.values(lists).map((allow) => createPolicy({ allow }));
    for (const given of fc.sample(lines, 8)) {
      const counts = { requests: 0, invalid: 0, newlyAllowed: 0, newlyDenied: 0 };
      const perClient = new Map<string, number>();
      const text = given.join('\n');
      for (const line of text.split('\n').slice(0, text === '' || text.endsWith('\n') ? -1 : undefined)) {
        counts.requests++;
        const client = line.split(/[ \t]+/).find((field) => field !== '') ?? '';
        const [was, is] = [before?.decide(client), after?.decide(client)];
        if (was?.reason === 'invalid-address') counts.invalid++;
        if (was?.verdict === is?.verdict) continue;
        if (is?.verdict === 'allow') counts.newlyAllowed++;
        else counts.newlyDenied++;
        const canonical = client.toLowerCase().replace('::ffff:', '').replace(':1:0::', ':1::');
        perClient.set(canonical, (perClient.get(canonical) ?? 0) + 1);
      }
      const { stdout } = await run([...change, '-', '--format', 'json'], text);
      const { clients, ...found } = JSON.parse(stdout);
      expect(found, JSON.stringify(given)).toMatchObject({
        ...counts,
        clientCount: perClient.size,
        undercount: 0,
      });
      const named = clients.map((client: { address: string; requests: number }) => [
        client.address,
        client.requests,
      ]);
      expect(new Map(named)).toEqual(perClient);
      const numbers = named.map(([, number]: [string, number]) => number);
      expect(numbers).toEqual([...numbers].sort((left, right) => right - left));
    }
  });
});

describe('a wrong command line of impact', () => {
  test.each([
    ['CHANGE', '"impact" needs a file.'],
    ['access.log', 'Name the policy before and the one after'],
    ['--after-allow office.txt access.log', 'Name a policy: --before-allow'],
    ['--mode allow office.txt office-new.txt', 'There is no option --mode'],
    ['CHANGE access.log --any --field 2', 'The client is in one place'],
    ['CHANGE access.log --delimiter ab', '--delimiter ab must be one'],
    ['CHANGE access.log --max-clients x', '--max-clients is a whole number'],
    ['--before-allow - --after-allow office.txt -', 'Standard input can be read only once'],
    ['--before-allow missing.txt --after-allow office.txt access.log', 'missing.txt does not exist'],
    ['--before-policy office.txt --after-allow office.txt access.log', 'office.txt'],
  ])('impact %s is 2 and says why', async (line, why) => {
    const { stdout, stderr, code } = await run(line.replace('CHANGE', change.join(' ')).split(' '));
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toContain(why);
  });
});
