/**
 * Numbered policies whose every answer is known without looking anything up, so that a decision can be held against the
 * version that it may be of.
 */

import { createPolicy } from '../../dist/index.js';

const WIDTH = 40;

/** A client that every version exempts, with its number in the note. */
const MARK = '198.18.0.1';

/** The policy of a version. Versions differ in all of their entries, and every other one in its mode. */
export function policyOf(version) {
  const lines = [];
  for (let index = 0; index < WIDTH; index++) {
    lines.push(`10.${(version * 13 + index * 5) % 256}.0.0/16 # v${version}`);
    lines.push(`2001:db8:${((version * 7 + index) % 128).toString(16)}::/48 # v${version}`);
  }
  return createPolicy({
    [modeOf(version)]: lines.join('\n'),
    exempt: `192.0.2.${version % 256} # v${version}\n${MARK} # v${version}`,
  });
}

/** The number of the version that a policy is. */
export const versionOf = (policy) => Number(policy.decide(MARK).entry?.note.slice(1));

const modeOf = (version) => (version % 2 === 0 ? 'allow' : 'deny');

/** A client by number: of each kind that the versions know. */
export function clientOf(number) {
  const [kind, part] = [number % 5, Math.floor(number / 5) % 256];
  if (kind === 0) return { text: `10.${part}.1.2`, kind: 4, part };
  if (kind === 1) return { text: `::ffff:10.${part}.3.4`, kind: 4, part };
  if (kind === 2) return { text: `2001:db8:${(part % 128).toString(16)}::1`, kind: 6, part: part % 128 };
  if (kind === 3) return { text: `192.0.2.${part}`, kind: 0, part };
  return { text: `10.${part}.1`, kind: -1, part };
}

/** What a version says about a client, in one text. */
export function expectedOf(version, { kind, part }) {
  if (kind === -1) return 'deny invalid-address';
  if (kind === 0 && part === version % 256) return `allow exempt 192.0.2.${part} v${version}`;
  const listed = modeOf(version);
  // 205 is the inverse of 5 modulo 256.
  if (kind === 4 && mod((part - version * 13) * 205, 256) < WIDTH) {
    return `${listed} listed 10.${part}.0.0/16 v${version}`;
  }
  if (kind === 6 && mod(part - version * 7, 128) < WIDTH) {
    return `${listed} listed 2001:db8:${part === 0 ? '' : part.toString(16)}${part === 0 ? ':/48' : '::/48'} v${version}`;
  }
  return `${listed === 'allow' ? 'deny' : 'allow'} not-listed`;
}

const mod = (value, size) => ((value % size) + size) % size;

/** A decision in the same words. */
export function say({ verdict, reason, entry }) {
  return entry === undefined
    ? `${verdict} ${reason}`
    : `${verdict} ${reason} ${entry.canonical} ${entry.note}`;
}

/** Whether a decision is the exact answer of one of these versions. */
export function isOfVersions(decision, client, first, last) {
  const said = say(decision);
  for (let version = first; version <= last; version++) {
    if (expectedOf(version, client) === said) return true;
  }
  return false;
}
