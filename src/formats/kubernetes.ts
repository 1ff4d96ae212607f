/**
 * Kubernetes: the addresses that a NetworkPolicy lets in, and the annotations of ingress-nginx.
 *
 * ```
 * apiVersion: networking.k8s.io/v1
 * kind: NetworkPolicy
 * metadata:
 *   name: office
 * spec:
 *   podSelector: {}
 *   policyTypes: [Ingress]
 *   ingress:
 *     - from:
 *         - ipBlock:
 *             cidr: "192.0.2.0/24" # a note
 *             except:
 *               - "192.0.2.7/32"
 * ```
 */

import { type Exporting, type Item, withLength } from '../exchange/exporting.ts';
import { defineFormat, type Format } from '../exchange/format.ts';
import type { Importing } from '../exchange/importing.ts';
import { bytesOf } from '../exchange/notes.ts';
import { quote } from '../problem/say.ts';
import { readAnnotations, writeAnnotations } from '../syntax/annotations.ts';
import {
  chooseObject,
  fieldOf,
  isObjectName,
  isStrictlyInside,
  mapOf,
  type NamedObject,
  objectsOf,
  takeNetworkText,
  textOf,
} from '../syntax/manifest.ts';
import { readYaml, type YamlField, type YamlMap, type YamlValue } from '../syntax/yaml.ts';
import { writeComment } from '../syntax/yaml-text.ts';

/** NetworkPolicy: who may connect to pods. */
export const k8sNetworkPolicy: Format = /* @__PURE__ */ defineFormat(
  { name: 'k8s-networkpolicy', title: 'Kubernetes NetworkPolicy', extension: '.yaml' },
  { read: readPolicies, write: writePolicy, takes: ['set'], options: ['set'], needsYaml: true },
);

/** The annotations of ingress-nginx that have addresses. */
export const k8sIngress: Format = /* @__PURE__ */ defineFormat(
  { name: 'k8s-ingress', title: 'annotations of ingress-nginx', extension: '.yaml' },
  { read: readAnnotations, write: writeAnnotations, takes: ['set'], needsYaml: true },
);

function readPolicies(importing: Importing): void {
  importing.findsMapped = false;
  const documents = readYaml(importing);
  if (documents === undefined) return;
  const found: NamedObject[] = [];
  for (const object of objectsOf(documents)) {
    const kind = textOf(object, 'kind');
    const { start, end } = fieldOf(object, 'kind')?.value ?? object;
    if (kind?.endsWith('NetworkPolicy') !== true) continue;
    const version = textOf(object, 'apiVersion') ?? '';
    const isOurs = version.startsWith('networking.k8s.io/') || version.startsWith('extensions/');
    if (isOurs && kind === 'NetworkPolicy')
      found.push({ name: textOf(mapOf(object, 'metadata'), 'name'), start, end, value: object });
    else importing.warn(start, end, 'skipped', `${quote(kind)} of ${quote(version)} is not read`);
  }
  for (const policy of choosePolicies(importing, found)) readPolicy(importing, policy);
}

/** Policies for the same pods add up. Of those for other pods, one has to be chosen. */
function choosePolicies(importing: Importing, found: readonly NamedObject[]): readonly NamedObject[] {
  const targets = new Set(found.map(({ value }) => targetOf(value)));
  if (importing.options.set === undefined && targets.size === 1) return found;
  const chosen = chooseObject(importing, found, 'NetworkPolicy');
  return chosen === undefined ? [] : [chosen];
}

function targetOf(policy: YamlMap): string {
  const selector = fieldOf(mapOf(policy, 'spec'), 'podSelector')?.value;
  return `${textOf(mapOf(policy, 'metadata'), 'namespace')} ${selector === undefined ? '' : say(selector)}`;
}

