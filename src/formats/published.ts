/**
 * The files in which providers publish their networks.
 *
 * ```
 * { "syncToken": "1657291988", "createDate": "2022-07-08-14-53-08",
 *   "prefixes": [{ "ip_prefix": "3.5.140.0/22", "region": "ap-northeast-2", "service": "AMAZON" }],
 *   "ipv6_prefixes": [] }
 * ```
 */

import { HEX_DIGITS, isNumber } from '../address/characters.ts';
import { scanEntry } from '../address/entry.ts';
import { defineFormat, type Format } from '../exchange/format.ts';
import type { Importing } from '../exchange/importing.ts';
import { eachLine, trimEnd, trimStart } from '../list/grammar.ts';
import { quote } from '../problem/say.ts';
import { entryOf, type JsonNode, other, readJson, textOf } from '../syntax/json.ts';
import { type Provider, readPublished } from '../syntax/published.ts';

/** `ip-ranges.json` of AWS. */
export const awsRanges: Format = /* @__PURE__ */ defineFormat(
  { name: 'aws-ranges', title: 'AWS ip-ranges.json', extension: '.json' },
  {
    read: (importing) =>
      readPublished(importing, {
        items: ['prefixes[]', 'ipv6_prefixes[]'],
        entries: ['ip_prefix', 'ipv6_prefix'],
        select: { service: 'service', region: 'region', network_border_group: 'network_border_group' },
        label: 'service',
        version: 'syncToken',
        created: ['createDate', readDashes],
        others: [],
      }),
    select: ['service', 'region', 'network_border_group'],
  },
);

/** `goog.json` and `cloud.json` of Google, and the files of its crawlers. */
export const googleRanges: Format = /* @__PURE__ */ defineFormat(
  { name: 'google-ranges', title: 'Google goog.json, cloud.json', extension: '.json' },
  {
    read: (importing) =>
      readPublished(importing, {
        items: ['prefixes[]'],
        entries: ['ipv4Prefix', 'ipv6Prefix'],
        select: { service: 'service', scope: 'scope' },
        label: 'scope',
        version: 'syncToken',
        // creationTime has no zone and is not UTC; the token is the same instant in milliseconds.
        created: ['syncToken', readMilliseconds],
        others: ['creationTime'],
      }),
    select: ['service', 'scope'],
  },
);

/** The service tags of Azure. */
export const azureServiceTags: Format = /* @__PURE__ */ defineFormat(
  { name: 'azure-service-tags', title: 'Azure service tags', extension: '.json' },
  {
    read: (importing) =>
      readPublished(importing, {
        items: ['values[]'],
        entries: ['properties.addressPrefixes[]'],
        select: {
          tag: 'name',
          region: 'properties.region',
          service: 'properties.systemService',
        },
        label: 'tag',
        version: 'changeNumber',
        next: 'nextLink',
        others: [
          ...['cloud', 'name', 'id', 'type', 'values[].id', 'values[].serviceTagChangeNumber'],
          ...['changeNumber', 'regionId', 'platform', 'networkFeatures', 'state'].map(
            (name) => `values[].properties.${name}`,
          ),
        ],
      }),
    select: ['tag', 'region', 'service'],
  },
);

/** The networks of Atlassian, `ip-ranges.atlassian.com`. */
export const atlassian: Format = /* @__PURE__ */ defineFormat(
  { name: 'atlassian', title: 'Atlassian IP ranges', extension: '.json' },
  {
    read: (importing) =>
      readPublished(importing, {
        items: ['items[]'],
        entries: ['cidr'],
        select: {
          product: 'product[]',
          direction: 'direction[]',
          region: 'region[]',
          perimeter: 'perimeter',
        },
        label: 'product',
        version: 'syncToken',
        created: ['syncToken', readSeconds],
        others: ['creationDate', 'items[].network', 'items[].mask_len', 'items[].mask'],
      }),
    select: ['product', 'direction', 'region', 'perimeter'],
  },
);

/** The list of Fastly, `public-ip-list`. */
export const fastly: Format = /* @__PURE__ */ defineFormat(
  { name: 'fastly', title: 'Fastly public-ip-list', extension: '.json' },
  {
    read: (importing) =>
      readPublished(importing, {
        items: [''],
        entries: ['addresses[]', 'ipv6_addresses[]'],
        others: [],
      }),
  },
);

/** The lists of Cloudflare: JSON of its API, and the text of `ips-v4` and `ips-v6`. */
export const cloudflare: Format = /* @__PURE__ */ defineFormat(
  { name: 'cloudflare', title: 'Cloudflare IP ranges', extension: '.json' },
  { read: readCloudflare },
);

