import { readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import {
  type Client,
  type ClientResolverOptions,
  createClientResolver,
  createProxyDiagnostics,
  type ProxyWarning,
} from '../../src/public/client.ts';
import { createPolicy, ListError, type Problem } from '../../src/public/index.ts';

const proxies = '@loopback\n10.0.0.0/8 # Load balancers\n2001:db8:1::/48';
const resolve = createClientResolver({ trusted: proxies });
const malformed = (...hops: string[]): Client => ({
  address: undefined,
  source: 'header',
  hops,
  problem: 'malformed-header',
});
const found = (address: string, ...hops: string[]): Client => ({ address, source: 'header', hops });

describe('the walk', () => {
  test.each<
    readonly [name: string, peer: string | undefined, header: string | string[] | undefined, client: Client]
  >([
    ['no proxy, no header', '203.0.113.9', undefined, { address: '203.0.113.9', source: 'peer', hops: [] }],
    ['one proxy', '127.0.0.1', '203.0.113.9', found('203.0.113.9', '127.0.0.1')],
    ['the mapped form of the proxy', '::ffff:127.0.0.1', '203.0.113.9', found('203.0.113.9', '127.0.0.1')],
    ['the mapped form of the client', '::1', '::FFFF:cb00:7109', found('203.0.113.9', '::1')],
    ['two proxies', '10.0.0.1', '203.0.113.9, 10.0.0.2', found('203.0.113.9', '10.0.0.1', '10.0.0.2')],
    [
      'what the client wrote is not read',
      '10.0.0.1',
      '127.0.0.1, 192.0.2.6, 203.0.113.9',
      found('203.0.113.9', '10.0.0.1'),
    ],
    ['nor when it makes no sense', '10.0.0.1', '"\u0000;,,%, 203.0.113.9', found('203.0.113.9', '10.0.0.1')],
    [
      'a header of several lines',
      '10.0.0.1',
      ['203.0.113.9', '10.0.0.3, 10.0.0.2'],
      found('203.0.113.9', '10.0.0.1', '10.0.0.2', '10.0.0.3'),
    ],
    ['canonical text of an IPv6 client', '::1', '2001:0DB8:ABCD:0:0::1', found('2001:db8:abcd::1', '::1')],
    [
      'a header without elements',
      '10.0.0.1',
      ' , ,\t',
      { address: '10.0.0.1', source: 'peer', hops: ['10.0.0.1'] },
    ],
    ['an empty header', '10.0.0.1', '', { address: '10.0.0.1', source: 'peer', hops: ['10.0.0.1'] }],
    [
      'a proxy without a header',
      '10.0.0.1',
      undefined,
      { address: '10.0.0.1', source: 'peer', hops: ['10.0.0.1'] },
    ],
    ['a header of no lines', '10.0.0.1', [], { address: '10.0.0.1', source: 'peer', hops: ['10.0.0.1'] }],
    [
      'empty elements between',
      '10.0.0.1',
      ',203.0.113.9,, ,10.0.0.2,',
      found('203.0.113.9', '10.0.0.1', '10.0.0.2'),
    ],
    [
      'a header from nobody known',
      '203.0.113.9',
      '192.0.2.6',
      { address: '203.0.113.9', source: 'peer', hops: [], problem: 'untrusted-peer' },
    ],
    [
      'even an empty one',
      '203.0.113.9',
      '',
      { address: '203.0.113.9', source: 'peer', hops: [], problem: 'untrusted-peer' },
    ],
    [
      'however long it is',
      '203.0.113.9',
      'x'.repeat(1_000_000),
      { address: '203.0.113.9', source: 'peer', hops: [], problem: 'untrusted-peer' },
    ],
    [
      'all trusted',
      '10.0.0.1',
      '10.0.0.3, 10.0.0.2',
      { address: '10.0.0.3', source: 'header', hops: ['10.0.0.1', '10.0.0.2'], problem: 'all-trusted' },
    ],
    [
      'no peer',
      undefined,
      '203.0.113.9',
      { address: undefined, source: 'peer', hops: [], problem: 'no-peer' },
    ],
    [
      'no peer and no header',
      undefined,
      undefined,
      { address: undefined, source: 'peer', hops: [], problem: 'no-peer' },
    ],
    [
      'a peer that is a path',
      '/run/app.sock',
      '203.0.113.9',
      { address: undefined, source: 'peer', hops: [], problem: 'no-peer' },
    ],
    [
      'a peer with a port',
      '10.0.0.1:80',
      '203.0.113.9',
      { address: undefined, source: 'peer', hops: [], problem: 'no-peer' },
    ],
    ['the zone of a peer', 'fe80::1%eth0', undefined, { address: 'fe80::1', source: 'peer', hops: [] }],
    ['unknown', '10.0.0.1', '203.0.113.9, unknown', malformed('10.0.0.1')],
    ['a hole behind a proxy', '10.0.0.1', '203.0.113.9, -, 10.0.0.2', malformed('10.0.0.1', '10.0.0.2')],
  ])('%s', (_, peer, header, client) => {
    expect(resolve(peer, header)).toEqual(client);
    expect('problem' in resolve(peer, header)).toBe('problem' in client);
  });

  test('takes null for nothing, as the headers of fetch give it', () => {
    expect(resolve('10.0.0.1', null)).toEqual(resolve('10.0.0.1', undefined));
    expect(resolve(null, null).problem).toBe('no-peer');
  });

  test('gives frozen data that a policy takes', () => {
    const client = resolve('10.0.0.1', '203.0.113.9');
    expect(Object.isFrozen(client) && Object.isFrozen(client.hops)).toBe(true);
    expect(createPolicy({ deny: '203.0.113.0/24' }).allows(client.address)).toBe(false);
    expect(createPolicy({ deny: '' }).allows(resolve('10.0.0.1', 'unknown').address)).toBe(false);
  });
});

describe('an element', () => {
  test.each([
    ['203.0.113.9', '203.0.113.9'],
    ['203.0.113.9:1', '203.0.113.9'],
    ['203.0.113.9:65535', '203.0.113.9'],
    ['[2001:db8::9]', '2001:db8::9'],
    ['[2001:db8::9]:443', '2001:db8::9'],
    ['2001:db8::9', '2001:db8::9'],
    // Without brackets all of it is the address.
    ['2001:db8::9:443', '2001:db8::9:443'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['[::ffff:203.0.113.9]:80', '203.0.113.9'],
    // A zone is known to the machine alone that wrote it.
    ['fe80::1%eth0', undefined],
    ['fe80::1%25eth0', undefined],
    ['[fe80::1%eth0]', undefined],
    ['[fe80::1%eth0]:80', undefined],
    ['2001:db8::9%1', undefined],
    ['::ffff:203.0.113.9%eth0', undefined],
    ['203.0.113.9%eth0', undefined],
    ['%', undefined],
    ['203.0.113.9:0', undefined],
    ['203.0.113.9:65536', undefined],
    ['203.0.113.9:080', undefined],
    ['203.0.113.9:123456', undefined],
    ['203.0.113.9:', undefined],
    ['203.0.113.9:+80', undefined],
    ['203.0.113.9:8e1', undefined],
    ['203.0.113.9:80:80', undefined],
    ['203.0.113.9 :80', undefined],
    ['203.0.113.9:_hidden', undefined],
    ['[203.0.113.9]', undefined],
    ['[203.0.113.9]:80', undefined],
    ['[2001:db8::9', undefined],
    ['2001:db8::9]', undefined],
    ['[2001:db8::9]443', undefined],
    ['[2001:db8::9]:', undefined],
    ['[2001:db8::9]:0', undefined],
    ['[[2001:db8::9]]', undefined],
    ['[]', undefined],
    ['[:]', undefined],
    ['::ffff:203.0.113.9:80', undefined],
    ['203.0.113.09', undefined],
    ['203.0.113', undefined],
    ['203.0.113.0/24', undefined],
    ['"203.0.113.9"', undefined],
    ['203.0.113.9;10.0.0.1', undefined],
    ['203.0.113.9 10.0.0.1', undefined],
    ['\u00a0203.0.113.9', undefined],
    ['203.0.113.9\n', undefined],
    ['２０３.0.113.9', undefined],
    ['localhost', undefined],
    ['unknown', undefined],
    ['_hidden', undefined],
    ['-', undefined],
  ])('%j is the client %s', (element, address) => {
    const client = address === undefined ? malformed('127.0.0.1') : found(address, '127.0.0.1');
    expect(resolve('127.0.0.1', element)).toEqual(client);
    expect(resolve('127.0.0.1', ` \t${element} \t`)).toEqual(client);
    expect(resolve('127.0.0.1', `192.0.2.66,${element}`)).toEqual(client);
    expect(createClientResolver({ trusted: proxies, header: 'X-Real-IP' })('127.0.0.1', element)).toEqual(
      client,
    );
  });
});

describe('Forwarded', () => {
  const read = createClientResolver({ trusted: proxies, header: 'Forwarded' });

  test.each([
    // RFC 7239 §4.
    ['For="[2001:db8:cafe::17]:4711"', '2001:db8:cafe::17'],
    ['for=192.0.2.60;proto=http;by=203.0.113.43', '192.0.2.60'],
    ['for=192.0.2.43, for=198.51.100.17', '198.51.100.17'],
    ['for="_gazonk"', undefined],
    ['for=_gazonk', undefined],
    ['for=unknown', undefined],
    ['for="_gazonk", for=198.51.100.17', '198.51.100.17'],
    // RFC 7239 §6.
    ['for="192.0.2.43:47011"', '192.0.2.43'],
    ['for="[2001:db8:cafe::17]:47011"', '2001:db8:cafe::17'],
    ['for="192.0.2.43:_obf.-_9"', '192.0.2.43'],
    ['for="[2001:db8:cafe::17]:_OBF"', '2001:db8:cafe::17'],
    ['for="192.0.2.43:_"', undefined],
    ['for="192.0.2.43:_a:b"', undefined],
    ['for="192.0.2.43:_a b"', undefined],
    ['for="192.0.2.43:0"', undefined],
    ['for="192.0.2.43:65536"', undefined],
    ['for="unknown:80"', undefined],
    ['for="_hidden:_port"', undefined],
    // Names in any case, parameters in any order.
    ['proto=https;FOR=192.0.2.60', '192.0.2.60'],
    ['secret="for=10.0.0.1";host=example.com;fOr=192.0.2.60;by=_a', '192.0.2.60'],
    ['forx=192.0.2.60;by=192.0.2.61', undefined],
    // Quoting.
    ['for="192.0.2.60"', '192.0.2.60'],
    ['for="\\1\\9\\2.0.2.60"', '192.0.2.60'],
    ['for="\\[2001:db8:cafe::17\\]"', '2001:db8:cafe::17'],
    ['for=192.0.2.60;host="a\\"b,c;d\\\\"', '192.0.2.60'],
    ['for=192.0.2.60;host="\u00e9\t "', '192.0.2.60'],
    ['for=192.0.2.60;host="\u0100"', undefined],
    ['for=192.0.2.60;host="\u007f"', undefined],
    ['for=192.0.2.60;host="\n"', undefined],
    ['for="192.0.2.60', undefined],
    ['for="192.0.2.60\\"', undefined],
    ['for="192.0.2.60\\', undefined],
    ['for="192.0.2.60"x', undefined],
    ['for=192.0.2.60"', undefined],
    ['for=""', undefined],
    ['for="[fe80::1%eth0]"', undefined],
    ['for="[fe80::1%eth0]:80"', undefined],
    ['for="[fe80::1\\%eth0]:_obf"', undefined],
    ['for=203.0.113.9%eth0', undefined],
    // What has to be quoted.
    ['for=192.0.2.60:80', undefined],
    ['for=[2001:db8:cafe::17]', undefined],
    ['for=2001:db8:cafe::17', undefined],
    ['for="2001:db8:cafe::17"', undefined],
    ['for="[192.0.2.60]"', undefined],
    // White space and empty parts.
    ['\t for=192.0.2.60 \t', '192.0.2.60'],
    ['for=192.0.2.60; proto=http ;by=_a', '192.0.2.60'],
    [';;for=192.0.2.60;', '192.0.2.60'],
    [',, for=192.0.2.60 ,,', '192.0.2.60'],
    ['for =192.0.2.60', undefined],
    ['for= 192.0.2.60', undefined],
    ['for=192.0.2.60 proto=http', undefined],
    ['for', undefined],
    ['for=', undefined],
    ['=192.0.2.60', undefined],
    ['192.0.2.60', undefined],
    // An element without for, or with two.
    ['proto=http', undefined],
    [';', undefined],
    ['for=192.0.2.60;for=192.0.2.60', undefined],
    ['for=192.0.2.60;proto=http;FOR="192.0.2.61";for=192.0.2.62', undefined],
    ['for=192.0.2.59, proto=http', undefined],
    ['for=192.0.2.59;for=192.0.2.58, for=192.0.2.60', '192.0.2.60'],
    // A line that breaks the grammar somewhere is not read at all.
    ['???, for=192.0.2.60', undefined],
    ['for="x, for=192.0.2.60', undefined],
    ['a=", for="[2001:db8:cafe::17]:1"', undefined],
  ])('$0 has the client $1', (header, address) => {
    expect(read('127.0.0.1', header)).toEqual(
      address === undefined ? malformed('127.0.0.1') : found(address, '127.0.0.1'),
    );
    const behind = read('127.0.0.1', [header, 'for=10.0.0.1, for="[2001:db8:1::2]"']);
    expect([behind.address, behind.hops]).toEqual([address, ['127.0.0.1', '2001:db8:1::2', '10.0.0.1']]);
  });

  test('an open quote in a line of the client does not reach the line of the proxy', () => {
    expect(read('10.0.0.1', ['for="', 'for=203.0.113.9'])).toEqual(found('203.0.113.9', '10.0.0.1'));
  });

  test('a header of nothing is not a header', () => {
    expect(read('10.0.0.1', ' , ')).toEqual({ address: '10.0.0.1', source: 'peer', hops: ['10.0.0.1'] });
  });
});

describe('a header with one address', () => {
  const read = createClientResolver({ trusted: proxies, header: 'CF-Connecting-IP' });

  test.each<readonly [header: string | string[], client: Client]>([
    ['203.0.113.9', found('203.0.113.9', '10.0.0.1')],
    [['203.0.113.9'], found('203.0.113.9', '10.0.0.1')],
    [['', ' 203.0.113.9 '], found('203.0.113.9', '10.0.0.1')],
    ['203.0.113.9, 203.0.113.9', malformed('10.0.0.1')],
    [['203.0.113.9', '203.0.113.9'], malformed('10.0.0.1')],
    [',203.0.113.9', malformed('10.0.0.1')],
    ['', { address: '10.0.0.1', source: 'peer', hops: ['10.0.0.1'] }],
    ['10.0.0.2', { address: '10.0.0.2', source: 'header', hops: ['10.0.0.1'], problem: 'all-trusted' }],
  ])('%j', (header, client) => {
    expect(read('10.0.0.1', header)).toEqual(client);
    expect(read('192.0.2.6', header)).toMatchObject({ address: '192.0.2.6', problem: 'untrusted-peer' });
  });

  test('lists are known by their name', () => {
    const list = createClientResolver({ trusted: proxies, header: 'X-Original-Forwarded-For' });
    expect(list('10.0.0.1', '192.0.2.6, 203.0.113.9').address).toBe('203.0.113.9');
  });
});

describe('a header that is required', () => {
  const missing: Client = {
    address: undefined,
    source: 'header',
    hops: ['10.0.0.1'],
    problem: 'missing-header',
  };

  test.each(['X-Forwarded-For', 'Forwarded', 'X-Real-IP'])('%s: without it there is no client', (header) => {
    const strict = createClientResolver({ trusted: proxies, header, required: true });
    const empty = [undefined, null, '', [], [''], ['', '\t'], ' '];
    if (header !== 'X-Real-IP') empty.push(',', ' , ,', [',', '']);
    for (const value of empty) {
      const client = strict('10.0.0.1', value as never);
      expect([value, client]).toEqual([value, missing]);
      expect(Object.isFrozen(client) && Object.isFrozen(client.hops)).toBe(true);
      const lenient = createClientResolver({ trusted: proxies, header, required: false });
      expect(lenient('10.0.0.1', value as never).address).toBe('10.0.0.1');
    }
  });

  test('changes nothing else', () => {
    const strict = createClientResolver({ trusted: proxies, required: true });
    for (const [peer, header] of [
      ['203.0.113.9', undefined],
      ['203.0.113.9', ''],
      [undefined, undefined],
      ['10.0.0.1', '203.0.113.9'],
      ['10.0.0.1', 'unknown'],
      ['10.0.0.1', '10.0.0.2'],
      ['10.0.0.1', 'x'.repeat(20_000)],
    ]) {
      expect(strict(peer, header)).toEqual(resolve(peer, header));
    }
  });
});

describe('the length of a header', () => {
  const short = createClientResolver({ trusted: proxies, maxHeaderLength: 25 });

  test('is bounded, all lines together', () => {
    expect(short('10.0.0.1', `203.0.113.9${' '.repeat(14)}`).address).toBe('203.0.113.9');
    expect(short('10.0.0.1', `203.0.113.9${' '.repeat(15)}`)).toEqual(malformed('10.0.0.1'));
    expect(short('10.0.0.1', ['203.0.113.9', ' '.repeat(13)]).address).toBe('203.0.113.9');
    expect(short('10.0.0.1', ['203.0.113.9', ' '.repeat(14)])).toEqual(malformed('10.0.0.1'));
    expect(short('10.0.0.1', Array<string>(26).fill('')).address).toBe('10.0.0.1');
    expect(short('10.0.0.1', Array<string>(27).fill(''))).toEqual(malformed('10.0.0.1'));
  });

  test('is 16,384 when nothing is said', () => {
    const line = (length: number): string => '203.0.113.9'.padStart(length, ',');
    expect(resolve('10.0.0.1', line(16_384)).address).toBe('203.0.113.9');
    expect(resolve('10.0.0.1', line(16_385))).toEqual(malformed('10.0.0.1'));
    const long = createClientResolver({ trusted: proxies, maxHeaderLength: 1_000_000 });
    expect(long('10.0.0.1', line(1_000_000)).address).toBe('203.0.113.9');
  });
});

describe('hostile input', () => {
  test('is not a header, and never throws', () => {
    const throwing = new Proxy([] as string[], {
      get: (target, name) => {
        if (name === 'length') return 2;
        throw new Error(`foreign code ran: ${String(name)} of ${target.length}`);
      },
    });
    const endless = new Proxy([] as string[], { get: (_, name) => (name === 'length' ? 2 ** 32 - 1 : '') });
    const text = { toString: () => '203.0.113.9' };
    for (const header of [
      throwing,
      endless,
      text,
      [text],
      [undefined],
      5,
      true,
      new Map(),
      () => '203.0.113.9',
      Symbol('x'),
    ]) {
      expect(resolve('10.0.0.1', header as never)).toEqual(malformed('10.0.0.1'));
      expect(resolve(header as never, '203.0.113.9').problem).toBe('no-peer');
    }
  });

  test('a hole in the lines is not filled by what stands on a prototype', () => {
    const polluted = Object.prototype as Record<string, unknown>;
    try {
      polluted['1'] = '203.0.113.9';
      // biome-ignore lint/suspicious/noSparseArray: the hole is what is tested
      expect(resolve('10.0.0.1', ['192.0.2.1', , '10.0.0.2'] as string[])).toEqual(malformed('10.0.0.1'));
    } finally {
      delete polluted['1'];
    }
  });

  test('a line that changes when it is read again does not get past the bound', () => {
    let reads = 0;
    const header = ['', ''];
    Object.defineProperty(header, 0, {
      get: () => (reads++ === 0 ? '203.0.113.9' : '1.1.1.1,'.repeat(10_000)),
    });
    expect(resolve('10.0.0.1', header).address).toBe('203.0.113.9');
    expect(reads).toBe(1);
  });
});

function problemsOf(options: unknown): readonly Problem[] {
  try {
    createClientResolver(options as ClientResolverOptions);
  } catch (error) {
    if (error instanceof ListError) return error.problems;
    throw error;
  }
  return [];
}

describe('the options', () => {
  test.each<readonly [options: unknown, code: string, message: RegExp]>([
    [undefined, 'invalid-option', /write \{ trusted: list \}/],
    ['10.0.0.0/8', 'invalid-option', /write \{ trusted: list \}/],
    [{}, 'not-a-string', /a list is text/],
    [{ trusted: true }, 'invalid-option', /cannot be checked/],
    [{ trusted: 1 }, 'invalid-option', /cannot be checked/],
    [
      { trusted: '', hops: 1 },
      'invalid-option',
      /no option "hops", only trusted, header, required, maxHeaderLength/,
    ],
    [{ trusted: '', header: '' }, 'invalid-option', /name of one header/],
    [{ trusted: '', header: 'x-real-ip, forwarded' }, 'invalid-option', /name of one header/],
    [{ trusted: '', header: 5 }, 'invalid-option', /name of one header/],
    [{ trusted: '', required: 'yes' }, 'invalid-option', /required must be true or false, got a string/],
    [{ trusted: '', maxHeaderLength: 0 }, 'invalid-option', /whole number/],
    [{ trusted: '', maxHeaderLength: 1.5 }, 'invalid-option', /whole number/],
    [{ trusted: '', maxHeaderLength: Number.POSITIVE_INFINITY }, 'invalid-option', /whole number/],
    [{ trusted: '', maxHeaderLength: '16' }, 'invalid-option', /whole number/],
    [{ trusted: '10.0.0.*' }, 'invalid-character', /write 10\.0\.0\.0\/24/],
    [{ trusted: '0.0.0.0/0' }, 'covers-everything', /lets clients write their own/],
    [{ trusted: ['10.0.0.1', '::/0'] }, 'covers-everything', /lets clients write their own/],
    [{ trusted: '0.0.0.0-255.255.255.255' }, 'covers-everything', /lets clients write their own/],
    [{ trusted: '::ffff:0:0/96' }, 'covers-everything', /lets clients write their own/],
    [
      { trusted: '0.0.0.0/1\n128.0.0.0/1' },
      'covers-everything',
      /together these entries cover every address/,
    ],
    [{ trusted: '::/1\n8000::/1\n10.0.0.1' }, 'covers-everything', /lets clients write their own/],
    [{ trusted: '0.0.0.0-9.255.255.255\n5.0.0.0-255.255.255.255' }, 'covers-everything', /together/],
    [{ trusted: '0.0.0.0-255.255.255.254\n255.255.255.255' }, 'covers-everything', /together/],
    [{ trusted: Array<string>(100_001).fill('10.0.0.1') }, 'too-many-entries', /at most 100000 entries/],
  ])('$0 give $1', (options, code, message) => {
    const [problem] = problemsOf(options);
    expect(problem).toMatchObject({ severity: 'error', code, message: expect.stringMatching(message) });
  });

  test('say where a bad line is, and all of them at once', () => {
    const problems = problemsOf({ trusted: '10.0.0.0/8\n  ::/0 # all\n10.0.0.300', header: 'a b' });
    expect(
      problems.map(({ source, line, column, text, code }) => [source, line, column, text, code]),
    ).toEqual([
      ['options', 1, 1, '', 'invalid-option'],
      ['trusted', 3, 8, '300', 'octet-range'],
      ['trusted', 2, 3, '::/0', 'covers-everything'],
    ]);
  });

  test('networks that leave an address out are trusted', () => {
    const resolve = createClientResolver({ trusted: '0.0.0.0-255.255.255.254' });
    expect(resolve('255.255.255.255', '192.0.2.1').address).toBe('255.255.255.255');
  });

  test('a header that throws when it is looked at throws nothing', () => {
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    const throwing = new Proxy([], {
      get: () => {
        throw new Error('boom');
      },
    });
    const resolve = createClientResolver({ trusted: '10.0.0.0/8' });
    for (const header of [proxy, throwing] as never[]) {
      expect(resolve('10.0.0.1', header)).toMatchObject({ address: undefined, problem: 'malformed-header' });
      expect(resolve('192.0.2.1', header)).toMatchObject({ address: '192.0.2.1', problem: 'untrusted-peer' });
    }
  });

  test('an endless or throwing list is an error', () => {
    function* endless(): Generator<string> {
      for (;;) yield '10.0.0.1';
    }
    function* broken(): Generator<string> {
      yield '10.0.0.1';
      throw new Error('connection lost');
    }
    expect(problemsOf({ trusted: endless() }).map(({ code }) => code)).toEqual(['too-many-entries']);
    expect(problemsOf({ trusted: broken() }).map(({ code, source }) => [code, source])).toEqual([
      ['unreadable', 'trusted'],
    ]);
  });

  test('may be any source of entries; an empty one trusts nobody', () => {
    for (const trusted of [
      ['10.0.0.0/8'],
      new Set(['10.0.0.0/8']),
      [{ address: '10.0.0.0/8', note: 'Proxies' }],
      '@private',
    ]) {
      expect(createClientResolver({ trusted })('10.0.0.1', '203.0.113.9').address).toBe('203.0.113.9');
    }
    for (const trusted of ['', [], '# none']) {
      expect(createClientResolver({ trusted })('10.0.0.1', '203.0.113.9')).toMatchObject({
        address: '10.0.0.1',
        problem: 'untrusted-peer',
      });
    }
  });

  test('later changes to a list do not reach the resolver', () => {
    const trusted = ['10.0.0.0/8'];
    const before = createClientResolver({ trusted });
    trusted[0] = '192.0.2.0/24';
    expect(before('192.0.2.1', '203.0.113.9').problem).toBe('untrusted-peer');
  });
});

describe('the diagnostics', () => {
  const document = readFileSync(new URL('../../docs/guides/behind-a-proxy.md', import.meta.url), 'utf8');

  test.each<readonly [code: string, peer: string | undefined, header: string | undefined]>([
    ['no-peer', undefined, '203.0.113.9'],
    ['untrusted-peer', '203.0.113.1', '203.0.113.9'],
    ['malformed-header', '10.0.0.1', 'unknown'],
    ['all-trusted', '10.0.0.1', '10.0.0.2'],
    ['private-client', '10.0.0.1', '192.168.1.1'],
    ['private-client', '10.0.0.1', 'fd00::1'],
    ['private-client', '10.0.0.1', '::ffff:172.16.0.1'],
    ['private-client', '10.0.0.1', '100.64.0.1'],
    ['missing-header', '10.0.0.1', undefined],
  ])('warn of %s once', (code, peer, header) => {
    const warnings: ProxyWarning[] = [];
    const diagnose = createProxyDiagnostics({ warn: (warning) => warnings.push(warning) });
    const client = resolve(peer, header);
    if (code === 'missing-header') {
      const strict = createClientResolver({ trusted: proxies, required: true });
      expect(diagnose(strict(peer, header)).problem).toBe('missing-header');
    }
    for (let times = 0; times < 3; times++) expect(diagnose(client)).toBe(client);
    expect(warnings.map((warning) => warning.code)).toEqual([code]);
    const [{ message, documentation }] = warnings as [ProxyWarning];
    expect(documentation).toBe(`docs/guides/behind-a-proxy.md#${code}`);
    expect(document).toMatch(new RegExp(`^#+ \`${code}\`$`, 'm'));
    expect(message).not.toMatch(/\d/);
  });

  test('have a heading for each code, those of the adapters included', () => {
    const source = readFileSync(new URL('../../src/client/diagnostics.ts', import.meta.url), 'utf8');
    const codes = [...source.matchAll(/^ {2}\| '([a-z-]+)'/gm)].map((match) => match[1]);
    expect(codes).toHaveLength(8);
    for (const code of codes) expect(document).toMatch(new RegExp(`^#+ \`${code}\`$`, 'm'));
  });

  test('say nothing when all is well', () => {
    const warn = vi.fn();
    const diagnose = createProxyDiagnostics({ warn });
    diagnose(resolve('10.0.0.1', '203.0.113.9'));
    diagnose(resolve('203.0.113.9', undefined));
    diagnose(resolve('192.168.1.1', undefined));
    expect(warn).not.toHaveBeenCalled();
  });

  test('take no problem from a prototype', () => {
    const seen = vi.fn();
    const polluted = Object.prototype as { problem?: string };
    try {
      polluted.problem = 'no-peer';
      createProxyDiagnostics({ warn: seen })(resolve('10.0.0.1', '203.0.113.9'));
    } finally {
      delete polluted.problem;
    }
    expect(seen).not.toHaveBeenCalled();
  });

  test('warn of each mistake, and of each once even when the function throws', () => {
    const codes: string[] = [];
    const diagnose = createProxyDiagnostics({
      warn: ({ code }) => {
        codes.push(code);
        if (code === 'no-peer') throw new Error('the log is full');
      },
    });
    expect(() => diagnose(resolve(undefined, undefined))).toThrow('the log is full');
    diagnose(resolve(undefined, undefined));
    diagnose(resolve('10.0.0.1', undefined));
    diagnose(resolve('10.0.0.1', 'unknown'));
    expect(codes).toEqual(['no-peer', 'missing-header', 'malformed-header']);
  });

  test('go to the console when nothing is said', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    try {
      const diagnose = createProxyDiagnostics();
      diagnose(resolve('10.0.0.1', '10.0.0.2'));
      diagnose(resolve('10.0.0.1', '10.0.0.2'));
      expect(warn.mock.calls).toEqual([
        [expect.stringMatching(/^ipverdict: .*\(all-trusted, see docs\/guides\/.*#all-trusted\)$/)],
      ]);
    } finally {
      warn.mockRestore();
    }
  });

  test('refuse options that they do not know', () => {
    expect(() => createProxyDiagnostics({ log: console.log } as never)).toThrow(/no option "log"/);
    expect(() => createProxyDiagnostics({ warn: 'yes' } as never)).toThrow(/warn must be a function/);
  });
});
