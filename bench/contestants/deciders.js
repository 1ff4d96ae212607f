/**
 * What decides about clients: ipverdict, the block list of Node, and the packages in `rivals/`. Each answers the same
 * question, "does this deny list let this client in?", through the few lines that its documentation suggests.
 *
 * The answers in which a contestant is known to differ are listed here with the reason. `test/bench.test.ts` compares
 * them with what the contestant does, and the report shows them beside the times.
 */

import { createRequire } from 'node:module';
import { BlockList, isIP } from 'node:net';
import { createPolicy } from '../../dist/index.js';

/**
 * @typedef {import('../input/clients.js').Spelling | 'invalid'} Question
 * @typedef {{ verdict: 'allow' | 'deny', entry?: string | undefined }} Answer
 * @typedef {{ text: string, entries: readonly string[], exempt?: readonly string[] | undefined }} List
 *
 * @typedef {object} Asked
 * @property {(client: string) => unknown} ask timed
 * @property {(answer: any) => Answer} read brings the answer into one form; not timed
 *
 * @typedef {object} Contestant
 * @property {string} name
 * @property {string} [from] the package in `rivals/`; absent for ipverdict and Node
 * @property {boolean} [isOurs]
 * @property {boolean} [namesEntry] whether the answer names the deciding entry, as `decide` does, and not only the
 *   verdict
 * @property {number} largest the longest list that it is timed with
 * @property {boolean} [isNative] whether it keeps its list outside the memory that V8 reports
 * @property {Partial<Record<Question, string>>} [lacks] the clients that it cannot decide about, and why
 * @property {Partial<Record<Question, string>>} [differs] where its answers are known to differ, and why
 * @property {Partial<Record<Question, string>>} [slips] the same, for so few clients that a small sample may have none
 * @property {string} [builds] what it makes of a list, when it does not prepare the whole list
 * @property {() => (list: List) => Asked} load loads the code; what it returns builds from a list, and is timed
 *   separately
 */

const requireRival = createRequire(new URL('../rivals/package.json', import.meta.url));

/** Newer versions of Node have a trie, and this method; before, a check went through all rules. */
const hasFastBlockList = 'addCIDR' in BlockList.prototype;

const WITHOUT_LIMIT = Number.POSITIVE_INFINITY;
/** Beyond this size, contestants that search entry by entry show nothing new. */
const SHORT_LIST = 1000;

const SEES_NO_MAPPED = 'an IPv4-mapped client is not compared with IPv4 entries';
const IPV4_ONLY = 'it reads IPv6 as a number of 32 bits';
const SEES_NO_INVALID = 'text that is not an address is in no entry, and a deny list lets it in';

