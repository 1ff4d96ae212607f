/**
 * The recipes of the guide "Lists you did not write", run as they stand: what they fetch comes from a server on this
 * machine that answers as the providers do, and then lies.
 */

import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { exportPolicy, type ImportedEntry } from '../../src/public/formats.ts';
import { createPolicy } from '../../src/public/index.ts';
import type { Follower, LivePolicy } from '../../src/public/live.ts';
import { describeWith } from '../engines/engine.ts';
import { askIpset } from '../engines/ipset.ts';
import { askNftables } from '../engines/nftables.ts';
import { askNginx } from '../engines/nginx.ts';
import { projectRoot } from '../support/package.ts';

const guide = readFileSync(join(projectRoot, 'docs/guides/feeds.md'), 'utf8');
const recipes = new Map(
  [...guide.matchAll(/^```js (\w+)\n([\s\S]*?)^```/gm)].map(([, name, code]) => [
    name as string,
    code as string,
  ]),
);

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type Answerer = (request: IncomingMessage, response: ServerResponse) => void;

/** A file as a provider serves it: with an ETag, and 304 where that is known. */
function serveFile(answers: Readonly<Record<string, Answer | undefined>>): Answerer {
  return ({ url = '', headers }, response) => {
    const answer = answers[url];
    if (answer === undefined) response.writeHead(404).end('not found');
    else if (answer.headers['ETag'] !== undefined && headers['if-none-match'] === answer.headers['ETag'])
      response.writeHead(304).end();
    else response.writeHead(answer.status, answer.headers).end(answer.body);
  };
}

interface Served {
  origin: string;
  answer: Answerer;
  readonly requests: IncomingMessage[];
}

async function serve(first: Answerer): Promise<Served> {
  const served: Served = { origin: '', answer: first, requests: [] };
  const server = createServer((request, response) => {
    served.requests.push(request);
    served.answer(request, response);
  }).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  served.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return served;
}

type Read = (...texts: string[]) => readonly ImportedEntry[];

interface Running {
  readonly live: LivePolicy;
  readonly follower: Follower;
  readonly followers: readonly Follower[];
  readonly read: Read;
  readonly publish: (policy: unknown, options: unknown, path: string) => Promise<void>;
  readonly written: () => Promise<void>;
}

const load = (from: string): Promise<unknown> =>
  from.startsWith('ipverdict')
    ? import(
        /* @vite-ignore */ new URL(
          `../../dist/${from.slice('ipverdict/'.length) || 'index'}.js`,
          import.meta.url,
        ).href
      )
    : import(/* @vite-ignore */ from);

/** Runs blocks of the guide as one program, which asks the server instead of the hosts that it names. */
async function run(
  names: readonly string[],
  served: Served | undefined,
  gives: string,
  handed: Readonly<Record<string, unknown>> = {},
  edit: (code: string) => string = (code) => code,
): Promise<Running> {
  const code = names.map((name) => recipes.get(name) ?? `throw new Error('no recipe ${name}')`).join('\n');
  // Imports come first in a module, wherever they are.
  const imports = new Map<string, string>();
  const body = edit(code)
    .replace(/^import \{([^}]+)\} from '([^']+)';$/gm, (_, imported: string, from: string) => {
      for (const name of imported.split(','))
        imports.set(name.trim(), `const { ${name} } = await __load('${from}');`);
      return '';
    })
    .replace(/^export /gm, '');
  const AsyncFunction = (async () => {}).constructor as new (
    ...parameters: string[]
  ) => (...given: unknown[]) => Promise<Running>;
  const fetchHere = (url: string, options: RequestInit): Promise<Response> => {
    const { pathname, search } = new URL(url);
    return fetch(`${served?.origin}${pathname}${search}`, options);
  };
  const given = { __load: load, fetch: fetchHere, ...handed };
  const program = new AsyncFunction(
    ...Object.keys(given),
    `${[...imports.values()].join('\n')}\n${body}\nreturn { ${gives} };`,
  );
  const running = await program(...Object.values(given));
  onTestFinished(async () => {
    await Promise.all([running.follower, ...(running.followers ?? [])].map((follower) => follower?.close()));
  });
  return running;
}

