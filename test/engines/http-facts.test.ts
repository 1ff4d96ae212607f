/**
 * What is special about an engine, and what readers and writers of its format therefore do. Where one of these fails with
 * another version of an engine, the reader or writer of that format is to be looked at.
 */

import { expect, test } from 'vitest';
import { askApache, checkApache } from './apache.ts';
import { askCaddy, checkCaddy } from './caddy.ts';
import { accepts, describeWith } from './engine.ts';
import { askHAProxy, checkHAProxy } from './haproxy.ts';
import { askNginx, checkNginx } from './nginx.ts';

const BOM = '\uFEFF';
const one = ['192.0.2.7'];

describeWith('nginx', 'nginx: allow and deny', () => {
  test('the first match decides, whatever is more specific', async () => {
    const texts = [
      'deny 192.0.2.7; allow 192.0.2.0/24; deny all;',
      'allow 192.0.2.0/24; deny 192.0.2.7; deny all;',
    ];
    expect([await askNginx(texts[0] as string, one), await askNginx(texts[1] as string, one)]).toEqual([
      ['deny'],
      ['allow'],
    ]);
  });

  test('a mapped entry never matches an IPv4 client, however it comes', async () => {
    const clients = ['192.0.2.7', '::ffff:192.0.2.7'];
    const text = 'deny ::ffff:192.0.2.0/120; allow 192.0.2.0/24; allow ::/0; deny all;';
    expect(await askNginx(text, clients)).toEqual(['allow', 'allow']);
  });

  test('::/0 takes a mapped client only where no rule is about IPv4', async () => {
    const client = ['::ffff:192.0.2.7'];
    expect(await askNginx('deny ::/0;', client)).toEqual(['deny']);
    expect(await askNginx('deny ::/0; allow all;', client)).toEqual(['allow']);
  });

  test('what it takes and what it refuses', async () => {
    expect((await checkNginx('deny 192.0.2.5/24;')).message).toContain('low address bits');
    const taken = [
      'deny all;',
      'deny 0.0.0.0/0;',
      'deny 010.0.0.1;',
      'deny 192.0.2.7; # a "b; {$c} \\\n',
      'deny 192.0.2.7;\r\n',
    ];
    expect(await accepts(checkNginx, taken)).toEqual(taken.map(() => true));
    const refused = [
      'deny 255.255.255.255;',
      'deny 192.0.2.1-192.0.2.9;',
      'deny 192.0.2;',
      `${BOM}deny all;`,
    ];
    expect(await accepts(checkNginx, refused)).toEqual(refused.map(() => false));
  });

  test('a leading zero is decimal', async () => {
    expect(await askNginx('deny 010.0.0.1;', ['10.0.0.1', '8.0.0.1'])).toEqual(['deny', 'allow']);
  });

  test('a comment has fewer than 4,096 bytes, and ends at its line', async () => {
    const comment = (bytes: number): string => `deny 192.0.2.7; #${'x'.repeat(bytes - 1)}\n`;
    expect(await accepts(checkNginx, [comment(4095), comment(4096)])).toEqual([true, false]);
    expect(await askNginx('# a \\\ndeny 192.0.2.7;', one)).toEqual(['deny']);
  });
});

describeWith('nginx', 'nginx: geo', () => {
  const at = { place: 'geo-body' } as const;
  const ask = (text: string, clients: readonly string[]): ReturnType<typeof askNginx> =>
    askNginx(text, clients, at);
  const check = (text: string): ReturnType<typeof checkNginx> => checkNginx(text, at);

  test('the longest prefix decides, and of equal ones the last, with a warning', async () => {
    const text = '192.0.2.7 a; 192.0.2.0/24 b; 192.0.2.0/24 c;';
    expect(await ask(text, ['192.0.2.7', '192.0.2.8'])).toEqual(['a', 'c']);
    expect(await check(text)).toMatchObject({
      isAccepted: true,
      message: expect.stringContaining('duplicate'),
    });
  });

  test('the /0 of a family replaces its default', async () => {
    const text = 'default d; 0.0.0.0/0 four;';
    expect(await ask(text, ['192.0.2.7', '2001:db8::1'])).toEqual(['four', 'd']);
    expect(await ask('default d; ::/0 six;', ['192.0.2.7', '2001:db8::1'])).toEqual(['d', 'six']);
  });

  test('a mapped entry never matches an IPv4 client', async () => {
    const clients = ['192.0.2.7', '::ffff:192.0.2.7'];
    expect(await ask('default d; ::ffff:192.0.2.0/120 x;', clients)).toEqual(['d', 'd']);
  });

  test('ranges stand alone, are of IPv4, and do not overlap in part', async () => {
    const text = 'ranges; default d; 192.0.2.1-192.0.2.9 in;';
    expect(await ask(text, ['192.0.2.0', '192.0.2.1', '192.0.2.9', '192.0.2.10'])).toEqual([
      'd',
      'in',
      'in',
      'd',
    ]);
    const refused = [
      'ranges; 192.0.2.0/24 1;',
      '192.0.2.1-192.0.2.9 1;',
      'ranges; 2001:db8::1-2001:db8::9 1;',
      'ranges; 192.0.2.1-192.0.2.9 1; 192.0.2.5-192.0.2.20 2;',
    ];
    expect(await accepts(check, refused)).toEqual(refused.map(() => false));
  });

  test('a value in quotes escapes only quotes and backslashes', async () => {
    expect(await ask('default "a;b # {c} $d \\"q\\" \\\\";', one)).toEqual(['a;b # {c} $d "q" \\']);
  });
});

