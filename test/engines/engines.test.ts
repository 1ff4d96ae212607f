/** The engines decide as their pages say: nested networks, order, both families. What is special about one is in facts.test.ts. */

import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { askApache, checkApache } from './apache.ts';
import { askCaddy, checkCaddy } from './caddy.ts';
import { describeWith, platformText, whatIsMissing } from './engine.ts';
import { askFirewall, checkFirewall } from './firewall.ts';
import { askHAProxy, checkHAProxy } from './haproxy.ts';
import { askHostsAccess } from './hosts-access.ts';
import { askIpset, checkIpset } from './ipset.ts';
import { askMmdb } from './mmdb.ts';
import { Namespace } from './namespace.ts';
import { askNftables, checkNftables } from './nftables.ts';
import { askNginx, checkNginx, startNginx } from './nginx.ts';
import { askPostgres, checkPgHba, rulesOfPostgres } from './postgres.ts';
import { folderPrefix, releaseEverything } from './process.ts';

/** The clients whom every engine can be asked about, and what a list of 192.0.2.0/24 but .7, and 2001:db8::/32, says. */
const clients = ['192.0.2.7', '192.0.2.8', '192.0.3.0', '2001:db8::1', '2001:db9::1'];
const listed = ['allow', 'deny', 'allow', 'deny', 'allow'];
const allowed = ['deny', 'allow', 'deny', 'allow', 'deny'];

/** The folders of engines that this process has made, and not removed. */
const foldersLeft = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith(folderPrefix));

/** Many, of whom 256 are in 10.0.0.0/16. */
const many = Array.from({ length: 3000 }, (_, index) => `10.${index >> 8}.${index & 255}.1`);
const countOf = (answers: readonly string[], word: string): number =>
  answers.filter((answer) => answer === word).length;

describe('the harness', () => {
  test('names the package that is missing', () => {
    expect(whatIsMissing('mmdblookup', () => undefined)).toBe('mmdblookup (Debian package mmdb-bin)');
    expect(whatIsMissing('apache', () => undefined)).toBe('apache (Debian package apache2)');
  });

  test('a mapped address is the IPv4 address that it maps', () => {
    expect(platformText('::ffff:192.0.2.7')).toBe('192.0.2.7');
    expect(platformText('2001:DB8:0::1')).toBe('2001:db8::1');
  });
});

describeWith('nginx', 'nginx', () => {
  test('allow and deny', async () => {
    const text = 'deny 192.0.2.7; allow 192.0.2.0/24; allow 2001:db8::/32; deny all;';
    expect(await askNginx(text, clients)).toEqual(allowed);
    expect(await askNginx(text, ['::ffff:192.0.2.7', '::ffff:192.0.2.8'])).toEqual(['deny', 'allow']);
  });

  test('a geo block answers with its values', async () => {
    const text = 'default other; 192.0.2.0/24 net; 192.0.2.7 one; 2001:db8::/32 six;';
    const answers = ['one', 'net', 'other', 'six', 'other'];
    expect(await askNginx(text, clients, { place: 'geo-body' })).toEqual(answers);
    const block = `geo $kind {\n${text}\n}`;
    expect(await askNginx(block, clients, { place: 'geo', variable: 'kind' })).toEqual(answers);
  });

  test('answers thousands, in order, and more than once', async () => {
    const engine = await startNginx('deny 10.0.0.0/16;');
    try {
      for (let round = 0; round < 2; round++) expect(countOf(await engine.ask(many), 'deny')).toBe(256);
      expect(await engine.ask([])).toEqual([]);
    } finally {
      await engine.stop();
      await engine.stop();
    }
  });

  test('ends with the tests, even if one of them does not stop it', async () => {
    const engine = await startNginx('deny all;');
    const folders = foldersLeft();
    expect(folders).not.toEqual([]);
    releaseEverything();
    expect(foldersLeft().filter((name) => folders.includes(name))).toEqual([]);
    await expect(engine.ask(clients)).rejects.toThrow();
    await engine.stop();
  });

  test('says what it refuses, and who cannot be presented', async () => {
    expect(await checkNginx('deny 192.0.2.7;')).toMatchObject({ isAccepted: true });
    const { isAccepted, message } = await checkNginx('deny nonsense;');
    expect([isAccepted, message]).toEqual([false, expect.stringContaining('nonsense')]);
    await expect(askNginx('deny nonsense;', clients)).rejects.toThrow('nonsense');
    await expect(askNginx('deny all;', ['192.0.2.7', 'nonsense'])).rejects.toThrow();
  });
});

