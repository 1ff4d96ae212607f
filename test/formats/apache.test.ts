import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apache } from '../../src/formats/apache.ts';
import { exportPolicy, importList } from '../../src/public/formats.ts';
import { createPolicy, type Policy } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { AddressSet } from '../../src/public/set.ts';
import { askApache } from '../engines/apache.ts';
import { describeWith } from '../engines/engine.ts';
import { goldenText } from '../golden/address.ts';
import { anyPolicy } from '../support/policies.ts';
import { hasSample, readSample } from '../support/samples.ts';
import { addressesOf, universes } from '../support/universe.ts';

const read = (text: string, set?: string): ReturnType<typeof importList> =>
  importList(text, { format: apache, set });

/** Entries by what they do, what happens otherwise, and problems in short. */
function shortOf({ entries, otherwise, problems, rules }: ReturnType<typeof importList>): unknown {
  const except = rules.flatMap((rule) => [...((rule.except ?? []) as Iterable<{ address: string }>)]);
  return {
    entries: entries.map(({ action, address }) => `${action} ${address}`),
    ...(except.length > 0 ? { except: except.map(({ address }) => address) } : {}),
    otherwise,
    problems: problems.map(({ code, line, column, endColumn }) => `${code} ${line}:${column}-${endColumn}`),
  };
}

const policyOf = (text: string): Policy => {
  const { rules, order, otherwise } = read(text);
  return createRules({ rules, order, otherwise: otherwise as 'allow', maxEntries: Number.POSITIVE_INFINITY });
};

const granted = '<RequireAll>\nRequire all granted\n';