/** What GitHub says about its services, `api.github.com/meta`. */
export const githubMeta: Format = /* @__PURE__ */ defineFormat(
  { name: 'github-meta', title: 'GitHub meta', extension: '.json' },
  { read: readGithub, select: ['service'] },
);

/** A date and a time with hyphens between all parts, in UTC: `2022-07-08-14-53-08`. */
function readDashes(written: string): Date | undefined {
  const [year, month, day, hour, minute, second] = written.split('-');
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const date = new Date(iso);
  // It must give back what was written: the platform reads other texts, too.
  return date.toJSON() === iso && written.length === iso.length - 5 ? date : undefined;
}

/** The milliseconds since 1970, in decimal. */
function readMilliseconds(written: string): Date | undefined {
  return isNumber(written) && written.length === 13 ? new Date(Number(written)) : undefined;
}

/** The seconds since 1970, in decimal. */
function readSeconds(written: string): Date | undefined {
  return isNumber(written) && written.length === 10 ? new Date(Number(written) * 1000) : undefined;
}

const cloudflareApi: Provider = {
  items: [''],
  entries: ['result.ipv4_cidrs[]', 'result.ipv6_cidrs[]', 'result.jdcloud_cidrs[]'],
  optional: ['result.jdcloud_cidrs[]'],
  version: 'result.etag',
  others: ['success', 'errors', 'messages', 'result_info'],
};

function readCloudflare(importing: Importing): void {
  const { text } = importing;
  const first = text.trimStart().charAt(0);
  if (first === '' || !`${HEX_DIGITS}:`.includes(first)) readPublished(importing, cloudflareApi);
  else {
    eachLine(text, (_line, lineStart, lineEnd) => {
      const start = trimStart(text, lineStart, lineEnd);
      const end = trimEnd(text, start, lineEnd);
      if (start === end || !importing.entry(start, end) || lineEnd < text.length) return;
      // A download that was cut off can end in a prefix that is far too wide: 131.0.72.0/2.
      if (importing.problems.at(-1)?.code === 'host-bits-set')
        importing.refuse(
          start,
          end,
          'truncated',
          'the text ends in a prefix with host bits: it may be cut off',
        );
    });
  }
}

/** Members of GitHub's file that are known not to be addresses. */
const notAddresses = [
  'verifiable_password_authentication',
  'ssh_key_fingerprints',
  'ssh_keys',
  'domains',
  'installed_version',
  'github_services_sha',
];

/** Services whose members are addresses and nothing else. */
const services = [
  ...['hooks', 'web', 'api', 'git', 'github_enterprise_importer', 'packages', 'pages', 'importer'],
  ...['actions', 'actions_macos', 'codespaces', 'dependabot', 'copilot'],
];

/** A member of GitHub's file, and where its elements are: the start and the end of each, one after another. */
interface Service {
  readonly name: string;
  readonly start: number;
  readonly places: number[];
}

function readGithub(importing: Importing): void {
  const found: Service[] = [];
  const memberOf = (name: string): JsonNode => {
    const places: number[] = [];
    return {
      found: (start) => found.push({ name, start, places }),
      elements: { any: (start, end) => places.push(start, end) },
      any: (start, end) => places.push(start, end),
    };
  };
  const named = notAddresses.map((name) => [name, other] as const);
  if (!readJson(importing, { members: { named, unnamed: memberOf } })) return;
  let hasAny = false;
  for (const service of found) hasAny = readService(importing, service) || hasAny;
  if (!hasAny) {
    const message = 'expected arrays of addresses, such as hooks and actions: this is a file of another kind';
    importing.refuse(0, 0, 'syntax', message);
  }
}

/** Reads the addresses of a service, and returns whether there are any. */
function readService(importing: Importing, { name, start, places }: Service): boolean {
  const { text } = importing;
  const isKnown = services.includes(name);
  const isArray = text[start] === '[';
  if (isKnown && !isArray) {
    importing.error(start, start + 1, 'syntax', `expected an array of addresses for ${name}`);
    return false;
  }
  if (!isKnown && !(isArray && hasAddress(text, places))) {
    const message = `left out, as ${quote(name)} is not an array with addresses in it`;
    importing.warn(start, start + 1, 'skipped', message);
    return false;
  }
  if (importing.selects('service', [name])) {
    for (let at = 0; at < places.length; at += 2)
      entryOf(importing, places[at] as number, places[at + 1] as number, { label: name });
  }
  return places.length > 0;
}

/** Whether one of some values is an address or a prefix. */
function hasAddress(text: string, places: readonly number[]): boolean {
  for (let at = 0; at < places.length; at += 2) {
    const [start, end] = [places[at] as number, places[at + 1] as number];
    if (text[start] !== '"') continue;
    const value = textOf(text, start, end);
    if (scanEntry(value, 0, value.length)) return true;
  }
  return false;
}