describeWith('haproxy', 'HAProxy', () => {
  test('a file of addresses', async () => {
    const text = '# nested\n192.0.2.0/29\n192.0.2.8\n2001:db8::/32\n';
    const answers = ['deny', 'deny', 'allow', 'deny', 'allow'];
    expect(await askHAProxy(text, clients)).toEqual(answers);
    const turned = answers.map((answer) => (answer === 'deny' ? 'allow' : 'deny'));
    expect(await askHAProxy(text, clients, { mode: 'allow' })).toEqual(turned);
  });

  test('a map answers with its values', async () => {
    const text = '192.0.2.0/24 net\n192.0.2.7 one\n2001:db8::/32 six\n';
    const options = { kind: 'map', otherwise: 'other' } as const;
    expect(await askHAProxy(text, clients, options)).toEqual(['one', 'net', 'other', 'six', 'other']);
  });

  test('answers thousands, and says what it refuses', async () => {
    expect(countOf(await askHAProxy('10.0.0.0/16\n', many), 'deny')).toBe(256);
    expect(await checkHAProxy('192.0.2.7\n')).toMatchObject({ isAccepted: true });
    expect((await checkHAProxy('192.0.2.7 x\n')).message).toContain('is not a valid IPv4 or IPv6 address');
    await expect(askHAProxy('192.0.2.7 x\n', clients)).rejects.toThrow('is not a valid');
  });
});

describeWith('apache', 'Apache', () => {
  const lines = [
    '<RequireAll>',
    'Require ip 192.0.2.0/24 2001:db8::/32',
    'Require not ip 192.0.2.7',
    '</RequireAll>',
  ];

  test('Require', async () => {
    expect(await askApache(lines.join('\n'), clients)).toEqual(allowed);
    expect(await askApache('Require ip 192.0.2.8', ['::ffff:192.0.2.8', '192.0.2.9'])).toEqual([
      'allow',
      'deny',
    ]);
  });

  test('Order, Allow and Deny', async () => {
    const text = 'Order Allow,Deny\nAllow from 192.0.2.0/24 2001:db8::/32\nDeny from 192.0.2.7';
    expect(await askApache(text, clients)).toEqual(allowed);
  });

  test('answers thousands, and says what it refuses', async () => {
    const text = '<RequireAll>\nRequire all granted\nRequire not ip 10.0.0.0/16\n</RequireAll>';
    expect(countOf(await askApache(text, many), 'deny')).toBe(256);
    expect(await checkApache(text)).toMatchObject({ isAccepted: true });
    expect((await checkApache('Require ip nonsense')).message).toContain('nonsense');
    await expect(askApache('Require ip nonsense', clients)).rejects.toThrow('nonsense');
  });
});

describeWith('caddy', 'Caddy', () => {
  test('a matcher, by the address of the connection', async () => {
    const text = '@listed {\nremote_ip 192.0.2.0/24 2001:db8::/32\nnot remote_ip 192.0.2.7\n}';
    expect(await askCaddy(text, clients)).toEqual(listed);
    expect(await askCaddy('@office client_ip 192.0.2.7', clients, { name: 'office', mode: 'allow' })).toEqual(
      ['allow', ...Array(4).fill('deny')],
    );
  });

  test('answers thousands, and says what it refuses', async () => {
    expect(countOf(await askCaddy('@listed remote_ip 10.0.0.0/16', many), 'deny')).toBe(256);
    expect(await checkCaddy('@listed remote_ip 192.0.2.7')).toMatchObject({ isAccepted: true });
    expect((await checkCaddy('@listed remote_ip nonsense')).message).toContain('nonsense');
    await expect(askCaddy('@listed remote_ip nonsense', clients)).rejects.toThrow('nonsense');
  });
});

const nftSets = `table inet t {
  set four {
    type ipv4_addr
    flags interval
    elements = { 192.0.2.0-192.0.2.6, 192.0.2.8-192.0.2.255 }
  }
  set six {
    type ipv6_addr
    flags interval
    elements = { 2001:db8::/32 }
  }
  chain in {
    type filter hook input priority 0
    ip saddr @four drop
    ip6 saddr @six drop
  }
}
`;

