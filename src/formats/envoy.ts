/**
 * Envoy: the RBAC rules that let clients in by their address, or keep them out.
 *
 * ```
 * action: ALLOW
 * policies:
 *   "office":
 *     permissions:
 *       - any: true
 *     principals:
 *       - direct_remote_ip: { address_prefix: "192.0.2.0", prefix_len: 24 } # a note
 * ```
 */

import { type Exporting, endsOf, type Item } from '../exchange/exporting.ts';
import { defineFormat, type Format } from '../exchange/format.ts';
import type { Importing } from '../exchange/importing.ts';
import { cleanNote } from '../exchange/notes.ts';
import type { Verdict } from '../policy/decision.ts';
import { quote } from '../problem/say.ts';
import {
  type Fields,
  fieldsOf,
  isAny,
  itemsOf,
  onlyField,
  PrincipalReader,
  refuse,
} from '../syntax/envoy-principals.ts';
import { readYaml, type YamlField, type YamlValue } from '../syntax/yaml.ts';
import { writeComment } from '../syntax/yaml-text.ts';

/** Rules of the RBAC filters of Envoy. */
export const envoyRbac: Format = /* @__PURE__ */ defineFormat(
  { name: 'envoy-rbac', title: 'Envoy RBAC', extension: '.yaml' },
  { read: readRules, write: writeRules, takes: ['set'], options: ['set'], needsYaml: true },
);

/** What is in a filter beside its rules, and decides nothing about a client. */
const harmless = [
  '@type',
  'stat_prefix',
  'rules_stat_prefix',
  'shadow_rules_stat_prefix',
  'enforcement_type',
  'track_per_rule_stats',
  'delay_deny',
];

/** Rules that are only tried out. */
const tried = ['shadow_rules', 'shadow_matcher'];

function readRules(importing: Importing): void {
  importing.findsMapped = false;
  const documents = readYaml(importing)?.filter(({ kind }) => kind !== 'nothing');
  if (documents === undefined) return;
  const [root, second] = documents;
  if (root === undefined || second !== undefined)
    importing.refuse(second?.start ?? 0, second?.end ?? 0, 'syntax', 'expected one document with RBAC rules');
  else {
    const rules = findRules(importing, root);
    if (rules !== undefined) readPolicies(importing, rules);
  }
}

/** The rules alone, or those of a filter. Elsewhere in a configuration, they apply to some requests only. */
function findRules(importing: Importing, root: YamlValue): YamlValue | undefined {
  let value = root;
  let fields = fieldsOf(importing, value);
  const config = fields?.get('typed_config');
  if (config !== undefined) {
    if (fieldsOf(importing, value, ['name', 'typed_config']) === undefined) return undefined;
    value = config.value;
    fields = fieldsOf(importing, value);
  }
  const rules = fields?.get('rules');
  if (rules === undefined) return config === undefined ? fields && value : noRules(importing, value);
  if (fieldsOf(importing, value, ['rules', ...harmless, ...tried]) === undefined) return undefined;
  for (const name of tried) {
    const field = fields?.get(name);
    if (field !== undefined)
      importing.warn(field.start, field.end, 'skipped', 'these rules are only tried out, and decide nothing');
  }
  return rules.value;
}

function noRules(importing: Importing, value: YamlValue): undefined {
  return refuse(importing, value, 'without "rules", the filter lets everyone in');
}

