import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPolicy, ListError, normalize, parseList } from '../../src/public/index.ts';
import { RestrictionList } from '../../src/public/list.ts';
import { goldenEntryLine } from '../golden/lines.ts';
import { entryText } from '../support/arbitraries.ts';

/** Few entries in several spellings, so that they meet. */
const spellings = [
  ['10.0.0.1', '10.0.0.1/32', '::ffff:10.0.0.1', '10.0.0.1-10.0.0.1'],
  ['10.0.0.0/24', '10.0.0.9/24', '10.0.0.0 - 10.0.0.255'],
  ['2001:db8::/32', '2001:DB8:0::1/32'],
  ['10.0.0.3-10.0.0.9', '10.0.0.3 -10.0.0.9'],
  ['@private'],
  ['::1', '0:0:0:0:0:0:0:1'],
];
const address = fc.constantFrom(...spellings.flat());
const note = fc.constantFrom(undefined, 'Office', 'office', 'a # b', 'Büro 東京', '$&');
const badNote = fc.constantFrom('a\n0.0.0.0/0', 'a\rb', 'a\u202eb', 'a\u0000');
const group = fc.oneof({ weight: 5, arbitrary: note }, { weight: 1, arbitrary: fc.constant('nobody') });
const line = fc.oneof(
  fc.constantFrom('', '  ', '# comment', '\t# 10.0.0.7', '#'),
  fc
    .tuple(fc.constantFrom('', ' ', '\t'), address, fc.constantFrom('', ' ', '  '), note)
    .map(([before, entry, between, text]) =>
      text === undefined ? `${before}${entry}${between}` : `${before}${entry}${between}#${between}${text}`,
    ),
);
const badLine = fc.constantFrom('x', '10.0.0.300', '10.0.0.1 10.0.0.2', '10.0.0.1 # a\u202eb');
const LIMIT = 9;

/** The naive list: lines in an array. Comments, blanks and all are in the lines. */
interface Model {
  mode: 'allow' | 'deny';
  lineEnd: string;
  lines: string[];
}

const entryOf = (
  text: string,
): { entry: string; note: string | undefined; canonical: string } | undefined => {
  const found = goldenEntryLine(text);
  return found && { ...found, canonical: normalize(found.entry) };
};
const count = (lines: readonly string[]): number =>
  lines.filter((text) => entryOf(text) !== undefined).length;
const write = (entry: string, text: string | undefined): string =>
  text === undefined ? entry : `${entry} # ${text}`;
/** A list of no line is the text of one empty line. */
const orEmpty = (lines: string[]): string[] => (lines.length === 0 ? [''] : lines);

/** The list itself, and all that it was: nothing may ever change one of them. */
interface Real {
  list: RestrictionList;
  readonly past: (readonly [RestrictionList, text: string])[];
}

/** One step: what the naive list becomes, or the code with which it is refused; and the same done to the real one. */
class Step implements fc.Command<Model, Real> {
  readonly #name: string;
  readonly #expected: (model: Model) => readonly string[] | { readonly code: string };
  readonly #change: (list: RestrictionList) => RestrictionList;

  constructor(
    name: string,
    expected: (model: Model) => readonly string[] | { readonly code: string },
    change: (list: RestrictionList) => RestrictionList,
  ) {
    this.#name = name;
    this.#expected = expected;
    this.#change = change;
  }

  check(): boolean {
    return true;
  }