describeWith('nftables', 'nftables', () => {
  test('sets, asked as elements', async () => {
    expect(await askNftables(nftSets, clients)).toEqual(listed);
    expect(await askNftables(nftSets, clients, { sets: ['six'], mode: 'allow' })).toEqual([
      ...Array(3).fill('deny'),
      'allow',
      'deny',
    ]);
  });

  test('the same sets, asked by packets', async () => {
    expect(await askFirewall(nftSets, clients, 'nftables')).toEqual(listed);
    const text = nftSets.replace('192.0.2.0-192.0.2.6', '10.0.0.0/16');
    expect(await askFirewall(text, many, 'nftables')).toEqual(await askNftables(text, many));
  });

  test('says what it refuses', async () => {
    expect(await checkNftables(nftSets)).toEqual({ isAccepted: true, message: '' });
    expect((await checkNftables(nftSets.replace('2001:db8::/32', 'nonsense'))).message).toContain('nonsense');
    expect((await checkFirewall('nonsense', 'nftables')).message).toContain('nonsense');
    await expect(askNftables('nonsense', clients)).rejects.toThrow('nonsense');
    await expect(askNftables(nftSets, clients, { sets: ['other'] })).rejects.toThrow('no set other');
  });
});

const ipSets = `create four hash:net family inet
add four 192.0.2.0/24
add four 192.0.2.7 nomatch
create six hash:net family inet6
add six 2001:db8::/32
`;

describeWith('ipset', 'ipset', () => {
  test('sets of both families, with an exception', async () => {
    expect(await askIpset(ipSets, clients)).toEqual(listed);
    const answers = await askIpset(ipSets, clients, { sets: ['four'], mode: 'allow' });
    expect(answers).toEqual(['deny', 'allow', 'deny', 'deny', 'deny']);
  });

  test('answers thousands, and says what it refuses', async () => {
    expect(countOf(await askIpset(`${ipSets}add four 10.0.0.0/16\n`, many), 'deny')).toBe(256);
    expect(await checkIpset(ipSets)).toEqual({ isAccepted: true, message: '' });
    expect((await checkIpset('add nobody 192.0.2.7\n')).message).toContain('Error in line 1');
    await expect(askIpset('add nobody 192.0.2.7\n', clients)).rejects.toThrow('Error in line 1');
  });
});

describeWith('iptables', 'iptables', () => {
  const rules = (network: string, address: string): string =>
    `*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT -s ${address} -j DROP\n-A INPUT -s ${network} -j ACCEPT\nCOMMIT\n`;

  test('the first rule decides, by packets of both families', async () => {
    const four = clients.slice(0, 3);
    expect(await askFirewall(rules('192.0.2.0/24', '192.0.2.7'), four, 'iptables')).toEqual(
      allowed.slice(0, 3),
    );
    const six = await askFirewall(rules('2001:db8::/32', '2001:db8::7'), clients.slice(3), 'ip6tables');
    expect(six).toEqual(allowed.slice(3));
  });

  test('answers thousands, and says what it refuses', async () => {
    expect(countOf(await askFirewall(rules('10.0.0.0/16', '192.0.2.7'), many, 'iptables'), 'allow')).toBe(
      256,
    );
    const bad = rules('192.0.2.0/33', '192.0.2.7');
    expect((await checkFirewall(bad, 'iptables')).message).toContain('invalid mask');
    expect((await checkFirewall(rules('192.0.2.0/24', '192.0.2.7'), 'iptables')).isAccepted).toBe(true);
    await expect(askFirewall(bad, clients, 'iptables')).rejects.toThrow('invalid mask');
  });
});

