import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPolicy, type Mode, normalize, type Policy, type PolicyInput } from '../../src/public/index.ts';
import { goldenClient, goldenText } from '../golden/address.ts';
import { type GoldenNetwork, goldenEntry } from '../golden/entry.ts';
import { goldenCovering, goldenDecide, goldenList } from '../golden/policy.ts';
import {
  addressText,
  entryText,
  listLines,
  mappedText,
  nearMiss,
  numbered,
  spelled,
} from '../support/arbitraries.ts';

const mode = fc.constantFrom<Mode>('allow', 'deny');
const anyClient = fc.oneof(
  addressText,
  nearMiss,
  addressText.map((text) => `${text}%eth0`),
);

function inputOf(listMode: Mode, list: readonly string[] | string): PolicyInput {
  return listMode === 'allow' ? { allow: list } : { deny: list };
}

/** The four edge addresses of every network, as text. */
function edges(lines: readonly string[]): string[] {
  const networks = lines.flatMap((line) => goldenEntry(line) as readonly GoldenNetwork[]);
  return networks.flatMap(({ family, first, last }) => {
    const top = (1n << (family === 4 ? 32n : 128n)) - 1n;
    return [first - 1n, first, last, last + 1n]
      .filter((value) => value >= 0n && value <= top)
      .map((value) => goldenText(family, value));
  });
}

function verdicts(policy: Policy, clients: readonly string[]): string[] {
  return clients.map((client) => `${client} ${policy.decide(client).verdict}`);
}