  run(model: Model, real: Real): void {
    const expected = this.#expected(model);
    const before = real.list;
    const text = before.toString();
    real.past.push([before, text]);
    if (Array.isArray(expected)) {
      model.lines = [...expected];
      real.list = this.#change(before);
    } else {
      let thrown: unknown;
      try {
        this.#change(before);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(ListError);
      const { problems } = thrown as ListError;
      expect(problems.map(({ code }) => code)).toContain((expected as { code: string }).code);
    }
    // A text of one line does not say how its lines end.
    if (model.lines.length === 1) model.lineEnd = '\n';
    checkAgainst(model, real.list);
    for (const [list, old] of real.past) expect(list.toString()).toBe(old);
  }

  toString(): string {
    return this.#name;
  }
}

/** Everything that can be read of the list. */
function checkAgainst({ mode, lines, lineEnd }: Model, list: RestrictionList): void {
  expect(list.toString()).toBe(lines.join(lineEnd));
  expect([list.mode, list.maxEntries]).toEqual([mode, LIMIT]);
  const entries = lines.flatMap((text, index) => {
    const found = entryOf(text);
    return found === undefined
      ? []
      : [{ text: found.entry, canonical: found.canonical, note: found.note, list: mode, line: index + 1 }];
  });
  expect(list.entries).toEqual(entries);
  const notes = [...new Set(entries.map((entry) => entry.note))];
  expect(list.groups).toEqual(
    notes.map((shared) => ({ note: shared, entries: entries.filter((entry) => entry.note === shared) })),
  );
  const seen = new Set<string>();
  const repeated = entries.filter(({ canonical }) => seen.size === seen.add(canonical).size);
  const duplicates = list.problems.filter(({ code }) => code === 'duplicate');
  expect(duplicates.map((problem) => problem.line)).toEqual(repeated.map((entry) => entry.line));
  const opening =
    entries.length === 0
      ? 'No addresses'
      : mode === 'allow'
        ? `Only ${entries.length} `
        : `${entries.length} `;
  expect(list.describe().startsWith(opening)).toBe(true);
  expect(list.describe().includes(` (in ${notes.length} groups)`)).toBe(notes.length > 1);
  // A policy of the list keeps its lines.
  const policy = createPolicy(list);
  expect([policy.mode, policy.size]).toEqual([mode, entries.length]);
  for (const { entry } of [policy.decide('10.0.0.1'), policy.decide('2001:db8::7')]) {
    if (entry !== undefined) expect(entries).toContainEqual(entry);
  }
}

const added = fc.array(address, { minLength: 1, maxLength: 4 });

const steps: fc.Arbitrary<fc.Command<Model, Real>>[] = [
  fc.tuple(added, note, fc.boolean()).map(
    ([addresses, text, isText]) =>
      new Step(
        `add(${JSON.stringify(addresses)}, ${text})`,
        ({ lines }) => {
          if (count(lines) + addresses.length > LIMIT) return { code: 'too-many-entries' };
          const next = addresses.map((entry) => write(entry, text));
          if (lines.length === 1 && lines[0] === '') return next;
          return lines.at(-1) === '' ? [...lines.slice(0, -1), ...next, ''] : [...lines, ...next];
        },
        (list) => list.add(isText ? addresses.join('\r\n') : addresses, text),
      ),
  ),
  fc.tuple(added, badLine, badNote, fc.boolean()).map(
    ([addresses, bad, text, isLine]) =>
      new Step(
        `add badly`,
        () => ({
          code: isLine
            ? (parseList(bad).problems[0]?.code as string)
            : /[\n\r]/.test(text)
              ? 'line-break'
              : 'invalid-character',
        }),
        (list) => (isLine ? list.add([...addresses, bad]) : list.add(addresses, text)),
      ),
  ),
  address.map(
    (entry) =>
      new Step(
        `remove(${entry})`,
        ({ lines }) => {
          const rest = lines.filter((content) => entryOf(content)?.canonical !== normalize(entry));
          return rest.length === lines.length ? { code: 'not-in-list' } : orEmpty(rest);
        },
        (list) => list.remove(entry),
      ),
  ),
  group.map(
    (shared) =>
      new Step(
        `removeGroup(${shared})`,
        ({ lines }) => {
          const isOfGroup = (content: string): boolean => {
            const found = entryOf(content);
            return found !== undefined && found.note === shared;
          };
          const rest = lines.filter((content) => !isOfGroup(content));
          return rest.length === lines.length ? { code: 'no-such-group' } : orEmpty(rest);
        },
        (list) => list.removeGroup(shared),
      ),
  ),
  fc.tuple(group, note).map(
    ([shared, next]) =>
      new Step(
        `editGroup(${shared}, { note: ${next} })`,
        ({ lines }) => {
          let isFound = false;
          const renamed = lines.map((content) => {
            const found = entryOf(content);
            if (found === undefined || found.note !== shared) return content;
            isFound = true;
            if (found.note === next) return content;
            if (next === undefined) return content.slice(0, content.indexOf('#')).replace(/[ \t]+$/, '');
            if (found.note === undefined) return `${content.replace(/[ \t]+$/, '')} # ${next}`;
            return content.slice(0, content.length - found.note.length) + next;
          });
          return isFound ? renamed : { code: 'no-such-group' };
        },
        (list) => list.editGroup(shared, { note: next ?? '' }),
      ),
  ),
  fc.tuple(group, added).map(
    ([shared, addresses]) =>
      new Step(
        `editGroup(${shared}, { addresses: ${JSON.stringify(addresses)} })`,
        ({ lines }) => {
          const ofGroup = lines.flatMap((content, index) => {
            const found = entryOf(content);
            return found !== undefined && found.note === shared ? [{ ...found, content, index }] : [];
          });
          const last = ofGroup.at(-1)?.index;
          if (last === undefined) return { code: 'no-such-group' };
          // Who is there in the same spelling stays; then who is there in another gets the new spelling.
          const free = new Set(ofGroup);
          const changed = new Map<number, string | undefined>(ofGroup.map(({ index }) => [index, undefined]));
          const take = (
            entry: string,
            isSame: (there: { entry: string; canonical: string }) => boolean,
          ): boolean => {
            const there = [...free].find(isSame);
            if (there === undefined) return false;
            free.delete(there);
            changed.set(there.index, there.content.replace(there.entry, entry));
            return true;
          };
          const others = addresses.filter((entry) => !take(entry, (there) => there.entry === entry));
          const fresh = others.filter(
            (entry) => !take(entry, (there) => there.canonical === normalize(entry)),
          );
          const next = lines.flatMap((content, index) => {
            const stays = changed.has(index) ? changed.get(index) : content;
            const news = index === last ? fresh.map((entry) => write(entry, shared)) : [];
            return [...(stays === undefined ? [] : [stays]), ...news];
          });
          return count(next) > LIMIT ? { code: 'too-many-entries' } : orEmpty(next);
        },
        (list) => list.editGroup(shared, { addresses }),
      ),
  ),
  fc.tuple(address, fc.option(address, { nil: undefined }), fc.boolean(), note).map(
    ([entry, moved, hasNote, next]) =>
      new Step(
        `editEntry(${entry}, ${JSON.stringify({ address: moved, ...(hasNote ? { note: next ?? null } : {}) })})`,
        ({ lines }) => {
          let isFound = false;
          const edited = lines.map((content) => {
            const found = entryOf(content);
            if (found?.canonical !== normalize(entry)) return content;
            isFound = true;
            const before = content.slice(0, content.indexOf(found.entry));
            const after = content.slice(before.length + found.entry.length);
            const start = `${before}${moved ?? found.entry}`;
            if (!hasNote || found.note === next) return start + (hasNote && next === undefined ? '' : after);
            if (next === undefined) return start;
            if (found.note === undefined) return `${start} # ${next}`;
            return start + after.slice(0, after.length - found.note.length) + next;
          });
          return isFound ? edited : { code: 'not-in-list' };
        },
        (list) => list.editEntry(entry, { address: moved, ...(hasNote ? { note: next } : {}) }),
      ),
  ),
  fc.array(line, { maxLength: 8 }).map(
    (lines) =>
      new Step(
        `edit(${JSON.stringify(lines)})`,
        (model) => {
          model.lineEnd = '\n';
          return orEmpty(lines);
        },
        (list) => list.edit(lines.join('\n')),
      ),
  ),
  fc.tuple(fc.array(line, { maxLength: 3 }), badLine).map(
    ([lines, bad]) =>
      new Step(
        'edit badly',
        () => ({ code: parseList(bad).problems[0]?.code as string }),
        (list) => list.edit([...lines, bad, ...lines].join('\n')),
      ),
  ),
  fc.constantFrom('allow' as const, 'deny' as const).map(
    (mode) =>
      new Step(
        `switchTo(${mode})`,
        (model) => {
          if (mode === model.mode) return model.lines;
          model.mode = mode;
          model.lineEnd = '\n';
          return [''];
        },
        (list) => {
          const { list: switched, discarded } = list.switchTo(mode);
          expect(discarded).toBe(mode === list.mode ? '' : list.toString());
          return switched;
        },
      ),
  ),
  fc.constant(
    new Step(
      'print and parse',
      ({ lines }) => lines,
      (list) => RestrictionList.parse(list.mode, list.toString(), { maxEntries: list.maxEntries }),
    ),
  ),
];

describe('the managed list', () => {
  test('does what an array of lines does, through any sequence of changes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.array(line, { maxLength: 8 }),
        fc.commands(steps, { maxCommands: 25 }),
        (lineEnd, lines, commands) => {
          fc.modelRun(() => {
            const text = lines.join(lineEnd);
            const list = RestrictionList.parse('deny', text, { maxEntries: LIMIT });
            const model: Model = {
              mode: 'deny',
              lineEnd: lines.length > 1 ? lineEnd : '\n',
              lines: orEmpty([...lines]),
            };
            return { model, real: { list, past: [] } };
          }, commands);
        },
      ),
      { numRuns: 600 },
    );
  });
});