let reported: string[] = [];
let logged: string[] = [];
beforeEach(() => {
  reported = [];
  logged = [];
  const error = vi.spyOn(console, 'error').mockImplementation((...given: unknown[]) => {
    reported.push(given.map((part) => (part instanceof Error ? part.message : String(part))).join(' '));
  });
  const warn = vi.spyOn(console, 'warn').mockImplementation((text: unknown) => {
    logged.push(String(text));
  });
  onTestFinished(() => {
    error.mockRestore();
    warn.mockRestore();
  });
});

const json = 'application/json; charset=utf-8';
const plain = 'text/plain; charset=utf-8';

interface Recipe {
  readonly frame: 'allow' | 'deny';
  /** The bodies by path, in the order in which `read` takes them. */
  readonly files: Readonly<Record<string, string>>;
  readonly type: string;
  readonly listed: readonly string[];
  readonly unlisted: readonly string[];
  /** Bodies that are not lists, by path, served beside them. */
  readonly pages?: Readonly<Record<string, string>>;
  /** Whether a part of a body is always known to be one. */
  readonly knowsItsEnd: boolean;
}

const azureFile = '/download/7/1/d/71d86715-5596-4529-9b13-da13a5de5b63/ServiceTags_Public_20260105.json';

const providers: Readonly<Record<string, Recipe>> = {
  aws: {
    frame: 'allow',
    type: json,
    knowsItsEnd: true,
    files: {
      '/ip-ranges.json': JSON.stringify(
        {
          syncToken: '1657291988',
          createDate: '2022-07-08-14-53-08',
          prefixes: [
            ['3.5.140.0/22', 'ap-northeast-2', 'AMAZON'],
            ['3.248.0.0/13', 'eu-west-1', 'AMAZON'],
            ['3.248.0.0/13', 'eu-west-1', 'EC2'],
            ['3.64.0.0/12', 'eu-central-1', 'EC2'],
            ['52.218.0.0/17', 'eu-west-1', 'S3'],
          ].map(([ip_prefix, region, service]) => ({
            ip_prefix,
            region,
            service,
            network_border_group: region,
          })),
          ipv6_prefixes: [
            {
              ipv6_prefix: '2a05:d018::/35',
              region: 'eu-west-1',
              service: 'EC2',
              network_border_group: 'eu-west-1',
            },
          ],
        },
        undefined,
        2,
      ),
    },
    listed: ['3.248.0.1', '3.79.255.255', '::ffff:3.64.0.0', '2a05:d018::1'],
    unlisted: ['3.5.140.1', '52.218.0.1', '2a05:d018:2000::1'],
  },
  google: {
    frame: 'allow',
    type: json,
    knowsItsEnd: true,
    files: {
      '/ipranges/cloud.json': JSON.stringify({
        syncToken: '1682928300324',
        creationTime: '2023-05-01T01:05:00.324419',
        prefixes: [
          { ipv4Prefix: '34.76.0.0/14', service: 'Google Cloud', scope: 'europe-west1' },
          { ipv4Prefix: '34.89.128.0/17', service: 'Google Cloud', scope: 'europe-west3' },
          { ipv4Prefix: '34.80.0.0/15', service: 'Google Cloud', scope: 'asia-east1' },
          { ipv6Prefix: '2600:1900:4010::/44', service: 'Google Cloud', scope: 'europe-west1' },
        ],
      }),
    },
    listed: ['34.76.0.1', '34.89.255.255', '2600:1900:4010::1'],
    unlisted: ['34.80.0.1', '34.89.127.255'],
  },
  azure: {
    frame: 'allow',
    type: 'application/octet-stream',
    knowsItsEnd: true,
    pages: {
      '/en-us/download/details.aspx?id=56519': `<!DOCTYPE html><html><body><a href="https://download.microsoft.com${azureFile}">Download</a></body></html>`,
    },
    files: {
      [azureFile]: JSON.stringify({
        changeNumber: 232,
        cloud: 'Public',
        values: [
          ['AzureFrontDoor.Backend', 'AzureFrontDoor', ['4.232.98.112/29', '2603:1061:3:88::/61']],
          ['AzureFrontDoor.Frontend', 'AzureFrontDoor', ['4.232.98.120/29']],
          ['Sql.WestUS', 'AzureSQL', ['13.86.216.0/25']],
        ].map(([name, systemService, addressPrefixes]) => ({
          name,
          id: name,
          properties: {
            changeNumber: 22,
            region: '',
            regionId: 0,
            platform: 'Azure',
            systemService,
            addressPrefixes,
            networkFeatures: ['API', 'NSG'],
          },
        })),
      }),
    },
    listed: ['4.232.98.112', '2603:1061:3:88::1'],
    unlisted: ['4.232.98.120', '13.86.216.1'],
  },
  github: {
    frame: 'allow',
    type: json,
    knowsItsEnd: true,
    files: {
      '/meta': JSON.stringify({
        verifiable_password_authentication: false,
        ssh_key_fingerprints: { SHA256_RSA: 'uNiVztksCsDhcc0u9e8BrqXVYzYcn5jm7S5jgGeu0Vs' },
        ssh_keys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5'],
        hooks: ['192.30.252.0/22', '140.82.112.0/20', '2a0a:a440::/29'],
        web: ['192.30.252.0/22', '13.114.40.48/32'],
        actions: ['4.148.0.0/16'],
        domains: { website: ['*.github.com'] },
      }),
    },
    listed: ['192.30.252.7', '140.82.127.255', '2a0a:a440::1'],
    unlisted: ['13.114.40.48', '4.148.0.1'],
  },
  cloudflare: {
    frame: 'allow',
    type: plain,
    knowsItsEnd: false,
    files: {
      '/ips-v4': '173.245.48.0/20\n103.21.244.0/22\n104.16.0.0/13\n131.0.72.0/22',
      '/ips-v6': '2400:cb00::/32\n2606:4700::/32\n2c0f:f248::/32',
    },
    listed: ['104.23.255.255', '131.0.72.1', '2606:4700::1111'],
    unlisted: ['131.0.76.0', '2606:4701::'],
  },
  fastly: {
    frame: 'allow',
    type: json,
    knowsItsEnd: true,
    files: {
      '/public-ip-list': JSON.stringify({
        addresses: ['23.235.32.0/20', '151.101.0.0/16'],
        ipv6_addresses: ['2a04:4e40::/32'],
      }),
    },
    listed: ['151.101.1.1', '2a04:4e40::1'],
    unlisted: ['151.102.0.0'],
  },
  spamhaus: {
    frame: 'deny',
    type: json,
    knowsItsEnd: true,
    files: {
      '/drop/drop_v4.json':
        '{"cidr":"1.10.16.0/20","sblid":"SBL256894","rir":"apnic"}\n{"cidr":"2.56.192.0/22","sblid":"SBL459831","rir":"ripencc"}\n' +
        '{"type":"metadata","timestamp":1713873241,"size":120,"records":2,"copyright":"(c) 2024 The Spamhaus Project SLU","terms":"https://www.spamhaus.org/drop/terms/"}\n',
      '/drop/drop_v6.json':
        '{"cidr":"2001:678:254::/48","sblid":"SBL643306","rir":"ripencc"}\n' +
        '{"type":"metadata","timestamp":1713873241,"size":60,"records":1}\n',
    },
    listed: ['1.10.16.7', '2.56.195.255', '2001:678:254::1'],
    unlisted: ['1.10.32.0', '203.0.113.9'],
  },
  firehol: {
    frame: 'deny',
    type: plain,
    knowsItsEnd: false,
    files: {
      '/firehol/blocklist-ipsets/master/firehol_level1.netset':
        '#\n# firehol_level1\n#\n# ipv4 hash:net ipset\n#\n# Maintainer      : FireHOL\n# This File Date  : Sat Jul  9 13:19:27 UTC 2022\n# Entries         : 4 subnets, 592384 unique IPs\n#\n0.0.0.0/8\n1.10.16.0/20\n45.9.20.0/24\n127.0.0.0/8\n',
    },
    listed: ['1.10.16.7', '45.9.20.1', '127.0.0.1'],
    unlisted: ['1.10.32.0', '203.0.113.9'],
  },
  geofeed: {
    frame: 'deny',
    type: 'text/csv',
    knowsItsEnd: false,
    files: {
      '/geofeed.csv':
        '# A self-published geofeed as defined in RFC 8805\n# ip_prefix, alpha2code, region, city, postal_code\n2600:3c00::/32,US,US-TX,Richardson,\n2a01:7e01::/32,DE,DE-HE,Frankfurt,\n139.162.128.0/19,DE,DE-HE,Frankfurt,\n178.79.175.0/24,GB,GB-ENG,London,\n',
    },
    listed: ['2a01:7e01::1', '139.162.159.255'],
    unlisted: ['2600:3c00::1', '178.79.175.1'],
  },
};

