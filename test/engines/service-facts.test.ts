/**
 * What is special about PostgreSQL's and tcp_wrappers' files, and what their readers and writers therefore do. Where one of
 * these fails with another version, the reader or writer of that format is to be looked at.
 */

import { expect, test } from 'vitest';
import { accepts, describeWith } from './engine.ts';
import { askHostsAccess } from './hosts-access.ts';
import { askPostgres, checkPgHba, rulesOfPostgres } from './postgres.ts';

const BOM = '\uFEFF';
const one = ['192.0.2.7'];

describeWith('postgres', 'pg_hba.conf', () => {
  const host = (address: string, method = 'trust'): string => `host all all ${address} ${method}\n`;

  test('the first rule that fits decides, and without one nobody gets in', async () => {
    const text = host('192.0.2.0/24') + host('192.0.2.7/32', 'reject');
    expect(await askPostgres(text, [...one, '198.51.100.7'])).toEqual(['allow', 'deny']);
  });

  test('a range is a host name, without an error, and lets nobody in', async () => {
    const text = host('192.0.2.1-192.0.2.9') + host('198.51.100.0/24');
    expect(await checkPgHba(text)).toMatchObject({ isAccepted: true });
    expect((await rulesOfPostgres(text))[0]).toMatchObject({ address: '192.0.2.1-192.0.2.9', netmask: null });
    expect(await askPostgres(text, [...one, '198.51.100.7'])).toEqual(['deny', 'allow']);
  });

  test('a comment that ends in a backslash swallows the next rule', async () => {
    const rule = host('192.0.2.7/32', 'reject');
    expect(await askPostgres(`# old\n${rule}${host('all')}`, one)).toEqual(['deny']);
    expect(await askPostgres(`# old \\\n${rule}${host('all')}`, one)).toEqual(['allow']);
  });

  test('host bits, netmasks, quotes, partial addresses and leading zeros', async () => {
    expect(await askPostgres(host('192.0.2.5/24'), one)).toEqual(['allow']);
    expect(await askPostgres(host('"192.0.2.0" 255.255.255.0'), one)).toEqual(['allow']);
    expect(await askPostgres(host('192.0.2.0 255.0.255.0'), ['192.9.2.1', '192.0.3.1'])).toEqual([
      'allow',
      'deny',
    ]);
    expect(await askPostgres(host('10/8'), ['0.1.2.3', '10.0.0.1'])).toEqual(['allow', 'deny']);
    expect(await askPostgres(host('010.0.0.1/32'), ['8.0.0.1', '10.0.0.1'])).toEqual(['allow', 'deny']);
  });

  test('all is both families, and each /0 its own', async () => {
    const clients = ['192.0.2.7', '2001:db8::1'];
    expect(await askPostgres(host('all'), clients)).toEqual(['allow', 'allow']);
    expect(await askPostgres(host('0.0.0.0/0'), clients)).toEqual(['allow', 'deny']);
    expect(await askPostgres(host('::/0'), clients)).toEqual(['deny', 'allow']);
    expect(await askPostgres(host('::ffff:192.0.2.0/120'), clients)).toEqual(['deny', 'deny']);
  });

  test('a rule for one database or user is not about others', async () => {
    const text = 'host other postgres 192.0.2.0/24 trust\nhost all somebody 192.0.2.0/24 trust\n';
    expect(await askPostgres(text, one)).toEqual(['deny']);
  });

  test('what it refuses: no length, a byte order mark, lists of addresses', async () => {
    const refused = [
      host('192.0.2.7'),
      BOM + host('192.0.2.7/32'),
      host('192.0.2.7/32,192.0.2.8/32'),
      host('192.0.2.7/33'),
    ];
    expect(await accepts(checkPgHba, refused)).toEqual(refused.map(() => false));
    const taken = ['', host('192.0.2.7/32').replace('\n', ' # note\r\n')];
    expect(await accepts(checkPgHba, taken)).toEqual(taken.map(() => true));
  });
});

describeWith('tcpdmatch', 'hosts.allow and hosts.deny', () => {
  const denied = (clients: string, who = one): ReturnType<typeof askHostsAccess> =>
    askHostsAccess({ deny: `sshd: ${clients}\n` }, who);

  test('a partial address needs its dot', async () => {
    expect(await denied('192.0.2.')).toEqual(['deny']);
    expect(await denied('192.0.2')).toEqual(['allow']);
  });

  test('with host bits or a leading zero an entry matches nobody', async () => {
    expect(await denied('192.0.2.0/24')).toEqual(['deny']);
    expect(await denied('192.0.2.5/24')).toEqual(['allow']);
    expect(await denied('192.0.2.0/255.255.255.0')).toEqual(['deny']);
    expect(await denied('192.0.2.5/255.255.255.0')).toEqual(['allow']);
    expect(await denied('010.0.0.1', ['8.0.0.1', '10.0.0.1'])).toEqual(['allow', 'allow']);
  });

  test('IPv6 needs brackets', async () => {
    const client = ['2001:db8::1'];
    expect(await denied('[2001:db8::]/32', client)).toEqual(['deny']);
    expect(await denied('2001:db8::/32', client)).toEqual(['allow']);
  });

  test('a comment after an entry is three clients', async () => {
    expect(await denied('192.0.2.7 # ALL', ['198.51.100.7'])).toEqual(['deny']);
  });

  test('a comment that ends in a backslash swallows the next rule', async () => {
    expect(await askHostsAccess({ deny: '# old\nALL: ALL\n' }, one)).toEqual(['deny']);
    expect(await askHostsAccess({ deny: '# old \\\nALL: ALL\n' }, one)).toEqual(['allow']);
  });

  test('a last line without its end denies everybody', async () => {
    expect(await askHostsAccess({ deny: 'sshd: 192.0.2.9' }, one)).toEqual(['deny']);
  });

  test('the word at the end decides, in whichever file it stands', async () => {
    expect(await askHostsAccess({ allow: 'ALL: 192.0.2.7: deny\n' }, one)).toEqual(['deny']);
    expect(await askHostsAccess({ allow: 'ALL: ALL EXCEPT 192.0.2.7\n', deny: 'ALL: ALL\n' }, one)).toEqual([
      'deny',
    ]);
  });
});