describe('the text', () => {
  const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
  const anyLine = fc.oneof(
    line,
    entryText,
    fc.string({ unit: 'binary', maxLength: 12 }).map((text) => `#${text.replace(/[\r\n]/g, '')}`),
  );
  const anyText = fc
    .tuple(fc.constantFrom('', '\ufeff'), fc.array(fc.tuple(anyLine, lineEnd), { maxLength: 8 }), anyLine)
    .map(([mark, lines, last]) => mark + lines.map((parts) => parts.join('')).join('') + last);

  test('is written as it was read, and says the same entries', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const list = RestrictionList.parse('allow', text);
        expect(list.toString()).toBe(text);
        expect(list.entries).toEqual(parseList(text, { list: 'allow' }).entries);
        expect(list.problems).toEqual(parseList(text, { list: 'allow' }).problems);
        expect(list.edit(list.toString()).entries).toEqual(list.entries);
      }),
    );
  });

  test('has every entry left that was not removed, to the letter', () => {
    fc.assert(
      fc.property(anyText, fc.nat(), (text, which) => {
        const list = RestrictionList.parse('allow', text);
        const gone = list.entries[which % Math.max(1, list.entries.length)];
        if (gone === undefined) return;
        const rest = list.remove(gone.text);
        const said = ({ entries }: RestrictionList): unknown =>
          entries.map(({ text: spelled, note: own }) => [spelled, own]);
        const left = list.entries.filter(({ canonical }) => canonical !== gone.canonical);
        expect(said(rest)).toEqual(left.map(({ text: spelled, note: own }) => [spelled, own]));
        const comments = (source: string): string[] =>
          source
            .replace('\ufeff', '')
            .split(/\r\n|\r|\n/)
            .filter((each) => /^[ \t]*#/.test(each));
        expect(comments(rest.toString())).toEqual(comments(text));
        // Lines are counted as before, but for those that went.
        const lines = (source: string): number => source.split(/\r\n|\r|\n/).length;
        expect(lines(rest.toString())).toBe(Math.max(1, lines(text) - (list.entries.length - left.length)));
      }),
    );
  });

  test('gets back to what it was when what was added is removed', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const list = RestrictionList.parse('allow', text);
        const more = list.add('192.0.2.77-192.0.2.99', 'Added');
        expect(more.toString().startsWith(text.replace(/[\r\n]+$/, ''))).toBe(true);
        expect(more.entries.slice(0, -1)).toEqual(list.entries);
        if (list.entries.some(({ canonical }) => canonical === '192.0.2.77-192.0.2.99')) return;
        expect(more.removeGroup('Added').toString()).toBe(text);
        expect(more.remove('192.0.2.77 - 192.0.2.99').toString()).toBe(text);
      }),
    );
  });

  test('never holds more entries than were added, whatever the note', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
        let list: RestrictionList;
        try {
          list = RestrictionList.empty('allow').add('192.0.2.1', text);
        } catch (error) {
          expect(error).toBeInstanceOf(ListError);
          return;
        }
        expect(list.entries).toHaveLength(1);
        expect(list.toString()).not.toMatch(/[\n\r]/);
        expect(list.entries[0]?.note ?? '').toBe(text.replace(/^[ \t\u00a0]+|[ \t\u00a0]+$/g, ''));
      }),
    );
  });
});