describeWith('haproxy', 'HAProxy', () => {
  test('entries over the mapped addresses match IPv4 clients, and IPv4 entries match tunnels', async () => {
    for (const entry of ['::/0', '::/1', '::ffff:0:0/96', '::ffff:192.0.2.7'])
      expect([entry, await askHAProxy(`${entry}\n`, one)]).toEqual([entry, ['deny']]);
    const tunnels = ['::192.0.2.7', '2002:c000:207::48', '::ffff:192.0.2.7', '2001:db8::1'];
    expect(await askHAProxy('192.0.2.7\n', tunnels)).toEqual(['deny', 'deny', 'deny', 'allow']);
    expect(await askHAProxy('::/0 six\n', one, { kind: 'map' })).toEqual(['six']);
  });

  test('of equal keys of a map the first decides, else the longest prefix', async () => {
    const text = '0.0.0.0/0 all\n192.0.2.0/24 a\n192.0.2.0/24 b\n192.0.2.7 c # d\n';
    const answers = await askHAProxy(text, ['192.0.2.7', '192.0.2.8', '198.51.100.1'], { kind: 'map' });
    expect(answers).toEqual(['c # d', 'a', 'all']);
  });

  test('partial addresses, leading zeros, host bits and netmasks', async () => {
    expect(await askHAProxy('192.0.2\n', ['192.0.0.2', '192.0.2.1'])).toEqual(['deny', 'allow']);
    expect(await askHAProxy('10\n', ['0.0.0.10', '10.0.0.1'])).toEqual(['deny', 'allow']);
    expect(await askHAProxy('010.0.0.1\n', ['8.0.0.1', '10.0.0.1'])).toEqual(['deny', 'allow']);
    expect(await askHAProxy('192.0.2.5/24\n', one)).toEqual(['deny']);
    expect(await askHAProxy('192.0.2.0/0.0.0.255\n', ['8.8.8.0', '192.0.2.1'])).toEqual(['deny', 'allow']);
  });

  test('what it refuses: a blank at the end, comments elsewhere, ranges, a byte order mark', async () => {
    const refused = [
      '192.0.2.7 \n',
      '192.0.2.7\t\n',
      ' # x\n',
      '192.0.2.7 # x\n',
      '192.0.2.1-192.0.2.9\n',
      `${BOM}192.0.2.7\n`,
    ];
    expect(await accepts(checkHAProxy, refused)).toEqual(refused.map(() => false));
    const taken = [
      ' \t192.0.2.7\n',
      '# x\\\n192.0.2.7\n',
      '192.0.2.7\r\n',
      '',
      '192.0.2.7',
      '0.0.0.0/0\n::/0\n',
      '192.0.2.7\n192.0.2.7\n',
    ];
    expect(await accepts(checkHAProxy, taken)).toEqual(taken.map(() => true));
  });

  test('the rest of a line of more than 16,383 bytes is an entry', async () => {
    const text = `${'#'.repeat(16_383)}203.0.113.9\n`;
    expect(await askHAProxy(text, ['203.0.113.9', '203.0.113.8'])).toEqual(['deny', 'allow']);
  });
});

describeWith('apache', 'Apache', () => {
  const not = (entry: string): string =>
    `<RequireAll>\nRequire all granted\nRequire not ip ${entry}\n</RequireAll>`;

  test('a partial address is a prefix', async () => {
    expect(await askApache(not('192.0.2'), ['192.0.2.7', '192.0.3.1'])).toEqual(['deny', 'allow']);
    expect(await askApache(not('10'), ['10.9.9.9', '11.0.0.1'])).toEqual(['deny', 'allow']);
    const older = 'Order allow,deny\nAllow from all\nDeny from 192.0.2.';
    expect(await askApache(older, ['192.0.2.7', '192.0.3.1'])).toEqual(['deny', 'allow']);
  });

  test('host bits are masked, a leading zero is decimal, a wildcard mask is a mask', async () => {
    expect(await askApache(not('192.0.2.5/24'), one)).toEqual(['deny']);
    expect(await askApache(not('010.0.0.1'), ['10.0.0.1', '8.0.0.1'])).toEqual(['deny', 'allow']);
    expect(await askApache(not('192.0.2.0/0.0.0.255'), ['8.8.8.0', '192.0.2.1'])).toEqual(['deny', 'allow']);
  });

  test('a comment that ends in a backslash swallows the next rule', async () => {
    const rules = (comment: string): string =>
      `<RequireAll>\nRequire all granted\n${comment}\nRequire not ip 192.0.2.7\n</RequireAll>`;
    expect(await askApache(rules('# old'), one)).toEqual(['deny']);
    expect(await askApache(rules('# old \\'), one)).toEqual(['allow']);
  });

  test('what it refuses: /0, mapped, ranges, comments after a rule, only negations', async () => {
    const refused = [
      'Require ip 0.0.0.0/0',
      'Require ip ::/0',
      'Require ip ::ffff:192.0.2.7',
      'Require ip 192.0.2.1-192.0.2.9',
      'Require ip 192.0.2.7 # x',
      'Require not ip 192.0.2.7',
      '<RequireAll>\nRequire not ip 192.0.2.7\n</RequireAll>',
    ];
    expect(await accepts(checkApache, refused)).toEqual(refused.map(() => false));
    const taken = [
      'Require ip 0.0.0.0/1 128.0.0.0/1',
      'Require all denied',
      '# x\nRequire ip 192.0.2.7\r\n',
      not('::/1 8000::/1'),
    ];
    expect(await accepts(checkApache, taken)).toEqual(taken.map(() => true));
  });

  test('IPv6 entries never match IPv4 clients', async () => {
    const clients = ['192.0.2.7', '::ffff:192.0.2.7', '2001:db8::1'];
    expect(await askApache(not('::/1'), clients)).toEqual(['allow', 'allow', 'deny']);
  });
});

