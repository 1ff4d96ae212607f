/** The format as `docs/snapshot-format.md` has it, and snapshots that earlier versions wrote. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { createPolicy, type Policy } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { decodePolicy, encodePolicy, inspectSnapshot } from '../../src/public/snapshot.ts';
import { checksum, contentHash, mixContent, seal } from '../../src/snapshot/checksum.ts';
import { goldenText } from '../golden/address.ts';
import { GoldenSnapshot } from '../golden/snapshot.ts';
import { entryText, numbered } from '../support/arbitraries.ts';
import { projectRoot } from '../support/package.ts';
import { at, contentOf } from '../support/snapshots.ts';

const page = readFileSync(join(projectRoot, 'docs/snapshot-format.md'), 'utf8');
const blocks = [...page.matchAll(/^```js\n([\s\S]*?)^```/gm)].map((match) => match[1] as string);

const policies: Readonly<Record<string, () => Policy>> = {
  list: () =>
    createPolicy({
      allow:
        '203.0.113.0/24 # Office\n\n  2001:db8:12::1/48 # Zürich 東京\n198.51.100.7-198.51.100.20\n0.0.0.0/0',
      exempt: ['192.0.2.99 # Probe', '@loopback'],
    }),
  open: () => createPolicy({ allow: '' }),
  times: () =>
    createPolicy({
      deny: '10.0.0.1 from 2026-01-01T00:05Z until 2026-01-01T01:10+01:00 # Night\n10.0.0.2\n10.0.0.3 until 2025-12-31T23:00Z',
      at: at(7),
    }),
  rules: () =>
    createRules({
      rules: [
        { name: 'Kiosk', deny: '10.0.5.5' },
        { allow: '10.0.0.0/16 # Staff', except: '10.0.9.0/24\n# guests\n10.0.8.1' },
        { name: 'Lab', allow: '2001:db8::/32' },
      ],
      otherwise: 'deny',
      order: 'most-specific',
      exempt: '192.0.2.1',
    }),
};

const golden = join(projectRoot, 'test/vectors/snapshots');
const cases = Object.entries(policies).flatMap(([name, make]) => [
  [`${name}.v1`, make, {}] as const,
  ...(name === 'times' ? [] : [[`${name}-bare.v1`, make, { entries: false }] as const]),
]);

// To write those of a new format version: WRITE_SNAPSHOTS=1 npx vitest run test/snapshot/format.test.ts
if (process.env['WRITE_SNAPSHOTS'] === '1')
  for (const [name, make, options] of cases) writeFileSync(join(golden, name), encodePolicy(make(), options));

describe('snapshots in test/vectors', () => {
  test('are all there', () => {
    const names = readdirSync(golden).filter((name) => name !== 'README.md');
    expect(names.sort()).toEqual(cases.map(([name]) => name).sort());
  });

  test.each(cases)(
    '%s is read as the policy that was written, and written to the letter',
    (name, make, options) => {
      const stored = new Uint8Array(readFileSync(join(golden, name)));
      const policy = make();
      expect(encodePolicy(policy, options)).toEqual(stored);
      for (const verify of ['all', 'entries', 'checksum'] as const) {
        const loaded = decodePolicy(stored, { verify });
        expect(encodePolicy(loaded)).toEqual(stored);
        if (name.includes('bare')) expect(loaded.allows('10.0.5.5')).toBe(policy.allows('10.0.5.5'));
        else expect(contentOf(loaded)).toEqual(contentOf(policy));
      }
    },
  );
});

describe('docs/snapshot-format.md', () => {
  test('has the very functions that are in use', () => {
    expect(blocks).toHaveLength(1);
    const source = readFileSync(join(projectRoot, 'src/snapshot/checksum.ts'), 'utf8');
    const { outputText } = ts.transpileModule(source.slice(source.indexOf('/** The lanes')), {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    });
    const plain = (code: string): string =>
      code
        .replaceAll(/^export /gm, '')
        .replaceAll(/\s+/g, ' ')
        .trim();
    expect(plain(blocks[0] as string)).toBe(plain(outputText));
  });

  test('has a function that gives the checksum in every snapshot, whatever the bytes', () => {
    const ofPage = new Function(`${blocks[0]}\nreturn checksum;`)() as (bytes: Uint8Array) => number;
    for (const [, make, options] of cases) {
      const bytes = encodePolicy(make(), options);
      const view = new DataView(bytes.buffer);
      expect(ofPage(bytes)).toBe(view.getUint32(12, true));
      expect(ofPage(Buffer.from(bytes))).toBe(view.getUint32(12, true));
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const before = bytes.slice();
        expect(ofPage(bytes)).toBe(checksum(bytes));
        expect(bytes).toEqual(before);
      }),
    );
  });

  test('says where everything in the header is', () => {
    const bytes = encodePolicy((policies['times'] as () => Policy)());
    const view = new DataView(bytes.buffer);
    const u32 = (offset: number): number => view.getUint32(offset, true);
    const rows = u32(40);
    expect([...bytes.subarray(0, 8)]).toEqual([0x89, 0x49, 0x50, 0x56, 0x0d, 0x0a, 0x1a, 0x0a]);
    expect([u32(8), u32(36), u32(44), u32(52), u32(56), u32(60)]).toEqual([1, bytes.length, 0, 3, 0, 0]);
    expect(u32(48)).toBe(16 + 32 + 64 + 128);
    expect([view.getFloat64(64, true), view.getFloat64(72, true)]).toEqual([
      at(7).getTime(),
      at(10).getTime(),
    ]);
    expect(u32(32)).toBe(seal(bytes, mixContent(bytes, 80 + 16 * rows), 12, 32));
    const hash = new DataView(new ArrayBuffer(16));
    contentHash(mixContent(bytes, bytes.length)).forEach((word, index) => {
      hash.setInt32(4 * index, word, true);
    });
    expect(inspectSnapshot(bytes).contentHash).toBe(Buffer.from(hash.buffer).toString('hex'));
    const sections = Array.from({ length: rows }, (_, row) => [u32(80 + 16 * row), u32(84 + 16 * row)]);
    expect(sections.map(([id]) => id)).toEqual([1, 2, 3, 5, 7]);
    expect(sections[0]?.[1]).toBe(80 + 16 * rows);
    expect(sections.every(([, offset]) => (offset as number) % 16 === 0)).toBe(true);
  });

  test('names every flag, section and code', () => {
    for (const code of ['not-a-snapshot', 'unsupported-version', 'truncated', 'checksum', 'corrupt'])
      expect(page).toContain(`\`${code}\``);
    for (let flag = 1; flag <= 512; flag *= 2) expect(page).toContain(`\n| ${flag} | `);
    for (let id = 1; id <= 9; id++) expect(page).toContain(`\n| ${id} | `);
  });
});

describe('a reader that was written from the page alone', () => {
  test('gives the same answers, about lists of all shapes and rules', () => {
    const mode = fc.constantFrom('allow', 'deny') as fc.Arbitrary<'allow' | 'deny'>;
    const lines = fc.array(
      fc.tuple(fc.constantFrom('', '\n', ' '), entryText, fc.constantFrom('', ' # Büro', ' # Lab')),
      { maxLength: 12 },
    );
    const list = lines.map((all) => all.map((parts) => parts.join('')).join('\n'));
    const ofOne = fc
      .record({ mode, list, exempt: list, whenEmpty: mode })
      .map((input) => createPolicy(input));
    const ofRules = fc
      .record({
        rules: fc.array(fc.record({ mode, list, except: list }, { requiredKeys: ['mode', 'list'] }), {
          maxLength: 3,
        }),
        otherwise: mode,
        exempt: list,
      })
      .map((input) => createRules(input));
    fc.assert(
      fc.property(
        fc.oneof(ofOne, ofRules),
        fc.array(numbered, { maxLength: 20 }),
        fc.boolean(),
        (policy, clients, entries) => {
          const reader = new GoldenSnapshot(encodePolicy(policy, { entries }));
          for (const { family, value } of clients) {
            // An IPv4-mapped client is an IPv4 client.
            if (family === 6 && value >> 32n === 0xffffn) continue;
            const { verdict, reason, entry } = policy.decide(goldenText(family, value));
            const { text, note, line } = (entries && entry) || {
              text: undefined,
              note: undefined,
              line: undefined,
            };
            expect(reader.answer(family, value)).toEqual({ verdict, reason, text, note, line });
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('reads a large one', () => {
    const deny = Array.from({ length: 60_000 }, (_, index) => {
      const mixed = Math.imul(index, 2_654_435_761) >>> 0;
      const address = goldenText(4, BigInt(mixed));
      return index % 500 === 0 ? `${address} # note ${index}` : address;
    });
    const bytes = encodePolicy(createPolicy({ deny: ['2001:db8::/33', ...deny] }, { maxEntries: 70_000 }));
    expect(new DataView(bytes.buffer).getUint32(48, true) & 256).toBe(256);
    const reader = new GoldenSnapshot(bytes);
    const policy = decodePolicy(bytes);
    for (const index of [0, 1, 500, 59_999, 60_001]) {
      const client = BigInt(Math.imul(index, 2_654_435_761) >>> 0);
      const { verdict, reason, entry } = policy.decide(goldenText(4, client));
      expect(reader.answer(4, client)).toMatchObject({
        verdict,
        reason,
        text: entry?.text,
        note: entry?.note,
      });
    }
    expect(reader.answer(6, 0x20010db8n << 96n)).toMatchObject({
      verdict: 'deny',
      text: '2001:db8::/33',
      line: 1,
    });
  });
});