const each = Object.entries(providers);

/** What the server of a provider answers; `version` is in its ETags. */
function answersOf(
  { files, pages = {}, type }: Recipe,
  version: string,
  change: (body: string, path: string) => string = (body) => body,
): Record<string, Answer> {
  const answers: Record<string, Answer> = {};
  for (const [path, body] of Object.entries(files)) {
    const headers = { 'Content-Type': type, ETag: `W/"${version}-${path.length}"` };
    answers[path] = { status: 200, headers, body: change(body, path) };
  }
  for (const [path, body] of Object.entries(pages))
    answers[path] = { status: 200, headers: { 'Content-Type': 'text/html' }, body };
  return answers;
}

const runRecipe = (
  name: string,
  frame: string,
  served: Served,
  edit?: (code: string) => string,
): Promise<Running> => run(['feed', name, frame], served, 'live, follower, read', {}, edit);

const readerOf = async (name: string): Promise<Read> => (await run(['feed', name], undefined, 'read')).read;

test('the guide has these recipes', () => {
  expect([...recipes.keys()]).toEqual([
    'feed',
    'allow',
    'deny',
    ...each.map(([name]) => name),
    'crowdsec',
    'skip',
    'several',
    'publish',
    'published',
  ]);
});

describe.each(each)('the recipe for %s', (name, recipe) => {
  const { frame, files, listed, unlisted, knowsItsEnd } = recipe;
  const paths = Object.keys(files);
  const isListed = (live: LivePolicy, ip: string): boolean => live.decide(ip).reason === 'listed';

  test('is followed, and costs a short answer while nothing has changed', async () => {
    const served = await serve(serveFile(answersOf(recipe, '1')));
    const { live, follower } = await runRecipe(name, frame, served);
    await follower.ready;
    for (const ip of listed) expect([ip, isListed(live, ip)]).toEqual([ip, true]);
    for (const ip of unlisted) expect([ip, isListed(live, ip)]).toEqual([ip, false]);
    expect(live.allows(listed[0] as string)).toBe(frame === 'allow');
    expect(live.allows(unlisted[0] as string)).toBe(frame === 'deny');

    const asked = served.requests.length;
    expect(await follower.refresh()).toBe(undefined);
    const tags = served.requests.slice(asked).map(({ headers }) => headers['if-none-match']);
    expect(tags.filter((tag) => tag !== undefined)).toEqual(paths.map((path) => `W/"1-${path.length}"`));
    expect(live.version).toBe(2);

    // One of several files has another version.
    served.answer = serveFile({ ...answersOf(recipe, '2'), ...omitLast(answersOf(recipe, '1')) });
    expect((await follower.refresh())?.version).toBe(3);
    expect(isListed(live, listed[0] as string)).toBe(true);
    expect(reported).toEqual([]);
    expect(logged).toEqual([]);
  });

  const omitLast = (answers: Record<string, Answer>): Record<string, Answer> =>
    Object.fromEntries(paths.slice(0, -1).map((path) => [path, answers[path] as Answer]));

  const portal = '<!DOCTYPE html>\n<html><body>\nLog in to the wireless network\n</body></html>\n';
  const isFile = (url: string | undefined): boolean => paths.includes(url ?? '');
  const lie =
    (tell: Answerer): Answerer =>
    (request, response) =>
      isFile(request.url) ? tell(request, response) : serveFile(answersOf(recipe, '2'))(request, response);
  const bodyOf = ({ url = '' }: IncomingMessage): string => files[url] ?? '';
  const type = { 'Content-Type': recipe.type, ETag: '"bad"' };

  test.each<[string, Answerer]>([
    ['500', (request, response) => response.writeHead(500, type).end(bodyOf(request))],
    ['429 and JSON', (_, response) => response.writeHead(429, type).end('{"message":"rate limit"}')],
    ['an error that says 200', (_, response) => response.writeHead(200, type).end('{"message":"no"}')],
    ['a part', (request, response) => response.writeHead(206, type).end(bodyOf(request))],
    ['an empty 200', (_, response) => response.writeHead(200, type).end()],
    ['a portal', (_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end(portal)],
    ['a portal that says it is a list', (_, response) => response.writeHead(200, type).end(portal)],
    ['a redirect', (_, response) => response.writeHead(302, { Location: '/login' }).end()],
    ['304 to another tag', (_, response) => response.writeHead(304, { ETag: '"other"' }).end()],
    ['nothing', (_, response) => response.destroy()],
    [
      'half a body',
      (request, response) => {
        const body = bodyOf(request);
        response.writeHead(200, { ...type, 'Content-Length': Buffer.byteLength(body) });
        response.write(body.slice(0, body.length / 2), () => response.destroy());
      },
    ],
    [
      'half a body without a length',
      (request, response) => {
        const half = bodyOf(request).slice(0, bodyOf(request).length / 2);
        response.socket?.end(`HTTP/1.1 200 OK\r\nETag: "bad"\r\nConnection: close\r\n\r\n${half}`);
      },
    ],
  ])('keeps the last good list when the server answers with %s', async (what, tell) => {
    const served = await serve(serveFile(answersOf(recipe, '1')));
    const { live, follower } = await runRecipe(name, frame, served);
    await follower.ready;
    const { current } = live;
    const { tag } = follower.status;
    served.answer = lie(tell);
    // That nothing is new is the one lie that nobody can know.
    if (what.startsWith('304')) expect(await follower.refresh()).toBe(undefined);
    else await expect(follower.refresh()).rejects.toThrow();
    expect([live.current === current, follower.status.tag]).toEqual([true, tag]);
    expect(served.requests.map(({ url }) => url)).not.toContain('/login');
    served.answer = serveFile(answersOf(recipe, '3'));
    expect((await follower.refresh())?.version).toBe(3);
  });

  test('leaves what was there before, while there is no good list', async () => {
    const served = await serve(lie((_, response) => response.writeHead(200, type).end(portal)));
    // A list that denies waits for its first good load, and so does the server.
    const { live, follower } = await runRecipe(name, frame, served, (code) =>
      code.replace('await follower.ready;', ''),
    );
    await expect(follower.refresh()).rejects.toThrow();
    expect([live.version, follower.status.lastSuccess]).toEqual([1, undefined]);
    for (const ip of [...listed, ...unlisted]) expect(live.allows(ip)).toBe(frame === 'deny');
  });

  test('reads no more than its bound', async () => {
    const served = await serve(serveFile(answersOf(recipe, '1', (body) => body + ' '.repeat(70_000))));
    const { follower } = await runRecipe(name, frame, served, (code) =>
      code.replace('64_000_000', '60_000').replace('await follower.ready;', ''),
    );
    await expect(follower.refresh()).rejects.toThrow('sends more than 60000 bytes');
  });

  test('reads no list that says more than the whole, wherever a file is cut off', async () => {
    const read = await readerOf(name);
    const addresses = (texts: readonly string[]): ReadonlySet<string> =>
      new Set(read(...texts).map(({ address }) => address));
    const bodies = Object.values(files);
    const whole = addresses(bodies);
    for (const [index, body] of bodies.entries()) {
      for (let end = 0; end < body.trimEnd().length; end++) {
        let found: ReadonlySet<string> | undefined;
        try {
          found = addresses(bodies.map((text, at) => (at === index ? body.slice(0, end) : text)));
        } catch {
          continue;
        }
        expect([end, knowsItsEnd]).toEqual([end, false]);
        // An address may be left of a prefix; a wider prefix never is.
        for (const address of found)
          if (!whole.has(address)) expect([end, address]).toEqual([end, expect.not.stringContaining('/')]);
      }
    }
  });
});

describe('a feed that is whole, and not what was meant', () => {
  const change = async (
    name: string,
    edit: (body: string) => string,
  ): Promise<{ refused: Promise<unknown>; live: LivePolicy; follower: Follower }> => {
    const recipe = providers[name] as Recipe;
    const served = await serve(serveFile(answersOf(recipe, '1')));
    const { live, follower } = await runRecipe(name, recipe.frame, served);
    await follower.ready;
    served.answer = serveFile(answersOf(recipe, '2', edit));
    return { refused: follower.refresh(), live, follower };
  };

  test.each<[string, string, (body: string) => string, RegExp]>([
    ['has nothing that was selected', 'aws', (body) => body.replaceAll('EC2', 'EC3'), /has no entries/],
    ['has no row with the label', 'geofeed', (body) => body.replaceAll('DE,', 'FR,'), /has no entries/],
    ['has one bad entry', 'google', (body) => body.replace('34.89.128.0/17', '34.89.128.0/33'), /is refused/],
    [
      'denies the office',
      'firehol',
      (body) => body.replace('# Entries', '# Once').replace('127.0.0.0/8', '127.0.0.0/8\n203.0.112.0/20'),
      /203\.0\.113\.9 is denied/,
    ],
    [
      'ends without a line break',
      'firehol',
      (body) => body.replace(/127\.0\.0\.0\/8\n$/, '128.0.0.0/1'),
      /may be cut off/,
    ],
    [
      'lost too much',
      'fastly',
      (body) => body.replace('151.101.0.0/16', '151.101.0.0/17'),
      /would cease to be listed/,
    ],
  ])('is refused when it %s', async (_, name, edit, message) => {
    const { refused, live } = await change(name, edit);
    await expect(refused).rejects.toThrow(message);
    expect(live.version).toBe(2);
  });

  test('is taken with a warning where only some of what was selected is there', async () => {
    const { refused, live } = await change('google', (body) =>
      body.replace('34.89.128.0/17","service":"Google Cloud","scope":"europe-west3', (found) =>
        found.replace('west3', 'west1'),
      ),
    );
    await refused;
    expect([live.version, live.allows('34.89.128.1')]).toEqual([3, true]);
    expect(logged).toEqual([expect.stringContaining('nothing in the file has the scope "europe-west3"')]);
  });

  test('is taken by hand where it is shorter on purpose', async () => {
    const { refused, live, follower } = await change('fastly', (body) =>
      body.replace('151.101.0.0/16', '151.101.0.0/24'),
    );
    await expect(refused).rejects.toThrow('would cease to be listed');
    await follower.refresh({ maxLoss: 1 });
    expect(['151.101.0.1', '151.101.1.1'].map((ip) => live.allows(ip))).toEqual([true, false]);
  });

  test('has a page that leads nowhere else', async () => {
    const recipe = providers['azure'] as Recipe;
    const page =
      '<a href="https://download.example.com/download/1/ServiceTags_Public_20260105.json">Download</a>';
    const pages = Object.fromEntries(Object.keys(recipe.pages ?? {}).map((path) => [path, page]));
    const served = await serve(serveFile(answersOf({ ...recipe, pages }, '1')));
    const { follower } = await runRecipe('azure', 'allow', served);
    await expect(follower.refresh()).rejects.toThrow('no link to the service tags');
    expect(served.requests).toHaveLength(1);
  });
});

describe('the recipe for CrowdSec', () => {
  const decision = (value: string, duration: string, scope = 'Ip'): Record<string, unknown> => ({
    duration,
    id: 1,
    origin: 'CAPI',
    scenario: 'crowdsecurity/ssh-bf',
    scope,
    type: 'ban',
    value,
  });
  const stream = '/v1/decisions/stream?startup=true';
  const answer = (body: unknown): Answerer =>
    serveFile({
      [stream]: { status: 200, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) },
    });

  test('bans for as long as each decision says, and lifts bans', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-12-01T12:00:00Z') });
    onTestFinished(() => void vi.useRealTimers());
    const served = await serve(
      answer({
        deleted: null,
        new: [decision('192.0.2.7', '59m30.5s'), decision('198.51.100.0/24', '4h', 'Range')],
      }),
    );
    const { live, follower } = await run(['feed', 'crowdsec'], served, 'live, follower', { key: 'secret' });
    await follower.ready;
    expect(served.requests[0]?.headers['x-api-key']).toBe('secret');
    const denied = (): readonly boolean[] =>
      ['192.0.2.7', '198.51.100.9', '203.0.113.9'].map((ip) => !live.allows(ip));
    expect(denied()).toEqual([true, true, false]);
    expect(live.decide('192.0.2.7').entry?.note).toBe('crowdsecurity/ssh-bf');
    vi.setSystemTime(new Date('2026-12-01T12:59:31Z'));
    expect(denied()).toEqual([false, true, false]);

    // A ban without an end is never made, and the last good list stays.
    const { duration: _, ...endless } = decision('203.0.113.9', '');
    served.answer = answer({ deleted: null, new: [endless] });
    await expect(follower.refresh()).rejects.toThrow('is refused');
    expect(denied()).toEqual([false, true, false]);

    served.answer = (_request, response) => response.writeHead(403).end('{"message":"access forbidden"}');
    await expect(follower.refresh()).rejects.toThrow('answers 403');
    expect(denied()).toEqual([false, true, false]);

    served.answer = answer({ deleted: null, new: null });
    await follower.refresh();
    expect(denied()).toEqual([false, false, false]);
  });
});

