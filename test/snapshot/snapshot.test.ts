import { describe, expect, test } from 'vitest';
import { createPolicy, ListError, type Policy } from '../../src/public/index.ts';
import { comparePolicies, usageOf } from '../../src/public/list.ts';
import { createLivePolicy } from '../../src/public/live.ts';
import { createRules } from '../../src/public/rules.ts';
import { decodePolicy, encodePolicy, inspectSnapshot, SnapshotError } from '../../src/public/snapshot.ts';
import { checksum } from '../../src/snapshot/checksum.ts';
import { EntryTexts } from '../../src/snapshot/tables.ts';
import { encodeText, TextLines } from '../../src/snapshot/texts.ts';
import { at, contentOf, repair } from '../support/snapshots.ts';

const policy = createPolicy({ allow: '203.0.113.0/24 # Office\n2001:db8::/32', exempt: '192.0.2.1 # Probe' });
const bytes = encodePolicy(policy);

/** Entries of both families that need a tree which is stored as it is. */
function manyEntries(count: number): string[] {
  let state = 1;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state >>> 8;
  };
  return Array.from({ length: count }, (_, index) =>
    index % 4 === 0
      ? `2001:${(next() % 4096).toString(16)}:${(next() % 65536).toString(16)}::/48`
      : `${1 + (next() % 223)}.${next() % 256}.${next() % 256}.${next() % 256}`,
  );
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof SnapshotError) return error.code;
    throw error;
  }
  return 'none';
}

