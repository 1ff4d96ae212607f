/**
 * The published files against a twin that takes all values from the platform's parser: in any order of members, with any
 * blanks and escapes, and among members of any kind.
 */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Format } from '../../src/exchange/format.ts';
import { awsWaf } from '../../src/formats/aws-waf.ts';
import { crowdsec } from '../../src/formats/crowdsec.ts';
import {
  atlassian,
  awsRanges,
  azureServiceTags,
  cloudflare,
  fastly,
  githubMeta,
  googleRanges,
} from '../../src/formats/published.ts';
import { importList } from '../../src/public/formats.ts';
import { normalize } from '../../src/public/index.ts';

const network = fc.constantFrom(
  '192.0.2.0/24',
  '198.51.100.7/32',
  '2001:db8::/32',
  '192.0.2.1',
  '::ffff:192.0.2.0/120',
);
const word = fc.constantFrom('a', 'b', 'S3', '', 'é"\\', '\u2028', '__proto__');
const anything = fc.jsonValue({ maxDepth: 2 });

interface Case {
  readonly format: Format;
  readonly key: string;
  readonly document: fc.Arbitrary<unknown>;
  /** The address and the label of each entry, by the platform's reading. */
  readonly read: (document: never) => readonly (readonly [string, string])[];
}

type Aws = Record<'prefixes' | 'ipv6_prefixes', readonly Record<string, string>[]>;
type Google = { readonly prefixes: readonly Record<string, string>[] };
type Azure = { readonly values: readonly { name: string; properties: { addressPrefixes: string[] } }[] };
type Atlassian = { readonly items: readonly { cidr: string; product: string[] }[] };

const cases: readonly Case[] = [
  {
    format: awsRanges,
    key: 'service',
    document: fc.record({
      prefixes: fc.array(fc.record({ ip_prefix: network, service: word, region: word, extra: anything }), {
        minLength: 1,
      }),
      more: anything,
      ipv6_prefixes: fc.array(fc.record({ region: word, ipv6_prefix: network, service: word })),
    }),
    read: (document: Aws) =>
      [...document.prefixes, ...document.ipv6_prefixes].map((item) => [
        (item['ip_prefix'] ?? item['ipv6_prefix']) as string,
        item['service'] as string,
      ]),
  },
  {
    format: googleRanges,
    key: 'scope',
    document: fc.record({
      creationTime: anything,
      prefixes: fc.array(
        fc.oneof(
          fc.record({ ipv4Prefix: network, scope: word }),
          fc.record({ scope: word, x: anything, ipv6Prefix: network }),
        ),
        { minLength: 1 },
      ),
    }),
    read: (document: Google) =>
      document.prefixes.map((item) => [
        (item['ipv4Prefix'] ?? item['ipv6Prefix']) as string,
        item['scope'] as string,
      ]),
  },
  {
    format: azureServiceTags,
    key: 'tag',
    document: fc.record({
      values: fc.array(
        fc.oneof(
          fc.record({
            name: word,
            properties: fc.record({ addressPrefixes: fc.array(network, { minLength: 1 }), state: anything }),
          }),
          fc.record({
            properties: fc.record({ z: anything, addressPrefixes: fc.array(network, { minLength: 1 }) }),
            name: word,
          }),
        ),
        { minLength: 1 },
      ),
    }),
    read: (document: Azure) =>
      document.values.flatMap(({ name, properties }) =>
        properties.addressPrefixes.map((address) => [address, name] as const),
      ),
  },
  {
    format: atlassian,
    key: 'product',
    document: fc.record({
      items: fc.array(
        fc.record({ product: fc.array(word, { minLength: 1, maxLength: 1 }), mask: anything, cidr: network }),
        {
          minLength: 1,
        },
      ),
    }),
    read: (document: Atlassian) => document.items.map(({ cidr, product }) => [cidr, product[0] as string]),
  },
];