describe('a bad line', () => {
  const header = '# A feed\n';
  const good = ['45.9.20.0/24', '45.9.21.0/24'];
  const serveNetset = (lines: readonly string[]): Answerer =>
    serveFile({
      '/list.netset': {
        status: 200,
        headers: { 'Content-Type': plain },
        body: `${header}${lines.join('\n')}\n`,
      },
    });
  const start = (served: Served, frame: 'allow' | 'deny'): Promise<Running> =>
    run(['feed', 'skip', frame], served, 'live, follower, read', {}, (code) =>
      code
        .replace(
          'const read =',
          "import { netset } from 'ipverdict/formats/plain';\nconst urls = ['https://feeds.example.com/list.netset'];\nconst read =",
        )
        .replace('await follower.ready;', ''),
    );

  test('is skipped and reported where the feed denies', async () => {
    const served = await serve(serveNetset([...good, '45.9.300.0/24']));
    const { live, follower } = await start(served, 'deny');
    await follower.ready;
    expect(live.allows('45.9.21.7')).toBe(false);
    expect(logged).toEqual([
      'the feed (netset) has problems:\n  line 4, column 6: octet "300" is above 255 (octet-range)',
    ]);
  });

  test('refuses the feed where there are many', async () => {
    const served = await serve(serveNetset([...good, 'a', 'b', 'c', 'd']));
    const { live, follower } = await start(served, 'deny');
    await expect(follower.refresh()).rejects.toThrow('the feed (netset) is refused:\n  line 4, column 1: ');
    expect(live.version).toBe(1);
  });

  test('never opens a feed that allows', async () => {
    const served = await serve(serveNetset(['203.0.113.300']));
    const { live, follower } = await start(served, 'allow');
    // The only line: without it the list would be empty.
    await expect(follower.refresh()).rejects.toThrow('is refused');
    served.answer = serveNetset([...good, '45.9.300.0/24']);
    await expect(follower.refresh()).rejects.toThrow('some lines of the file are missing');
    for (const ip of ['45.9.20.1', '203.0.113.9']) expect(live.allows(ip)).toBe(false);
  });

  test('does not excuse a file that was cut off', async () => {
    const { read } = await run(['feed', 'spamhaus'], undefined, 'read', {}, (code) =>
      code.replace('{ format: spamhausDrop }', '{ format: spamhausDrop }, { maxErrors: 3 }'),
    );
    const [ipv4 = '', ipv6 = ''] = Object.values(providers['spamhaus']?.files ?? {});
    expect(read(ipv4, ipv6)).toHaveLength(3);
    const [first = ''] = ipv4.split('\n');
    expect(() => read(`${first}\n`, ipv6)).toThrow('truncated');
  });
});

