/**
 * The slow, readable twin of the client resolver: the whole chain is written down, and then walked. Its grammar of
 * `Forwarded` is RFC 7239 as regular expressions. It shares no code with `src`.
 */

import { goldenClient, goldenText } from './address.ts';

export interface GoldenResult {
  readonly address: string | undefined;
  readonly source: 'peer' | 'header';
  readonly hops: readonly string[];
  readonly problem?: string;
}

/** Something in the chain that is not an address. */
const NOBODY = undefined;
type Hop = string | typeof NOBODY;

export function goldenCanonical(text: unknown): Hop {
  const client = goldenClient(text);
  return client === undefined ? NOBODY : goldenText(client.family, client.value);
}

export function goldenResolve(
  trusted: (address: string) => boolean,
  header: string,
  peer: string | undefined,
  lines: readonly string[] | undefined,
  maxLength = 16_384,
  isRequired = false,
): GoldenResult {
  const first = goldenCanonical(peer);
  if (first === NOBODY) return { address: undefined, source: 'peer', hops: [], problem: 'no-peer' };
  const isGiven = lines !== undefined && lines.length > 0;
  if (!trusted(first)) {
    const result = { address: first, source: 'peer', hops: [] } as const;
    return isGiven ? { ...result, problem: 'untrusted-peer' } : result;
  }
  const isLong = isGiven && lines.join(',').length > maxLength;
  // From the left to the right, the peer last.
  const chain = [...(isLong ? [NOBODY] : chainOf(header, lines ?? [])), first];
  const hops: string[] = [];
  for (const hop of chain.reverse()) {
    if (hop === NOBODY) return { address: undefined, source: 'header', hops, problem: 'malformed-header' };
    if (!trusted(hop)) return { address: hop, source: 'header', hops };
    hops.push(hop);
  }
  if (hops.length === 1 && isRequired)
    return { address: undefined, source: 'header', hops, problem: 'missing-header' };
  if (hops.length === 1) return { address: first, source: 'peer', hops };
  return { address: hops.at(-1), source: 'header', hops: hops.slice(0, -1), problem: 'all-trusted' };
}

function chainOf(header: string, lines: readonly string[]): Hop[] {
  if (header === 'forwarded') return lines.flatMap((line) => goldenForwarded(line) ?? [NOBODY]);
  const elements = lines
    .flatMap((line) => (header.endsWith('forwarded-for') ? line.split(',') : [line]))
    .map((element) => element.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((element) => element !== '');
  if (!header.endsWith('forwarded-for') && elements.length > 1) return [NOBODY];
  return elements.map((element) => withoutZone(element) ?? goldenNode(element, /^[1-9][0-9]{0,4}$/));
}

function goldenNode(text: string, port: RegExp): Hop {
  const parts = /^(?:\[([^\]]*:[^\]]*)\]|([^:[\]]*))(?::(.*))?$/s.exec(text);
  if (parts === null) return NOBODY;
  const [, bracketed, plain, number] = parts;
  if (number !== undefined && (!port.test(number) || Number(number) > 65_535)) return NOBODY;
  return withoutZone((bracketed ?? plain) as string);
}

/** Nobody else knows the zones of a machine. */
function withoutZone(text: string): Hop {
  return text.includes('%') ? NOBODY : goldenCanonical(text);
}

const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const quoted = '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t \\x21-\\x7e\\x80-\\xff])*"';
const pair = `${token}=(?:${token}|${quoted})`;
const blank = '[ \\t]*';
const element = new RegExp(`^${blank}(?:${pair})?(?:${blank};${blank}(?:${pair})?)*${blank}(?:,|$)`);
const parameter = new RegExp(`^[ \\t;]*(${token})=(${token}|${quoted})`);
const forwardedPort = /^(?:[1-9][0-9]{0,4}|_[A-Za-z0-9._-]+)$/;

/** The clients that the elements name, or `undefined` when the line is not in the grammar. */
export function goldenForwarded(line: string): Hop[] | undefined {
  const hops: Hop[] = [];
  for (let rest = line; ; ) {
    const text = element.exec(rest)?.[0];
    if (text === undefined) return undefined;
    const nodes: string[] = [];
    for (let pairs = text; ; ) {
      const found = parameter.exec(pairs);
      if (found === null) break;
      const [all, name, value] = found as unknown as [string, string, string];
      if (name.toLowerCase() === 'for') nodes.push(unquote(value));
      pairs = pairs.slice(all.length);
    }
    const isEmpty = text.replace(/[ \t]|,$/g, '') === '';
    if (!isEmpty) hops.push(nodes.length === 1 ? forwardedNode(nodes[0] as string) : NOBODY);
    rest = rest.slice(text.length);
    if (rest === '') return hops;
  }
}

function forwardedNode(node: string): Hop {
  const port = /:(_[^:]*)$/.test(node) ? forwardedPort : /^[1-9][0-9]{0,4}$/;
  const hidden = /:(_[A-Za-z0-9._-]+)$/.exec(node);
  // An obfuscated port is put aside first, so that the rest is a node as elsewhere.
  return hidden === null ? goldenNode(node, port) : goldenNode(node.slice(0, hidden.index), /^$/);
}

function unquote(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/gs, '$1') : value;
}