describe('encodePolicy', () => {
  test('gives bytes of their own, the same each time', () => {
    expect(bytes).toBeInstanceOf(Uint8Array);
    expect([bytes.byteOffset, bytes.buffer.byteLength]).toEqual([0, bytes.length]);
    expect(encodePolicy(policy)).toEqual(bytes);
    expect(bytes.length % 16).toBe(0);
  });

  test('gives the same bytes for text, items and a managed list with the same entries', () => {
    const allow = ['203.0.113.0/24 # Office', { address: '2001:db8::/32' }];
    const entries = allow.map((item, index) => {
      const [text = '', note] = typeof item === 'string' ? item.split(' # ') : [item.address];
      return {
        text,
        note,
        line: index + 1,
        list: 'allow',
        canonical: text,
        from: undefined,
        until: undefined,
      };
    });
    const exempt = ['192.0.2.1 # Probe'];
    expect(encodePolicy(createPolicy({ allow, exempt }))).toEqual(bytes);
    expect(encodePolicy(createPolicy({ mode: 'allow', entries } as never, { exempt }))).toEqual(bytes);
    const withBlanks = '203.0.113.0/24    #    Office  \r\n2001:db8::/32\t\n\n# end';
    expect(encodePolicy(createPolicy({ allow: withBlanks, exempt }))).toEqual(bytes);
  });

  test.each([
    ['a client', '10.0.0.0/8', '10.0.0.0/9'],
    ['a spelling', '10.0.0.0/8', '10.0.0.1/8'],
    ['a note', '10.0.0.0/8 # a', '10.0.0.0/8 # b'],
    ['a line', '10.0.0.0/8', '\n10.0.0.0/8'],
  ])('gives other bytes and another hash for %s that differs', (_, deny, other) => {
    const [one, two] = [deny, other].map((text) => encodePolicy(createPolicy({ deny: text }))) as [
      Uint8Array,
      Uint8Array,
    ];
    expect(inspectSnapshot(one).contentHash).not.toBe(inspectSnapshot(two).contentHash);
    const mode = encodePolicy(createPolicy({ allow: deny }));
    expect(inspectSnapshot(mode).contentHash).not.toBe(inspectSnapshot(one).contentHash);
  });

  test('does not store comments, nor notes that are left out', () => {
    const secret = createPolicy({ deny: '# secret-1\n10.0.0.0/8 # secret-2', exempt: '10.0.0.1 # secret-3' });
    const text = (options?: { notes?: boolean; entries?: boolean }): string =>
      new TextDecoder('latin1').decode(encodePolicy(secret, options));
    expect(text()).not.toContain('secret-1');
    expect(text()).toContain('secret-2');
    expect(text({ notes: false })).not.toContain('secret');
    expect(text({ notes: false })).toContain('10.0.0.1');
    expect(text({ entries: false })).not.toContain('10.0.0.');
    expect(text({ entries: false })).not.toContain('secret');
  });

  test('takes what a live policy is now, and nothing that this package did not make', () => {
    const live = createLivePolicy({ deny: '' });
    live.update(policy);
    expect(encodePolicy(live)).toEqual(bytes);
    const others = [{ ...policy }, { current: policy }, null, undefined, 'x', new Proxy(policy, {})];
    for (const other of others) expect(() => encodePolicy(other as never)).toThrow(TypeError);
  });

  test('gives a live policy that keeps time when it starts from a snapshot', () => {
    const timed = createPolicy({ allow: '10.0.0.1 until 2026-01-01T00:05Z # Guest\n10.0.0.2', at: at(0) });
    const clock = { now: at(1).getTime() };
    const live = createLivePolicy(decodePolicy(encodePolicy(timed)), { now: () => clock.now });
    expect(live.decide('10.0.0.1').entry?.note).toBe('Guest');
    clock.now = at(5).getTime();
    expect(live.decide('10.0.0.1').verdict).toBe('deny');
    expect(live.decide('10.0.0.2').verdict).toBe('allow');
  });

  test('refuses options that are wrong', () => {
    for (const options of [{ entrys: true }, { entries: 'no' }, { notes: 0 }, 5, []])
      expect(() => encodePolicy(policy, options as never)).toThrow(ListError);
  });

  test('refuses to leave out entries that begin or end', () => {
    const timed = createPolicy({ deny: '10.0.0.1 until 2026-01-01T00:05Z', at: at(9) });
    expect(() => encodePolicy(timed, { entries: false })).toThrow('entries must be true');
    expect(() => encodePolicy(timed, { entries: false })).toThrow(ListError);
    const loaded = decodePolicy(encodePolicy(timed));
    expect(() => encodePolicy(loaded, { entries: false })).toThrow(ListError);
  });

  test('needs less than 64 KB for 1,000 ordinary entries with notes', () => {
    const deny = manyEntries(1_000).map(
      (entry, index) => `${entry} # Customer ${index}, ticket ${index * 7}`,
    );
    expect(encodePolicy(createPolicy({ deny })).length).toBeLessThan(64_000);
    const grouped = manyEntries(1_000).map((entry, index) => `${entry} # Office ${index % 20}`);
    expect(encodePolicy(createPolicy({ deny: grouped })).length).toBeLessThan(48_000);
  });
});