describe('several feeds', () => {
  const drop =
    '{"cidr":"1.10.16.0/20","sblid":"SBL256894","rir":"apnic"}\n{"type":"metadata","timestamp":1713873241,"size":120,"records":1}\n';
  const level2 = '# firehol_level2\n1.10.16.0/24\n203.0.113.0/24\n45.9.20.0/24\n';
  const answers = (first: string, second: string): Record<string, Answer> => ({
    '/drop/drop_v4.json': {
      status: 200,
      headers: { 'Content-Type': json, ETag: `"${first.length}"` },
      body: first,
    },
    '/files/firehol_level2.netset': {
      status: 200,
      headers: { 'Content-Type': plain, ETag: `"${second.length}"` },
      body: second,
    },
  });

  test('keep their names, come after the own list, and fail alone', async () => {
    const served = await serve(serveFile(answers(drop, level2)));
    const { live, followers } = await run(['feed', 'several'], served, 'live, followers');
    const said = live.explain('1.10.16.7').message;
    expect(guide.replaceAll('\n> ', ' ')).toContain(said);
    expect(live.decide('45.9.20.1').entry?.rule).toBe('FireHOL level 2');
    // The second feed denies the office.
    expect(live.decide('203.0.113.9').entry?.rule).toBe('Ours');

    served.answer = serveFile(answers(drop.slice(0, 60), `${level2}45.9.21.0/24\n`));
    const [first, second] = followers;
    await expect(first?.refresh()).rejects.toThrow('truncated');
    await second?.refresh();
    expect(['1.10.16.7', '45.9.21.1'].map((ip) => live.allows(ip))).toEqual([false, false]);
  });

  test('are not waited for in vain: what fails at first is loaded later', async () => {
    const served = await serve(serveFile(answers('{}', level2)));
    const { live, followers } = await run(['feed', 'several'], served, 'live, followers', {}, (code) =>
      code.replace(/await Promise\.all\(followers.*\n/, ''),
    );
    const [first, second] = followers;
    await expect(first?.refresh()).rejects.toThrow();
    await second?.ready;
    expect(live.allows('45.9.20.1')).toBe(false);
    served.answer = serveFile(answers(drop, level2));
    await first?.refresh();
    expect(live.allows('1.10.16.7')).toBe(false);
  });
});

describe('what is sent on', () => {
  test('is written at each update, whole, and only without a loss that was not accepted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ipverdict-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'blocked.conf');
    const { createPolicy: createBuilt } = (await load(
      'ipverdict',
    )) as typeof import('../../src/public/index.ts');
    const { netset } = (await load('ipverdict/formats/plain')) as typeof import('../../src/formats/plain.ts');
    const served = await serve(serveFile(answersOf(providers['spamhaus'] as Recipe, '1', (body) => body)));
    const { written, publish, live } = await run(
      ['feed', 'spamhaus', 'deny', 'publish', 'published'],
      served,
      'live, follower, publish, written: () => written',
      { path },
      // Subscribed before the first load, as the guide says.
      (code) => {
        const last = 'await follower.ready;';
        return `${code.replace(last, '')}\n${last}`;
      },
    );
    await written();
    expect(reported).toEqual([]);
    expect(readFileSync(path, 'utf8')).toBe(
      'geo $blocked {\n  default 0;\n  1.10.16.0/20 1; # SBL256894\n  2.56.192.0/22 1; # SBL459831\n  2001:678:254::/48 1; # SBL643306\n}\n',
    );

    const before = readFileSync(path, 'utf8');
    const nobody = createBuilt({ allow: '', whenEmpty: 'deny' });
    await expect(publish(nobody, { format: netset }, path)).rejects.toThrow('would-open');
    const ends = createBuilt({
      deny: '192.0.2.7 until 2027-01-01T00:00Z',
      at: new Date('2026-12-01T12:00Z'),
    });
    await expect(publish(ends, { format: netset }, path)).rejects.toThrow('times-dropped');
    live.update(ends);
    await written();
    expect(reported).toEqual([expect.stringContaining('times-dropped')]);
    expect(readFileSync(path, 'utf8')).toBe(before);
  });
});