describe('apache in', () => {
  test.each<[string, string, readonly string[], string | undefined, readonly string[]]>([
    [
      'partial addresses and netmasks',
      'Require ip 192.0.2 198.51.100.0/255.255.255.0',
      ['allow 192.0.2.0/24', 'allow 198.51.100.0/24'],
      'deny',
      [],
    ],
    ['one octet', 'Require ip 10 172.16.', ['allow 10.0.0.0/8', 'allow 172.16.0.0/16'], 'deny', []],
    ['a comment that goes on', '# old \\\nRequire not ip 192.0.2.1', [], undefined, []],
    [
      'a misspelt directive',
      `${granted}Requre not ip 192.0.2.1\n</RequireAll>`,
      [],
      undefined,
      ['syntax 3:1-24'],
    ],
    ['another file', '192.0.2.1\n', [], undefined, ['syntax 1:1-10']],
    [
      'a line that goes on',
      'Require ip 192.0.2.1 \\\n  192.0.2.2\\\n1',
      ['allow 192.0.2.1', 'allow 192.0.2.21'],
      'deny',
      [],
    ],
    [
      'a list that denies',
      `${granted}Require not ip 192.0.2.1\n</RequireAll>`,
      ['deny 192.0.2.1'],
      'allow',
      [],
    ],
    [
      'the body of one',
      'Require not ip 192.0.2.1\nRequire not ip 2001:db8::/32',
      ['deny 192.0.2.1', 'deny 2001:db8::/32'],
      undefined,
      [],
    ],
    [
      'none of these',
      `${granted}<RequireNone>\nRequire ip 192.0.2.1\n</RequireNone>\n</RequireAll>`,
      ['deny 192.0.2.1'],
      'allow',
      [],
    ],
    [
      'everyone',
      'Require all granted',
      ['allow 0.0.0.0/0', 'allow ::/0'],
      'deny',
      ['covers-everything 1:1-20', 'covers-everything 1:1-20'],
    ],
    ['nobody', 'Require all denied', [], 'deny', []],
    [
      'a user',
      'Require ip 192.0.2.1\nRequire valid-user',
      ['allow 192.0.2.1'],
      'deny',
      ['conditional 2:1-19'],
    ],
    [
      'an address and a user',
      '<RequireAll>\nRequire ip 192.0.2.1\nRequire valid-user\n</RequireAll>',
      [],
      'deny',
      ['conditional 1:1-13'],
    ],
    [
      'two lists at once',
      '<RequireAll>\nRequire ip 192.0.2.1\nRequire ip 192.0.2.0/24\n</RequireAll>',
      [],
      'deny',
      ['conditional 1:1-13'],
    ],
    [
      'only negative ones',
      '<RequireAll>\nRequire not ip 192.0.2.1\n</RequireAll>',
      [],
      undefined,
      ['negated 1:1-13'],
    ],
    [
      'a negative one beside',
      'Require ip 192.0.2.1\nRequire not ip 192.0.2.2',
      ['allow 192.0.2.1'],
      undefined,
      ['negated 2:1-25'],
    ],
    ['a method', '<Limit POST>\nRequire ip 192.0.2.1\n</Limit>', [], undefined, ['conditional 2:1-21']],
    ['a wildcard mask', 'Require ip 192.0.2.0/0.0.0.255', [], undefined, ['wildcard-mask 1:12-31']],
    [
      'an include',
      'Require ip 192.0.2.1\nInclude conf/more.conf',
      ['allow 192.0.2.1'],
      undefined,
      ['include 2:1-23'],
    ],
    ['host bits', 'Require ip 192.0.2.1/24', ['allow 192.0.2.0/24'], 'deny', ['host-bits-set 1:12-24']],
    ['an IPv4-mapped address', 'Require ip ::ffff:192.0.2.1', [], undefined, ['mapped-address 1:12-28']],
    ['no address', 'Require ip', [], undefined, ['syntax 1:1-11']],
    ['something open', '<RequireAll>\nRequire all granted', [], undefined, ['truncated 2:20-20']],
    ['something closed', 'Require ip 192.0.2.1\n</RequireAll>', [], undefined, ['syntax 2:1-14']],
    [
      'two blocks',
      '<Location /a>\nRequire ip 192.0.2.1\n</Location>\n<Location /b>\nRequire ip 192.0.2.2\n</Location>',
      [],
      undefined,
      ['set-required 4:1-14'],
    ],
    [
      '2.2: denied first',
      'Order deny,allow\nDeny from 192.0.2\nAllow from 192.0.2.7',
      ['deny 192.0.2.0/24', 'allow 192.0.2.7'],
      'allow',
      [],
    ],
    [
      '2.2: allowed first',
      'Order allow,deny\nAllow from all\nDeny from 192.0.2.1',
      ['deny 192.0.2.1'],
      'allow',
      [],
    ],
    [
      '2.2: a list that allows',
      'order deny,allow\ndeny from all\nallow from 192.0.2.1',
      ['allow 192.0.2.1'],
      'deny',
      [],
    ],
    [
      '2.2: a variable',
      'Order allow,deny\nAllow from env=ok 192.0.2.1',
      ['allow 192.0.2.1'],
      'deny',
      ['conditional 2:12-18'],
    ],
    ['2.2: a host', 'Order allow,deny\nAllow from example.org', [], 'deny', ['conditional 2:12-23']],
    [
      '2.2: a password',
      'Satisfy any\nOrder allow,deny\nAllow from 192.0.2.1',
      [],
      undefined,
      ['syntax 1:1-12'],
    ],
    ['2.2 and 2.4', 'Order allow,deny\nRequire ip 192.0.2.1', [], undefined, ['syntax 1:1-17']],
  ])('%s', (_name, text, entries, otherwise, problems) => {
    expect(shortOf(read(text))).toEqual({ entries, otherwise, problems });
  });

  test('takes exceptions into the rule that they are of', () => {
    const text =
      '<RequireAll>\nRequire ip 192.0.2.0/24\nRequire not ip 192.0.2.7\n</RequireAll>\nRequire ip 198.51.100.1';
    expect(shortOf(read(text))).toEqual({
      entries: ['allow 192.0.2.0/24', 'allow 198.51.100.1'],
      except: ['192.0.2.7'],
      otherwise: 'deny',
      problems: [],
    });
    expect(policyOf(text).allows('192.0.2.8')).toBe(true);
    expect(policyOf(text).allows('192.0.2.7')).toBe(false);
    expect(() => createPolicy({ allow: read(text).entries })).toThrow('incomplete-list');
  });

  test('reads one block by its name', () => {
    const text =
      '<Location /a>\nRequire ip 192.0.2.1\n</Location>\n<Location /b>\nRequire ip 192.0.2.2\n</Location>';
    expect(read(text, '/b').entries.map(({ address }) => address)).toEqual(['192.0.2.2']);
    expect(read(text, '/c').problems.map(({ code }) => code)).toEqual(['unselected']);
  });

  test.skipIf(!hasSample('apache-require-1.conf'))('reads a real file', () => {
    const { text, expected } = readSample('apache-require-1.conf');
    const { entries, problems } = read(text);
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(entries.map(({ address, line, action }) => ({ address, line, action }))).toEqual(
      expected.entries.map(({ range, line, action }) => ({ address: range, line, action })),
    );
  });

  test('takes hostile text in linear time', () => {
    for (const part of [
      '\\\n',
      '<a>\n',
      '</a>\n',
      'Require ip ',
      'Require ip 1\n',
      '"',
      '#\\\n',
      '<RequireAll>\n',
    ])
      expect(read(part.repeat(100_000)).entries.length).toBeLessThanOrEqual(100_000);
  });
});

