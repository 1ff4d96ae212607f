/**
 * What every JavaScript runtime has to answer alike. The file is plain ES module code: it imports what was built and
 * nothing else, and uses what all runtimes have. `run.js` runs it on each of them.
 *
 * A case is a question and the answer to it, both plain data. Answers that are too long to write down are digests.
 */

import { createClientResolver } from '../../dist/client.js';
import { clientOf, restrictTo } from '../../dist/fetch.js';
import {
  createMatcher,
  createPolicy,
  formatAddress,
  normalize,
  parseAddress,
  parseList,
} from '../../dist/index.js';
import { comparePolicies, lintList, minimize, RestrictionList } from '../../dist/list.js';
import { createLivePolicy, follow } from '../../dist/live.js';
import { createRules } from '../../dist/rules.js';
import { AddressSet } from '../../dist/set.js';
import { decodePolicy, encodePolicy, inspectSnapshot } from '../../dist/snapshot.js';
import { snapshots } from './snapshots.js';

/**
 * @typedef {{ part: string, name: string, answer: unknown, expected: unknown }} Result
 */

/**
 * Asks all questions.
 * @returns {Promise<Result[]>} in the order of this file, the same on every runtime
 */
export async function conform() {
  /** @type {Result[]} */
  const results = [];
  for (const [part, cases] of Object.entries(parts)) {
    for (const [name, expected, ask] of await cases()) {
      results.push({ part, name, answer: await answerOf(ask), expected });
    }
  }
  return results;
}

/** What is thrown is an answer, too: its name and its codes. */
async function answerOf(ask) {
  try {
    return plain(await ask());
  } catch (error) {
    const codes = error.problems?.map(({ code, line, column }) => `${code} ${line}:${column}`);
    return { thrown: error.name, ...(codes ? { codes } : { code: error.code ?? error.message }) };
  }
}

/** JSON has no undefined and no bigint, and a date is its text there. */
function plain(value) {
  const text = JSON.stringify(value, (_, part) => {
    if (part === undefined) return 'undefined';
    return typeof part === 'bigint' ? `${part}n` : part;
  });
  return JSON.parse(text ?? '"undefined"');
}

const office = `
203.0.113.0/24     # Office
203.0.113.128-203.0.113.191 # Printers
2001:db8:40::/48   # Büro, 東京, 🏢
198.51.100.7       # Build server
::ffff:192.0.2.0/120 # Mapped
`;

const verdictOf = ({ verdict, reason, entry }) =>
  [verdict, reason, entry?.canonical ?? '', entry?.line ?? 0].join(' ');