describe('decodePolicy', () => {
  const buffer = bytes.buffer as ArrayBuffer;
  const shared = new SharedArrayBuffer(bytes.length);
  new Uint8Array(shared).set(bytes);
  const shifted = (by: number): Uint8Array => {
    const larger = new Uint8Array(bytes.length + 20);
    larger.set(bytes, by);
    return larger.subarray(by, by + bytes.length);
  };

  test.each([
    ['a Uint8Array', bytes],
    ['an ArrayBuffer', buffer],
    ['a SharedArrayBuffer', shared],
    ['a view of a SharedArrayBuffer', new Uint8Array(shared)],
    ['a Buffer', Buffer.from(bytes)],
    ['bytes at an odd place', shifted(1)],
    ['bytes at an even place', shifted(2)],
    ['bytes at another aligned place', shifted(4)],
  ])('takes %s', (_, given) => {
    for (const verify of ['all', 'checksum'] as const)
      expect(contentOf(decodePolicy(given, { verify }))).toEqual(contentOf(policy));
    expect(inspectSnapshot(given)).toEqual(inspectSnapshot(bytes));
  });

  test('takes nothing else', () => {
    const others = [
      undefined,
      null,
      'x',
      5,
      {},
      [...bytes],
      new Uint16Array(4),
      new DataView(buffer),
      new Proxy(bytes, {}),
      { ...bytes, length: bytes.length, byteLength: bytes.length, buffer },
      { [Symbol.toStringTag]: 'Uint8Array' },
    ];
    for (const other of others) {
      expect(() => decodePolicy(other as never)).toThrow(TypeError);
      expect(() => inspectSnapshot(other as never)).toThrow(TypeError);
    }
    for (const options of [{ verify: 'none' }, { verify: false }, { verfy: 'all' }])
      expect(() => decodePolicy(bytes, options as never)).toThrow(ListError);
  });

  test('says what is wrong', () => {
    const text = new TextEncoder().encode('192.0.2.0/24 # a list, and not the bytes of one');
    expect(codeOf(() => decodePolicy(text))).toBe('not-a-snapshot');
    expect(codeOf(() => inspectSnapshot(text))).toBe('not-a-snapshot');
    expect(codeOf(() => decodePolicy(new Uint8Array(0)))).toBe('truncated');
    expect(codeOf(() => decodePolicy(new ArrayBuffer(100)))).toBe('not-a-snapshot');
    const newer = bytes.slice();
    newer[8] = 2;
    expect(codeOf(() => decodePolicy(newer))).toBe('unsupported-version');
    expect(codeOf(() => inspectSnapshot(newer.subarray(0, 12)))).toBe('unsupported-version');
    const error = new SnapshotError('corrupt', 'no');
    expect([error.name, error.message, error instanceof Error]).toEqual([
      'SnapshotError',
      'no (corrupt)',
      true,
    ]);
  });

  test('does not take content whose hash is that of something else, whatever the checksum', () => {
    const other = bytes.slice();
    const place = new TextDecoder('latin1').decode(other).indexOf('Office');
    other[place] = (other[place] as number) ^ 1;
    expect(decodePolicy(repair(other.slice())).decide('203.0.113.1').entry?.note).toBe('Nffice');
    new DataView(other.buffer).setUint32(12, checksum(other), true);
    for (const verify of ['all', 'checksum'] as const)
      expect(codeOf(() => decodePolicy(other, { verify }))).toBe('corrupt');
  });

  test('does not change with the bytes of a small snapshot', () => {
    const given = bytes.slice();
    const loaded = decodePolicy(given, { verify: 'checksum' });
    given.fill(255);
    expect(loaded.decide('203.0.113.9').verdict).toBe('allow');
    expect(loaded.decide('192.0.2.77').verdict).toBe('deny');
  });

  test('says that the entries were left out', () => {
    const rules = createRules({
      rules: [{ deny: '10.0.0.0/8' }, { allow: '192.0.2.0/24' }],
      otherwise: 'allow',
      exempt: '10.0.0.1',
    });
    const bare = decodePolicy(encodePolicy(rules, { entries: false }));
    const without = '; which one is not known, as the policy was stored without its entries.';
    expect(bare.explain('10.2.0.0').message).toBe(
      `10.2.0.0 is denied: an entry of a rule covers it${without}`,
    );
    expect(bare.explain('10.0.0.1').message).toBe(
      `10.0.0.1 is allowed: an exemption covers it, whatever the rules say${without}`,
    );
    expect(bare.explain('1.1.1.1').message).toBe(
      '1.1.1.1 is allowed: no rule covers it, and otherwise clients are allowed.',
    );
    const one = decodePolicy(encodePolicy(policy, { entries: false }));
    expect(one.explain('203.0.113.1').message).toBe(
      `203.0.113.1 is allowed: an entry of the allow list covers it${without}`,
    );
    expect(one.explain('1.1.1.1').message).toBe('1.1.1.1 is denied: no entry of the allow list covers it.');
    const usage = usageOf(one, ['203.0.113.1', '1.1.1.1']);
    expect([usage.requests, usage.unlisted, usage.entries]).toEqual([2, 1, []]);
  });

  test('keeps an empty list open, or not, and its warning', () => {
    for (const whenEmpty of ['allow', 'deny'] as const) {
      for (const mode of ['allow', 'deny'] as const) {
        const empty = createPolicy({ mode, list: '', whenEmpty });
        for (const entries of [true, false]) {
          const loaded = decodePolicy(encodePolicy(empty, { entries }));
          expect(loaded.decide('192.0.2.1')).toEqual(empty.decide('192.0.2.1'));
          expect(loaded.problems).toEqual(empty.problems);
        }
      }
    }
  });
});