describeWith('postgres', 'PostgreSQL', () => {
  const text = [
    'host all all 192.0.2.7/32 reject',
    'host all all 192.0.2.0 255.255.255.0 scram-sha-256',
    'host all all 2001:db8::/32 trust # note',
    'host other all 0.0.0.0/0 trust',
    '',
  ].join('\n');

  test('the first rule that fits decides, by real connections', async () => {
    expect(await askPostgres(text, clients)).toEqual(allowed);
    expect(await askPostgres(text, ['192.0.3.0'], { database: 'other' })).toEqual(['allow']);
  });

  test('gives its rules, and says what it refuses', async () => {
    const rules = await rulesOfPostgres(text);
    expect(rules.map(({ line_number }) => line_number)).toEqual([1, 2, 3, 4]);
    expect(rules[1]).toMatchObject({ address: '192.0.2.0', netmask: '255.255.255.0', error: null });
    expect(await checkPgHba(text)).toEqual({ isAccepted: true, message: '' });
    expect((await checkPgHba('host all all 192.0.2.7 md5\n')).message).toContain('line 1: invalid IP mask');
    await expect(askPostgres('host all all 192.0.2.7 md5\n', clients)).rejects.toThrow('invalid IP mask');
  });
});

describeWith('tcpdmatch', 'tcp_wrappers', () => {
  const files = { allow: 'sshd : 192.0.2. EXCEPT 192.0.2.7\nALL : [2001:db8::]/32\n', deny: 'ALL : ALL\n' };

  test('hosts.allow before hosts.deny, by daemon', async () => {
    expect(await askHostsAccess(files, clients)).toEqual(allowed);
    const answers = await askHostsAccess(files, clients, { daemon: 'vsftpd' });
    expect(answers).toEqual(['deny', 'deny', 'deny', 'allow', 'deny']);
    expect(await askHostsAccess({}, clients)).toEqual(Array(5).fill('allow'));
  });

  test('skips what it cannot read', async () => {
    const allow = `nonsense\n${files.allow}`;
    expect(await askHostsAccess({ ...files, allow }, clients)).toEqual(allowed);
  });
});

/** A database of one node: 0.0.0.0/1 has a record, by the MaxMind DB 2.0 format. */
function smallestMmdb(): Uint8Array {
  const text = (value: string): number[] => [0x40 + value.length, ...Buffer.from(value)];
  const metadata = [
    [...text('node_count'), 0xc1, 1],
    [...text('record_size'), 0xa1, 24],
    [...text('ip_version'), 0xa1, 4],
    [...text('database_type'), ...text('Test')],
    [...text('languages'), 0x00, 0x04],
    [...text('description'), 0xe0],
    [...text('binary_format_major_version'), 0xa1, 2],
    [...text('binary_format_minor_version'), 0xa0],
    [...text('build_epoch'), 0x01, 0x02, 1],
  ];
  const tree = [0, 0, 1 + 16, 0, 0, 1];
  const record = [0xe2, ...text('verdict'), ...text('deny'), ...text('line'), 0xc1, 7];
  const marker = [0xab, 0xcd, 0xef, ...Buffer.from('MaxMind.com')];
  return Uint8Array.from([...tree, ...Array(16).fill(0), ...record, ...marker, 0xe9, ...metadata.flat()]);
}

describeWith('mmdblookup', 'mmdblookup', () => {
  test('a field of the record of each client', async () => {
    expect(await askMmdb(smallestMmdb(), clients.slice(0, 3))).toEqual(['none', 'none', 'none']);
    expect(await askMmdb(smallestMmdb(), ['10.0.0.1', '127.255.255.255', '128.0.0.0'])).toEqual([
      'deny',
      'deny',
      'none',
    ]);
    expect(await askMmdb(smallestMmdb(), ['10.0.0.1'], ['line'])).toEqual(['7']);
  });

  test('needs a database, and a client of its family', async () => {
    await expect(askMmdb(new Uint8Array(100), ['192.0.2.7'])).rejects.toThrow('says nothing about 192.0.2.7');
    await expect(askMmdb(smallestMmdb(), ['2001:db8::1'])).rejects.toThrow('IPv4-only database');
  });
});

describeWith('nftables', 'a network namespace', () => {
  test('refuses clients that no packet comes from', async () => {
    const namespace = await Namespace.open();
    try {
      for (const client of ['0.0.0.0', '::', '::ffff:192.0.2.7', 'ff02::1'])
        await expect(namespace.arrive(9, [client])).rejects.toThrow(client);
      const odd = [
        '0.1.2.3',
        '127.9.9.9',
        '240.0.0.1',
        '255.255.255.254',
        '::2',
        '::192.0.2.7',
        '2002:c000:207::1',
      ];
      expect(await namespace.arrive(9, odd)).toEqual(odd.map(() => true));
    } finally {
      await namespace.close();
    }
  });
});
