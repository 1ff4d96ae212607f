/**
 * What a format is: its name and title for people, and a reader, a writer or both, which only this folder can call.
 *
 * A program that takes one format pays for that one alone: a format is an object that is imported by itself, and its
 * reader and writer are found by the object. Names work once the table of all formats has been imported.
 */

import { ListError } from '../problem/errors.ts';
import { oneOf, optionProblem } from '../problem/options.ts';
import { describeType, quote } from '../problem/say.ts';
import type { Exporting } from './exporting.ts';
import type { Importing } from './importing.ts';

/** The names of the formats. */
export type FormatName =
  | 'plain'
  | 'netset'
  | 'spamhaus-drop'
  | 'csv'
  | 'p2p'
  | 'emule'
  | 'aws-ranges'
  | 'google-ranges'
  | 'azure-service-tags'
  | 'github-meta'
  | 'atlassian'
  | 'fastly'
  | 'cloudflare'
  | 'aws-waf'
  | 'cloudflare-list'
  | 'crowdsec'
  | 'nginx'
  | 'nginx-geo'
  | 'apache'
  | 'haproxy'
  | 'haproxy-map'
  | 'nftables'
  | 'ipset'
  | 'iptables'
  | 'hosts-access'
  | 'csf'
  | 'pg-hba'
  | 'traefik'
  | 'caddy'
  | 'k8s-networkpolicy'
  | 'k8s-ingress'
  | 'envoy-rbac'
  | 'terraform'
  | 'sql';

/** A format of lists: text of another program, or of a feed. Frozen. */
export interface Format {
  /** What it is called in code, such as `nginx-geo`. */
  readonly name: FormatName;
  /** What it is called in a form or a report, such as `nginx geo block`. */
  readonly title: string;
  /** The usual end of the name of such a file, such as `.conf`. */
  readonly extension: string;
  /** Whether `importList` reads it. */
  readonly reads: boolean;
  /** Whether `exportPolicy` writes it. */
  readonly writes: boolean;
  /** The chapter about it: a path inside the package. */
  readonly documentation: string;
}

/** How a format is read and written. */
export interface Implementation {
  /** Passes all that is in a text to the import. */
  readonly read?: (importing: Importing) => void;
  /** Writes what a policy says; `undefined` when the format cannot, which is then a loss. */
  readonly write?: (exporting: Exporting) => string | undefined;
  /** The keys of the option `select` by whose values the reader chooses entries. */
  readonly select?: readonly string[];
  /** Its other keys, which name the parts of an entry. */
  readonly parts?: readonly string[];
  /** Those of the options `set`, `listed` and `comment` that the reader has a use for. */
  readonly takes?: readonly ('set' | 'listed' | 'comment')[];
  /** The options of an export that the writer has a use for. */
  readonly options?: readonly string[];
  /** Whether the module `yaml` has to be handed in. */
  readonly needsYaml?: boolean;
}

const implementations: WeakMap<object, Implementation> = /* @__PURE__ */ new WeakMap();

const byName: Map<string, Format> = /* @__PURE__ */ new Map();

/** Makes a format. */
export function defineFormat(
  { name, title, extension }: Pick<Format, 'name' | 'title' | 'extension'>,
  implementation: Implementation,
): Format {
  const format = Object.freeze({
    name,
    title,
    extension,
    reads: implementation.read !== undefined,
    writes: implementation.write !== undefined,
    documentation: `docs/formats.md#${name}`,
  });
  implementations.set(format, implementation);
  return format;
}

/** Makes formats known by their names. */
export function nameFormats(formats: readonly Format[]): readonly Format[] {
  for (const format of formats) byName.set(format.name, format);
  return Object.freeze(formats);
}

/** A format with its implementation. */
export interface FoundFormat {
  readonly format: Format;
  readonly implementation: Implementation;
}

/**
 * The format that an option means: one of the objects, or a name.
 *
 * @throws ListError with `invalid-option`
 */
export function findFormat(given: unknown): FoundFormat {
  const format = typeof given === 'string' ? byName.get(given) : (given as Format);
  const implementation = implementations.get(format as object);
  if (format !== undefined && implementation !== undefined) return { format, implementation };
  throw new ListError([optionProblem(`format ${refuse(given)}`)]);
}

function refuse(given: unknown): string {
  if (typeof given !== 'string')
    return `must be a name such as "nginx", or an object of ipverdict/formats, got ${describeType(given)}`;
  const [first, ...others] = byName.keys();
  if (first !== undefined) return `${oneOf(first, ...others)(given)}, got ${quote(given)}`;
  return `${quote(given)} is only a name: import the object from its own entry point, such as nginx from ipverdict/formats/nginx, or import formats from ipverdict/formats`;
}