/** Clients at all edges. */
const clients: readonly string[] = universes.flatMap((universe) =>
  addressesOf(universe).map((value) => goldenText(universe.family, value)),
);

describe('apache out', () => {
  test('keeps the verdicts of every policy', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const { text } = exportPolicy(policy, { format: apache });
        expect(AddressSet.allowedBy(policyOf(text)).equals(AddressSet.allowedBy(policy))).toBe(true);
      }),
    );
  });

  test('a note swallows no rule', () => {
    const { text, losses } = exportPolicy(createPolicy({ deny: '192.0.2.1 # path C:\\' }), {
      format: apache,
    });
    expect(text).toBe(
      '<RequireAll>\n  Require all granted\n  # path C:\n  Require not ip 192.0.2.1\n</RequireAll>\n',
    );
    expect(losses.map(({ code }) => code)).toEqual(['note-changed']);
  });
});

describeWith('apache', 'apache decides as we do', () => {
  test('about policies that were written for it', async () => {
    for (const policy of fc.sample(anyPolicy, { numRuns: 25 })) {
      const { text } = exportPolicy(policy, { format: apache });
      const verdicts = clients.map((client) => policy.decide(client).verdict);
      expect(await askApache(text, clients)).toEqual(verdicts);
    }
  }, 120_000);

  test.each(
    [
      'Require ip 192.0.2 198.51.100.0/255.255.255.0 10\n',
      '<RequireAll>\nRequire ip 192.0.2.0/24\nRequire not ip 192.0.2.7\n</RequireAll>\nRequire ip 198.51.100.1',
      `${granted}<RequireNone>\nRequire ip 192.0.2.1\n</RequireNone>\n</RequireAll>`,
      '# old \\\nRequire ip 192.0.2.1\nRequire ip 192.0.2.2 \\\n 192.0.2.3',
      'Order deny,allow\nDeny from 192.0.2\nAllow from 192.0.2.7',
      'Order allow,deny\nAllow from all\nDeny from 192.0.2.7\nAllow from 192.0.2.7',
      'Order deny,allow\nDeny from all\nAllow from 192.0.2.7 10.1',
      'Require all denied',
    ].map((text, number) => [number, text] as const),
  )('about rules number %d', async (_number, text) => {
    const asked = [
      '192.0.2.1',
      '192.0.2.2',
      '192.0.2.3',
      '192.0.2.7',
      '198.51.100.1',
      '10.1.2.3',
      '10.9.9.9',
      '2001:db8::1',
      '::ffff:192.0.2.7',
    ];
    const policy = policyOf(text);
    expect(await askApache(text, asked)).toEqual(asked.map((client) => policy.decide(client).verdict));
  });
});

describe('apache hides no rule', () => {
  test.each([
    ['other white space', 'Order\u000ballow,deny\nAllow from 192.0.2.7\n'],
    ['a form feed', 'Order\fallow,deny\nAllow from 192.0.2.7\n'],
    ['single quotation marks', "'Order' allow,deny\nAllow from '192.0.2.7'\n"],
  ])('with %s', (_name, text) => {
    expect(read(text)).toMatchObject({ otherwise: 'deny', problems: [] });
    expect(read(text).entries.map(({ address }) => address)).toEqual(['192.0.2.7']);
  });

  test.each([
    ['a byte order mark', '\ufeffOrder allow,deny\nAllow from 192.0.2.7\n'],
    ['a no-break space', '\u00a0Order allow,deny\nAllow from 192.0.2.7\n'],
    ['a variable', 'Define X 192.0.2.7\nOrder allow,deny\nAllow from all\nDeny from $' + '{X}\n'],
    [
      'a variable in place of a name',
      'Define X deny\nOrder allow,deny\nAllow from all\n$' + '{X} from 192.0.2.7\n',
    ],
    ['a range', 'Order allow,deny\nAllow from 192.0.2.1-192.0.2.9\n'],
  ])('with %s', (_name, text) => {
    expect(read(text).otherwise).toBeUndefined();
    expect(() => policyOf(text)).toThrow();
  });

  test.each(['IfFile /x', 'IfDirective X', 'IfSection X'])('in <%s>', (container) => {
    const name = container.split(' ')[0];
    const list = read(`<${container}>\nRequire all granted\n</${name}>\n`);
    expect(list.entries).toEqual([]);
    expect(list.conditional).toBe(1);
  });
});
