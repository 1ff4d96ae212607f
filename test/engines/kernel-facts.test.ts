/**
 * What is special about the filters of the kernel, and what readers and writers of their formats therefore do. Where one of
 * these fails with another version, the reader or writer of that format is to be looked at.
 */

import { expect, test } from 'vitest';
import { accepts, describeWith } from './engine.ts';
import { askFirewall, checkFirewall } from './firewall.ts';
import { askIpset, checkIpset } from './ipset.ts';
import { askNftables, checkNftables } from './nftables.ts';

const BOM = '\uFEFF';
const one = ['192.0.2.7'];

/** A set of one family with these elements; without any, the line must not be there. */
function nftSet(elements: string, more = '', type = 'ipv4_addr'): string {
  return `table inet t {\nset s {\ntype ${type}\nflags interval${more}\nelements = { ${elements} }\n}\n}\n`;
}

describeWith('nftables', 'nftables', () => {
  const all = (texts: readonly string[]): Promise<readonly boolean[]> => accepts(checkNftables, texts);

  test('a comment has at most 128 bytes, not characters', async () => {
    const texts = ['x'.repeat(128), 'x'.repeat(129), 'é'.repeat(64), 'é'.repeat(65)];
    expect(await all(texts.map((text) => nftSet(`192.0.2.7 comment "${text}"`)))).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });

  test('a comment has no quote and no escape', async () => {
    const element = (note: string): string => nftSet(`192.0.2.7 comment "${note}", 192.0.2.9`);
    expect(
      await all([element("a; # b ' c"), element('a \\'), element('a \\"b\\" c'), element('a "b" c')]),
    ).toEqual([true, true, false, false]);
    expect(await askNftables(element('a \\'), ['192.0.2.9'])).toEqual(['deny']);
  });

  test('empty braces, overlaps and CRLF are errors; equal elements and a last comma are fine', async () => {
    const refused = [
      nftSet(''),
      nftSet('192.0.2.0/24, 192.0.2.7'),
      nftSet('192.0.2.7').replaceAll('\n', '\r\n'),
      BOM + nftSet('192.0.2.7'),
      nftSet('192.0.2.7 timeout 1h'),
      nftSet('2001:db8::1'),
    ];
    expect(await all(refused)).toEqual(refused.map(() => false));
    const taken = [
      nftSet('192.0.2.7, 192.0.2.7'),
      nftSet('192.0.2.7, 192.0.2.9,'),
      nftSet('192.0.2.0/24, 192.0.2.7', '\nauto-merge'),
      nftSet('192.0.2.7 timeout 1d2h3m4s', ', timeout'),
      nftSet('192.0.2.1 - 192.0.2.9'),
    ];
    expect(await all(taken)).toEqual(taken.map(() => true));
  });

  test('/0 is an element like any other, and ::/0 says nothing about IPv4', async () => {
    expect(await askNftables(nftSet('0.0.0.0/0'), one)).toEqual(['deny']);
    expect(await askNftables(nftSet('::/0', '', 'ipv6_addr'), [...one, '2001:db8::1'])).toEqual([
      'allow',
      'deny',
    ]);
    const rule = 'chain c {\ntype filter hook input priority 0\nip6 saddr @s drop\n}\n}\n';
    const filter = nftSet('::/0', '', 'ipv6_addr').replace(/}\n$/, rule);
    expect(await askFirewall(filter, [...one, '2001:db8::1'], 'nftables')).toEqual(['allow', 'deny']);
  });

  test('host bits are masked, and a leading zero is octal', async () => {
    expect(await askNftables(nftSet('192.0.2.5/24'), one)).toEqual(['deny']);
    expect(await askNftables(nftSet('010.0.0.1'), ['8.0.0.1', '10.0.0.1'])).toEqual(['deny', 'allow']);
  });

  test('a comment line ends at its line', async () => {
    expect(await askNftables(`# a \\\n${nftSet('192.0.2.7')}`, one)).toEqual(['deny']);
  });

  test('one file replaces a set: the old elements are gone, and a bad line changes nothing', async () => {
    const old = nftSet('192.0.2.7');
    const next = 'flush set inet t s\nadd element inet t s { 192.0.2.9 }\n';
    expect(await askNftables(old + next, ['192.0.2.7', '192.0.2.9'])).toEqual(['allow', 'deny']);
    expect((await checkNftables(`${old}${next}add element inet t s { nonsense }\n`)).isAccepted).toBe(false);
  });
});

function ipset(entries: readonly string[], more = '', family = 'inet'): string {
  return `create s hash:net family ${family}${more}\n${entries.map((entry) => `add s ${entry}\n`).join('')}`;
}