/** Each part gives cases of a name, the answer that is expected, and a function that asks. */
const parts = {
  addresses: () => {
    const texts = [
      ['1.2.3.4', '1.2.3.4'],
      ['2001:0DB8:ABCD:0012:0000:0000:0000:0000', '2001:db8:abcd:12::'],
      ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
      ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
      ['::192.0.2.1', '::c000:201'],
      ['0:0:0:0:0:0:0:0', '::'],
      ['1:0:2:0:3:0:4:0', '1:0:2:0:3:0:4:0'],
      ['ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ];
    const refused = [
      ['010.0.0.1', 'octet-leading-zero'],
      ['256.0.0.1', 'octet-range'],
      ['1.2.3', 'octet-count'],
      ['1::2::3', 'multiple-ellipses'],
      ['12345::', 'group-length'],
      ['1:2:3', 'group-count'],
      ['fe80::1%eth0', 'zone-not-allowed'],
      ['١.2.3.4', 'invalid-character'],
      ['', 'empty'],
    ];
    const entries = [
      ['10.1.2.3/8', '10.0.0.0/8'],
      ['10.0.0.0-10.255.255.255', '10.0.0.0/8'],
      ['192.0.2.1 - 192.0.2.9', '192.0.2.1-192.0.2.9'],
      ['2001:db8:abcd:0012::0/64', '2001:db8:abcd:12::/64'],
      ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
    ];
    return [
      ...texts.map(([text, canonical]) => [
        `formats ${text}`,
        canonical,
        () => formatAddress(parseAddress(text)),
      ]),
      ...refused.map(([text, code]) => [
        `refuses ${JSON.stringify(text)}`,
        { thrown: 'ParseError', code },
        () => parseAddress(text),
      ]),
      ...entries.map(([text, canonical]) => [`normalizes ${text}`, canonical, () => normalize(text)]),
      [
        'walks addresses of both families',
        '587860a7',
        () => digestOf(someAddresses(4_000).map((text) => formatAddress(parseAddress(text)))),
      ],
    ];
  },

  decisions: () => {
    const allow = createPolicy({ allow: office, exempt: '198.51.100.99 # Probe' });
    const deny = createPolicy({ deny: office });
    const decided = [
      ['203.0.113.9', 'allow listed 203.0.113.0/24 2'],
      ['203.0.113.130', 'allow listed 203.0.113.128/26 3'],
      ['::ffff:203.0.113.9', 'allow listed 203.0.113.0/24 2'],
      ['0:0:0:0:0:FFFF:CB00:7109', 'allow listed 203.0.113.0/24 2'],
      ['2001:db8:40:ffff::1%eth0', 'allow listed 2001:db8:40::/48 4'],
      ['2001:db8:41::', 'deny not-listed  0'],
      ['198.51.100.7', 'allow listed 198.51.100.7 5'],
      ['198.51.100.99', 'allow exempt 198.51.100.99 1'],
      ['192.0.2.255', 'allow listed 192.0.2.0/24 6'],
      ['192.0.3.0', 'deny not-listed  0'],
      ['203.0.113.9:443', 'deny invalid-address  0'],
      ['unknown', 'deny invalid-address  0'],
      [null, 'deny invalid-address  0'],
      [undefined, 'deny invalid-address  0'],
      [3405803785, 'deny invalid-address  0'],
    ];
    const opposite = [
      ['203.0.113.9', 'deny listed 203.0.113.0/24 2'],
      ['192.0.3.0', 'allow not-listed  0'],
      ['not an address', 'deny invalid-address  0'],
    ];
    return [
      ...decided.map(([client, expected]) => [
        `allow list: ${client}`,
        expected,
        () => verdictOf(allow.decide(client)),
      ]),
      ...opposite.map(([client, expected]) => [
        `deny list: ${client}`,
        expected,
        () => verdictOf(deny.decide(client)),
      ]),
      [
        'an empty allow list',
        'allow empty-list  0',
        () => verdictOf(createPolicy({ allow: '' }).decide('192.0.2.1')),
      ],
      [
        'an empty allow list that denies',
        'deny empty-list  0',
        () => verdictOf(createPolicy({ allow: '', whenEmpty: 'deny' }).decide('192.0.2.1')),
      ],
      [
        'a decision is plain data',
        {
          verdict: 'allow',
          reason: 'listed',
          entry: {
            text: '2001:db8:40::/48',
            canonical: '2001:db8:40::/48',
            note: 'Büro, 東京, 🏢',
            list: 'allow',
            line: 4,
          },
        },
        () => {
          const { verdict, reason, entry } = allow.decide('2001:db8:40::1');
          const { text, canonical, note, list, line } = entry;
          return { verdict, reason, entry: { text, canonical, note, list, line } };
        },
      ],
      ['a decision is frozen', true, () => Object.isFrozen(allow.decide('203.0.113.9'))],
      [
        'bad lines are refused together',
        { thrown: 'ListError', codes: ['octet-range 1:1', 'trailing-text 3:9'] },
        () => createPolicy({ deny: '256.1.1.1\n10.0.0.0/8\n1.1.1.1 x' }),
      ],
      [
        'a guard that does not hold',
        { thrown: 'ListError', codes: ['must-allow 1:1'] },
        () => createPolicy({ allow: '10.0.0.0/8', mustAllow: ['192.0.2.1'] }),
      ],
      [
        'warnings',
        ['host-bits-set 1', 'duplicate 2', 'covers-everything 3'],
        () =>
          parseList('10.0.0.1/8\n10.0.0.0/8\n0.0.0.0/0').problems.map(({ code, line }) => `${code} ${line}`),
      ],
      [
        'a list of 3,000 entries decides for 8,000 clients',
        '89bdffaf',
        () => digestOfList('deny', 3_000, 8_000),
      ],
      ['a list of 40 entries decides for 2,000 clients', '1ed9518b', () => digestOfList('allow', 40, 2_000)],
      [
        'values by network',
        ['b', 'a', 'undefined'],
        () => {
          const matcher = createMatcher([
            ['10.0.0.0/8', 'a'],
            ['10.1.0.0/16', 'b'],
          ]);
          return ['10.1.2.3', '::ffff:10.2.0.1', '11.0.0.1'].map((client) => matcher.match(client)?.value);
        },
      ],
    ];
  },

  explanations: () => {
    const policy = createPolicy({ allow: office, exempt: '198.51.100.99 # Probe' });
    const sentences = [
      [
        '203.0.113.130',
        '203.0.113.130 is allowed: line 3 (203.0.113.128-203.0.113.191, note "Printers") of the allow list covers it.',
      ],
      ['fe80::1%en0', 'fe80::1 (zone "en0") is denied: no entry of the allow list covers it.'],
      [
        '198.51.100.99',
        '198.51.100.99 is allowed: line 1 (198.51.100.99, note "Probe") of the exemptions covers it, whatever the allow list says.',
      ],
      [undefined, 'The client is denied: no address was given.'],
      ['', 'The client is denied: no address was given, only an empty text.'],
    ];
    return [
      ...sentences.map(([client, sentence]) => [
        `of ${client}`,
        sentence,
        () => policy.explain(client).message,
      ]),
      [
        'name all that covers the client, most specific first',
        ['203.0.113.128/26 Printers', '203.0.113.0/24 Office'],
        () => policy.explain('203.0.113.130').covering.map(({ canonical, note }) => `${canonical} ${note}`),
      ],
    ];
  },

  rules: () => {
    const rules = [
      { name: 'Blocked', deny: '10.0.5.0/24 # Guests' },
      { name: 'Office', allow: '10.0.0.0/16\n10.0.5.7\n2001:db8:12::/48', except: '10.0.9.0/24' },
      { deny: '2001:db8::/32' },
    ];
    const first = createRules({ rules, otherwise: 'deny', exempt: '192.0.2.99' });
    const specific = createRules({ rules, otherwise: 'allow', order: 'most-specific' });
    const ruled = ({ verdict, reason, entry }) => `${verdict} ${reason} ${entry?.rule ?? ''}`;
    const clients = [
      '10.0.5.7',
      '10.0.6.1',
      '10.0.9.1',
      '2001:db8:12::1',
      '2001:db8:13::1',
      '192.0.2.99',
      '8.8.8.8',
    ];
    const inOrder = [
      'deny listed Blocked',
      'allow listed Office',
      'deny not-listed ',
      'allow listed Office',
      'deny listed rules[2]',
      'allow exempt ',
      'deny not-listed ',
    ];
    const bySize = [
      'allow listed Office',
      'allow listed Office',
      'allow not-listed ',
      'allow listed Office',
      'deny listed rules[2]',
      'allow not-listed ',
      'allow not-listed ',
    ];
    return [
      ...clients.map((client, at) => [
        `first match: ${client}`,
        inOrder[at],
        () => ruled(first.decide(client)),
      ]),
      ...clients.map((client, at) => [
        `most specific: ${client}`,
        bySize[at],
        () => ruled(specific.decide(client)),
      ]),
      [
        'are explained',
        '10.0.5.7 is denied: line 1 (10.0.5.0/24, note "Guests") of the rule "Blocked" covers it; the rule "Office" would allow it.',
        () => first.explain('10.0.5.7').message,
      ],
      [
        'name the place of a bad line',
        { thrown: 'ListError', codes: ['octet-range 1:8'] },
        () => createRules({ rules: [{ deny: '10.0.0.256' }], otherwise: 'allow' }),
      ],
    ];
  },

  times: () => {
    const allow =
      '198.51.100.7 until 2026-12-31T18:00+01:00 # Contractor\n192.0.2.0/24 from 2027-01-04T00:00Z';
    const at = (instant) => createPolicy({ allow }, { at: new Date(instant) });
    return [
      ['before the end', 'allow', () => at('2026-12-31T16:59:59.999Z').decide('198.51.100.7').verdict],
      ['at the end', 'deny', () => at('2026-12-31T17:00:00Z').decide('198.51.100.7').verdict],
      ['before the beginning', 'deny', () => at('2027-01-03T23:59:59.999Z').decide('192.0.2.1').verdict],
      ['at the beginning', 'allow', () => at('2027-01-04T00:00Z').decide('192.0.2.1').verdict],
      ['the next change', '2026-12-31T17:00:00.000Z', () => at('2026-01-01T00:00Z').changesAt.toISOString()],
      ['no change is left', 'undefined', () => String(at('2027-02-01T00:00Z').changesAt)],
      [
        'an entry says its time',
        '2026-12-31T17:00:00.000Z',
        () => at('2026-12-01T00:00Z').decide('198.51.100.7').entry.until.toISOString(),
      ],
      [
        'no instant, no policy',
        { thrown: 'ListError', codes: ['instant-required 1:1'] },
        () => createPolicy({ allow }),
      ],
      [
        'a list whose entries have ended is not open',
        'deny not-listed',
        () => {
          const ended = createPolicy(
            { allow: '192.0.2.1 until 2026-01-01T00:00Z' },
            { at: new Date('2026-06-01T00:00Z') },
          );
          const { verdict, reason } = ended.decide('192.0.2.1');
          return `${verdict} ${reason}`;
        },
      ],
    ];
  },

  sets: () => {
    const all = AddressSet.of(['10.0.0.0/8', '2001:db8::/32']);
    const some = AddressSet.of(['10.1.0.0/16', '192.0.2.0-192.0.2.9']);
    return [
      [
        'union',
        ['10.0.0.0/8', '192.0.2.0/29', '192.0.2.8/31', '2001:db8::/32'],
        () => all.union(some).prefixes,
      ],
      ['intersection', ['10.1.0.0/16'], () => all.intersect(some).prefixes],
      ['difference', ['192.0.2.0-192.0.2.9'], () => some.subtract(all).ranges],
      ['counts', ['16777216n', '79228162514264337593543950336n'], () => [all.ipv4Count, all.ipv6Count]],
      ['complement twice', true, () => all.complement().complement().equals(all)],
      [
        'what changes',
        { allowed: ['10.0.0.5'], denied: [] },
        () => {
          const change = comparePolicies(
            createPolicy({ deny: '10.0.0.4/30' }),
            createPolicy({ deny: '10.0.0.4\n10.0.0.6/31' }),
          );
          return { allowed: change.allowed.prefixes, denied: change.denied.prefixes };
        },
      ],
      ['the fewest prefixes', ['10.0.0.0/23'], () => minimize('10.0.0.0/24\n10.0.1.0/24\n10.0.1.7')],
      [
        'the fewest prefixes of 2,000 entries',
        '42daf2a0',
        () => digestOf(minimize(someEntries(2_000, random(5)))),
      ],
      [
        'the set of 2,000 entries and its complement',
        'f73e8a69',
        () => {
          const set = AddressSet.of(someEntries(2_000, random(6)));
          return digestOf([
            ...set.prefixes,
            ...set.complement().ranges,
            String(set.ipv4Count),
            String(set.ipv6Count),
          ]);
        },
      ],
    ];
  },

  lists: () => {
    const list = RestrictionList.parse('allow', '# Offices\r\n203.0.113.0/24 # Office\r\n');
    return [
      [
        'what is added',
        '# Offices\r\n203.0.113.0/24 # Office\r\n192.0.2.1 # Büro\r\n',
        () => list.add('192.0.2.1', 'Büro').toString(),
      ],
      ['a revision', 'dc094c958b5d6d588d2db78cf5562523', () => list.add('192.0.2.1', 'Büro 🏢').revision],
      [
        'what is taken out',
        '203.0.113.0/25\n203.0.113.128/26',
        () => RestrictionList.parse('deny', '203.0.113.0/24').exclude('203.0.113.192/26').toString(),
      ],
      [
        'likely mistakes',
        ['covered 2'],
        () =>
          lintList('10.0.0.0/8\n10.1.0.0/16', { reach: 'private' }).map(
            ({ code, line }) => `${code} ${line}`,
          ),
      ],
    ];
  },

  clients: () => {
    const resolve = createClientResolver({ trusted: '10.0.0.0/8 # Balancers\n2001:db8:ff::/48' });
    const forwarded = createClientResolver({ trusted: '10.0.0.0/8', header: 'forwarded', required: true });
    const named = ({ address, source, problem, hops }) => `${address} ${source} ${problem} ${hops.join()}`;
    return [
      ['a peer of its own', '192.0.2.1 peer undefined ', () => named(resolve('192.0.2.1', undefined))],
      [
        'a header from anybody',
        '192.0.2.1 peer untrusted-peer ',
        () => named(resolve('192.0.2.1', '8.8.8.8')),
      ],
      [
        'a chain',
        '203.0.113.9 header undefined 10.0.0.1,2001:db8:ff::2',
        () => named(resolve('::ffff:10.0.0.1', '8.8.8.8, 203.0.113.9, [2001:db8:ff::2]:443')),
      ],
      [
        'a header that cannot be read',
        'undefined header malformed-header 10.0.0.1',
        () => named(resolve('10.0.0.1', 'unknown')),
      ],
      ['no peer', 'undefined peer no-peer ', () => named(resolve(undefined, '8.8.8.8'))],
      [
        'an element of RFC 7239',
        '2001:db8:cafe::17 header undefined 10.0.0.1',
        () => named(forwarded('10.0.0.1', 'for=8.8.8.8, For="[2001:db8:cafe::17]:4711";proto=https')),
      ],
      [
        'a header that is missing',
        'undefined header missing-header 10.0.0.1',
        () => named(forwarded('10.0.0.1', undefined)),
      ],
    ];
  },

  requests: () => {
    const options = { client: (_request, host) => host };
    const guard = restrictTo(createPolicy({ deny: '203.0.113.0/24 # Scanners' }), options);
    const handler = guard((request) => new Response(`Welcome, ${clientOf(request).address}`));
    const answer = async (host, accept) => {
      const headers = accept === undefined ? {} : { Accept: accept };
      const response = await handler(new Request('https://www.example.com/', { headers }), host);
      return [response.status, response.headers.get('cache-control'), await response.text()];
    };
    return [
      ['a request that is let in', [200, null, 'Welcome, 192.0.2.1'], () => answer('::ffff:192.0.2.1')],
      ['a request that is denied', [403, 'no-store', 'Forbidden'], () => answer('203.0.113.9')],
      ['a request without a client', [403, 'no-store', 'Forbidden'], () => answer(undefined)],
      [
        'a request for JSON',
        [403, 'no-store', '{"type":"about:blank","title":"Forbidden","status":403}'],
        () => answer('203.0.113.9', 'application/problem+json'),
      ],
    ];
  },

  live: () => {
    const first = { allow: '203.0.113.0/24 # Office\n198.51.100.0/24 # New office' };
    /** The code of an error of an update, and what is in force after it. */
    const refused = (next, guard) => {
      const live = createLivePolicy(first);
      try {
        live.update(next, guard);
        return 'taken';
      } catch (error) {
        const code = error.code ?? error.problems.map((problem) => problem.code).join();
        return `${error.name} ${code}, version ${live.version}: ${verdictOf(live.decide('203.0.113.9'))}`;
      }
    };
    const kept = 'version 1: allow listed 203.0.113.0/24 1';
    return [
      [
        'an update takes effect with the next decision',
        ['allow listed 203.0.113.0/24 1', 'version 2', 'deny not-listed  0', 'deny listed rules[0]'],
        () => {
          const live = createLivePolicy(first);
          const said = [verdictOf(live.decide('203.0.113.9'))];
          said.push(`version ${live.update(createPolicy({ allow: '198.51.100.0/24' })).version}`);
          said.push(verdictOf(live.decide('203.0.113.9')));
          live.update({ rules: [{ deny: '203.0.113.0/24' }], otherwise: 'allow' });
          const { verdict, reason, entry } = live.decide('::ffff:203.0.113.9');
          return [...said, `${verdict} ${reason} ${entry.rule}`];
        },
      ],
      [
        'listeners hear what changes',
        [['198.51.100.0/24'], ['192.0.2.1']],
        () => {
          const live = createLivePolicy(first);
          const heard = [];
          live.subscribe(({ changes }) => heard.push(changes.denied.prefixes, changes.allowed.prefixes));
          live.update({ allow: '203.0.113.0/24\n192.0.2.1' });
          return heard;
        },
      ],
      [
        'a bad list changes nothing',
        `ListError octet-range, ${kept}`,
        () => refused({ allow: '10.0.0.256' }),
      ],
      [
        'a guard that does not hold changes nothing',
        `ListError must-allow, ${kept}`,
        () => refused({ allow: '10.0.0.0/8' }, { mustAllow: ['203.0.113.9'] }),
      ],
      [
        'another version changes nothing',
        `UpdateError version-conflict, ${kept}`,
        () => refused({ allow: '10.0.0.0/8' }, { ifVersion: 2 }),
      ],
      [
        'too great a loss changes nothing',
        `UpdateError too-much-lost, ${kept}`,
        () => refused({ allow: '203.0.113.0/24' }, { maxLoss: 0.4 }),
      ],
      [
        'an empty list changes nothing',
        `UpdateError would-be-empty, ${kept}`,
        () => refused({ allow: '' }, { mayBeEmpty: false }),
      ],
      [
        'what is followed is taken, and kept when a load fails or hangs',
        ['version 2', 'undefined', 'Error: gone', 'aborted', 'deny not-listed  0, tag b, 2 failures'],
        async () => {
          const live = createLivePolicy({ allow: '', whenEmpty: 'deny' });
          const loads = [
            async () => ({ policy: first, tag: 'a' }),
            async ({ tag }) => ({ policy: { allow: '192.0.2.1' }, tag: tag === 'a' ? 'b' : 'wrong' }),
            async () => undefined,
            async () => {
              throw new Error('gone');
            },
            ({ signal }) =>
              new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('late')))),
          ];
          const load = (request) => loads.shift()(request);
          const follower = follow(live, load, {
            every: 60_000,
            timeout: 200,
            keepAlive: true,
            onError: () => {},
          });
          await follower.ready;
          const said = [`version ${live.version}`];
          await follower.refresh();
          said.push(String(await follower.refresh()));
          for (const what of [String, () => 'aborted']) said.push(await follower.refresh().catch(what));
          const { tag, failures } = follower.status;
          await follower.close();
          return [...said, `${verdictOf(live.decide('203.0.113.9'))}, tag ${tag}, ${failures} failures`];
        },
      ],
      [
        'an entry that ends is not asked at that instant, nor after a clock was set back',
        ['allow', 'deny', 'deny'],
        () => {
          let now = Date.UTC(2026, 11, 31, 16, 59, 59, 999);
          const live = createLivePolicy(
            { allow: '198.51.100.7 until 2026-12-31T18:00+01:00' },
            { now: () => now },
          );
          const verdicts = [live.decide('198.51.100.7').verdict];
          now++;
          verdicts.push(live.decide('198.51.100.7').verdict);
          now -= 10_000;
          return [...verdicts, live.decide('198.51.100.7').verdict];
        },
      ],
    ];
  },

  snapshots: () => {
    const [list, rules, times] = [snapshots.list, snapshots.rules, snapshots.times].map(bytesOf);
    const clients = [
      '203.0.113.9',
      '2001:db8:12::5',
      '198.51.100.20',
      '8.8.8.8',
      '192.0.2.99',
      '::1',
      '2001:db9::',
    ];
    /** The code of what is thrown: those that are not of a snapshot stand out. */
    const codeOf = (run) => {
      try {
        run();
        return 'taken';
      } catch (error) {
        return error.name === 'SnapshotError' ? error.code : `${error.name}: ${error.message}`;
      }
    };
    const changed = function* () {
      for (let at = 0; at < 8 * list.length; at++) {
        const other = list.slice();
        other[at >> 3] ^= 1 << (at & 7);
        yield codeOf(() => decodePolicy(other));
      }
      for (let length = 0; length < list.length; length++)
        yield codeOf(() => decodePolicy(list.slice(0, length)));
    };
    const large = () => {
      const next = random(3_000);
      return encodePolicy(createPolicy({ deny: someEntries(3_000, next), maxEntries: 3_000 }));
    };
    const decided = [
      'allow listed 203.0.113.0/24 1',
      'allow listed 2001:db8:12::/48 3',
      'allow listed 198.51.100.7-198.51.100.20 4',
      'allow listed 0.0.0.0/0 5',
      'allow exempt 192.0.2.99 1',
      'allow exempt @loopback 2',
      'deny not-listed  0',
    ];
    const byteTexts = (bytes) => Array.from(bytes, String);
    return [
      [
        'one that was made elsewhere decides',
        decided,
        () => clients.map((client) => verdictOf(decodePolicy(list).decide(client))),
      ],
      [
        'one in shared memory decides',
        decided,
        () => clients.map((client) => verdictOf(decodePolicy(sharedOf(list)).decide(client))),
      ],
      [
        'one that is not aligned decides',
        decided,
        () => {
          const shifted = new Uint8Array(list.length + 1);
          shifted.set(list, 1);
          const policy = decodePolicy(shifted.subarray(1), { verify: 'checksum' });
          return clients.map((client) => verdictOf(policy.decide(client)));
        },
      ],
      [
        'one that was made elsewhere explains',
        [
          '203.0.113.9 is allowed: line 1 (203.0.113.0/24, note "Office") of the allow list covers it.',
          '2001:db8:12::5 is allowed: line 3 (2001:db8:12::1/48, note "Zürich 東京") of the allow list covers it.',
          '198.51.100.20 is allowed: line 4 (198.51.100.7-198.51.100.20) of the allow list covers it.',
          '8.8.8.8 is allowed: line 5 (0.0.0.0/0) of the allow list covers it.',
          '192.0.2.99 is allowed: line 1 (192.0.2.99, note "Probe") of the exemptions covers it, whatever the allow list says.',
          '::1 is allowed: line 2 (@loopback) of the exemptions covers it, whatever the allow list says.',
          '2001:db9:: is denied: no entry of the allow list covers it.',
        ],
        () => clients.map((client) => decodePolicy(list).explain(client).message),
      ],
      [
        'rules that were made elsewhere explain',
        [
          '10.0.5.5 is denied: line 1 (10.0.5.5) of the rule "Kiosk" covers it; rules[1] would allow it.',
          '10.0.9.1 is denied: no rule covers it, and otherwise clients are denied; rules[1] would allow it but for line 1 (10.0.9.0/24) of its except.',
          '10.0.8.1 is denied: no rule covers it, and otherwise clients are denied; rules[1] would allow it but for line 3 (10.0.8.1) of its except.',
          '2001:db8::1 is allowed: line 1 (2001:db8::/32) of the rule "Lab" covers it.',
          '192.0.2.1 is allowed: line 1 (192.0.2.1) of the exemptions covers it, whatever the rules say.',
        ],
        () =>
          ['10.0.5.5', '10.0.9.1', '10.0.8.1', '2001:db8::1', '192.0.2.1'].map(
            (client) => decodePolicy(rules).explain(client).message,
          ),
      ],
      [
        'times that were made elsewhere are kept by a live policy',
        ['allow', 'deny', 'deny', 'allow', 'allow'],
        () => {
          let now = Date.UTC(2026, 0, 1);
          const live = createLivePolicy(decodePolicy(times), { now: () => now });
          const verdicts = [];
          // It was made for 00:07. What counts is the clock of the live policy.
          for (const minute of [4, 7, 9, 10, 11]) {
            now = Date.UTC(2026, 0, 1, 0, minute);
            verdicts.push(live.decide('10.0.0.1').verdict);
          }
          return verdicts;
        },
      ],
      [
        'what they say of themselves',
        {
          formatVersion: 1,
          contentHash: '0340c391d553d8eb5341a9f82a164e12',
          byteLength: 448,
          mode: 'allow',
          size: 3,
          exemptions: 1,
          hasEntries: true,
          hasNotes: true,
          hasTimes: false,
        },
        () => inspectSnapshot(rules),
      ],
      ...[
        ['list', list],
        ['rules', rules],
        ['times', times],
      ].map(([name, bytes]) => [
        `${name}: the same bytes again`,
        digestOf(byteTexts(bytes)),
        () => digestOf(byteTexts(encodePolicy(decodePolicy(bytes)))),
      ]),
      ['a list of 3,000 entries gives the same bytes', 'a194dca6', () => digestOf(byteTexts(large()))],
      [
        'a list of 3,000 entries decides for 8,000 clients as before',
        '89bdffaf',
        () => digestOfList('deny', 3_000, 8_000, (policy) => decodePolicy(encodePolicy(policy))),
      ],
      [
        'nothing that was changed or cut off is taken',
        { checksum: 4098, 'not-a-snapshot': 64, truncated: 558, 'unsupported-version': 32 },
        () => {
          const counts = {};
          for (const code of changed()) counts[code] = (counts[code] ?? 0) + 1;
          return Object.fromEntries(Object.entries(counts).sort());
        },
      ],
      [
        'a live policy takes one, and keeps it when the next one is damaged',
        ['checksum', 2, 'allow listed 203.0.113.0/24 1', 'allow'],
        () => {
          const live = createLivePolicy({ allow: '', whenEmpty: 'deny' });
          live.update(decodePolicy(list), { mayBeEmpty: false });
          const damaged = list.slice();
          damaged[damaged.length - 1] ^= 1;
          const code = codeOf(() => live.update(decodePolicy(damaged)));
          return [code, live.version, verdictOf(live.decide('203.0.113.9')), live.decide('8.8.4.4').verdict];
        },
      ],
    ];
  },
};

