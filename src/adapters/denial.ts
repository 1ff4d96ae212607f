/**
 * What a denied client is told: that access is forbidden, and nothing about the list, a note or an address.
 *
 * The response is 403 and is never cached. Its body is plain text, or problem details for machines that ask for JSON
 * (RFC 9457), chosen by the request's `Accept` (RFC 9110 §12.5.1).
 */

/** The response status. */
export const FORBIDDEN = 403;

/** Headers of every denial, whatever its form. A cached denial would be served to clients that are allowed. */
export const denialHeaders: readonly (readonly [name: string, value: string])[] = [
  ['Cache-Control', 'no-store'],
  ['X-Content-Type-Options', 'nosniff'],
];

/**
 * Whether a header that earlier code has set belongs to a response that is not sent now: it describes another body,
 * allows caching, makes a proxy send something else, asks for an action of the client, or gives it a session. `Trailer`
 * would even make Node throw. Headers about security, other origins and tracing stay.
 *
 * @param name - in lower case
 */
export function isStale(name: string): boolean {
  if (staleNames.has(name)) return true;
  if (name.startsWith('content-')) return !name.startsWith('content-security-policy');
  return (
    stalePrefixes.some((prefix) => name.startsWith(prefix)) || staleEnds.some((end) => name.endsWith(end))
  );
}

const staleNames: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'accept-ranges',
  'age',
  'allow',
  'cache-tag',
  'edge-control',
  'etag',
  'expires',
  'last-modified',
  'link',
  'location',
  'pragma',
  'refresh',
  'retry-after',
  'set-cookie',
  'signature',
  'signature-input',
  'status',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-litespeed-location',
  'x-reproxy-url',
  'x-sendfile',
]);

const stalePrefixes: readonly string[] = ['surrogate-', 'x-accel-', 'x-lighttpd-'];

const staleEnds: readonly string[] = ['cache-control', 'digest', '-authenticate'];

/** The body of a denial. It is ASCII, so its length in characters is its length in bytes. */
export interface Denial {
  readonly contentType: string;
  readonly body: string;
}

const TEXT = 'text/plain; charset=utf-8';
const PROBLEM = 'application/problem+json';

/** The body in the form that the `Accept` header prefers. */
export function denialFor(accept: unknown, requestId: string | undefined): Denial {
  if (prefersJson(accept)) {
    const problem = { type: 'about:blank', title: 'Forbidden', status: FORBIDDEN };
    const body = JSON.stringify(requestId === undefined ? problem : { ...problem, requestId });
    return { contentType: PROBLEM, body };
  }
  return {
    contentType: TEXT,
    body: requestId === undefined ? 'Forbidden' : `Forbidden\nRequest ID: ${requestId}`,
  };
}

const MAX_ACCEPT_LENGTH = 1_000;

/**
 * How well a form is accepted: the quality of the most specific range that covers it, and how specific that range is.
 */
interface Acceptance {
  quality: number;
  specificity: number;
}

const jsonTypes = ['application/problem+json', 'application/json'];

/** A client that reads HTML can read plain text. */
const textTypes = ['text/plain', 'text/html'];

/**
 * JSON when it is preferred to text, or equally preferred and named exactly. Clients that accept neither, or do not
 * say, get text.
 */
function prefersJson(accept: unknown): boolean {
  if (typeof accept !== 'string' || accept.length > MAX_ACCEPT_LENGTH) return false;
  const json: Acceptance = { quality: 0, specificity: 0 };
  const text: Acceptance = { quality: 0, specificity: 0 };
  for (const range of accept.split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const quality = qualityOf(parameters);
    if (quality === undefined) continue;
    weigh(json, jsonTypes, name, quality);
    weigh(text, textTypes, name, quality);
  }
  return (
    json.quality > 0 &&
    (json.quality > text.quality || (json.quality === text.quality && json.specificity === 3))
  );
}

function weigh(acceptance: Acceptance, types: readonly string[], range: string, quality: number): void {
  const specificity = types.includes(range)
    ? 3
    : types.some((type) => range === `${type.slice(0, type.indexOf('/'))}/*`)
      ? 2
      : range === '*/*'
        ? 1
        : 0;
  if (specificity === 0 || specificity < acceptance.specificity) return;
  // Among equally specific ranges, the best counts.
  acceptance.quality = specificity > acceptance.specificity ? quality : Math.max(quality, acceptance.quality);
  acceptance.specificity = specificity;
}

/** The weight of a range, 1 when not given; `undefined` when it is malformed (RFC 9110 §12.4.2). */
function qualityOf(parameters: readonly string[]): number | undefined {
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  if (weight === undefined) return 1;
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(weight) ? Number(weight) : undefined;
}

const MAX_ID_LENGTH = 200;

/**
 * Returns a request id that can be shown as it is, 1 to 200 visible ASCII characters, or `undefined` for none. Throws
 * for any other value.
 */
export function checkRequestId(id: unknown): string | undefined {
  if (id === undefined || id === null) return undefined;
  if (typeof id === 'string' && id.length <= MAX_ID_LENGTH && /^[\x21-\x7e]+$/.test(id)) return id;
  throw new TypeError('requestId must return 1 to 200 visible ASCII characters');
}