describeWith('caddy', 'Caddy', () => {
  test('mapped entries never match IPv4 clients, nor does ::/0', async () => {
    expect(await askCaddy('@listed remote_ip ::ffff:192.0.2.0/120 ::/0', one)).toEqual(['allow']);
  });

  test('host bits are masked, and a "not" in one matcher means none of these', async () => {
    expect(await askCaddy('@listed remote_ip 192.0.2.5/24', one)).toEqual(['deny']);
    const text = '@listed not remote_ip 192.0.2.0/24 198.51.100.0/24';
    expect(await askCaddy(text, ['192.0.2.7', '198.51.100.7', '203.0.113.7'])).toEqual([
      'allow',
      'allow',
      'deny',
    ]);
  });

  test('several lines of a matcher add up', async () => {
    const text = '@listed {\nremote_ip 192.0.2.0/24\nremote_ip 198.51.100.0/24 # note\n}';
    expect(await askCaddy(text, ['192.0.2.7', '198.51.100.7', '203.0.113.7'])).toEqual([
      'deny',
      'deny',
      'allow',
    ]);
  });

  test('what it refuses: ranges, a comment without a blank, partial addresses, leading zeros', async () => {
    const refused = ['192.0.2.1-192.0.2.9', '192.0.2.1#x', '192.0.2', '010.0.0.1'].map(
      (word) => `@listed remote_ip ${word}`,
    );
    expect(await accepts(checkCaddy, refused)).toEqual(refused.map(() => false));
    const taken = ['@listed remote_ip 0.0.0.0/0 ::/0', '@listed remote_ip 192.0.2.1 # x'];
    expect(await accepts(checkCaddy, taken)).toEqual(taken.map(() => true));
  });
});

describeWith(['nginx', 'haproxy', 'apache', 'nftables'], 'a client that a header names', () => {
  const clients = [
    '192.0.2.7',
    '192.0.2.8',
    '198.51.100.1',
    '2001:db8::1',
    '2001:db9::1',
    '::192.0.2.7',
    '10.0.0.1',
  ];

  test('is decided as one that connects to a socket for both families', async () => {
    for (const text of [
      'deny 192.0.2.7; allow 192.0.2.0/24; allow 2001:db8::/32; deny all;',
      'deny ::ffff:192.0.2.0/120; allow 10.0.0.0/8; deny 2001:db8::/33;',
    ])
      expect(await askNginx(text, clients, undefined, 'connection')).toEqual(await askNginx(text, clients));
    const geo = 'default d; 192.0.2.0/24 net; 192.0.2.7 one; ::/0 six; 2001:db8::/32 doc;';
    const at = { place: 'geo-body' } as const;
    expect(await askNginx(geo, clients, at, 'connection')).toEqual(await askNginx(geo, clients, at));
    for (const text of ['192.0.2.0/29\n2001:db8::/32\n', '::/1\n', '10.0.0.0/8\n::ffff:192.0.2.0/125\n'])
      expect(await askHAProxy(text, clients, { through: 'connection' })).toEqual(
        await askHAProxy(text, clients),
      );
    for (const text of [
      'Require ip 192.0.2 2001:db8::/32',
      'Require ip ::/1',
      'Require ip 192.0.2.0/0.0.0.255',
    ])
      expect(await askApache(text, clients, 'connection')).toEqual(await askApache(text, clients));
  });

  test('::/0 alone takes an IPv4 client of such a socket of nginx', async () => {
    expect(await askNginx('deny ::/0;', one, undefined, 'connection')).toEqual(['deny']);
    expect(await askNginx('deny ::/0; allow all;', one, undefined, 'connection')).toEqual(['allow']);
  });
});
