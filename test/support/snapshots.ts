/** Policies of all kinds, and snapshots that are damaged and then made to fit again. */

import fc from 'fast-check';
import { createPolicy, type Policy } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { contentHash, mixContent, seal } from '../../src/snapshot/checksum.ts';
import { type Content, joinSnapshot, readHeader, section } from '../../src/snapshot/header.ts';

const START = Date.UTC(2026, 0, 1);

/** An instant, some minutes after another. */
export const at = (minute: number): Date => new Date(START + minute * 60_000);

/** Everything that a policy says about itself and about some clients. */
export function contentOf(policy: Policy): unknown {
  return {
    mode: policy.mode,
    size: policy.size,
    problems: policy.problems,
    changesAt: policy.changesAt,
    explanations: clients.map((client) => policy.explain(client)),
    decisions: clients.map((client) => policy.decide(client)),
    allows: clients.map((client) => policy.allows(client)),
  };
}

export const clients: readonly string[] = [
  '10.0.0.0',
  '10.0.0.3',
  '10.0.0.5',
  '10.0.0.9',
  '192.0.2.1',
  '::ffff:10.0.0.4',
  '2001:db8::1',
  '2001:db8::2%eth0',
  '2001:db9::',
  'fe80::1',
  'x',
];

/** Makes the hash and both checksums of a snapshot fit, in place. */
export function repair(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 80) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const content = mixContent(bytes, bytes.length);
  contentHash(content).forEach((word, index) => {
    view.setInt32(16 + 4 * index, word, true);
  });
  const end = Math.min(80 + 16 * view.getUint32(40, true), bytes.length);
  view.setUint32(32, seal(bytes, mixContent(bytes, end), 12, 32), true);
  view.setUint32(12, seal(bytes, content, 12), true);
  return bytes;
}

const instant = fc.integer({ min: 0, max: 12 });
const times = fc
  .tuple(fc.option(instant), fc.option(instant))
  .map(([from, until]) =>
    from !== null && until !== null && from >= until ? [until, from + 1] : [from, until],
  )
  .map(([from, until]) =>
    [
      from === null ? '' : ` from ${at(from as number).toISOString()}`,
      until === null ? '' : ` until ${at(until as number).toISOString()}`,
    ].join(''),
  );
const entry = fc.oneof(
  fc.integer({ min: 0, max: 7 }).map((last) => `10.0.0.${last}`),
  fc
    .tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 28, max: 32 }))
    .map((p) => `10.0.0.${p.join('/')}`),
  fc
    .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 4, max: 7 }))
    .map((p) => `10.0.0.${p.join(' - 10.0.0.')}`),
  fc.constantFrom('@private', '::/0', '2001:db8::/126', '2001:db8::1', '0.0.0.0/0', '2001:db8::-fe80::1'),
);

function listOf(withTimes: boolean): fc.Arbitrary<string> {
  const note = fc.constantFrom('', ' # Office', '#until Friday', ' # Zürich # 東京 👋', '#\t', '#\u00a0x ');
  const line = fc
    .tuple(fc.constantFrom('', ' ', '\t'), entry, withTimes ? times : fc.constant(''), note)
    .map((parts) => parts.join(''));
  return fc
    .array(fc.oneof({ weight: 4, arbitrary: line }, fc.constantFrom('', '# nobody', '\t')), { maxLength: 6 })
    .chain((lines) =>
      fc.constantFrom('\n', '\r\n', '\r').map((end) => (lines.length % 2 ? '\ufeff' : '') + lines.join(end)),
    );
}

const mode = fc.constantFrom('allow', 'deny') as fc.Arbitrary<'allow' | 'deny'>;

/** Policies of one list, and of rules; those with times as functions of the instant. */
export function policies(withTimes: boolean): fc.Arbitrary<(when: Date) => Policy> {
  const list = listOf(withTimes);
  const ofOne = fc
    .record({ mode, list, exempt: list, whenEmpty: mode })
    .map((input) => (when: Date) => createPolicy({ ...input, at: when }));
  const rule = fc.record(
    { mode, list, except: list, name: fc.constantFrom('Office', 'Gäste', 'rules[0]') },
    { requiredKeys: ['mode', 'list'] },
  );
  const order = fc.constantFrom('first-match', 'most-specific') as fc.Arbitrary<
    'first-match' | 'most-specific'
  >;
  const ofRules = fc
    .record({ rules: fc.array(rule, { maxLength: 4 }), otherwise: mode, order, exempt: list })
    .map((input) => (when: Date) => createRules({ ...input, at: when }));
  return fc.oneof(ofOne, ofRules);
}

/** What a snapshot holds: the numbers of its header, and its sections by number. */
export interface Parts {
  readonly content: { -readonly [Name in keyof Content]: Content[Name] };
  readonly sections: Map<number, Uint8Array>;
}

/** A snapshot that holds something else than the one given, and whose checksums fit. */
export function crafted(bytes: Uint8Array, change: (parts: Parts) => void): Uint8Array {
  const { sections, ...content } = readHeader(bytes);
  const parts = { content, sections: new Map(sections) };
  change(parts);
  return joinSnapshot(
    parts.content,
    [...parts.sections].sort(([left], [right]) => left - right),
  );
}

/** The same with another text in place of one, in all sections of text. */
export function rewritten(bytes: Uint8Array, from: string, to: string): Uint8Array {
  return crafted(bytes, ({ sections }) => {
    for (const id of [section.texts, section.notes]) {
      const text = new TextDecoder().decode(sections.get(id));
      if (text.includes(from)) sections.set(id, new TextEncoder().encode(text.replace(from, to)));
    }
  });
}
