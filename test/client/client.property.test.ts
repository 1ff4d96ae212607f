import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createClientResolver } from '../../src/public/client.ts';
import { goldenAddress, goldenText } from '../golden/address.ts';
import { goldenCanonical, goldenForwarded, goldenResolve } from '../golden/client.ts';
import { addressText, nearMiss } from '../support/arbitraries.ts';

const trustedText = '@loopback\n10.0.0.0/8\n2001:db8::/64\n::ffff:192.0.2.0/120';

/** The same networks, by arithmetic of its own. */
function isTrusted(address: string): boolean {
  const parsed = goldenAddress(address);
  if (parsed === undefined) return false;
  const { family, value } = parsed;
  if (family === 6) return value === 1n || value >> 64n === 0x20010db800000000n;
  return value >> 24n === 127n || value >> 24n === 10n || value >> 8n === 0xc00002n;
}

const trustedAddress = fc.oneof(
  fc.nat(0xffffff).map((low) => goldenText(4, 0x0a000000n + BigInt(low))),
  fc.nat(255).map((low) => `::ffff:192.0.2.${low}`),
  fc.nat(0xffff).map((low) => `2001:DB8::${low.toString(16)}`),
  fc.constantFrom('127.0.0.1', '::1', '::ffff:7f00:1', '0:0:0:0:0:0:0:1'),
);

const host = fc.oneof({ weight: 3, arbitrary: trustedAddress }, { weight: 2, arbitrary: addressText });
const port = fc.constantFrom(
  '1',
  '80',
  '65535',
  '65536',
  '0',
  '080',
  '',
  '+1',
  '_a',
  '_',
  '_a.b-c',
  ' 80',
  '999999',
);

/** Something that may stand for a node, mostly an address. */
const node = fc.oneof(
  { weight: 8, arbitrary: host },
  { weight: 3, arbitrary: fc.tuple(host, port).map(([name, number]) => `${name}:${number}`) },
  { weight: 4, arbitrary: host.map((name) => `[${name}]`) },
  { weight: 3, arbitrary: fc.tuple(host, port).map(([name, number]) => `[${name}]:${number}`) },
  { weight: 1, arbitrary: nearMiss },
  {
    weight: 1,
    arbitrary: fc.constantFrom('unknown', '_hidden', '', '_', 'fe80::1%eth0', '[fe80::1%eth0]:1'),
  },
);

const blank = fc.constantFrom('', '', '', ' ', '\t', '  ');

const listLine = fc
  .array(fc.tuple(blank, fc.oneof({ weight: 6, arbitrary: node }, fc.constant('')), blank), { maxLength: 6 })
  .map((parts) => parts.map((part) => part.join('')).join(','));