/** JSON with other blanks, and with some of its strings escaped to the last character. */
function respell(document: unknown, indent: number, isEscaped: boolean): string {
  const text = JSON.stringify(document, undefined, indent);
  if (!isEscaped) return text;
  let spelled = '';
  for (let at = 0; at < text.length; at++) {
    if (text.charAt(at) === '\\') spelled += text.slice(at, ++at + 1);
    else if ('/aip'.includes(text.charAt(at)) && isInString(text, at))
      spelled += `\\u00${text.charCodeAt(at).toString(16)}`;
    else spelled += text.charAt(at);
  }
  return spelled;
}

function isInString(text: string, at: number): boolean {
  let isIn = false;
  for (let each = 0; each < at; each++) {
    if (text.charAt(each) === '\\') each++;
    else if (text.charAt(each) === '"') isIn = !isIn;
  }
  return isIn;
}

describe('entries and labels are those that the platform reads', () => {
  test.each(cases.map((each) => [each.format.name, each] as const))(
    '%s',
    (_name, { format, key, document, read }) => {
      const layout = fc.record({ indent: fc.constantFrom(0, 1, 4), isEscaped: fc.boolean() });
      fc.assert(
        fc.property(document, layout, fc.option(word), (value, { indent, isEscaped }, wanted) => {
          const text = respell(value, indent, isEscaped);
          const all = read(JSON.parse(text) as never);
          const chosen = wanted === null ? all : all.filter(([, label]) => label === wanted);
          const list = importList(text, {
            format,
            ...(wanted === null ? {} : { select: { [key]: wanted } }),
          });
          expect(list.entries.map(({ address, label = '' }) => [address, label])).toEqual(
            chosen.map(([address, label]) => [normalize(address), label]),
          );
          expect(list.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
          if (isEscaped) return;
          const lines = text.split('\n');
          for (const [index, { line }] of list.entries.entries())
            expect(lines[line - 1]).toContain(`"${(chosen[index] as readonly [string, string])[0]}"`);
        }),
        { numRuns: 60 },
      );
    },
  );
});

describe('no document makes a reader fail', () => {
  const names = [
    ...[
      'prefixes',
      'ip_prefix',
      'values',
      'properties',
      'addressPrefixes',
      'addresses',
      'result',
      'ipv4_cidrs',
      'hooks',
    ],
    ...[
      'items',
      'cidr',
      'Addresses',
      'IPSet',
      'IPSetDescriptors',
      'Value',
      'new',
      'deleted',
      'decisions',
      'value',
      'scope',
    ],
    ...['type', 'duration', 'name', '__proto__', 'constructor', 'toString'],
  ];
  const leaf = fc.oneof(network, fc.constantFrom('ban', 'Ip', '1h', '', null, 1, true, 'x'));
  const document = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      leaf,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 4 }),
    ),
  })).value;
  const formats = [
    awsRanges,
    googleRanges,
    azureServiceTags,
    githubMeta,
    atlassian,
    fastly,
    cloudflare,
    awsWaf,
    crowdsec,
  ];

  test.each(formats.map((format) => [format.name, format] as const))('%s', (_name, format) => {
    fc.assert(
      fc.property(document, fc.nat(), (value, cut) => {
        const whole = JSON.stringify(value);
        for (const text of [whole, whole.slice(0, cut % whole.length)]) {
          const list = importList(text, { format, now: new Date(0) });
          expect(list.problems.map(({ code }) => code)).not.toContain('unreadable');
          for (const { line, column, text: part } of list.problems)
            expect([line, text.slice(column - 1, column - 1 + part.length)]).toEqual([1, part]);
          // Without an entry there is always a reason.
          const isFine = list.entries.length > 0 || list.problems.length > 0;
          const isEmptyList = ['aws-waf', 'crowdsec'].includes(format.name);
          expect(isFine || isEmptyList).toBe(true);
        }
      }),
    );
  });
});