/** @type {Contestant[]} */
export const contestants = [
  {
    name: 'ipverdict decide',
    isOurs: true,
    namesEntry: true,
    largest: WITHOUT_LIMIT,
    load: () => (list) => {
      const policy = buildPolicy(list);
      return {
        ask: (client) => policy.decide(client),
        read: ({ verdict, entry }) => ({ verdict, entry: entry?.text }),
      };
    },
  },
  {
    name: 'ipverdict allows',
    isOurs: true,
    largest: WITHOUT_LIMIT,
    load: () => (list) => {
      const policy = buildPolicy(list);
      return yesNo((client) => policy.allows(client));
    },
  },
  {
    name: 'net.BlockList',
    isNative: true,
    largest: hasFastBlockList ? WITHOUT_LIMIT : 100_000,
    differs: { invalid: SEES_NO_INVALID },
    load: () => (list) => {
      const blockList = buildBlockList(list);
      return yesNo((client) => !blockList.check(client, client.includes(':') ? 'ipv6' : 'ipv4'));
    },
  },
  {
    name: 'net.isIP and net.BlockList',
    isNative: true,
    largest: SHORT_LIST,
    load: () => (list) => {
      const blockList = buildBlockList(list);
      return yesNo((client) => {
        const family = isIP(client);
        return family !== 0 && !blockList.check(client, family === 6 ? 'ipv6' : 'ipv4');
      });
    },
  },
  {
    name: 'netparser',
    from: 'netparser',
    largest: WITHOUT_LIMIT,
    differs: { mapped: SEES_NO_MAPPED, invalid: SEES_NO_INVALID },
    load: rival('netparser', ({ Matcher }, entries) => {
      const matcher = new Matcher(entries);
      return (client) => !matcher.has(client);
    }),
  },
  {
    name: 'longest-prefix-match',
    from: 'longest-prefix-match',
    namesEntry: true,
    largest: WITHOUT_LIMIT,
    differs: { mapped: SEES_NO_MAPPED, invalid: SEES_NO_INVALID },
    slips: { 'ipv6-full': 'it reads groups such as 0b00 and 0e49 as binary numbers and powers of ten, as 0' },
    load: () => {
      const LongestPrefixMatch = requireRival('longest-prefix-match');
      return ({ entries }) => {
        const matcher = new LongestPrefixMatch();
        for (const entry of entries) matcher.addPrefix(withLength(entry), entry);
        return {
          ask: (client) => matcher.getMatch(withLength(client)),
          read: ([entry]) => ({ verdict: entry === undefined ? 'allow' : 'deny', entry }),
        };
      };
    },
  },
  {
    name: 'ip-set',
    from: 'ip-set',
    largest: 100_000,
    builds: 'IPv4 only',
    lacks: { 'ipv6-full': IPV4_ONLY, 'ipv6-short': IPV4_ONLY, mapped: IPV4_ONLY },
    differs: { invalid: SEES_NO_INVALID },
    load: rival('ip-set', (IPSet, entries) => {
      const set = new IPSet(entries.filter((entry) => !entry.includes(':')));
      return (client) => !set.contains(client);
    }),
  },
  {
    name: 'ipaddr.js',
    from: 'ipaddr.js',
    largest: SHORT_LIST,
    differs: { invalid: 'it reads 10.1, 010.0.0.1 and 0x0a000001 as C does: as addresses' },
    load: rival('ipaddr.js', (ipaddr, entries) => {
      const ranges = { denied: entries.map((entry) => ipaddr.parseCIDR(withLength(entry))) };
      return (client) => ipaddr.subnetMatch(ipaddr.process(client), ranges, 'other') === 'other';
    }),
  },
  {
    name: 'ip-address',
    from: 'ip-address',
    largest: SHORT_LIST,
    differs: { mapped: SEES_NO_MAPPED, invalid: 'it accepts a prefix as a client' },
    load: rival('ip-address', ({ Address4, Address6 }, entries) => {
      /** @param {string} text */
      const read = (text) => (text.includes(':') ? new Address6(text) : new Address4(text));
      const networks4 = entries.filter((entry) => !entry.includes(':')).map(read);
      const networks6 = entries.filter((entry) => entry.includes(':')).map(read);
      return (client) => {
        const address = read(client);
        const networks = client.includes(':') ? networks6 : networks4;
        return !networks.some((network) => address.isInSubnet(network));
      };
    }),
  },
  {
    name: 'hono/ip-restriction',
    from: 'hono',
    largest: SHORT_LIST,
    load: rival('hono/ip-restriction', ({ ipRestriction }, entries) => {
      let isIn = false;
      const letIn = () => {
        isIn = true;
      };
      const nothing = () => {};
      const context = { text: nothing };
      const clientOf = (/** @type {{ client: string }} */ request) => request.client;
      const middleware = ipRestriction(clientOf, { denyList: [...entries] });
      return (client) => {
        isIn = false;
        // It has decided by the time the call returns. A denial is a rejection, which has to be handled.
        middleware({ ...context, client }, letIn).catch(nothing);
        return isIn;
      };
    }),
  },
  {
    name: 'proxy-addr',
    from: 'proxy-addr',
    largest: SHORT_LIST,
    differs: { invalid: SEES_NO_INVALID },
    load: rival('proxy-addr', ({ compile }, entries) => {
      const isListed = compile([...entries]);
      return (client) => !isListed(client);
    }),
  },
  {
    name: 'is-in-subnet',
    from: 'is-in-subnet',
    largest: SHORT_LIST,
    load: rival('is-in-subnet', ({ createChecker }, entries) => {
      const isListed = createChecker(entries.map(withLength));
      return (client) => !isListed(client);
    }),
  },
  {
    name: 'cidr-matcher',
    from: 'cidr-matcher',
    largest: SHORT_LIST,
    differs: { invalid: SEES_NO_INVALID },
    load: rival('cidr-matcher', (Matcher, entries) => {
      const matcher = new Matcher(entries.map(withLength));
      return (client) => !matcher.contains(client);
    }),
  },
  {
    name: 'express-ipfilter',
    from: 'express-ipfilter',
    largest: SHORT_LIST,
    builds: 'nothing',
    differs: {
      'ipv6-full': 'a single IPv6 address is compared as text, and has many spellings',
      mapped: SEES_NO_MAPPED,
      invalid: SEES_NO_INVALID,
    },
    load: rival('express-ipfilter', ({ IpFilter }, entries) => {
      let isIn = false;
      const next = (/** @type {unknown} */ error) => {
        isIn = error === undefined;
      };
      const detectIp = (/** @type {{ client: string }} */ request) => request.client;
      const middleware = IpFilter([...entries], { mode: 'deny', log: false, detectIp });
      return (client) => {
        middleware({ client }, undefined, next);
        return isIn;
      };
    }),
  },
];

/**
 * For rivals that answer from entries whether the client gets in.
 * @param {string} file
 * @param {(code: any, entries: readonly string[]) => (client: string) => boolean} build
 * @returns {Contestant['load']}
 */
function rival(file, build) {
  return () => {
    const code = requireRival(file);
    return ({ entries }) => yesNo(build(code, entries));
  };
}

/** @param {List} list */
function buildPolicy({ text, exempt = [] }) {
  return createPolicy({ deny: text, exempt, maxEntries: WITHOUT_LIMIT });
}

/** @param {List} list */
function buildBlockList({ entries }) {
  const blockList = new BlockList();
  for (const entry of entries) {
    const [address, length] = entry.split('/');
    const family = address.includes(':') ? 'ipv6' : 'ipv4';
    if (length === undefined) blockList.addAddress(address, family);
    else blockList.addSubnet(address, Number(length), family);
  }
  return blockList;
}

/**
 * For contestants that answer whether the client gets in. An exception denies, as it would with a careful caller.
 * @param {(client: string) => boolean} isLetIn
 * @returns {Asked}
 */
function yesNo(isLetIn) {
  return {
    ask: (client) => {
      try {
        return isLetIn(client);
      } catch {
        return false;
      }
    },
    read: (isIn) => ({ verdict: isIn ? 'allow' : 'deny' }),
  };
}

/** @param {string} entry */
function withLength(entry) {
  if (entry.includes('/')) return entry;
  return `${entry}${entry.includes(':') ? '/128' : '/32'}`;
}
