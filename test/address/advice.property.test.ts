import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { acceptEntry, acceptLine, rewriteEntry } from '../../src/address/advice.ts';
import { findEntryFault, findPrefixFault } from '../../src/address/entry-fault.ts';
import { findAddressFault } from '../../src/address/fault.ts';
import { normalize, tryParseAddress, tryParsePrefix } from '../../src/public/index.ts';
import { goldenText } from '../golden/address.ts';
import { goldenEntry } from '../golden/entry.ts';
import { addressText, entryText, ipv4Number, nearMiss, numbered } from '../support/arbitraries.ts';

const word = fc.constantFrom(
  'Office',
  'Büro',
  'web1',
  'not',
  'deny',
  'to',
  '//',
  'until',
  '2026-01-01',
  '東京',
);
const between = fc.constantFrom(' ', '  ', ', ', ',', ' - ', '-', '\t', ';', ' | ', ' to ', ' – ', '/', ' /');
const mark = fc.constantFrom(
  ...'"\'`[]():;,.*x@!#%|&+-–/ \t\u00a0\u200b',
  '255.255.0.0',
  'http://',
  ':80',
  '',
);
const part = fc.oneof(entryText, nearMiss, word, addressText);

/** Lines as people get them wrong: entries with marks in them, before them and after them. */
const line = fc.oneof(
  fc.tuple(mark, part, mark).map((parts) => parts.join('')),
  fc.tuple(part, between, part).map((parts) => parts.join('')),
  fc.tuple(mark, part, between, part, between, part).map((parts) => parts.join('')),
  fc.tuple(entryText, fc.nat(), mark).map(([text, at, sign]) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + sign + text.slice(place);
  }),
  fc.string({ unit: 'binary' }),
);

/** What a message says to write, when that is one text without blanks. */
function adviceOf(message: string | undefined): string | undefined {
  return message?.match(/: write (\S*[.:@]\S*)$/)?.[1];
}