describe('a policy', () => {
  test('decides and explains as the table read in order', () => {
    fc.assert(
      fc.property(
        listLines,
        fc.array(entryText, { maxLength: 4 }),
        mode,
        fc.constantFrom('allow' as const, 'deny' as const),
        fc.array(anyClient, { maxLength: 12 }),
        (lines, exempt, listMode, whenEmpty, clients) => {
          const policy = createPolicy(inputOf(listMode, lines), { exempt, whenEmpty });
          const golden = {
            mode: listMode,
            entries: goldenList(lines),
            exempt: goldenList(exempt),
            whenEmpty,
          };
          for (const client of [...clients, ...edges([...lines, ...exempt])]) {
            const { verdict, reason, entry } = policy.decide(client);
            const expected = goldenDecide(golden, client);
            expect({
              client,
              verdict,
              reason,
              index: entry === undefined ? undefined : entry.line - 1,
            }).toEqual({ client, ...expected });
            expect(policy.allows(client)).toBe(verdict === 'allow');
            const address = goldenClient(client);
            const { covering, ...explanation } = policy.explain(client);
            expect(explanation.address).toBe(
              address === undefined ? undefined : goldenText(address.family, address.value),
            );
            expect(explanation.zone).toBe(address?.zone);
            const all =
              address === undefined ? [] : goldenCovering([...golden.exempt, ...golden.entries], address);
            expect(
              covering.map(({ list, line }) => (list === 'exempt' ? line - 1 : line - 1 + exempt.length)),
            ).toEqual(all);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('gives mapped and plain clients, and any two spellings, one decision', () => {
    const pair = numbered.chain((number) =>
      number.family === 4
        ? fc.tuple(spelled(number), mappedText(number.value))
        : fc.tuple(spelled(number), spelled(number)),
    );
    fc.assert(
      fc.property(listLines, mode, fc.array(pair, { maxLength: 10 }), (lines, listMode, pairs) => {
        const policy = createPolicy(inputOf(listMode, lines));
        for (const [left, right] of pairs) {
          expect(policy.decide(left)).toEqual(policy.decide(right));
          expect(policy.decide(left).entry).toEqual(policy.decide(right).entry);
        }
      }),
    );
  });

  test('depends on the set of addresses alone: not on order, repetition, spelling or cutting', () => {
    const rewritten = listLines.chain((lines) =>
      fc.tuple(
        fc.constant(lines),
        fc.shuffledSubarray(lines, { minLength: lines.length }),
        fc.array(fc.constantFrom('repeat', 'respell', 'split', 'keep'), {
          minLength: lines.length,
          maxLength: lines.length,
        }),
      ),
    );
    fc.assert(
      fc.property(
        rewritten,
        mode,
        fc.array(addressText, { maxLength: 10 }),
        ([lines, shuffled, changes], listMode, clients) => {
          const changed = shuffled.flatMap((line, index) => rewrite(line, changes[index] as string));
          const probes = [...clients, ...edges(lines)];
          expect(verdicts(createPolicy(inputOf(listMode, changed)), probes)).toEqual(
            verdicts(createPolicy(inputOf(listMode, lines)), probes),
          );
        },
      ),
    );
  });

  test('is only ever stricter for a deny entry, and for an allow entry only ever more open', () => {
    fc.assert(
      fc.property(listLines, entryText, fc.array(anyClient, { maxLength: 10 }), (lines, added, clients) => {
        const probes = [...clients, ...edges([...lines, added])];
        const denyBefore = createPolicy({ deny: lines });
        const denyAfter = createPolicy({ deny: [...lines, added] });
        const allowBefore = createPolicy({ allow: lines });
        const allowAfter = createPolicy({ allow: [...lines, added] });
        for (const probe of probes) {
          if (denyAfter.allows(probe)) expect(denyBefore.allows(probe)).toBe(true);
          if (lines.length > 0 && allowBefore.allows(probe)) expect(allowAfter.allows(probe)).toBe(true);
        }
      }),
    );
  });

  test('never denies for an exemption', () => {
    fc.assert(
      fc.property(
        listLines,
        fc.array(entryText, { maxLength: 4 }),
        mode,
        fc.array(anyClient, { maxLength: 10 }),
        (lines, exempt, listMode, clients) => {
          const before = createPolicy(inputOf(listMode, lines));
          const after = createPolicy(inputOf(listMode, lines), { exempt });
          for (const probe of [...clients, ...edges(exempt)]) {
            if (before.allows(probe)) expect(after.allows(probe)).toBe(true);
            if (after.allows(probe) && !before.allows(probe))
              expect(after.decide(probe).reason).toBe('exempt');
          }
        },
      ),
    );
  });

  test('reads a list as text and as items alike', () => {
    fc.assert(
      fc.property(listLines, mode, fc.array(addressText, { maxLength: 10 }), (lines, listMode, clients) => {
        const fromItems = createPolicy(inputOf(listMode, lines));
        const fromText = createPolicy(inputOf(listMode, lines.join('\r\n')));
        for (const probe of clients)
          expect(fromItems.decide(probe).entry).toEqual(fromText.decide(probe).entry);
        expect(fromItems.problems).toEqual(fromText.problems);
      }),
    );
  });
});

/** The same addresses in other lines. */
function rewrite(line: string, change: string): string[] {
  if (change === 'repeat') return [line, line];
  if (change === 'respell') return [normalize(line)];
  const networks = goldenEntry(line) as readonly GoldenNetwork[];
  if (change !== 'split') return [line];
  return networks
    .flatMap(({ family, first, last }) => {
      const middle = first + (last - first) / 2n;
      const canCut = first < last && !(family === 6 && straddlesMapped(first, middle, last));
      const parts = canCut
        ? [
            [first, middle],
            [middle + 1n, last],
          ]
        : [[first, last]];
      return parts.map(
        ([from, to]) => `${goldenText(family, from as bigint)}-${goldenText(family, to as bigint)}`,
      );
    })
    .filter((part) => goldenEntry(part) !== undefined || line === part)
    .concat(networks.some((network) => isUnspeakable(network)) ? [line] : []);
}

/** A cut inside the mapped block would make entries of two families. */
function straddlesMapped(first: bigint, middle: bigint, last: bigint): boolean {
  return [first, middle, middle + 1n, last].some((end) => end >> 32n === 0xffffn);
}

/** An IPv6 network that ends inside the mapped block cannot be written as a range. */
function isUnspeakable({ family, first, last }: GoldenNetwork): boolean {
  return family === 6 && (first >> 32n === 0xffffn || last >> 32n === 0xffffn);
}