const value = fc.oneof(
  { weight: 3, arbitrary: node.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`) },
  { weight: 2, arbitrary: node },
  { weight: 1, arbitrary: node.map((text) => `"${text.replace(/./gs, '\\$&')}"`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('"', '"a', '""', '', 'a"b"', '"a"b', '"\\"', '"a\\\\"', '"é"', '"\u0100"'),
  },
);
const name = fc.constantFrom(
  'for',
  'for',
  'for',
  'For',
  'FOR',
  'by',
  'proto',
  'host',
  'fo',
  'forx',
  '',
  'f r',
);
const pair = fc
  .tuple(name, fc.constantFrom('=', '=', '=', '=', ' =', '= ', ''), value)
  .map((parts) => parts.join(''));
const separated = (
  separators: readonly string[],
  item: fc.Arbitrary<string>,
  most: number,
): fc.Arbitrary<string> =>
  fc
    .array(fc.tuple(item, fc.constantFrom(...separators)), { maxLength: most })
    .map((parts) =>
      parts.map((part, index) => (index === parts.length - 1 ? part[0] : part.join(''))).join(''),
    );
const forwardedElement = fc.oneof(
  { weight: 6, arbitrary: host.map((text) => (text.includes(':') ? `for="[${text}]"` : `for=${text}`)) },
  { weight: 4, arbitrary: separated([';', ';', '; ', ' ; ', ';;'], pair, 4) },
);
const forwardedLine = fc.oneof(
  { weight: 6, arbitrary: separated([',', ', ', ' ,\t', ',,'], forwardedElement, 5) },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...'for="\\,; \t10.:[]x'), maxLength: 40 }) },
);

const peer = fc.oneof(
  { weight: 8, arbitrary: trustedAddress },
  { weight: 2, arbitrary: addressText },
  { weight: 1, arbitrary: nearMiss },
  { weight: 1, arbitrary: fc.constant(undefined) },
);

const kinds: readonly (readonly [header: string, line: fc.Arbitrary<string>])[] = [
  ['x-forwarded-for', listLine],
  ['x-original-forwarded-for', listLine],
  ['forwarded', forwardedLine],
  ['cf-connecting-ip', fc.oneof(node, listLine)],
];

describe.each(kinds)('the walk along %s', (header, line) => {
  const resolve = createClientResolver({ trusted: trustedText, header: header.toUpperCase() });
  const short = createClientResolver({ trusted: trustedText, header, maxHeaderLength: 40 });
  const strict = createClientResolver({ trusted: trustedText, header, required: true });

  test('ends where that of its slow twin does', () => {
    fc.assert(
      fc.property(peer, fc.option(fc.array(line, { maxLength: 3 }), { nil: undefined }), (from, lines) => {
        expect(resolve(from, lines)).toEqual(goldenResolve(isTrusted, header, from, lines));
        expect(strict(from, lines)).toEqual(goldenResolve(isTrusted, header, from, lines, undefined, true));
        expect(short(from, lines)).toEqual(goldenResolve(isTrusted, header, from, lines, 40));
      }),
      { numRuns: 4_000 },
    );
  });

  test('is the same for one line as for its text', () => {
    fc.assert(
      fc.property(peer, line, (from, text) => {
        expect(resolve(from, text)).toEqual(resolve(from, [text]));
      }),
    );
  });

  test('reads nothing that a client wrote, behind a proxy that does its work', () => {
    const untrusted = addressText
      .map((text) => goldenCanonical(text) as string)
      .filter((text) => !isTrusted(text));
    const written = (text: string): string => {
      if (header !== 'forwarded') return text;
      return text.includes(':') ? `for="[${text}]";proto=https` : `for=${text};proto=https`;
    };
    fc.assert(
      fc.property(
        trustedAddress,
        untrusted,
        fc.array(fc.oneof(line, fc.string()), { maxLength: 3 }),
        (from, client, forged) => {
          // As a line of its own: what stands in other lines cannot reach it.
          const lines = header === 'cf-connecting-ip' ? [client] : [...forged, written(client)];
          expect(resolve(from, lines)).toMatchObject({ address: client, source: 'header' });
          if (header === 'cf-connecting-ip') return;
          // Joined to one line: the same client, or none.
          const { address } = resolve(from, [...forged, written(client)].join(', '));
          expect([client, undefined]).toContain(address);
          if (header !== 'forwarded') expect(address).toBe(client);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('the result', () => {
  test('is frozen and consistent, whatever it is made from', () => {
    const resolvers = kinds.map(([header]) => createClientResolver({ trusted: trustedText, header }));
    fc.assert(
      fc.property(fc.constantFrom(...resolvers), fc.anything(), fc.anything(), (resolve, from, header) => {
        const client = resolve(from as never, header as never);
        expect(Object.isFrozen(client) && Object.isFrozen(client.hops)).toBe(true);
        if (client.address === undefined) expect(client.problem).toMatch(/^(no-peer|malformed-header)$/);
        else expect(goldenCanonical(client.address)).toBe(client.address);
        for (const hop of client.hops) expect(isTrusted(hop)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test('the twin reads the grammar, not only refuses', () => {
    const lines = fc.sample(forwardedLine, 2_000);
    const read = lines.filter((line) => goldenForwarded(line) !== undefined);
    expect(read.length).toBeGreaterThan(600);
    expect(read.length).toBeLessThan(1_800);
  });
});
