/** Snapshots whose checksums fit, and whose entries, notes or tree are not what the package writes. */

import { describe, expect, test, vi } from 'vitest';
import { createPolicy, type Policy } from '../../src/public/index.ts';
import { comparePolicies } from '../../src/public/list.ts';
import { createRules } from '../../src/public/rules.ts';
import { type DecodeOptions, decodePolicy, encodePolicy, SnapshotError } from '../../src/public/snapshot.ts';
import { flags, readHeader, section } from '../../src/snapshot/header.ts';
import { at, crafted, rewritten } from '../support/snapshots.ts';

function codeOf(bytes: Uint8Array, verify?: DecodeOptions['verify']): string {
  try {
    decodePolicy(bytes, verify && { verify });
  } catch (error) {
    if (error instanceof SnapshotError) return error.code;
    throw error;
  }
  return 'none';
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The first snapshot with the tree of the second. */
const withTreeOf = (bytes: Uint8Array, other: Uint8Array): Uint8Array =>
  crafted(bytes, ({ sections }) => {
    sections.set(section.tree, readHeader(other).sections.get(section.tree) as Uint8Array);
  });

describe('a tree that decides other than the entries say', () => {
  const deny = createPolicy({ deny: '198.51.100.0/24\n203.0.113.0/24' });
  const rules = (list: string, except: string, order: 'first-match' | 'most-specific'): Policy =>
    createRules({
      rules: [{ deny: list, except }, { allow: '10.0.0.0/8' }],
      otherwise: 'deny',
      order,
      exempt: '192.0.2.1',
    });
  const pairs: readonly (readonly [what: string, policy: Policy, other: Policy])[] = [
    ['for one client less', deny, createPolicy({ deny: '198.51.100.0-198.51.100.254\n203.0.113.0/24' })],
    ['for one client more', deny, createPolicy({ deny: '198.51.100.0/24\n203.0.112.255-203.0.113.255' })],
    ['by the other entry', deny, createPolicy({ deny: '203.0.113.0/24\n198.51.100.0/24' })],
    ['for nobody', deny, createPolicy({ deny: '2001:db8::\n2001:db8::' })],
    [
      'by the less specific one',
      createPolicy({ allow: '2001:db8::/32\n2001:db8::1' }),
      createPolicy({ allow: '2001:db8::/32\n2001:db9::1' }),
    ],
    [
      'against an exemption',
      createPolicy({ deny: '10.0.0.0/8', exempt: '10.0.0.1' }),
      createPolicy({ deny: '10.0.0.0/8', exempt: '10.0.0.2' }),
    ],
    [
      'without what a rule leaves out',
      rules('10.1.0.0/16', '10.1.2.0/24', 'first-match'),
      rules('10.1.0.0/16', '10.1.3.0/24', 'first-match'),
    ],
    ['in the other order', rules('10.0.0.0/7', '', 'most-specific'), rules('10.0.0.0/7', '', 'first-match')],
    [
      'as before an end',
      createPolicy({ allow: '10.0.0.1 until 2026-01-01T00:05Z\n10.0.0.2', at: at(9) }),
      createPolicy({ allow: '10.0.0.1 until 2026-01-01T00:05Z\n10.0.0.2', at: at(0) }),
    ],
  ];

  test.each(pairs)('%s: refused', (_, policy, other) => {
    const bytes = encodePolicy(policy);
    const wrong = withTreeOf(bytes, encodePolicy(other));
    expect(codeOf(wrong, 'entries')).toBe('corrupt');
    expect(codeOf(bytes, 'entries')).toBe('none');
    // Nobody has looked.
    expect(codeOf(wrong, 'checksum')).toBe('none');
  });

  test('is what a comparison cannot find, as it reads the entries', () => {
    const empty = encodePolicy(createPolicy({ deny: '2001:db8::\n2001:db8::' }));
    const wrong = withTreeOf(encodePolicy(deny), empty);
    const loaded = decodePolicy(wrong, { verify: 'all' });
    expect(loaded.allows('198.51.100.7')).toBe(true);
    expect(comparePolicies(deny, loaded).allowed.isEmpty).toBe(true);
    expect(codeOf(wrong, 'entries')).toBe('corrupt');
  });

  test('is no question where there are no entries', () => {
    const bytes = encodePolicy(deny, { entries: false });
    expect(decodePolicy(bytes, { verify: 'entries' }).allows('198.51.100.7')).toBe(false);
  });

  test('is found in a large one, which is used where it is', () => {
    const list = Array.from(
      { length: 70_000 },
      (_, index) => `10.${(index >> 8) & 255}.${index & 255}.${index % 251}`,
    );
    const large = (last: string): Uint8Array =>
      encodePolicy(createPolicy({ deny: [...list, last], maxEntries: 100_000 }));
    const bytes = large('192.0.2.1');
    expect(codeOf(bytes, 'entries')).toBe('none');
    const wrong = withTreeOf(bytes, large('192.0.2.2'));
    expect([codeOf(wrong, 'all'), codeOf(wrong, 'entries')]).toEqual(['none', 'corrupt']);
  });
});

describe('a text that is not that of an entry', () => {
  const timed = encodePolicy(
    createPolicy({
      deny: '10.0.0.0/8\n11.0.0.0/8 until 2026-01-01T00:05Z\n12.0.0.0-12.0.0.9\n13.0.0.0/8 until 2026-01-01T00:07Z',
      exempt: '192.0.2.1',
      at: at(0),
    }),
  );
  const plain = encodePolicy(createPolicy({ deny: '10.0.0.0/8\n 12.0.0.0 - 12.0.0.9' }));
  const changes: readonly (readonly [what: string, from: string, to: string])[] = [
    ['a letter', '10.0.0.0/8', '1x.0.0.0/8'],
    ['a longer length', '10.0.0.0/8', '10.0.0.0/88'],
    ['another text', '192.0.2.1', '192.0.2.'],
    ['nothing', '192.0.2.1', ''],
    ['an unknown name', '192.0.2.1', '@nobody'],
    ['a day that does not exist', '2026-01-01', '2026-01-41'],
    ['another word', 'until', 'Until'],
    ['an end that is not the next one, at no time', '00:07Z', '00:77Z'],
    ['a blank after its end', '00:07Z', '00:07Z '],
    ['an end twice', 'until', 'until 2026-01-01T00:04Z until'],
    ['a blank at its end', '10.0.0.0/8', '10.0.0.0/8 '],
    ['a note', '10.0.0.0/8', '10.0.0.0/8#x'],
    ['a line end', '10.0.0.0/8', '10.0.0.0/8\r11.0.0.0/8'],
    ['a character that is not seen', '10.0.0.0/8', '10.0.0.0/8\u200b'],
    ['NUL', '10.0.0.0/8', '10.0.0.0/8\0'],
    ['DEL', '10.0.0.0/8', '10.0.0.0/8\u007f'],
    ['an end, where the list has none', '192.0.2.1', '192.0.2.1 until 2026-01-01T00:05Z'],
  ];

  test.each(changes)('%s: refused where entries have times', (_, from, to) => {
    expect(codeOf(timed)).toBe('none');
    expect(codeOf(rewritten(timed, from, to))).toBe('corrupt');
    expect(codeOf(rewritten(timed, from, to), 'entries')).toBe('corrupt');
  });

  test('is refused where no entry has times, if it has a character that times need or no entry has', () => {
    expect(codeOf(plain)).toBe('none');
    const tails = [
      ' ',
      '\t',
      '\u00a0',
      ' until 2026-01-01T00:05Z',
      ' # x',
      '#x',
      '\r',
      '\0',
      '\u202e',
      '\u007f',
    ];
    for (const tail of tails) {
      const one = encodePolicy(createPolicy({ deny: '10.0.0.0/8' }));
      expect([tail, codeOf(rewritten(one, '/8', `/8${tail}`))]).toEqual([tail, 'corrupt']);
      expect([tail, codeOf(rewritten(plain, '/8', `/8${tail}`))]).toEqual([tail, 'corrupt']);
    }
  });

  test('is refused anywhere, when the entries are compared', () => {
    const one = encodePolicy(createPolicy({ deny: '10.0.0.0/8\n11.0.0.0/8' }));
    for (const text of ['10.0.0.0', '1x.0.0.0/8', '10.0.0.0/9', 'x', '@private'])
      expect(codeOf(rewritten(one, '10.0.0.0/8', text), 'entries')).toBe('corrupt');
  });

  test('has a canonical text even if nobody has looked', () => {
    const one = encodePolicy(createPolicy({ deny: '10.0.0.0/8' }));
    const loaded = decodePolicy(rewritten(one, '10.0.0.0/8', '1x.0.0.0/8'), { verify: 'checksum' });
    expect(loaded.decide('10.0.0.1').entry).toMatchObject({ text: '1x.0.0.0/8', canonical: '1x.0.0.0/8' });
  });

  test('is refused after each flipped bit, or is the text of a list', () => {
    const texts = readHeader(timed).sections.get(section.texts) as Uint8Array;
    let loaded = 0;
    for (let bit = 0; bit < texts.length * 8; bit++) {
      const other = texts.slice();
      other[bit >>> 3] = (other[bit >>> 3] as number) ^ (1 << (bit & 7));
      const wrong = crafted(timed, ({ sections }) => {
        sections.set(section.texts, other);
      });
      if (codeOf(wrong) !== 'none') continue;
      loaded++;
      const [exempt, ...deny] = new TextDecoder().decode(other).split('\n').slice(0, -1).reverse();
      expect(createPolicy({ deny, exempt: exempt as string, at: at(0) }).size).toBe(4);
    }
    // Another digit is another entry.
    expect(loaded).toBeGreaterThan(20);
  });
});

describe('a list that says of its times what is not so', () => {
  const two = createPolicy({
    allow: '10.0.0.0/8 until 2026-01-01T00:05Z',
    exempt: '11.0.0.0/8 until 2026-01-01T00:09Z',
    at: at(0),
  });
  const one = createPolicy({ allow: '10.0.0.0/8', exempt: '11.0.0.0/8 until 2026-01-01T00:09Z', at: at(0) });
  const row = (bytes: Uint8Array, place: number): Uint8Array =>
    crafted(bytes, ({ sections }) => {
      const tables = (sections.get(section.tables) as Uint8Array).slice();
      tables[place] = (tables[place] as number) ^ 1;
      sections.set(section.tables, tables);
    });

  test('is refused, whether they are hidden or not there', () => {
    for (const place of [1, 3]) expect(codeOf(row(encodePolicy(two), place))).toBe('corrupt');
    expect(codeOf(row(encodePolicy(one), 1))).toBe('corrupt');
    expect(codeOf(encodePolicy(one))).toBe('none');
  });

  test('is refused when all of them are hidden', () => {
    const hidden = crafted(row(row(encodePolicy(two), 1), 3), ({ content }) => {
      content.flags &= ~(flags.times | flags.changes);
      content.instant = 0;
      content.change = 0;
    });
    expect(codeOf(hidden)).toBe('corrupt');
  });
});

describe('a note that no list may have', () => {
  const bytes = encodePolicy(createPolicy({ deny: '10.0.0.0/8 # note abc\n10.0.0.1 # Zürich 東京 👋' }));

  test('is refused', () => {
    expect(codeOf(bytes)).toBe('none');
    const ascii = encodePolicy(createPolicy({ deny: '10.0.0.0/8 # note abc' }));
    for (const sign of ['\u202e', '\r', '\0', '\u007f', '\u0085', '\u2028', '\u200f', '\u001b[2J']) {
      for (const verify of ['all', 'entries'] as const) {
        for (const one of [bytes, ascii])
          expect([sign, codeOf(rewritten(one, 'note', `n${sign}te`), verify)]).toEqual([sign, 'corrupt']);
      }
    }
  });

  test('is refused when its number comes too early', () => {
    const wrong = crafted(bytes, ({ sections }) => {
      sections.set(section.noteOf, Uint8Array.of(2, 1));
    });
    expect(codeOf(wrong)).toBe('corrupt');
  });
});

test('lines that are those of the numbers of the entries are refused, and so are lines before the first', () => {
  const bytes = encodePolicy(createPolicy({ deny: '\n10.0.0.0/8\n10.0.0.1' }));
  for (const lines of [
    [2, 2],
    [0, 2],
    [1, 2],
  ]) {
    const wrong = crafted(bytes, ({ sections }) => {
      sections.set(section.lines, Uint8Array.from(lines));
    });
    expect(codeOf(wrong)).toBe('corrupt');
  }
});

test('as many rules as there may be are read, and not one more', () => {
  const bytes = encodePolicy(createRules({ rules: [{ deny: '' }], otherwise: 'allow' }));
  const rows = (count: number): Uint8Array =>
    crafted(bytes, ({ sections }) => {
      const tables = new Uint8Array(count * 2);
      // The exemptions come last.
      tables[count * 2 - 1] = 4;
      sections.set(section.tables, tables);
    });
  expect(codeOf(rows(2))).toBe('none');
  expect(codeOf(rows(200_001))).toBe('none');
  for (const verify of ['checksum', 'all', 'entries'] as const)
    expect(codeOf(rows(200_002), verify)).toBe('corrupt');
});

describe('a large snapshot that is overwritten while it is in use', () => {
  const list = Array.from({ length: 60_000 }, (_, index) => ({
    address: `2001:db8:${index.toString(16)}:${((index * 7) & 65535).toString(16)}::/${index % 2 ? 64 : 61}`,
    note: index % 3 === 0 ? `note ${index % 100}` : undefined,
  }));
  const bytes = encodePolicy(createPolicy({ deny: list, maxEntries: 100_000 }));
  const { sections: stored } = readHeader(bytes);
  const client = '2001:db8:5:23::1';
  const fill = (view: DataView, id: number, value: (index: number) => number): void => {
    const { byteOffset, length: size } = stored.get(id) as Uint8Array;
    for (let index = 0; 4 * index < size; index++) view.setInt32(byteOffset + 4 * index, value(index), true);
  };
  const { length } = stored.get(section.texts) as Uint8Array;
  const longest = 60;
  const overwritings: readonly (readonly [what: string, overwrite: (view: DataView) => void])[] = [
    ['with zeros', (view) => new Uint8Array(view.buffer).fill(0)],
    ['with line ends', (view) => new Uint8Array(view.buffer).fill(10)],
    ['with bytes that are not UTF-8', (view) => new Uint8Array(view.buffer).fill(255)],
    ['in its texts', (view) => fill(view, section.texts, () => 0x20202020)],
    ['in its notes', (view) => fill(view, section.notes, () => 0x20202020)],
    ...([section.textOffsets, section.noteOffsets] as const).flatMap((id) => [
      [
        `in its offsets ${id}: each is all of them`,
        (view: DataView) => fill(view, id, (index) => (index % 2) * length),
      ] as const,
      [
        `in its offsets ${id}: backwards`,
        (view: DataView) => fill(view, id, (index) => length - index),
      ] as const,
      [
        `in its offsets ${id}: before the start`,
        (view: DataView) => fill(view, id, (index) => -index),
      ] as const,
      [
        `in its offsets ${id}: far after the end`,
        (view: DataView) => fill(view, id, () => 2 ** 31 - 1),
      ] as const,
    ]),
  ];

  test.each(overwritings)('%s: reads no more than there is', (_, overwrite) => {
    for (const isRead of [false, true]) {
      const memory = new SharedArrayBuffer(bytes.length);
      new Uint8Array(memory).set(bytes);
      const loaded = decodePolicy(memory, { verify: isRead ? 'all' : 'checksum' });
      if (isRead) expect(loaded.explain(client).covering).toHaveLength(1);
      overwrite(new DataView(memory));
      const decode = vi.spyOn(TextDecoder.prototype, 'decode');
      for (const one of [client, '2001:db8:6:2a::1', '2001:db8:3:15::1', '2001:db8:c:54::1']) {
        const { entry } = loaded.decide(one);
        expect(entry === undefined || entry.text.length + (entry.note?.length ?? 0) < 2 * longest).toBe(true);
      }
      expect(loaded.explain('2001:db8:6::').covering.length).toBeLessThanOrEqual(list.length);
      const read = decode.mock.calls.reduce((sum, [given]) => sum + (given as Uint8Array).length, 0);
      decode.mockRestore();
      expect(read).toBeLessThan(bytes.length);
    }
  });

  test('is refused when it claims a text twice, even if only the checksum is verified', () => {
    const wrong = crafted(bytes, ({ sections }) => {
      const offsets = (sections.get(section.textOffsets) as Uint8Array).slice();
      const view = new DataView(offsets.buffer);
      // The last one is where it was.
      for (let index = 0; index < offsets.length / 4 - 1; index++)
        view.setInt32(4 * index, (index % 2) * length, true);
      sections.set(section.textOffsets, offsets);
    });
    for (const verify of ['checksum', 'all', 'entries'] as const)
      expect(codeOf(wrong, verify)).toBe('corrupt');
  });
});

test('a note that many entries share is not written out for each of them by an explanation', () => {
  const deny = Array.from({ length: 2_000 }, () => ({ address: '192.0.2.1', note: 'x' }));
  const bytes = encodePolicy(createPolicy({ deny, maxEntries: 2_000 }));
  const long = crafted(bytes, ({ sections }) => {
    sections.set(section.notes, encode(`${'y'.repeat(100_000)}\n`));
  });
  const loaded = decodePolicy(long);
  const decode = vi.spyOn(TextDecoder.prototype, 'decode');
  expect(loaded.explain('8.8.8.8').verdict).toBe('allow');
  const read = decode.mock.calls.reduce((sum, [given]) => sum + (given as Uint8Array).length, 0);
  decode.mockRestore();
  expect(read).toBeLessThan(30_000);
});