function readPolicies(importing: Importing, rules: YamlValue): void {
  const fields = fieldsOf(importing, rules, ['action', 'policies', 'audit_logging_options']);
  const action = fields && readAction(importing, fields);
  if (fields === undefined || action === undefined) return;
  const policies = fields.get('policies');
  if (policies?.value.kind !== 'map') {
    refuse(importing, policies ?? rules, '"policies" must be a map of policies by their names');
    return;
  }
  const { set } = importing.options;
  // One that matches decides, whatever the others say; this is the order in which Envoy asks them.
  const all = [...policies.value.fields.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  const chosen = set === undefined ? all : all.filter(({ name }) => name === set);
  if (set !== undefined && chosen.length === 0) {
    importing.refuse(policies.start, policies.end, 'unselected', `there is no policy named ${quote(set)}`);
    return;
  }
  importing.otherwise = action === 'allow' ? 'deny' : 'allow';
  const reader = new PrincipalReader(importing, action);
  for (const policy of chosen) readPolicy(importing, reader, policy);
}

function readAction(importing: Importing, fields: Fields): Verdict | undefined {
  const field = fields.get('action');
  if (field === undefined) return 'allow';
  const word = field.value.kind === 'text' ? field.value.value : '';
  if (word === 'ALLOW') return 'allow';
  if (word === 'DENY') return 'deny';
  return refuse(importing, field.value, 'action must be ALLOW or DENY: with another one, nobody is kept out');
}

function readPolicy(importing: Importing, reader: PrincipalReader, { name, value }: YamlField): void {
  const conditions = ['condition', 'checked_condition'];
  const fields = fieldsOf(importing, value, ['permissions', 'principals', 'cel_config', ...conditions]);
  const permissions = fields && itemsOf(importing, fields, 'permissions', value);
  const principals = fields && itemsOf(importing, fields, 'principals', value);
  if (permissions === undefined || principals === undefined) return;
  const condition = conditions.map((inner) => fields?.get(inner)).find((field) => field !== undefined);
  if (condition !== undefined) {
    importing.condition(condition.start, condition.end, 'the policy has an expression that must be true');
    return;
  }
  const words = permissions.map((permission) => isForAll(importing, permission));
  if (words.includes(undefined)) return;
  const [first] = permissions;
  if (first !== undefined && !words.includes(true)) {
    importing.condition(first.start, first.end, 'the policy is for some requests only');
    return;
  }
  reader.read(name, principals);
}

/** Whether a permission is for every request. */
function isForAll(importing: Importing, permission: YamlValue): boolean | undefined {
  const only = onlyField(importing, permission);
  if (only === undefined) return undefined;
  const [name, field] = only;
  if (name === 'any') return isAny(importing, field);
  if (name !== 'and_rules' && name !== 'or_rules') return false;
  const set = fieldsOf(importing, field.value, ['rules']);
  const words = (set && itemsOf(importing, set, 'rules', field))?.map((rule) => isForAll(importing, rule));
  if (words === undefined || words.includes(undefined)) return undefined;
  return name === 'and_rules' ? !words.includes(false) : words.includes(true);
}

function writeRules(exporting: Exporting): string | undefined {
  const { mode, options } = exporting;
  const { set = 'listed' } = options;
  if (!isPolicyName(set))
    return exporting.refuseOption('set must be the name of a policy: text without control characters');
  const items = exporting.listed({ nested: true });
  // A policy must have a principal.
  if (items.length === 0) return mode === 'allow' ? exporting.refuseOpen() : 'action: DENY\npolicies: {}\n';
  const lines = items.map((item) => `      - ${writePrincipal(item)}${writeComment(exporting, item)}\n`);
  return `action: ${mode === 'allow' ? 'ALLOW' : 'DENY'}
policies:
  ${JSON.stringify(set)}:
    permissions:
      - any: true
    principals:
${lines.join('')}`;
}

/** A name can be any text; these are the characters that all programs read alike in YAML. */
function isPolicyName(name: string): boolean {
  const isKept = (sign: string): boolean =>
    sign.length > 1 || sign < '\ud800' || (sign > '\udfff' && sign < '\ufffe');
  return name !== '' && cleanNote(name) === name && [...name].every(isKept);
}

/** The length is always written: without it, Envoy takes it for 0. */
function writePrincipal(item: Item): string {
  const [first] = endsOf(item);
  return `direct_remote_ip: { address_prefix: "${first}", prefix_len: ${item.length} }`;
}