describe('what is advised', () => {
  test('for a line is an entry, and at most a note', () => {
    fc.assert(
      fc.property(line, (text) => {
        const write = rewriteEntry(text, acceptLine);
        if (write === undefined) return;
        const [entry, ...note] = write.split(' # ');
        expect(goldenEntry(entry as string)).toBeDefined();
        expect(note.join('')).not.toMatch(/[!@]|\b(not|except|deny|until|from|to)\b|\d[.:-]\d/);
        if (goldenEntry(text) !== undefined) return;
        expect(findEntryFault(text, 0, text.length)?.message.endsWith(`: write ${write}`)).toBe(true);
      }),
      { numRuns: 20_000 },
    );
  });

  test('where an entry stands alone is accepted there', () => {
    fc.assert(
      fc.property(line, (text) => {
        const write = rewriteEntry(text, acceptEntry);
        if (write !== undefined) expect(() => normalize(write)).not.toThrow();
      }),
      { numRuns: 10_000 },
    );
  });

  test('for an address is an address, and for a prefix a prefix', () => {
    fc.assert(
      fc.property(line, (text) => {
        const address = adviceOf(findAddressFault(text, 0, text.length)?.message);
        if (address !== undefined) expect(tryParseAddress(address)).toBeDefined();
        const prefix = text.includes('/') ? adviceOf(findPrefixFault(text)?.message) : undefined;
        if (prefix !== undefined) expect(tryParsePrefix(prefix)).toBeDefined();
      }),
      { numRuns: 10_000 },
    );
  });

  const alone: Record<string, (entry: string) => string> = {
    quotes: (entry) => `"${entry}"`,
    'typographic quotes': (entry) => `\u201c${entry}\u201d,`,
    'a bullet': (entry) => `- ${entry}`,
    'a comma': (entry) => `${entry}, `,
    'a note': (entry) => `${entry} Office`,
    'a note after a dash': (entry) => `${entry} \u2013 Office`,
    'a note after slashes': (entry) => `${entry} // Office`,
    'a note after a tab': (entry) => `${entry}\tOffice`,
  };

  test.each(Object.keys(alone))('for an entry with %s is that entry', (shape) => {
    fc.assert(
      fc.property(entryText, (entry) => {
        const write = rewriteEntry((alone[shape] as (entry: string) => string)(entry), acceptLine);
        expect(write?.replace(' # Office', '')).toBe(entry);
      }),
      { numRuns: 300 },
    );
  });

  const addresses: Record<string, (address: string) => string> = {
    brackets: (address) => `[${address}]`,
    'brackets and a port': (address) => `[${address}]:443`,
    'a URL': (address) => `https://${address.includes(':') ? `[${address}]` : address}:8080/path`,
    'a zone': (address) => `${address}%eth0`,
    'a prefix length apart': (address) => `${address} /24`,
    'a zone and a prefix length': (address) => `${address}%eth0/24`,
  };

  test.each(Object.keys(addresses))('for an address with %s is that address', (shape) => {
    fc.assert(
      fc.property(numbered, ({ family, value }) => {
        const address = goldenText(family, value);
        fc.pre(!address.startsWith('::ffff:'));
        const length = shape.includes('prefix') ? '/24' : '';
        const text = (addresses[shape] as (address: string) => string)(address);
        expect(rewriteEntry(text, acceptLine)).toBe(`${address}${length}`);
      }),
      { numRuns: 300 },
    );
  });

  const ipv4: Record<string, (address: string, length: number) => string | undefined> = {
    'a netmask': (address, length) => `${address}/${goldenText(4, maskOf(length))}`,
    'a netmask apart': (address, length) => `${address} ${goldenText(4, maskOf(length))}`,
    'a netmask in words': (address, length) => `${address} Netmask ${goldenText(4, maskOf(length))}`,
    'a wildcard mask': (address, length) => `${address}/${goldenText(4, wildcardOf(length))}`,
    'a wildcard mask apart': (address, length) => `${address}\t${goldenText(4, wildcardOf(length))}`,
    'a mapped prefix': (address, length) => `::ffff:${address}/${length}`,
  };

  test.each(Object.keys(ipv4))('for an IPv4 network with %s is that network', (shape) => {
    fc.assert(
      fc.property(ipv4Number, fc.integer({ min: 1, max: 32 }), (value, length) => {
        // As a wildcard mask, 255.255.255.255 is everything.
        fc.pre(length < 32 || shape.includes('mapped'));
        const address = goldenText(4, value);
        const text = ipv4[shape]?.(address, length) as string;
        // Apart, a mask of few bits may as well be a second address.
        const isUnsure = shape.endsWith('apart') && length < 8;
        expect(rewriteEntry(text, acceptLine)).toBe(isUnsure ? undefined : `${address}/${length}`);
      }),
      { numRuns: 300 },
    );
  });

  const unsure = [
    ...['10.0.0.1|https://10.0.0.2', '10.0.0.1+http://10.0.0.2/', 'http://10.0.0.1/10.0.0.2'],
    ...['http://10.0.0.1/-10.0.0.9', 'http://10.0.0.1?x=10.0.0.2', '!http://10.0.0.1', 'not://10.0.0.1'],
    ...['@private/@loopback', 'private/10.0.0.1', '@private/not', 'PRIVATE/!', '10.0.0.1%0-20'],
    ...['10.0.0.1 –b', '10.0.0.1 −b', '10.0.0.1 ‑b', '10.0.0.0 \\8', '10.0.0.0 ⁄8', '10.0.0.0 ／8'],
    ...[
      '10.0.0.0 _24',
      '10.0.0.0 [24]',
      '10.0.0.0 ~8',
      '10.0.0.0 {8}',
      '10.0.0.0 ^8',
      '10.0.0.1 １０．０．０．２',
    ],
    ...['10.0.0.1 ¬office', '10.0.0.1 ≠office', '10.0.0.1 ~office', '10.0.0.1 ！web'],
    ...['10.0.0.1 128.0.0.0', '10.0.0.1 192.0.0.0', '10.0.0.1 240.0.0.0'],
    ...['10.0.0.1 never', '10.0.0.1 don’t', '10.0.0.1 excluded', '10.0.0.1 revoked', '10.0.0.1 disabled'],
    ...['10.0.0.1, loopback', '10.0.0.1 private', '10.0.0.1, example.com', '10.0.0.1 & localhost'],
    ...['[2001:db8::1]:443/128', '[::1]:80a', '[2001:db8::1]2', '[10.0.0.1]0/8', 'http://[10.0.0.1]5/'],
  ];

  test.each(unsure)('for %s is nothing', (text) => {
    expect(rewriteEntry(text, acceptLine)).toBeUndefined();
    expect(findAddressFault(text, 0, text.length)?.message).not.toMatch(/write [^ ]*\d/);
  });

  test('for masks with holes, and for those that are all ones or zeros, is nothing', () => {
    fc.assert(
      fc.property(ipv4Number, ipv4Number, fc.constantFrom('/', ' '), (value, mask, sign) => {
        const masks = Array.from({ length: 31 }, (_, length) => [maskOf(length + 1), wildcardOf(length + 1)]);
        fc.pre(!masks.flat().includes(mask));
        const text = `${goldenText(4, value)}${sign}${goldenText(4, mask)}`;
        expect(rewriteEntry(text, acceptLine)).toBeUndefined();
      }),
    );
  });

  test('for ranges in other words is the same range', () => {
    fc.assert(
      fc.property(ipv4Number, ipv4Number, (left, right) => {
        fc.pre(left !== right);
        const [first, last] = [left, right]
          .sort((one, other) => (one < other ? -1 : 1))
          .map((value) => goldenText(4, value));
        const texts = [`${last}-${first}`, `FROM ${first} TO ${last}`];
        for (const sign of [' to ', '\u2013', '..', ' .. ', ' through ', ' ~ ', '~', '\t\u2013\t'])
          texts.push(`${first}${sign}${last}`);
        for (const text of texts) {
          expect(rewriteEntry(text, acceptLine)).toBe(`${first}-${last}`);
        }
        const octet = last?.slice(last.lastIndexOf('.') + 1);
        const write = rewriteEntry(`${first}-${octet}`, acceptLine);
        const same = `${first?.slice(0, first.lastIndexOf('.'))}.${octet}`;
        // `10.0.0.0-24` may be a network.
        const [lower] = [left, right].sort((one, other) => (one < other ? -1 : 1)) as [bigint];
        const isUnsure = Number(octet) <= 32 && (lower & wildcardOf(Number(octet))) === 0n;
        const range = goldenEntry(`${first}-${same}`) && `${first}-${same}`;
        expect(write).toBe(isUnsure ? undefined : range);
      }),
    );
  });

  test('for octets that are missing or stars is the network of those that are there', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(255), { minLength: 1, maxLength: 3 }), fc.nat(32), (octets, length) => {
        const network = [...octets, 0, 0, 0].slice(0, 4).join('.');
        const size = octets.length * 8;
        const padded = rewriteEntry(`${octets.join('.')}/${length}`, acceptLine);
        // `5/8` is a fraction.
        const isSure = length === size && (size > 8 || network.length > 7);
        expect(padded).toBe(isSure ? `${network}/${length}` : undefined);
        for (const star of ['*', 'x', 'X']) {
          const starred = [...octets, star, star, star].slice(0, 4).join('.');
          expect(rewriteEntry(starred, acceptLine)).toBe(`${network}/${size}`);
        }
        expect(rewriteEntry(octets.join('.'), acceptLine)).toBeUndefined();
      }),
    );
  });

  const conditions =
    ' not X| except X| deny| !X| X| and X| until 2026-01-01| from 2026-01-01| 2026-01-01| (not X)|, except X| - X not| excluding X| excluding lan| minus lan|: denied|, Expires soon| disabled| switched off| but not X| only office| unless office| -X| via:X| office X|\tnot X|\tX| // not X| 24| X/24| until May| Office, not X|/8 not X';

  test.each(conditions.split('|').map((rest) => [JSON.stringify(rest), rest] as const))(
    'after an entry with %s is nothing',
    (_, rest) => {
      fc.assert(
        fc.property(entryText, addressText, (entry, other) => {
          const text = `${entry}${rest.replace('X', other)}`;
          fc.pre(goldenEntry(text) === undefined);
          // Two addresses with a hyphen are a range, which may only have to be turned.
          fc.pre(!/^ ?-/.test(rest) || entry.includes('/') || entry.includes('-') || entry.includes('@'));
          // A second text in the form of a netmask is read as one.
          fc.pre(!/\b(0|255)\.(0|128|192|224|240|248|252|254|255)\b/.test(other));
          expect(rewriteEntry(text, acceptLine)).toBeUndefined();
          expect(findEntryFault(text, 0, text.length)?.message).not.toContain('#');
        }),
        { numRuns: 200 },
      );
    },
  );
});

function wildcardOf(length: number): bigint {
  return maskOf(length) ^ 0xffffffffn;
}

function maskOf(length: number): bigint {
  return (0xffffffffn << BigInt(32 - length)) & 0xffffffffn;
}