describe('inspectSnapshot', () => {
  test('says what a snapshot holds', () => {
    const info = inspectSnapshot(bytes);
    expect(info).toEqual({
      formatVersion: 1,
      contentHash: expect.stringMatching(/^[0-9a-f]{32}$/),
      byteLength: bytes.length,
      mode: 'allow',
      size: 2,
      exemptions: 1,
      hasEntries: true,
      hasNotes: true,
      hasTimes: false,
    });
    expect(Object.isFrozen(info)).toBe(true);
    const timed = createPolicy({ deny: '10.0.0.1 from 2026-01-01T00:05Z', at: at(9) });
    expect(inspectSnapshot(encodePolicy(timed))).toMatchObject({
      mode: 'deny',
      hasNotes: false,
      hasTimes: true,
    });
  });

  test('reads the header alone, and checks it', () => {
    const damaged = bytes.slice();
    damaged[damaged.length - 20] = (damaged[damaged.length - 20] as number) ^ 1;
    expect(inspectSnapshot(damaged)).toEqual(inspectSnapshot(bytes));
    for (let at = 16; at < 80; at++) {
      const other = bytes.slice();
      other[at] = (other[at] as number) ^ 4;
      expect(['checksum', 'truncated']).toContain(codeOf(() => inspectSnapshot(other)));
    }
  });
});

