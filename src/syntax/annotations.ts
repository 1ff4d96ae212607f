/**
 * The annotations of ingress-nginx: `allowlist-source-range`, which was `whitelist-source-range`, and
 * `denylist-source-range`. Clients that are denied come first, and with a list that allows, nobody else gets in.
 */

import type { Exporting } from '../exchange/exporting.ts';
import type { Importing } from '../exchange/importing.ts';
import {
  chooseObject,
  fieldOf,
  mapOf,
  type NamedObject,
  objectsOf,
  refuseShape,
  textOf,
} from './manifest.ts';
import { readYaml, type YamlField, type YamlMap, type YamlText } from './yaml.ts';

const PREFIX = 'nginx.ingress.kubernetes.io/';
const ALLOW = 'allowlist-source-range';
const ALLOW_BEFORE = 'whitelist-source-range';
const DENY = 'denylist-source-range';

/** Reads the annotations of one Ingress, or of a text that is only to become part of one. */
export function readAnnotations(importing: Importing): void {
  const documents = readYaml(importing);
  if (documents === undefined) return;
  const found: NamedObject[] = [];
  for (const object of objectsOf(documents)) {
    const kind = fieldOf(object, 'kind');
    const metadata = mapOf(object, 'metadata');
    const annotations = mapOf(metadata, 'annotations');
    if (annotations === undefined || (kind !== undefined && textOf(object, 'kind') !== 'Ingress')) continue;
    warnOfOthers(importing, annotations);
    const list = [ALLOW, ALLOW_BEFORE, DENY].find((name) => annotations.fields.has(PREFIX + name));
    if (list === undefined) continue;
    const { start, end } = annotations;
    found.push({ name: textOf(metadata, 'name'), start, end, value: annotations });
  }
  const chosen = chooseObject(importing, found, 'Ingress');
  if (chosen !== undefined) readLists(importing, chosen);
}

/** Warns of what looks like a list, or may have one, and is not read. */
function warnOfOthers(importing: Importing, annotations: YamlMap): void {
  for (const { name, start, end } of annotations.fields.values()) {
    const isList = [ALLOW, ALLOW_BEFORE, DENY].some((list) => name.endsWith(`/${list}`));
    if (isList && !name.startsWith(PREFIX))
      importing.warn(start, end, 'skipped', `only annotations that begin with ${PREFIX} are read`);
    if (name.startsWith(PREFIX) && name.endsWith('-snippet'))
      importing.warn(start, end, 'skipped', 'a snippet is not read: it can let in clients or keep them out');
  }
}

function readLists(importing: Importing, { name, value }: NamedObject): void {
  const allow = fieldOf(value, PREFIX + ALLOW);
  const before = fieldOf(value, PREFIX + ALLOW_BEFORE);
  const deny = fieldOf(value, PREFIX + DENY);
  if (allow !== undefined && before !== undefined) {
    const message = `this is another name of ${ALLOW}: keep one of them`;
    importing.refuse(before.start, before.end, 'syntax', message);
    return;
  }
  const lists = [
    { field: deny, action: 'deny' },
    { field: allow ?? before, action: 'allow' },
  ] as const;
  const isAlternative = textOf(value, `${PREFIX}satisfy`)?.trim() === 'any';
  for (const { field, action } of lists) {
    if (field === undefined) continue;
    const { start, end } = field;
    if (isAlternative)
      importing.condition(start, end, 'with "satisfy: any" a password lets a client in, too');
    else {
      importing.group(name);
      importing.otherwise = action === 'allow' ? 'deny' : 'allow';
      readList(importing, field, action);
    }
  }
}

function readList(importing: Importing, { value }: YamlField, action: 'allow' | 'deny'): void {
  if (value.kind !== 'text') {
    const message = 'an annotation must be text: put it in quotation marks';
    importing.refuse(value.start, value.end, 'syntax', message);
    return;
  }
  const places = new Places(importing.text, value);
  for (const part of value.value.split(',')) {
    const [from, to] = trimmed(part);
    const written = part.slice(from, to);
    const [start, end] = places.next(written);
    if (written === '')
      importing.error(
        start,
        end,
        'syntax',
        'nobody gets in when a part between commas is empty: take it out',
      );
    else if (!refuseShape(importing, written, start, end)) importing.entryOf(written, start, end, { action });
  }
}

const BLANKS = ' \t\n\r\v\f';

function trimmed(part: string): readonly [from: number, to: number] {
  let [from, to] = [0, part.length];
  while (from < to && BLANKS.includes(part.charAt(from))) from++;
  while (to > from && BLANKS.includes(part.charAt(to - 1))) to--;
  return [from, to];
}

/** Finds the parts of a value in the text: on lines of their own, or escaped, where the place is that of the value. */
class Places {
  readonly #text: string;
  readonly #value: YamlText;
  #at: number;
  #isLost = false;

  constructor(text: string, value: YamlText) {
    this.#text = text;
    this.#value = value;
    const isBlock = '|>'.includes(text.charAt(value.start));
    this.#at = isBlock ? Math.max(text.indexOf('\n', value.start), value.start) : value.start;
  }

  next(part: string): readonly [start: number, end: number] {
    const { start, end } = this.#value;
    while (this.#at < end && `${BLANKS},`.includes(this.#text.charAt(this.#at))) this.#at++;
    this.#isLost ||= !this.#text.startsWith(part, this.#at);
    if (this.#isLost || part === '') return [start, end];
    const found = this.#at;
    this.#at += part.length;
    return [found, this.#at];
  }
}

/** Writes a part of an Ingress: what `kubectl patch` takes, or what stands in its metadata. */
export function writeAnnotations(exporting: Exporting): string | undefined {
  const items = exporting.listed({ nested: true });
  const { mode } = exporting;
  // Without an annotation everyone gets in, and an empty one is an error.
  if (items.length === 0) return mode === 'allow' ? exporting.refuseOpen() : 'metadata:\n  annotations: {}\n';
  exporting.loseNotes(items, 'an annotation has no place for notes');
  const value = items.map(({ text }) => text).join(',');
  if (value.length > MOST_BYTES)
    exporting.lose('too-large', 'Kubernetes refuses objects with more than 256 KiB of annotations');
  return `metadata:\n  annotations:\n    ${PREFIX}${mode === 'allow' ? ALLOW : DENY}: "${value}"\n`;
}

/** All annotations of an object together; these are some of them. */
const MOST_BYTES = 256 * 1024 - 1024;