/** The same text for the same value, however it is written. */
function say(value: YamlValue): string {
  if (value.kind === 'text') return JSON.stringify(value.value);
  if (value.kind === 'list') return `[${value.items.map(say).join(',')}]`;
  if (value.kind !== 'map') return value.kind === 'other' ? value.written : 'null';
  const fields = [...value.fields.values()].map(
    (field) => `${JSON.stringify(field.name)}:${say(field.value)}`,
  );
  return `{${fields.sort().join(',')}}`;
}

function refuse(importing: Importing, { start, end }: YamlValue | YamlField, message: string): undefined {
  importing.refuse(start, end, 'syntax', message);
  return undefined;
}

/** Whether a map has only fields that are known: another one may be a condition, or a misspelt exception. */
function hasOnly(importing: Importing, map: YamlMap, names: readonly string[]): boolean {
  const other = [...map.fields.values()].find(({ name }) => !names.includes(name));
  if (other === undefined) return true;
  refuse(importing, other, `Kubernetes has no field ${quote(other.name)} here: it has ${names.join(', ')}`);
  return false;
}

/** The items of a list that may be missing; `undefined` when it is something else. */
function itemsOf(importing: Importing, map: YamlMap, name: string): readonly YamlValue[] | undefined {
  const field = fieldOf(map, name);
  const { value } = field ?? {};
  if (field === undefined || value === undefined || value.kind === 'nothing') return [];
  return value.kind === 'list' ? value.items : refuse(importing, field, `${quote(name)} must be a list`);
}

function readPolicy(importing: Importing, { name, start, end, value }: NamedObject): void {
  const spec = mapOf(value, 'spec');
  if (spec === undefined) {
    refuse(importing, value, 'the policy has no spec');
    return;
  }
  if (!hasOnly(importing, spec, ['podSelector', 'policyTypes', 'ingress', 'egress'])) return;
  const types = itemsOf(importing, spec, 'policyTypes');
  const rules = itemsOf(importing, spec, 'ingress');
  const others = itemsOf(importing, spec, 'egress');
  if (types === undefined || rules === undefined || others === undefined) return;
  const words = types.map((type) => (type.kind === 'text' ? type.value : ''));
  if (words.some((word) => word !== 'Ingress' && word !== 'Egress')) {
    refuse(importing, types[0] as YamlValue, 'policyTypes has only Ingress and Egress');
    return;
  }
  // Without types, every policy is about who may connect.
  if (words.length === 0 || words.includes('Ingress')) {
    importing.otherwise = 'deny';
    importing.group(name);
    for (const rule of rules) readRule(importing, name, rule, 'from', undefined);
  } else
    importing.warn(start, end, 'skipped', 'the policy is not about who may connect: its types lack Ingress');
  for (const rule of others)
    readRule(importing, name, rule, 'to', 'it says where pods may connect to, not who may connect');
}

/** @param condition - why the rule is not for everyone at an address, if that is known already */
function readRule(
  importing: Importing,
  name: string | undefined,
  rule: YamlValue,
  side: 'from' | 'to',
  condition: string | undefined,
): void {
  if (rule.kind !== 'map') {
    refuse(importing, rule, 'a rule must be a map');
    return;
  }
  if (!hasOnly(importing, rule, [side, 'ports'])) return;
  const ports = itemsOf(importing, rule, 'ports');
  const peers = itemsOf(importing, rule, side);
  if (ports === undefined || peers === undefined) return;
  const why = condition ?? (ports.length > 0 ? 'it is for some ports only' : undefined);
  // Without peers, it is for everyone.
  if (peers.length === 0) {
    const { start, end } = rule;
    if (why !== undefined) {
      importing.condition(start, end, why);
      return;
    }
    importing.group(name);
    importing.everyone(start, end, { action: 'allow', label: name });
  }
  for (const peer of peers) readPeer(importing, name, peer, why);
}

