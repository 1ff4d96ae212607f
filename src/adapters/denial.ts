/**
 * What a denied client is told: that it is forbidden, and nothing of the list, of a note or of an address.
 *
 * The answer is 403, never to be stored by a cache, as plain text or as problem details for the machines that ask for
 * JSON (RFC 9457), by the `Accept` of the request (RFC 9110 §12.5.1).
 */

/** The status of the answer. */
export const FORBIDDEN = 403;

/** Headers of the answer, whatever its form. A stored refusal would be given to clients that are allowed. */
export const denialHeaders: readonly (readonly [name: string, value: string])[] = [
  ['Cache-Control', 'no-store'],
  ['X-Content-Type-Options', 'nosniff'],
];

/** What those who were asked before may have said about the answer that is not given now. */
const staleHeaders: readonly string[] = [
  'CDN-Cache-Control',
  'Content-Disposition',
  'Content-Encoding',
  'Content-Language',
  'Content-Length',
  'Content-Range',
  'ETag',
  'Expires',
  'Last-Modified',
  'Surrogate-Control',
  'Transfer-Encoding',
];

/**
 * Makes ready for a refusal: takes back what was said about another answer, and says that this one is not to be stored.
 * @internal
 */
export function prepareHeaders(
  remove: (name: string) => unknown,
  set: (name: string, value: string) => unknown,
): void {
  for (const name of staleHeaders) remove(name);
  for (const [name, value] of denialHeaders) set(name, value);
}

/** The body of an answer; ASCII, so that its length in characters is its length in bytes. */
export interface Denial {
  readonly contentType: string;
  readonly body: string;
}

const TEXT = 'text/plain; charset=utf-8';

const PROBLEM = 'application/problem+json';

/**
 * The body for a client that accepts what its request says.
 * @internal
 */
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

/** How well each form is accepted: the quality by the most specific range that covers it, and whether by its name. */
interface Acceptance {
  quality: number;
  specificity: number;
}

const jsonTypes = ['application/problem+json', 'application/json'];

/** Whoever reads HTML can read plain text. */
const textTypes = ['text/plain', 'text/html'];

/**
 * JSON when it is wanted more than text, or as much and by its name. Whoever accepts neither, or says nothing, gets
 * text.
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
  // Several of one kind: the best.
  acceptance.quality = specificity > acceptance.specificity ? quality : Math.max(quality, acceptance.quality);
  acceptance.specificity = specificity;
}

/** The weight of a range, 1 when not given; `undefined` for one that is none (RFC 9110 §12.4.2). */
function qualityOf(parameters: readonly string[]): number | undefined {
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  if (weight === undefined) return 1;
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(weight) ? Number(weight) : undefined;
}

const MAX_ID_LENGTH = 200;

/**
 * Throws for a request id that could not stand in an answer as it is: it is 1 to 200 visible ASCII characters.
 * @internal
 */
export function checkRequestId(id: unknown): string | undefined {
  if (id === undefined || id === null) return undefined;
  if (typeof id === 'string' && id.length <= MAX_ID_LENGTH && /^[\x21-\x7e]+$/.test(id)) return id;
  throw new TypeError('requestId gave something other than 1 to 200 visible ASCII characters');
}