/** The bytes of a text in Base64, without what only some runtimes have. */
function bytesOf(text) {
  return Uint8Array.from(atob(text.replaceAll(/\s/g, '')), (character) => character.charCodeAt(0));
}

/** A copy in shared memory, where there is any. */
function sharedOf(bytes) {
  const shared =
    typeof SharedArrayBuffer === 'function'
      ? new SharedArrayBuffer(bytes.length)
      : new ArrayBuffer(bytes.length);
  new Uint8Array(shared).set(bytes);
  return shared;
}

/** Marsaglia's xorshift of 32 bits: whole numbers that are the same everywhere. */
function random(seed) {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function someIpv4(next) {
  return `${10 + next(4)}.${next(8)}.${next(256)}.${next(256)}`;
}

function someIpv6(next) {
  const groups = [
    '2001',
    `db${next(10)}`,
    next(16),
    next(65_536),
    next(3) * next(4),
    0,
    next(2),
    next(65_536),
  ];
  return groups.map((group) => (typeof group === 'string' ? group : group.toString(16))).join(':');
}

function someAddresses(count) {
  const next = random(count);
  return Array.from({ length: count }, () => (next(2) === 0 ? someIpv4(next) : someIpv6(next)));
}

/** Entries of both families, nested and adjacent, prefixes and ranges, some with a note. */
function someEntries(count, next) {
  return Array.from({ length: count }, (_, index) => {
    const note = index % 7 === 0 ? ` # Note ${index}, ö` : '';
    if (next(9) === 0) {
      const [first, last] = [next(200), next(56)];
      const start = `${10 + next(4)}.${next(8)}.${next(256)}`;
      return `${start}.${first}-${start}.${first + last}${note}`;
    }
    return next(2) === 0
      ? `${someIpv4(next)}/${12 + next(21)}${note}`
      : `${someIpv6(next)}/${20 + next(109)}${note}`;
  });
}

function digestOfList(mode, size, count, change = (policy) => policy) {
  const next = random(size);
  const policy = change(createPolicy({ [mode]: someEntries(size, next), maxEntries: size }));
  const clients = Array.from({ length: count }, () => {
    const text = next(2) === 0 ? someIpv4(next) : someIpv6(next);
    return next(5) === 0 && !text.includes(':') ? `::ffff:${text}` : text;
  });
  return digestOf(clients.map((client) => verdictOf(policy.decide(client))));
}

/** FNV-1a over the UTF-16 code units of texts. */
function digestOf(texts) {
  let hash = 0x811c9dc5;
  for (const text of texts) {
    for (let at = 0; at <= text.length; at++) {
      hash = Math.imul(hash ^ (at < text.length ? text.charCodeAt(at) : 0xffff), 0x01000193);
    }
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
