/**
 * Traefik: the middlewares `ipAllowList`, which was `ipWhiteList` before version 3, in YAML: of a file with dynamic
 * configuration, or as objects of Kubernetes.
 *
 * ```
 * http:
 *   middlewares:
 *     office:
 *       ipAllowList:
 *         sourceRange:
 *           - "192.0.2.0/24" # a note
 * ```
 */

import type { Exporting, Item } from '../exchange/exporting.ts';
import { defineFormat, type Format } from '../exchange/format.ts';
import type { Importing } from '../exchange/importing.ts';
import { quote } from '../problem/say.ts';
import { chooseObject, type NamedObject, objectsOf, takeNetworkText } from '../syntax/manifest.ts';
import { readYaml, type YamlField, type YamlMap, type YamlValue } from '../syntax/yaml.ts';
import { writeComment } from '../syntax/yaml-text.ts';

/** The middlewares `ipAllowList` of Traefik. */
export const traefik: Format = /* @__PURE__ */ defineFormat(
  { name: 'traefik', title: 'Traefik ipAllowList', extension: '.yaml' },
  { read: readTraefik, write: writeTraefik, takes: ['set'], options: ['set'], needsYaml: true },
);

/** The names of the middleware, in lower case: Traefik takes any case. */
const names = ['ipallowlist', 'ipwhitelist'];

/** What a middleware has beside the addresses that changes no verdict. */
const harmless = ['rejectstatuscode'];

function readTraefik(importing: Importing): void {
  const documents = readYaml(importing);
  if (documents === undefined) return;
  const found: NamedObject[] = [];
  for (const object of objectsOf(documents)) {
    const kind = fieldIn(importing, object, 'kind')?.value;
    if (kind?.kind === 'text') {
      if (kind.value !== 'Middleware' && kind.value !== 'MiddlewareTCP') continue;
      const name = fieldIn(importing, mapIn(importing, object, 'metadata'), 'name')?.value;
      addMiddleware(
        importing,
        found,
        name?.kind === 'text' ? name.value : undefined,
        fieldIn(importing, object, 'spec'),
      );
    } else {
      for (const protocol of ['http', 'tcp']) {
        const middlewares = mapIn(importing, mapIn(importing, object, protocol), 'middlewares');
        for (const field of middlewares?.fields.values() ?? [])
          addMiddleware(importing, found, field.name, field);
      }
    }
  }
  const chosen = chooseObject(importing, found, 'middleware');
  if (chosen !== undefined) readMiddleware(importing, chosen);
}

/** A field by its name in any case. */
function fieldIn(importing: Importing, map: YamlMap | undefined, name: string): YamlField | undefined {
  const [first, second] = [...(map?.fields.values() ?? [])].filter(
    (field) => field.name.toLowerCase() === name,
  );
  if (second === undefined) return first;
  importing.refuse(second.start, second.end, 'syntax', `the key ${quote(second.name)} is written twice`);
  return undefined;
}

function mapIn(importing: Importing, map: YamlMap | undefined, name: string): YamlMap | undefined {
  const value = fieldIn(importing, map, name)?.value;
  return value?.kind === 'map' ? value : undefined;
}

function addMiddleware(
  importing: Importing,
  found: NamedObject[],
  name: string | undefined,
  field: YamlField | undefined,
): void {
  if (field?.value.kind !== 'map') return;
  const { fields } = field.value;
  const lists = [...fields.values()].filter((inner) => names.includes(inner.name.toLowerCase()));
  const [list] = lists;
  if (list === undefined) return;
  const { start, end, value } = list;
  if (fields.size > 1)
    importing.refuse(
      field.start,
      field.end,
      'syntax',
      'Traefik takes one kind of middleware under each name',
    );
  else if (value.kind === 'map') found.push({ name, start, end, value });
  else importing.refuse(start, end, 'syntax', `${quote(list.name)} takes a map with sourceRange`);
}

function readMiddleware(importing: Importing, { name, start, end, value }: NamedObject): void {
  importing.group(name);
  // Nobody else gets through, whatever is wrong with the addresses.
  importing.otherwise = 'deny';
  let range: YamlValue | undefined;
  const seen = new Set<string>();
  let condition: YamlField | undefined;
  for (const field of value.fields.values()) {
    const key = field.name.toLowerCase();
    if (seen.has(key) || !['sourcerange', 'ipstrategy', ...harmless].includes(key)) {
      const message = `Traefik has no use for ${quote(field.name)} here, and takes no file with it`;
      importing.refuse(field.start, field.end, 'syntax', message);
      return;
    }
    seen.add(key);
    if (key === 'sourcerange') range = field.value;
    if (key === 'ipstrategy' && isCondition(field.value)) condition = field;
  }
  if (condition !== undefined) {
    const what = `${quote(condition.name)} takes another address than that of the connection`;
    importing.condition(condition.start, condition.end, what);
  } else readRange(importing, start, end, range);
}

/** Without a depth or anything else, the strategy is the usual one. */
function isCondition(value: YamlValue): boolean {
  if (value.kind === 'nothing') return false;
  if (value.kind !== 'map') return true;
  return [...value.fields.values()].some(({ name, value: inner }) => {
    const key = name.toLowerCase();
    if (inner.kind === 'nothing') return false;
    if (key === 'depth') return inner.kind !== 'other' || inner.written !== '0';
    return key !== 'excludedips' || inner.kind !== 'list' || inner.items.length > 0;
  });
}

function readRange(importing: Importing, start: number, end: number, range: YamlValue | undefined): void {
  const place = range ?? { start, end };
  if (range?.kind !== 'list' || range.items.length === 0) {
    const message =
      'sourceRange must be a list with an address or a prefix: Traefik does not start without one';
    importing.refuse(place.start, place.end, 'syntax', message);
    return;
  }
  for (const item of range.items) takeNetworkText(importing, item, { action: 'allow' });
}

function writeTraefik(exporting: Exporting): string | undefined {
  const { set = 'listed' } = exporting.options;
  if (!isMiddlewareName(set))
    return exporting.refuseOption(
      'set must be the name of a middleware: letters, digits, "-" and "_", at most 100 of them',
    );
  const items = allowedItems(exporting);
  // Traefik does not start with an empty list; what it did before may have let everyone in.
  if (items.length === 0) return exporting.refuseOpen();
  const lines = items.map(
    (item) => `          - "${item.text}"${writeComment(exporting, item, templateSigns)}\n`,
  );
  return `http:\n  middlewares:\n    "${set}":\n      ipAllowList:\n        sourceRange:\n${lines.join('')}`;
}

/** Traefik runs templates in its files before it reads them, in comments, too. */
const templateSigns = { forbidden: '{}', instead: '()' };

function allowedItems(exporting: Exporting): readonly Item[] {
  if (exporting.mode === 'allow') return exporting.listed({ nested: true });
  const items = exporting.everyone({}).filter(({ verdict }) => verdict === 'allow');
  const message = `Traefik has no list that denies: the ${items.length} networks are those that are not denied, and notes about the others are left out`;
  exporting.lose('complement', message);
  return items;
}

function isMiddlewareName(name: string): boolean {
  return name !== '' && name.length <= 100 && [...name].every((sign) => isNameSign(sign));
}

function isNameSign(sign: string): boolean {
  return (
    (sign >= 'a' && sign <= 'z') ||
    (sign >= 'A' && sign <= 'Z') ||
    (sign >= '0' && sign <= '9') ||
    sign === '-' ||
    sign === '_'
  );
}