function readPeer(
  importing: Importing,
  name: string | undefined,
  peer: YamlValue,
  why: string | undefined,
): void {
  if (peer.kind !== 'map') {
    refuse(importing, peer, 'a peer must be a map');
    return;
  }
  if (!hasOnly(importing, peer, ['ipBlock', 'podSelector', 'namespaceSelector'])) return;
  const fields = [...peer.fields.values()];
  const [field] = fields;
  if (field === undefined) {
    refuse(importing, peer, 'a peer without fields is an error in Kubernetes');
    return;
  }
  const block = fieldOf(peer, 'ipBlock');
  if (block === undefined) importing.condition(field.start, field.end, 'it is for pods, not for addresses');
  else if (fields.length > 1) refuse(importing, field, 'an ipBlock must be the only field of its peer');
  else if (block.value.kind !== 'map') refuse(importing, block, 'an ipBlock must be a map with cidr');
  else readBlock(importing, name, block.value, why);
}

function readBlock(
  importing: Importing,
  name: string | undefined,
  block: YamlMap,
  why: string | undefined,
): void {
  if (!hasOnly(importing, block, ['cidr', 'except'])) return;
  const cidr = fieldOf(block, 'cidr')?.value;
  const exceptions = itemsOf(importing, block, 'except');
  if (exceptions === undefined) return;
  if (cidr === undefined) {
    refuse(importing, block, 'an ipBlock must have a cidr');
    return;
  }
  if (why !== undefined) {
    importing.condition(cidr.start, cidr.end, why);
    return;
  }
  // Exceptions are those of the entries of a group.
  if (exceptions.length > 0 || importing.groups.at(-1)?.except.length !== 0) importing.group(name);
  const outer = takeNetworkText(importing, cidr, { action: 'allow', label: name }, { needsLength: true });
  if (outer === undefined) return;
  for (const exception of exceptions) {
    const inner = takeNetworkText(importing, exception, {}, { needsLength: true, isException: true });
    if (inner !== undefined && !isStrictlyInside(inner.value, outer.value))
      refuse(importing, inner, `${quote(inner.value)} must be inside ${quote(outer.value)} and smaller`);
  }
}

function writePolicy(exporting: Exporting): string {
  const { set = 'listed' } = exporting.options;
  if (!isObjectName(set))
    exporting.refuseOption(
      'set must be the name of an object: lower-case letters, digits, "-" and ".", a letter or digit at both ends, at most 253',
    );
  const blocks = exporting.mode === 'allow' ? allowedBlocks(exporting) : remainingBlocks(exporting);
  // A rule without peers would let everyone in; without rules, nobody is.
  const ingress = blocks.length === 0 ? '  ingress: []\n' : `  ingress:\n    - from:\n${blocks.join('')}`;
  const text = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: "${set}"
spec:
  podSelector: {}
  policyTypes:
    - Ingress
${ingress}`;
  if (bytesOf(text) > MOST_BYTES)
    exporting.lose(
      'too-large',
      'Kubernetes refuses objects of more than about 1.5 MB: make the policy smaller',
    );
  return text;
}

const MOST_BYTES = 1_500_000;

function allowedBlocks(exporting: Exporting): string[] {
  return exporting
    .listed({ nested: true })
    .map((item) => writeBlock(withLength(item), writeComment(exporting, item)));
}

/** Everyone but those who are denied. A family of which all are denied has no block, as an exception must be smaller. */
function remainingBlocks(exporting: Exporting): string[] {
  const denied = exporting.listed({ nested: true });
  const blocks: string[] = [];
  for (const [family, everyone] of [
    [4, '0.0.0.0/0'],
    [6, '::/0'],
  ] as const) {
    const items = denied.filter((item: Item) => item.family === family);
    if (items.some(({ length }) => length === 0)) continue;
    const lines = items.map(
      (item) => `              - "${withLength(item)}"${writeComment(exporting, item)}\n`,
    );
    const except = lines.length === 0 ? '' : `            except:\n${lines.join('')}`;
    blocks.push(writeBlock(everyone, '') + except);
  }
  return blocks;
}

function writeBlock(cidr: string, comment: string): string {
  return `        - ipBlock:\n            cidr: "${cidr}"${comment}\n`;
}