describe('a large snapshot', () => {
  const deny = manyEntries(60_000).map((entry, index) =>
    index % 1_000 === 0 ? `${entry} # note ${index}` : entry,
  );
  const large = createPolicy({ deny, exempt: '1.2.3.4' }, { maxEntries: 100_000 });
  const stored = encodePolicy(large);
  const sharedOf = (given: Uint8Array): SharedArrayBuffer => {
    const memory = new SharedArrayBuffer(given.length);
    new Uint8Array(memory).set(given);
    return memory;
  };
  const some = [
    ...deny.filter((_, index) => index % 97 === 0).map((text) => text.replace(/\/48.*| #.*/, '1')),
    '1.2.3.4',
  ];
  const isSame = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0;
  const answersOf = (one: Policy): unknown => some.map((client) => [one.decide(client), one.allows(client)]);

  test.each(['all', 'entries', 'checksum'] as const)(
    'decides as what was stored, after checking %s',
    (verify) => {
      for (const given of [stored, sharedOf(stored), new Uint8Array([0, ...stored]).subarray(1)]) {
        const loaded = decodePolicy(given, { verify });
        expect(answersOf(loaded)).toEqual(answersOf(large));
        expect(loaded.explain(some[3])).toEqual(large.explain(some[3]));
        expect(loaded.problems).toEqual(large.problems);
      }
      const loaded = decodePolicy(stored, { verify });
      expect(isSame(encodePolicy(loaded), stored)).toBe(true);
      const { allowed, denied } = comparePolicies(large, loaded);
      expect([allowed.isEmpty, denied.isEmpty]).toEqual([true, true]);
    },
  );

  test('keeps its verdicts and reasons without entries', () => {
    const bytesWithout = encodePolicy(large, { entries: false });
    const loaded = decodePolicy(sharedOf(bytesWithout));
    expect(some.map(loaded.allows)).toEqual(some.map(large.allows));
    expect(comparePolicies(large, loaded).allowed.isEmpty).toBe(true);
    expect(comparePolicies(large, loaded).denied.isEmpty).toBe(true);
    expect(isSame(encodePolicy(loaded), bytesWithout)).toBe(true);
  });

  test('is used where it is: other bytes, other answers, but an end and no error', () => {
    for (const options of [{}, { entries: false }]) {
      const memory = sharedOf(encodePolicy(large, options));
      const loaded = decodePolicy(memory);
      const view = new Int32Array(memory);
      let state = 7;
      for (let round = 0; round < 40; round++) {
        for (let change = 0; change < 4_000; change++) {
          state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
          const word =
            round % 4 === 0 ? -1 : round % 4 === 1 ? state : (state >>> 3) % 2 ** (10 + (round % 20));
          view[20 + ((state >>> 1) % (view.length - 20))] = word;
        }
        for (const client of some.slice(0, 200)) {
          const { verdict, reason } = loaded.decide(client);
          expect(['allow', 'deny']).toContain(verdict);
          expect(loaded.allows(client)).toBe(loaded.decide(client).verdict === 'allow');
          expect(reason).toBeDefined();
        }
      }
      expect(typeof loaded.explain(some[0]).message).toBe('string');
      expect(codeOf(() => encodePolicy(loaded))).toBe('corrupt');
    }
  });

  test('is refused when its tree leads elsewhere, or only decided in bounds when nobody looked', () => {
    const view = new DataView(stored.buffer);
    const offset = view.getUint32(80 + 4, true);
    for (const word of [-1, ~(5 << 5), 2 ** 30 + 3, 2 ** 31 - 1, 60_010]) {
      const crafted = stored.slice();
      new DataView(crafted.buffer).setInt32(offset + 16 + 4 * 700, word, true);
      repair(crafted);
      expect(codeOf(() => decodePolicy(crafted))).toBe('corrupt');
      const loaded = decodePolicy(crafted, { verify: 'checksum' });
      for (const client of ['0.11.0.0', '2.188.0.1', '1.2.3.4'])
        expect(loaded.decide(client).verdict).toBeDefined();
    }
  });
});

test('a small snapshot needs its bytes no longer than it takes to load it', () => {
  const { buffer } = Uint8Array.from(
    encodePolicy(createPolicy({ deny: '198.51.100.0/24 # A\n203.0.113.0/24' })),
  );
  const policy = decodePolicy(buffer);
  structuredClone(buffer, { transfer: [buffer] });
  expect(buffer.byteLength).toBe(0);
  expect(policy.decide('198.51.100.1').entry?.note).toBe('A');
  expect(policy.explain('203.0.113.1').covering).toHaveLength(1);
});

test('bytes that were transferred are named as what they are', () => {
  const bytes = encodePolicy(createPolicy({ deny: '' }));
  structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] });
  for (const given of [bytes, bytes.buffer as ArrayBuffer]) {
    for (const [caller, call] of Object.entries({ decodePolicy, inspectSnapshot }))
      expect(() => call(given)).toThrow(
        new TypeError(
          `${caller} takes bytes that are still there, got those of a buffer that was transferred`,
        ),
      );
  }
});

test('a note that many entries share does not unpack to more than a text can be', () => {
  const share = (count: number): EntryTexts => {
    const texts = new TextLines(encodeText('10.0.0.1\n'.repeat(count)), count, undefined, true, 0x2d);
    const notes = new TextLines(encodeText(`${'y'.repeat(2 ** 16)}\n`), 1, undefined, true, 0x20);
    return new EntryTexts(texts, notes, new Int32Array(count).fill(1));
  };
  expect(share(10).line(3)).toHaveLength(9 + 2 ** 16);
  expect(() => share(2 ** 14)).toThrow(SnapshotError);
});
