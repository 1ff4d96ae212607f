/**
 * What format a text looks like, by words that other formats seldom have. Nothing is read, and nothing is guessed about what
 * is allowed or denied.
 */

import { seek } from '../address/characters.ts';
import { scanEntry } from '../address/entry.ts';
import type { FormatName } from '../exchange/format.ts';
import { eachLine, trimEnd, trimStart } from '../list/grammar.ts';

/** How much of a text is looked at. */
const HEAD = 65_536;

/** Names of files that belong to one format. */
const byFileName: readonly (readonly [end: string, format: FormatName])[] = [
  ['.netset', 'netset'],
  ['pg_hba.conf', 'pg-hba'],
  ['caddyfile', 'caddy'],
  ['.csv', 'csv'],
];

/** Words that are in the texts of one format, near the start. The first row that fits counts. */
const byWords: readonly (readonly [words: readonly string[], format: FormatName])[] = [
  [['"ip_prefix"'], 'aws-ranges'],
  [['"ipv4Prefix"'], 'google-ranges'],
  [['"ipv6Prefix"'], 'google-ranges'],
  [['"addressPrefixes"'], 'azure-service-tags'],
  [['"mask_len"', '"cidr"'], 'atlassian'],
  [['"ipv6_addresses"', '"addresses"'], 'fastly'],
  [['"ipv4_cidrs"'], 'cloudflare'],
  [['"verifiable_password_authentication"'], 'github-meta'],
  [['"sblid"'], 'spamhaus-drop'],
  [['"IPAddressVersion"'], 'aws-waf'],
  [['"IPSetDescriptors"'], 'aws-waf'],
  [['"duration"', '"scope"', '"value"'], 'crowdsec'],
  [['Spamhaus DROP'], 'spamhaus-drop'],
  [['principals', 'address_prefix'], 'envoy-rbac'],
  [['principals', 'addressPrefix'], 'envoy-rbac'],
  [['kind: NetworkPolicy'], 'k8s-networkpolicy'],
  [['list-source-range'], 'k8s-ingress'],
  [['sourceRange'], 'traefik'],
];

/** The words that lines of a format begin with. The first row that fits counts. */
const byStart: readonly (readonly [starts: readonly string[], format: FormatName])[] = [
  // Before ipset, which adds elements, too.
  [['table ', 'add table ', 'add set ', 'add element ', 'elements =', 'type ipv', 'define '], 'nftables'],
  [['create ', 'add '], 'ipset'],
  [['*filter', '-A INPUT '], 'iptables'],
  [['geo $'], 'nginx-geo'],
  [
    ['Require ', '<Require', 'Allow from ', 'Deny from ', 'Order ', 'allow from ', 'deny from ', 'order '],
    'apache',
  ],
  [['host ', 'hostssl ', 'hostnossl ', 'local '], 'pg-hba'],
  [['remote_ip ', 'client_ip ', '@', 'not remote_ip ', 'not client_ip '], 'caddy'],
  [['allow ', 'deny '], 'nginx'],
];

/**
 * Finds out which format a text is in.
 *
 * @param text - the text of a file
 * @param fileName - its name, with or without folders, where it is known
 * @returns the name for `importList`, or `undefined` when the text looks like none of them
 * @remarks Looks at no more than the first 65,536 characters. Whether the entries are allowed or denied is never part of the
 *   answer.
 * @example
 * ```ts
 * import { detectFormat } from 'ipverdict/formats';
 *
 * detectFormat('deny 192.0.2.7;\nallow 192.0.2.0/24;\n'); // 'nginx'
 * detectFormat('192.0.2.0/24\n2001:db8::/32\n'); // 'plain'
 * ```
 */
export function detectFormat(text: string, fileName = ''): FormatName | undefined {
  if (typeof text !== 'string') return undefined;
  const head = text.slice(0, HEAD);
  const words = byWords.find(([all]) => all.every((word) => head.includes(word)));
  if (words !== undefined) return words[1];
  const name = typeof fileName === 'string' ? fileName.toLowerCase() : '';
  const named = byFileName.find(([end]) => name.endsWith(end));
  if (named !== undefined) return named[1];
  const lines = linesOf(head);
  if (lines.length === 0) return undefined;
  for (const [starts, format] of byStart) {
    if (lines.some((line) => starts.some((start) => line.startsWith(start)))) return format;
  }
  if (lines.every(isMapLine)) return 'nginx-geo';
  if (lines.every((line) => isEntry(withoutNote(line, '#'))))
    return head.includes('# Entries ') ? 'netset' : 'plain';
  if (lines.every((line) => isEntry(withoutNote(line, ';')))) return 'spamhaus-drop';
  if (lines.every((line) => isEntry(line.slice(0, seek(line, 0, ','))))) return 'csv';
  return undefined;
}

/** The lines of the head that are neither empty nor comments; the last one may be cut off, and is left out. */
function linesOf(head: string): readonly string[] {
  const lines: string[] = [];
  eachLine(head, (_line, start, end) => {
    const from = trimStart(head, start, end);
    const line = head.slice(from, trimEnd(head, from, end));
    if (line !== '' && !line.startsWith('#') && !line.startsWith(';')) lines.push(line);
  });
  return head.length === HEAD ? lines.slice(0, -1) : lines;
}

function isEntry(text: string): boolean {
  return scanEntry(text, 0, text.length);
}

function withoutNote(line: string, sign: string): string {
  return line.slice(0, seek(line, 0, sign)).trimEnd();
}

/** `192.0.2.0/24 1;`, or the settings of such a map. */
function isMapLine(line: string): boolean {
  const rule = withoutNote(line, '#');
  if (!rule.endsWith(';')) return false;
  const key = rule.slice(0, seek(rule, 0, ' \t;'));
  const hasValue = key.length + 1 < rule.length;
  return hasValue ? isEntry(key) || key === 'default' : ['ranges', 'proxy_recursive'].includes(key);
}