describeWith(['nginx', 'nftables', 'ipset'], 'the programs that it is sent to', () => {
  test('deny whom the feed denies', async () => {
    const bodies = Object.values(providers['spamhaus']?.files ?? {});
    const entries = (await readerOf('spamhaus'))(...bodies);
    const policy = createPolicy({ deny: entries });
    const clients = [
      '1.10.16.7',
      '2.56.195.255',
      '2.56.196.0',
      '2001:678:254::1',
      '2001:678:255::',
      '8.8.8.8',
    ];
    const verdicts = clients.map((client) => policy.decide(client).verdict);
    expect(verdicts).toEqual(['deny', 'deny', 'allow', 'deny', 'allow', 'allow']);
    const geo = exportPolicy(policy, { format: 'nginx-geo', set: 'blocked' });
    const answers = await askNginx(geo.text, clients, { place: 'geo', variable: 'blocked' });
    expect(answers.map((value) => (value === '1' ? 'deny' : 'allow'))).toEqual(verdicts);
    const sets = exportPolicy(policy, { format: 'nftables', set: 'blocked', now: new Date() });
    expect(await askNftables(sets.text, clients)).toEqual(verdicts);
    const restored = exportPolicy(policy, { format: 'ipset', set: 'blocked', now: new Date() });
    expect(await askIpset(restored.text, clients)).toEqual(verdicts);
    expect([...geo.losses, ...sets.losses, ...restored.losses]).toEqual([]);
  });
});