describeWith('ipset', 'ipset', () => {
  const all = (texts: readonly string[]): Promise<readonly boolean[]> => accepts(checkIpset, texts);

  test('/0 is refused in both families, its halves are not', async () => {
    const texts = [
      ipset(['0.0.0.0/0']),
      ipset(['::/0'], '', 'inet6'),
      ipset(['0.0.0.0/1', '128.0.0.0/1']),
      ipset(['::/1', '8000::/1'], '', 'inet6'),
    ];
    expect(await all(texts)).toEqual([false, false, true, true]);
    expect(await askIpset(texts[2] as string, ['0.0.0.0', '192.0.2.7', '255.255.255.255'])).toEqual(
      Array(3).fill('deny'),
    );
  });

  test('a set is full at maxelem, which is 65,536 if not written', async () => {
    const entries = Array.from(
      { length: 70_000 },
      (_, index) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`,
    );
    expect(await all([ipset(entries), ipset(entries, ' maxelem 70000')])).toEqual([false, true]);
  });

  test('a comment has at most 255 bytes, is not empty, and needs a set with comments', async () => {
    const texts = ['x'.repeat(255), 'x'.repeat(256), 'é'.repeat(127), 'é'.repeat(128), ''];
    const withComment = texts.map((text) => ipset([`192.0.2.7 comment "${text}"`], ' comment'));
    expect(await all(withComment)).toEqual([true, false, true, false, false]);
    expect(await all([ipset(['192.0.2.7 comment "x"'])])).toEqual([false]);
  });

  test('a duplicate aborts, and nesting and exceptions are fine', async () => {
    expect(await all([ipset(['192.0.2.7', '192.0.2.7']), ipset(['192.0.2.0/24', '192.0.2.7'])])).toEqual([
      false,
      true,
    ]);
    const text = ipset(['192.0.2.0/24', '192.0.2.0/28 nomatch', '192.0.2.7']);
    expect(await askIpset(text, ['192.0.2.7', '192.0.2.8', '192.0.2.99'])).toEqual(['deny', 'allow', 'deny']);
  });

  test('IPv4 ranges are split, IPv6 ranges are refused', async () => {
    const text = ipset(['192.0.2.1-192.0.2.9']);
    expect(await askIpset(text, ['192.0.2.0', '192.0.2.1', '192.0.2.9', '192.0.2.10'])).toEqual([
      'allow',
      'deny',
      'deny',
      'allow',
    ]);
    expect(await all([ipset(['2001:db8::1-2001:db8::9'], '', 'inet6')])).toEqual([false]);
  });

  test('partial addresses, leading zeros and host bits', async () => {
    expect(await askIpset(ipset(['192.0.2']), ['192.0.0.2', '192.0.2.1'])).toEqual(['deny', 'allow']);
    expect(await askIpset(ipset(['010.0.0.1']), ['8.0.0.1', '10.0.0.1'])).toEqual(['deny', 'allow']);
    expect(await askIpset(ipset(['192.0.2.5/24']), one)).toEqual(['deny']);
  });

  test('comment lines, line ends, timeouts and names', async () => {
    const texts = [
      `# x \\\n${ipset(['192.0.2.7'])}`,
      ipset(['192.0.2.7']).replaceAll('\n', '\r\n'),
      ipset(['192.0.2.7 timeout 0', '192.0.2.8 timeout 2147483'], ' timeout 60'),
      `create ${'s'.repeat(31)} hash:net\n`,
      `${BOM}${ipset(['192.0.2.7'])}`,
      ipset(['192.0.2.7 # x']),
      ipset(['192.0.2.7 timeout 2147484'], ' timeout 60'),
      `create ${'s'.repeat(32)} hash:net\n`,
    ];
    expect(await all(texts)).toEqual([true, true, true, true, false, false, false, false]);
  });
});

describeWith('iptables', 'iptables', () => {
  const filter = (rules: readonly string[], policy = 'ACCEPT'): string =>
    `*filter\n:INPUT ${policy} [0:0]\n${rules.map((rule) => `-A INPUT ${rule}\n`).join('')}COMMIT\n`;

  test('a rule without -s is about everybody, a negated one about everybody else', async () => {
    const clients = ['192.0.2.7', '198.51.100.7'];
    expect(await askFirewall(filter(['-j DROP']), clients, 'iptables')).toEqual(['deny', 'deny']);
    const negated = filter(['! -s 192.0.2.0/24 -j DROP']);
    expect(await askFirewall(negated, clients, 'iptables')).toEqual(['allow', 'deny']);
  });

  test('a rule with a port is about that port only', async () => {
    const conditional = filter(['-s 192.0.2.0/24 -p tcp --dport 22 -j DROP']);
    expect(await askFirewall(conditional, one, 'iptables')).toEqual(['allow']);
  });

  test('host bits, netmasks and ranges', async () => {
    const masked = filter(['-s 192.0.2.5/24 -j DROP', '-s 198.51.100.0/255.255.255.0 -j DROP']);
    expect(await askFirewall(masked, ['192.0.2.7', '198.51.100.7'], 'iptables')).toEqual(['deny', 'deny']);
    const range = filter(['-m iprange --src-range 192.0.2.1-192.0.2.9 -j DROP']);
    expect(
      await askFirewall(range, ['192.0.2.0', '192.0.2.1', '192.0.2.9', '192.0.2.10'], 'iptables'),
    ).toEqual(['allow', 'deny', 'deny', 'allow']);
  });

  test('a table without COMMIT, and an address of the other family, are refused', async () => {
    const check = (text: string): ReturnType<typeof checkFirewall> => checkFirewall(text, 'iptables');
    expect(
      await accepts(check, [filter(['-s 2001:db8::1 -j DROP']), filter(['-s 192.0.2.7 -j DROP'])]),
    ).toEqual([false, true]);
  });
});
