import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  createPolicy,
  type EntryItem,
  type EntrySource,
  ListError,
  type Problem,
} from '../../src/public/index.ts';
import {
  applyFixes,
  type DescribeOptions,
  type EntryChange,
  type GroupChange,
  lintList,
  minimize,
  minimizeList,
  RestrictionList,
} from '../../src/public/list.ts';

/** The problems of a change that is refused. */
function problemsOf(run: () => unknown): readonly Problem[] {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ListError);
    return (error as ListError).problems;
  }
  throw new Error('nothing was thrown');
}

/** `source line:column-endColumn code` of each problem of a change that is refused. */
function places(run: () => unknown): string[] {
  return problemsOf(run).map(
    ({ source, line, column, endColumn, code }) => `${source} ${line}:${column}-${endColumn} ${code}`,
  );
}

const deny = (text: string, maxEntries?: number): RestrictionList =>
  RestrictionList.parse('deny', text, { maxEntries });

const text = [
  '# Offices',
  '203.0.113.0/24   # Office',
  '2001:DB8:12::/48 # Office',
  '',
  '198.51.100.7#Build server',
  '192.0.2.10 - 192.0.2.40',
  '@private # Office',
].join('\n');

describe('a list', () => {
  test('is a deny list of 1,000 entries at most when nothing else is said', () => {
    for (const list of [RestrictionList.empty(), RestrictionList.empty(undefined, undefined)]) {
      expect([list.mode, list.maxEntries, list.toString()]).toEqual(['deny', 1000, '']);
      expect([list.entries, list.groups, list.problems]).toEqual([[], [], []]);
    }
    expect(RestrictionList.empty('allow', { maxEntries: 5 })).toMatchObject({ mode: 'allow', maxEntries: 5 });
    expect(RestrictionList.empty('deny', null as never).maxEntries).toBe(1000);
    expect(RestrictionList.empty('deny', { maxEntries: undefined }).maxEntries).toBe(1000);
  });

  test('has entries as written, groups in order of appearance, and its text to the letter', () => {
    const list = RestrictionList.parse('allow', text);
    expect(
      list.entries.map(({ line, text, canonical, note, list }) => [line, text, canonical, note, list]),
    ).toEqual([
      [2, '203.0.113.0/24', '203.0.113.0/24', 'Office', 'allow'],
      [3, '2001:DB8:12::/48', '2001:db8:12::/48', 'Office', 'allow'],
      [5, '198.51.100.7', '198.51.100.7', 'Build server', 'allow'],
      [6, '192.0.2.10 - 192.0.2.40', '192.0.2.10-192.0.2.40', undefined, 'allow'],
      [7, '@private', '@private', 'Office', 'allow'],
    ]);
    expect(list.groups.map(({ note, entries }) => [note, entries.map(({ line }) => line)])).toEqual([
      ['Office', [2, 3, 7]],
      ['Build server', [5]],
      [undefined, [6]],
    ]);
    expect(list.toString()).toBe(text);
    expect(`${list}`).toBe(text);
  });

  test('has warnings by line and column', () => {
    const list = deny('# x\n 10.0.0.1/8\n0.0.0.0/0\n::ffff:10.0.0.0/104 # again\n10.0.0.0-10.255.255.255');
    expect(
      list.problems.map(({ line, column, code, severity }) => `${line}:${column} ${code} ${severity}`),
    ).toEqual([
      '2:2 host-bits-set warning',
      '3:1 covers-everything warning',
      '4:1 duplicate warning',
      '5:1 duplicate warning',
    ]);
  });

  test('cannot be changed, and its parts are made once', () => {
    const list = RestrictionList.parse('allow', text);
    expect(() => Object.assign(list, { mode: 'deny' })).toThrow(TypeError);
    expect(() => Object.assign(list, { entries: [] })).toThrow(TypeError);
    for (const part of [list, list.entries, list.problems, list.groups, ...list.groups, ...list.entries]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    for (const group of list.groups) expect(Object.isFrozen(group.entries)).toBe(true);
    expect(list.entries).toBe(list.entries);
    expect(list.groups).toBe(list.groups);
    expect(list.problems).toBe(list.problems);
  });

  test('is made by its own functions only', () => {
    const Open = RestrictionList as unknown as new (...given: unknown[]) => RestrictionList;
    expect(() => new Open('allow', 'x')).toThrow(/RestrictionList\.parse/);
    expect(() => new Open(Symbol('RestrictionList'), 'allow', 10, 'x')).toThrow(TypeError);
  });

  test.each<[what: string, run: () => unknown, expected: string[]]>([
    ['an unknown type', () => RestrictionList.empty('block' as never), ['options 1:1-1 invalid-option']],
    ['no type', () => RestrictionList.parse(undefined as never, ''), ['options 1:1-1 invalid-option']],
    [
      'an unknown option',
      () => RestrictionList.empty('deny', { max: 1 } as never),
      ['options 1:1-1 invalid-option'],
    ],
    ['a limit that is none', () => deny('', -1), ['options 1:1-1 invalid-option']],
    ['a limit as text', () => deny('', '5' as never), ['options 1:1-1 invalid-option']],
    ['options as text', () => RestrictionList.empty('deny', 'x' as never), ['options 1:1-1 invalid-option']],
    [
      'a type and an option',
      () => RestrictionList.empty('x' as never, { maxEntries: 0.5 }),
      ['options 1:1-1 invalid-option', 'options 1:1-1 invalid-option'],
    ],
    ['lines in place of text', () => deny(['10.0.0.1'] as never), ['deny 1:1-1 not-a-string']],
    [
      'nothing in place of text',
      () => RestrictionList.parse('allow', undefined as never),
      ['allow 1:1-1 not-a-string'],
    ],
    [
      'bad lines',
      () => deny('x\n10.0.0.1\n 10.0.0.300'),
      ['deny 1:1-2 invalid-character', 'deny 3:9-12 octet-range'],
    ],
    ['too many entries', () => deny('10.0.0.1\n10.0.0.1\n 10.0.0.3', 2), ['deny 3:2-10 too-many-entries']],
    ['any entry where none may be', () => deny('10.0.0.1', 0), ['deny 1:1-9 too-many-entries']],
  ])('is refused with %s', (_, run, expected) => {
    expect(places(run)).toEqual(expected);
  });

  test.each([
    '',
    '\ufeff',
    '\r\n\r\n',
    '\ufeff# a\r10.0.0.1\r\n\n\t 10.0.0.2\u00a0#  b  \n',
    '# only a comment',
    '10.0.0.1#',
  ])('%j is read and written to the letter', (source) => {
    const list = RestrictionList.parse('allow', source);
    expect(list.toString()).toBe(source);
    expect(list.edit(list.toString()).entries).toEqual(list.entries);
  });
});

describe('add', () => {
  test.each<[before: string, addresses: EntrySource, note: string | undefined, after: string, what: string]>([
    ['', '10.0.0.1', undefined, '10.0.0.1', 'the first entry'],
    ['', '10.0.0.1\n10.0.0.2\n', 'Lab', '10.0.0.1 # Lab\n10.0.0.2 # Lab', 'a group, one address a line'],
    ['', ['10.0.0.1', '10.0.0.2'], 'Lab', '10.0.0.1 # Lab\n10.0.0.2 # Lab', 'a group, items'],
    ['', new Set(['10.0.0.1']), ' Lab\t', '10.0.0.1 # Lab', 'a set; blanks around a note are dropped'],
    ['', '10.0.0.1', ' \t ', '10.0.0.1', 'a blank note is none'],
    ['', '10.0.0.1', null as never, '10.0.0.1', 'no note'],
    ['', '10.0.0.1', '#1 # x', '10.0.0.1 # #1 # x', 'a note with hashes'],
    [
      '',
      '10.0.0.1 # a\n10.0.0.2#b\n10.0.0.3',
      undefined,
      '10.0.0.1 # a\n10.0.0.2#b\n10.0.0.3',
      'lines with their notes',
    ],
    ['', '10.0.0.1 # a\n10.0.0.2', 'a', '10.0.0.1 # a\n10.0.0.2 # a', 'a note that is the note for all'],
    ['', '10.0.0.1 #', 'a', '10.0.0.1 # a', 'an empty note is none'],
    ['', '10.0.0.1 #', undefined, '10.0.0.1', 'an empty note is dropped'],
    [
      '',
      [
        { address: '10.0.0.1', note: 'a' },
        { address: '10.0.0.2', note: null },
      ],
      undefined,
      '10.0.0.1 # a\n10.0.0.2',
      'items with notes',
    ],
    [
      '',
      '\n\n  # x\n\n\t10.0.0.1  \n\n',
      'a',
      '# x\n\n10.0.0.1 # a',
      'comments are added, blanks and empty lines around are not',
    ],
    [
      '',
      '\ufeff10.0.0.1\r\n10.0.0.2\r10.0.0.3',
      undefined,
      '10.0.0.1\n10.0.0.2\n10.0.0.3',
      'pasted text with a mark and other line ends',
    ],
    [
      '',
      '2001:0DB8::/32\n10.0.0.1 - 10.0.0.9\n@private',
      'x',
      '2001:0DB8::/32 # x\n10.0.0.1 - 10.0.0.9 # x\n@private # x',
      'every kind of entry, in its spelling',
    ],
    [
      '# c\r\n10.0.0.1\r\n',
      '10.0.0.2',
      undefined,
      '# c\r\n10.0.0.1\r\n10.0.0.2\r\n',
      'the line ends of the list',
    ],
    [
      '10.0.0.1 # a\n10.0.0.2 # b',
      '10.0.0.3',
      'a',
      '10.0.0.1 # a\n10.0.0.2 # b\n10.0.0.3 # a',
      'more of a group, at the end',
    ],
  ])('$0 gets $1: $4', (before, addresses, note, after) => {
    const list = deny(before);
    expect(list.add(addresses, note).toString()).toBe(after);
    expect(list.toString()).toBe(before);
  });

  test('what is there already, in any spelling, is a warning', () => {
    const list = deny('10.0.0.0/8 # a').add('::ffff:10.1.2.3/104\n10.0.0.0-10.255.255.255\n10.0.0.0/8', 'b');
    expect(list.problems.map(({ line, code }) => `${line} ${code}`)).toEqual([
      '2 host-bits-set',
      '2 duplicate',
      '3 duplicate',
      '4 duplicate',
    ]);
    expect(list.groups.map(({ note }) => note)).toEqual(['a', 'b']);
  });

  test.each<[what: string, addresses: unknown, note: unknown, expected: string[]]>([
    [
      'bad lines',
      '10.0.0.1\n 10.0.0.300\nx',
      undefined,
      ['addresses 2:9-12 octet-range', 'addresses 3:1-2 invalid-character'],
    ],
    [
      'bad items',
      ['10.0.0.1', 5, '10.0.0.1\n10.0.0.2'],
      undefined,
      ['addresses 2:1-1 not-a-string', 'addresses 3:9-10 line-break'],
    ],
    [
      'bad lines and a bad note',
      'x',
      'a\tb',
      ['addresses 1:1-2 invalid-character', 'note 1:2-3 invalid-character'],
    ],
    ['a note that would be a line', '10.0.0.1', 'a\n0.0.0.0/0', ['note 1:2-3 line-break']],
    ['a note that ends in a line break', '10.0.0.1', 'a\r', ['note 1:2-3 line-break']],
    ['a note of a line break', '10.0.0.1', '\n', ['note 1:1-2 line-break']],
    ['a note with a control character', '10.0.0.1', 'a\u0000', ['note 1:2-3 invalid-character']],
    ['a note with a line separator', '10.0.0.1', 'a\u2028b', ['note 1:2-3 invalid-character']],
    ['a note that reorders text', '10.0.0.1', '  a\u202eb', ['note 1:4-5 invalid-character']],
    ['half a character in a note', '10.0.0.1', 'a\ud83d', ['note 1:2-3 invalid-character']],
    ['a note that is not text', '10.0.0.1', 7, ['note 1:1-1 not-a-string']],
    [
      'two notes',
      '10.0.0.1\n  10.0.0.2 #  Printer \n10.0.0.3 # Lab',
      'Lab',
      ['addresses 2:15-22 note-conflict'],
    ],
    ['two notes in items', [{ address: '10.0.0.1', note: 'a' }], 'b', ['addresses 1:12-13 note-conflict']],
    ['nothing', '', 'Lab', ['addresses 1:1-1 empty']],
    ['no items', [], undefined, ['addresses 1:1-1 empty']],
    ['empty lines and comments', '\n # x\n', undefined, ['addresses 1:1-1 empty']],
    ['no text', undefined, undefined, ['addresses 1:1-1 not-a-string']],
    ['a number', 167772161, undefined, ['addresses 1:1-1 not-a-string']],
    ['a promise', Promise.resolve('10.0.0.1'), undefined, ['addresses 1:1-1 not-a-string']],
    ['bytes', new Uint8Array(4), undefined, ['addresses 1:1-1 not-a-string']],
    ['a mark in an item', ['\ufeff10.0.0.1'], undefined, ['addresses 1:1-2 invalid-character']],
    ['a mark on a later line', '10.0.0.1\n\ufeff10.0.0.2', undefined, ['addresses 2:1-2 invalid-character']],
  ])('refuses %s', (_, addresses, note, expected) => {
    const list = deny(text);
    expect(places(() => list.add(addresses as string, note as string))).toEqual(expected);
    expect(list.toString()).toBe(text);
  });

  test('keeps the limit, and says where in the given lines it is reached', () => {
    const list = deny('10.0.0.1\n10.0.0.1', 4);
    expect(list.add('10.0.0.2\n10.0.0.3').entries).toHaveLength(4);
    const run = (): unknown => list.add('# x\n10.0.0.2\n10.0.0.3\n  10.0.0.4 # a\n10.0.0.5');
    expect(places(run)).toEqual(['addresses 4:3-11 too-many-entries']);
    expect(problemsOf(run)[0]?.message).toBe(
      '6 entries, and the limit is 4: remove 2 or raise the option maxEntries',
    );
    const full = list.add('10.0.0.2\n10.0.0.3');
    expect(places(() => full.add(['10.0.0.4']))).toEqual(['addresses 1:1-9 too-many-entries']);
  });
});

describe('editGroup', () => {
  const list = RestrictionList.parse(
    'allow',
    '# Head\n 10.0.0.1  # Office \r\n10.0.0.2#Office\n# Home\n10.0.0.3\n2001:DB8::/32 # Office\n',
  );

  test.each<[what: string, note: string | undefined, change: GroupChange, after: string]>([
    ['nothing', 'Office', {}, list.toString()],
    ['fields that are not given', 'Office', { addresses: undefined, note: undefined }, list.toString()],
    [
      'the note',
      ' Office ',
      { note: 'HQ' },
      '# Head\n 10.0.0.1  # HQ \r\n10.0.0.2#HQ\n# Home\n10.0.0.3\n2001:DB8::/32 # HQ\n',
    ],
    ['no note', 'Office', { note: ' ' }, '# Head\n 10.0.0.1\r\n10.0.0.2\n# Home\n10.0.0.3\n2001:DB8::/32\n'],
    [
      'a note for those without one',
      undefined,
      { note: 'Home' },
      '# Head\n 10.0.0.1  # Office \r\n10.0.0.2#Office\n# Home\n10.0.0.3 # Home\n2001:DB8::/32 # Office\n',
    ],
    [
      'the note of another group',
      '',
      { note: 'Office' },
      '# Head\n 10.0.0.1  # Office \r\n10.0.0.2#Office\n# Home\n10.0.0.3 # Office\n2001:DB8::/32 # Office\n',
    ],
    ['the same addresses', 'Office', { addresses: '10.0.0.1\n10.0.0.2\n2001:DB8::/32' }, list.toString()],
    [
      'the same addresses in another order',
      'Office',
      { addresses: ['2001:DB8::/32', '10.0.0.2', '10.0.0.1'] },
      list.toString(),
    ],
    [
      'the same lines',
      'Office',
      { addresses: '# Head\n10.0.0.1 # Office\n\n10.0.0.2\n2001:DB8::/32' },
      list.toString(),
    ],
    [
      'another spelling, in its place',
      'Office',
      { addresses: '::ffff:10.0.0.1\n10.0.0.2\n2001:db8::/32' },
      '# Head\n ::ffff:10.0.0.1  # Office \r\n10.0.0.2#Office\n# Home\n10.0.0.3\n2001:db8::/32 # Office\n',
    ],
    ['fewer addresses', 'Office', { addresses: '10.0.0.2' }, '# Head\n10.0.0.2#Office\n# Home\n10.0.0.3\n'],
    [
      'more addresses, after the last line',
      'Office',
      { addresses: '10.0.0.9\n10.0.0.1\n10.0.0.2\n2001:DB8::/32\n10.0.0.8' },
      '# Head\n 10.0.0.1  # Office \r\n10.0.0.2#Office\n# Home\n10.0.0.3\n2001:DB8::/32 # Office\n10.0.0.9 # Office\n10.0.0.8 # Office\n',
    ],
    [
      'other addresses and another note',
      'Office',
      { addresses: '10.0.0.9', note: 'HQ' },
      '# Head\n# Home\n10.0.0.3\n10.0.0.9 # HQ\n',
    ],
    [
      'an address twice',
      undefined,
      { addresses: '10.0.0.3\n10.0.0.3' },
      '# Head\n 10.0.0.1  # Office \r\n10.0.0.2#Office\n# Home\n10.0.0.3\n10.0.0.3\n2001:DB8::/32 # Office\n',
    ],
  ])('takes %s', (_, note, change, after) => {
    const before = list.toString();
    expect(list.editGroup(note, change).toString()).toBe(after);
    expect(list.toString()).toBe(before);
  });

  test('keeps the first of repeated lines', () => {
    const repeated = deny('10.0.0.1 # a\n# x\n10.0.0.1 # a\n# y\n10.0.0.1/32 # a');
    expect(repeated.editGroup('a', { addresses: '10.0.0.1' }).toString()).toBe('10.0.0.1 # a\n# x\n# y');
    expect(repeated.editGroup('a', { addresses: '::ffff:10.0.0.1' }).toString()).toBe(
      '::ffff:10.0.0.1 # a\n# x\n# y',
    );
  });

  test('counts repetitions: as many lines stay as are given, in their spelling', () => {
    const repeated = deny('10.0.0.1 # a\n10.0.0.1/32 # a\n::ffff:10.0.0.1 # a');
    expect(repeated.editGroup('a', { addresses: '10.0.0.1/32' }).toString()).toBe('10.0.0.1/32 # a');
    expect(repeated.editGroup('a', { addresses: '10.0.0.1-10.0.0.1\n::ffff:10.0.0.1' }).toString()).toBe(
      '10.0.0.1-10.0.0.1 # a\n::ffff:10.0.0.1 # a',
    );
    expect(repeated.editGroup('a', { addresses: '10.0.0.1\n10.0.0.1\n10.0.0.1\n10.0.0.1' }).toString()).toBe(
      '10.0.0.1 # a\n10.0.0.1 # a\n10.0.0.1 # a\n10.0.0.1 # a',
    );
  });

  test.each<[what: string, note: unknown, change: unknown, expected: string[]]>([
    ['an unknown group', 'office', { note: 'x' }, ['group 1:1-7 no-such-group']],
    ['a group that is not text', 5, { note: 'x' }, ['group 1:1-1 not-a-string']],
    ['a group that no note can be', 'Office\n', { note: 'x' }, ['group 1:7-8 line-break']],
    ['no change', 'Office', undefined, ['options 1:1-1 invalid-option']],
    ['a change that is text', 'Office', 'HQ', ['options 1:1-1 invalid-option']],
    ['a misspelt field', 'Office', { notes: 'x' }, ['options 1:1-1 invalid-option']],
    ['a note that would be a line', 'Office', { note: 'a\n::/0' }, ['note 1:2-3 line-break']],
    ['a note that is not text', 'Office', { note: 5 }, ['note 1:1-1 not-a-string']],
    ['bad addresses', 'Office', { addresses: '10.0.0.1\n10.0.0.300' }, ['addresses 2:8-11 octet-range']],
    ['no addresses', 'Office', { addresses: '' }, ['addresses 1:1-1 empty']],
    [
      'a line with another note',
      'Office',
      { addresses: '10.0.0.1 # Home' },
      ['addresses 1:12-16 note-conflict'],
    ],
    [
      'a line with the old note',
      'Office',
      { addresses: '10.0.0.1 # Office', note: 'HQ' },
      ['addresses 1:12-18 note-conflict'],
    ],
    [
      'a line with a note in the group without one',
      undefined,
      { addresses: '10.0.0.3 # Home' },
      ['addresses 1:12-16 note-conflict'],
    ],
    [
      'everything at once',
      'office',
      { addresses: 'x\n10.0.0.1', note: 'a\u202e', nott: 1 },
      [
        'group 1:1-7 no-such-group',
        'options 1:1-1 invalid-option',
        'addresses 1:1-2 invalid-character',
        'note 1:2-3 invalid-character',
      ],
    ],
  ])('refuses %s', (_, note, change, expected) => {
    const before = list.toString();
    expect(places(() => list.editGroup(note as string, change as GroupChange))).toEqual(expected);
    expect(list.toString()).toBe(before);
  });

  test('has no group without a note when all have one', () => {
    const all = deny('10.0.0.1 # a\n10.0.0.2 # b');
    expect(places(() => all.editGroup(undefined, { note: 'x' }))).toEqual(['group 1:1-1 no-such-group']);
    expect(places(() => RestrictionList.empty().editGroup(undefined, {}))).toEqual([
      'group 1:1-1 no-such-group',
    ]);
    expect(problemsOf(() => all.editGroup('', {}))[0]?.message).toBe(
      'there is no entry without a note: the groups are "a", "b"',
    );
    const many = deny(Array.from({ length: 9 }, (_, index) => `10.0.0.${index} # ${index}`).join('\n'));
    expect(problemsOf(() => many.removeGroup('x'))[0]?.message).toBe(
      'no entry has the note "x": the groups are "0", "1", "2", "3", "4", and 4 more',
    );
  });

  test('keeps the limit: what goes makes room', () => {
    const full = deny('10.0.0.1 # a\n10.0.0.2 # a\n10.0.0.3', 3);
    expect(full.editGroup('a', { addresses: '10.0.0.8\n10.0.0.9' }).entries).toHaveLength(3);
    expect(places(() => full.editGroup('a', { addresses: '10.0.0.1\n10.0.0.8\n 10.0.0.9' }))).toEqual([
      'addresses 3:2-10 too-many-entries',
    ]);
  });
});

describe('removeGroup and remove', () => {
  const list = deny(text);

  test.each<[what: string, run: () => RestrictionList, lines: number[]]>([
    ['a group', () => list.removeGroup('Office'), [1, 4, 5, 6]],
    ['a group, with blanks around its note', () => list.removeGroup('\tBuild server '), [1, 2, 3, 4, 6, 7]],
    ['the group without a note', () => list.removeGroup(undefined), [1, 2, 3, 4, 5, 7]],
    ['an address', () => list.remove('198.51.100.7'), [1, 2, 3, 4, 6, 7]],
    ['a mapped spelling', () => list.remove('::ffff:c633:6407'), [1, 2, 3, 4, 6, 7]],
    ['a range that is the prefix', () => list.remove('203.0.113.0 - 203.0.113.255'), [1, 3, 4, 5, 6, 7]],
    ['a prefix with host bits', () => list.remove('2001:db8:12::1/48'), [1, 2, 4, 5, 6, 7]],
    ['a range', () => list.remove(' 192.0.2.10-192.0.2.40 '), [1, 2, 3, 4, 5, 7]],
    ['a name', () => list.remove('@private'), [1, 2, 3, 4, 5, 6]],
  ])('removes %s', (_, run, lines) => {
    const all = text.split('\n');
    expect(run().toString()).toBe(lines.map((line) => all[line - 1]).join('\n'));
    expect(list.toString()).toBe(text);
  });

  test('removes every line that has the entry, and may leave the list empty', () => {
    const repeated = RestrictionList.parse('allow', '# x\n10.0.0.1 # a\n10.0.0.1/32 # b\n::FFFF:10.0.0.1\n');
    const empty = repeated.remove('10.0.0.1');
    expect(empty.toString()).toBe('# x\n');
    expect(createPolicy(empty).decide('192.0.2.1').reason).toBe('empty-list');
  });

  test.each<[what: string, run: () => unknown, expected: string[]]>([
    ['an unknown group', () => list.removeGroup('Offices'), ['group 1:1-8 no-such-group']],
    [
      'a group of an empty list',
      () => RestrictionList.empty().removeGroup(undefined),
      ['group 1:1-1 no-such-group'],
    ],
    ['an address that is not there', () => list.remove('10.0.0.1'), ['address 1:1-9 not-in-list']],
    ['an address that is covered', () => list.remove('203.0.113.9'), ['address 1:1-12 not-in-list']],
    ['a part of a name', () => list.remove('10.0.0.0/8'), ['address 1:1-11 not-in-list']],
    ['another name', () => list.remove('@loopback'), ['address 1:1-10 not-in-list']],
    ['a bad address', () => list.remove('10.0.0.300'), ['address 1:8-11 octet-range']],
    [
      'a note beside it',
      () => list.remove('198.51.100.7 # Build server'),
      ['address 1:14-15 invalid-character'],
    ],
    ['a comment', () => list.remove('# x'), ['address 1:1-1 empty']],
    ['nothing', () => list.remove(''), ['address 1:1-1 empty']],
    ['two addresses', () => list.remove('10.0.0.1\n10.0.0.2'), ['address 1:9-10 line-break']],
    ['no text', () => list.remove(undefined as never), ['address 1:1-1 not-a-string']],
    ['an entry object', () => list.remove(list.entries[0] as never), ['address 1:1-1 not-a-string']],
  ])('refuse %s', (_, run, expected) => {
    expect(places(run)).toEqual(expected);
    expect(list.toString()).toBe(text);
  });

  test.each([
    [
      '203.0.113.9',
      '203.0.113.9 is not in the list, but is covered by line 2 (203.0.113.0/24): edit that one, or take this out of it with exclude',
    ],
    [
      '203.0.113.128/25',
      '203.0.113.128/25 is not in the list, but is covered by line 2 (203.0.113.0/24): edit that one, or take this out of it with exclude',
    ],
    [
      '10.9.9.9',
      '10.9.9.9 is not in the list, but is covered by line 7 (@private): edit that one, or take this out of it with exclude',
    ],
    [
      '192.0.2.10',
      '192.0.2.10 is not in the list, but is covered by line 6 (192.0.2.10 - 192.0.2.40): edit that one, or take this out of it with exclude',
    ],
    ['203.0.112.0/23', '203.0.112.0/23 is not in the list'],
    // The same first word as 2001:db8::.
    ['32.1.13.184', '32.1.13.184 is not in the list'],
    ['2001:db8:13::', '2001:db8:13:: is not in the list'],
    ['::ffff:0:0/96', '0.0.0.0/0 is not in the list'],
    ['@shared', '@shared is not in the list'],
  ])('remove says of %s what covers it', (address, message) => {
    expect(problemsOf(() => list.remove(address))[0]?.message).toBe(message);
  });
});

describe('edit', () => {
  test('replaces the text; type and limit stay', () => {
    const list = RestrictionList.parse('allow', text, { maxEntries: 7 });
    const edited = list.edit('10.0.0.1\r\n');
    expect([edited.mode, edited.maxEntries, edited.toString()]).toEqual(['allow', 7, '10.0.0.1\r\n']);
    expect(list.edit('').entries).toEqual([]);
  });

  test.each<[what: string, edited: unknown, expected: string[]]>([
    [
      'bad lines, all of them',
      'x\n10.0.0.1\ny',
      ['deny 1:1-2 invalid-character', 'deny 3:1-2 invalid-character'],
    ],
    ['too many lines', '10.0.0.1\n'.repeat(8), ['deny 8:1-9 too-many-entries']],
    ['no text', ['10.0.0.1'], ['deny 1:1-1 not-a-string']],
  ])('refuses %s', (_, edited, expected) => {
    const list = deny(text, 7);
    expect(places(() => list.edit(edited as string))).toEqual(expected);
    expect(list.toString()).toBe(text);
  });
});

describe('switchTo', () => {
  test('starts the other type empty, and hands the text back', () => {
    const list = deny(`\ufeff${text}`, 7);
    const switched = list.switchTo('allow');
    expect(Object.isFrozen(switched)).toBe(true);
    expect(switched.discarded).toBe(`\ufeff${text}`);
    expect(switched.list).toMatchObject({ mode: 'allow', maxEntries: 7, entries: [] });
    expect(switched.list.toString()).toBe('');
    // Pasted in again, in either way.
    expect(switched.list.edit(switched.discarded).toString()).toBe(list.toString());
    const pasted = switched.list.add(switched.discarded);
    expect(pasted.toString()).toBe(text);
    expect(pasted.entries.map(({ canonical, note }) => [canonical, note])).toEqual(
      list.entries.map(({ canonical, note }) => [canonical, note]),
    );
  });

  test('to the same type discards nothing', () => {
    const list = deny(text);
    expect(list.switchTo('deny')).toEqual({ list, discarded: '' });
    expect(list.switchTo('deny').list).toBe(list);
  });

  test('refuses what is not a type', () => {
    expect(places(() => deny(text).switchTo('both' as never))).toEqual(['options 1:1-1 invalid-option']);
    expect(places(() => deny(text).switchTo(undefined as never))).toEqual(['options 1:1-1 invalid-option']);
  });
});

describe('describe', () => {
  test.each([
    [
      '',
      'No addresses have been added and everyone has access.',
      'No addresses have been added and everyone has access.',
    ],
    [
      '# x\n\n',
      'No addresses have been added and everyone has access.',
      'No addresses have been added and everyone has access.',
    ],
    ['10.0.0.1', 'Only 1 entry has access.', '1 entry is denied, everyone else has access.'],
    ['10.0.0.1 # a', 'Only 1 entry has access.', '1 entry is denied, everyone else has access.'],
    ['10.0.0.1\n10.0.0.2', 'Only 2 entries have access.', '2 entries are denied, everyone else has access.'],
    [
      '10.0.0.1 # a\n10.0.0.2 # a',
      'Only 2 entries have access.',
      '2 entries are denied, everyone else has access.',
    ],
    [
      '10.0.0.1 # a\n10.0.0.2 # b\n10.0.0.3\n10.0.0.1',
      'Only 4 entries (in 3 groups) have access.',
      '4 entries (in 3 groups) are denied, everyone else has access.',
    ],
  ])('says what %j does', (source, allow, denied) => {
    expect(RestrictionList.parse('allow', source).describe()).toBe(allow);
    expect(RestrictionList.parse('deny', source).describe()).toBe(denied);
  });

  test('says what the policy does with an empty list', () => {
    const open = 'No addresses have been added and everyone has access.';
    const closed = 'No addresses have been added and nobody has access.';
    for (const mode of ['allow', 'deny'] as const) {
      const list = RestrictionList.parse(mode, '# x');
      for (const options of [
        undefined,
        {},
        null,
        { whenEmpty: undefined },
        { whenEmpty: 'allow' } as const,
      ]) {
        expect(list.describe(options as DescribeOptions)).toBe(open);
        expect(createPolicy(list, options as DescribeOptions).allows('192.0.2.1')).toBe(true);
      }
      expect(list.describe({ whenEmpty: 'deny' })).toBe(closed);
      expect(createPolicy(list, { whenEmpty: 'deny' }).allows('192.0.2.1')).toBe(false);
      const one = list.add('10.0.0.1');
      expect(one.describe({ whenEmpty: 'deny' })).toBe(one.describe());
    }
  });

  test.each<[what: string, options: unknown]>([
    ['an unknown option', { whenempty: 'deny' }],
    ['the other options of a policy', { exempt: '::1' }],
    ['another verdict', { whenEmpty: 'closed' }],
    ['a verdict alone', 'deny'],
  ])('refuses %s', (_, options) => {
    const list = RestrictionList.parse('allow', '10.0.0.1');
    expect(places(() => list.describe(options as DescribeOptions))).toEqual(['options 1:1-1 invalid-option']);
  });

  test('says nothing else than the decisions', () => {
    for (const mode of ['allow', 'deny'] as const) {
      expect(createPolicy(RestrictionList.empty(mode)).allows('192.0.2.1')).toBe(true);
    }
    expect(createPolicy(RestrictionList.parse('allow', '10.0.0.1')).allows('192.0.2.1')).toBe(false);
    expect(createPolicy(deny('10.0.0.1')).allows('192.0.2.1')).toBe(true);
  });
});

describe('of', () => {
  const row: { mode: string; list: string } = JSON.parse(
    '{"mode":"allow","list":"\\ufeff# x\\r\\n10.0.0.1 # a"}',
  );

  test('takes a row as it is, and text to the letter', () => {
    const list = RestrictionList.of(row.mode, row.list);
    expect([list.mode, list.maxEntries, list.toString()]).toEqual(['allow', 1000, row.list]);
    expect(list).toEqual(RestrictionList.parse('allow', row.list));
    expect(RestrictionList.of('deny', '10.0.0.1\n'.repeat(3), { maxEntries: 5 }).maxEntries).toBe(5);
  });

  test.each<[what: string, items: Iterable<string | EntryItem>, text: string]>([
    ['nothing', [], ''],
    ['lines', ['10.0.0.1 # a', '', '# x', ' 10.0.0.2'], '10.0.0.1 # a\n\n# x\n 10.0.0.2'],
    ['a set', new Set(['::1']), '::1'],
    [
      'rows with notes',
      [
        { address: '10.0.0.1', note: 'a' },
        { address: '10.0.0.2', note: null },
        { address: '@private', note: '#1' },
      ],
      '10.0.0.1 # a\n10.0.0.2\n@private # #1',
    ],
  ])('makes a line of each item of %s', (_, items, text) => {
    expect(RestrictionList.of('deny', items).toString()).toBe(text);
  });

  test.each<[what: string, mode: unknown, list: unknown, expected: string[]]>([
    ['another type', 'block', '', ['options 1:1-1 invalid-option']],
    ['a type in capitals', 'ALLOW', '', ['options 1:1-1 invalid-option']],
    ['no type', null, '', ['options 1:1-1 invalid-option']],
    ['a type that looks like text', { toString: () => 'deny' }, '', ['options 1:1-1 invalid-option']],
    ['no list', 'allow', null, ['allow 1:1-1 not-a-string']],
    ['a list that is missing', 'allow', undefined, ['allow 1:1-1 not-a-string']],
    ['a promise', 'allow', Promise.resolve(''), ['allow 1:1-1 not-a-string']],
    ['bad lines', 'deny', 'x\n10.0.0.1\ny', ['deny 1:1-2 invalid-character', 'deny 3:1-2 invalid-character']],
    [
      'bad items, all of them',
      'allow',
      ['x', 5, '10.0.0.1\n0.0.0.0/0', { address: '10.0.0.300' }, '10.0.0.1'],
      [
        'allow 1:1-2 invalid-character',
        'allow 2:1-1 not-a-string',
        'allow 3:9-10 line-break',
        'allow 4:8-11 octet-range',
      ],
    ],
    ['a mark in the first item', 'allow', ['\ufeff10.0.0.1'], ['allow 1:1-2 invalid-character']],
    ['a managed list', 'allow', RestrictionList.empty(), ['allow 1:1-1 not-a-string']],
  ])('refuses %s', (_, mode, list, expected) => {
    expect(places(() => RestrictionList.of(mode as string, list as string))).toEqual(expected);
  });

  test('keeps the limit, also of endless items', () => {
    expect(places(() => RestrictionList.of('deny', ['::1', '::2', '::3'], { maxEntries: 2 }))).toEqual([
      'deny 3:1-4 too-many-entries',
    ]);
    const endless = (function* () {
      for (;;) yield '10.0.0.1';
    })();
    expect(problemsOf(() => RestrictionList.of('deny', endless)).map(({ code }) => code)).toEqual([
      'too-many-entries',
    ]);
  });

  test('says which type it got', () => {
    expect(problemsOf(() => RestrictionList.of('block', ''))[0]?.message).toBe(
      'the mode of a list must be "allow" or "deny", got "block"',
    );
    expect(problemsOf(() => RestrictionList.of(undefined as never, ''))[0]?.message).toMatch(/got nothing$/);
  });
});

describe('editEntry', () => {
  const list = RestrictionList.parse(
    'allow',
    '\ufeff# Head\r\n 10.0.0.1  # Office \r\n10.0.0.2#Office\n# Home\n10.0.0.3\n2001:DB8::/32 #\tOffice # 2\n',
  );

  test.each<[what: string, address: string, change: EntryChange, line: string, becomes: string]>([
    ['the note', '10.0.0.1', { note: 'HQ' }, ' 10.0.0.1  # Office ', ' 10.0.0.1  # HQ '],
    ['no note', '10.0.0.1', { note: undefined }, ' 10.0.0.1  # Office ', ' 10.0.0.1'],
    ['no note, from JSON', '10.0.0.2', { note: null }, '10.0.0.2#Office', '10.0.0.2'],
    ['a blank note', '10.0.0.2', { note: ' ' }, '10.0.0.2#Office', '10.0.0.2'],
    ['a note for one without', '10.0.0.3', { note: ' Home ' }, '\n10.0.0.3\n', '\n10.0.0.3 # Home\n'],
    ['the address', '10.0.0.1', { address: '10.0.0.9' }, ' 10.0.0.1  # Office ', ' 10.0.0.9  # Office '],
    [
      'both',
      '10.0.0.2/32',
      { address: ' 10.0.0.4 - 10.0.0.9 ', note: '#1' },
      '10.0.0.2#Office',
      '10.0.0.4 - 10.0.0.9##1',
    ],
    ['a name', '::ffff:10.0.0.3', { address: '@private' }, '\n10.0.0.3\n', '\n@private\n'],
    [
      'another spelling',
      '2001:db8:0::/32',
      { address: '2001:db8::/32' },
      '2001:DB8::/32 #\tOffice # 2',
      '2001:db8::/32 #\tOffice # 2',
    ],
    ['a range that is the address', '10.0.0.3-10.0.0.3', { note: 'x' }, '\n10.0.0.3\n', '\n10.0.0.3 # x\n'],
    ['nothing', '10.0.0.1', {}, '', ''],
    ['an address that is not given', '10.0.0.1', { address: undefined }, '', ''],
    ['a note that is the same', '10.0.0.1', { note: 'Office' }, '', ''],
  ])('takes %s', (_, address, change, line, becomes) => {
    const before = list.toString();
    expect(before).toContain(line);
    expect(list.editEntry(address, change).toString()).toBe(before.replace(line, becomes));
    expect(list.toString()).toBe(before);
  });

  test('keeps the note unless it is given, wherever the field is', () => {
    class Change {
      get note(): undefined {
        return undefined;
      }
    }
    expect(list.editEntry('10.0.0.2', new Change()).entries[1]?.note).toBeUndefined();
    const prototype = Object.prototype as Record<string, unknown>;
    prototype['note'] = 'polluted';
    try {
      expect(list.editEntry('10.0.0.2', { address: '10.0.0.8' }).entries[1]?.note).toBe('Office');
    } finally {
      delete prototype['note'];
    }
  });

  test('changes every line that has the entry, so that nothing of it is left', () => {
    const repeated = RestrictionList.parse(
      'allow',
      '10.0.0.1 # a\n# x\n::ffff:10.0.0.1 # b\n10.0.0.2\n10.0.0.1/32',
    );
    const moved = repeated.editEntry('10.0.0.1', { address: '10.0.0.9' });
    expect(moved.toString()).toBe('10.0.0.9 # a\n# x\n10.0.0.9 # b\n10.0.0.2\n10.0.0.9');
    expect(createPolicy(moved).allows('10.0.0.1')).toBe(false);
    expect(repeated.editEntry('10.0.0.1', { note: 'c' }).toString()).toBe(
      '10.0.0.1 # c\n# x\n::ffff:10.0.0.1 # c\n10.0.0.2\n10.0.0.1/32 # c',
    );
  });

  test('to what is there already is a warning', () => {
    const edited = list.editEntry('10.0.0.3', { address: '::ffff:10.0.0.1' });
    expect(edited.problems.map(({ line, code }) => `${line} ${code}`)).toEqual(['5 duplicate']);
    expect(edited.entries).toHaveLength(4);
  });

  test.each<[what: string, address: unknown, change: unknown, expected: string[]]>([
    ['an entry that is not there', '10.0.0.4', { note: 'x' }, ['address 1:1-9 not-in-list']],
    ['an address that is covered', '2001:db8::1', { note: 'x' }, ['address 1:1-12 not-in-list']],
    ['a bad address', '10.0.0.300', { note: 'x' }, ['address 1:8-11 octet-range']],
    ['no address', undefined, { note: 'x' }, ['address 1:1-1 not-a-string']],
    ['no change', '10.0.0.1', undefined, ['options 1:1-1 invalid-option']],
    ['a change that is text', '10.0.0.1', '10.0.0.9', ['options 1:1-1 invalid-option']],
    ['an unknown field', '10.0.0.1', { notes: 'x' }, ['options 1:1-1 invalid-option']],
    ['the field of a group', '10.0.0.1', { addresses: '10.0.0.9' }, ['options 1:1-1 invalid-option']],
    [
      'a new address that is bad',
      '10.0.0.1',
      { address: '10.0.0.300' },
      ['change.address 1:8-11 octet-range'],
    ],
    ['a new address that is empty', '10.0.0.1', { address: '' }, ['change.address 1:1-1 empty']],
    ['a new address that is a comment', '10.0.0.1', { address: '# x' }, ['change.address 1:1-1 empty']],
    [
      'a new address with a note',
      '10.0.0.1',
      { address: '10.0.0.9 # x' },
      ['change.address 1:10-11 invalid-character'],
    ],
    ['two new addresses', '10.0.0.1', { address: '10.0.0.8\n::/0' }, ['change.address 1:9-10 line-break']],
    ['a new address that is not text', '10.0.0.1', { address: 5 }, ['change.address 1:1-1 not-a-string']],
    ['a note that would be a line', '10.0.0.1', { note: 'x\n::/0' }, ['note 1:2-3 line-break']],
    ['a note that is not text', '10.0.0.1', { note: 5 }, ['note 1:1-1 not-a-string']],
    [
      'everything at once',
      'x',
      { address: 'y', note: 'a\u202e', nott: 1 },
      [
        'address 1:1-2 invalid-character',
        'options 1:1-1 invalid-option',
        'change.address 1:1-2 invalid-character',
        'note 1:2-3 invalid-character',
      ],
    ],
  ])('refuses %s', (_, address, change, expected) => {
    const before = list.toString();
    expect(places(() => list.editEntry(address as string, change as EntryChange))).toEqual(expected);
    expect(list.toString()).toBe(before);
  });
});

describe('exclude', () => {
  test.each<[what: string, before: string, address: string, after: string]>([
    [
      'an address of a network',
      '10.0.0.0/29 # a',
      '10.0.0.5',
      '10.0.0.0/30 # a\n10.0.0.4 # a\n10.0.0.6/31 # a',
    ],
    ['a mapped spelling', '10.0.0.0/30', '::ffff:a00:1', '10.0.0.0\n10.0.0.2/31'],
    ['a network of a network', '10.0.0.0/8#a', '10.64.0.0/10', '10.0.0.0/10#a\n10.128.0.0/9#a'],
    ['host bits', '10.0.0.0/8', '10.64.9.9/10', '10.0.0.0/10\n10.128.0.0/9'],
    ['a range of a network', '10.0.0.0/29', '10.0.0.2 - 10.0.0.7', '10.0.0.0/31'],
    [
      'an address of a range',
      '10.0.0.1 - 10.0.0.9 # a',
      '10.0.0.4',
      '10.0.0.1-10.0.0.3 # a\n10.0.0.5-10.0.0.9 # a',
    ],
    ['the end of a range', '10.0.0.1-10.0.0.4', '10.0.0.1', '10.0.0.2-10.0.0.4'],
    ['a part of a range', '10.0.0.1-10.0.0.4', '10.0.0.0/30', '10.0.0.4'],
    ['what is left of a range may be a prefix', '10.0.0.0-10.0.0.4', '10.0.0.4', '10.0.0.0/30'],
    ['the same network', '10.0.0.0/8 # a\n::1', '10.0.0.0/8', '::1'],
    ['a network with entries in it', '10.0.0.1\n# x\n10.0.0.2 # b\n::1', '10.0.0.0/24', '# x\n::1'],
    [
      'an address of a name, whose other parts are written out',
      '@private # lan',
      '172.16.0.0/13',
      '10.0.0.0/8 # lan\n172.24.0.0/13 # lan\n192.168.0.0/16 # lan',
    ],
    ['a part of a name', '@loopback', '127.0.0.0/8', '::1'],
    ['a name', '10.0.0.0/7\n192.0.2.1\n::1', '@private', '11.0.0.0/8\n192.0.2.1\n::1'],
    ['everything of IPv6 but one', '::/0', '8000::/1', '::/1'],
    [
      'blanks and comments stay',
      '# a\r\n \t10.0.0.0/31 \t#  x \r\n# b\r\n',
      '10.0.0.0',
      '# a\r\n \t10.0.0.1 \t#  x \r\n# b\r\n',
    ],
    [
      'in the place of the line',
      '::1\n10.0.0.0/30 # a\n::2',
      '10.0.0.1',
      '::1\n10.0.0.0 # a\n10.0.0.2/31 # a\n::2',
    ],
    [
      'a duplicate, whose notes both stay',
      '10.0.0.0/31 # a\n10.0.0.0/31 # b',
      '10.0.0.0',
      '10.0.0.1 # a\n10.0.0.1 # b',
    ],
    [
      'nested networks, those of the smaller first where both have the same',
      '10.0.0.0/29 # a\n10.0.0.4/30 # b\n10.0.0.9',
      '10.0.0.5',
      '10.0.0.0/30 # a\n10.0.0.4 # b\n10.0.0.6/31 # b\n10.0.0.4 # a\n10.0.0.6/31 # a\n10.0.0.9',
    ],
    [
      'nested networks of one note, each line once',
      '10.0.0.0/29 # a\n10.0.0.4/30 # a',
      '10.0.0.5',
      '10.0.0.0/30 # a\n10.0.0.4 # a\n10.0.0.6/31 # a',
    ],
    [
      'nested networks, the smallest on the first line',
      '10.0.0.4/31\n10.0.0.4/30 # b\n10.0.0.0/29 # a',
      '10.0.0.5',
      '10.0.0.4\n10.0.0.4 # b\n10.0.0.6/31 # b\n10.0.0.0/30 # a\n10.0.0.4 # a\n10.0.0.6/31 # a',
    ],
    [
      'nested networks, the smallest on the last line',
      '  10.0.0.0/29#a\n10.0.0.4/30 # b\n# x\n10.0.0.4/31',
      '10.0.0.5',
      '  10.0.0.0/30#a\n10.0.0.6/31 # b\n  10.0.0.6/31#a\n# x\n10.0.0.4\n10.0.0.4 # b\n  10.0.0.4#a',
    ],
    [
      'a piece that a smaller entry is already, which stays first',
      '10.0.0.0/30 # a\n10.0.0.2/31 # b\n# x',
      '10.0.0.1',
      '10.0.0.0 # a\n10.0.0.2/31 # b\n10.0.0.2/31 # a\n# x',
    ],
    [
      'a piece that a smaller entry of the same note is already',
      '10.0.0.0/30 # a\n10.0.0.2/31 # a',
      '10.0.0.1',
      '10.0.0.0 # a\n10.0.0.2/31 # a',
    ],
    [
      'a smaller entry inside of a piece stays what it is',
      '10.0.0.0/30 # a\n10.0.0.3 # b',
      '10.0.0.1',
      '10.0.0.0 # a\n10.0.0.2/31 # a\n10.0.0.3 # b',
    ],
    [
      'overlapping ranges keep their parts',
      '10.0.0.0-10.0.0.250 # a\n10.0.0.90-10.0.0.110 # b',
      '10.0.0.100',
      '10.0.0.0-10.0.0.99 # a\n10.0.0.101-10.0.0.250 # a\n10.0.0.90-10.0.0.99 # b\n10.0.0.101-10.0.0.110 # b',
    ],
    [
      'a network beside a range that its prefixes would outrank: ranges, too',
      '10.0.0.0-10.0.0.255 # a\n10.0.0.0-10.0.0.199 # b\n10.0.0.100-10.0.0.240 # c',
      '10.0.0.220',
      '10.0.0.0-10.0.0.219 # a\n10.0.0.221-10.0.0.255 # a\n10.0.0.0-10.0.0.199 # b\n10.0.0.100-10.0.0.219 # c\n10.0.0.221-10.0.0.240 # c',
    ],
    [
      'a piece that a larger one should outrank: only what its entry decided',
      '10.0.0.0-10.0.0.9 # a\n10.0.0.5-10.0.0.13 # b',
      '10.0.0.8',
      '10.0.0.0/29 # a\n10.0.0.5-10.0.0.7 # b\n10.0.0.9-10.0.0.13 # b',
    ],
    [
      'no piece that would be read as IPv4',
      '::fffe:ffff:ffff-::1:0:0:1 # a',
      '::fffe:ffff:ffff',
      '::1:0:0:0/127 # a',
    ],
    [
      'but a prefix that ends there, whose text does not say so',
      '::/79 # a\n::/80 # b',
      '::1:0:0:0/80',
      '::/80 # b\n::/80 # a',
    ],
    ['nor a prefix of it', '::fffe:0:0/95', '::fffe:0:0/96', ''],
  ])('takes out %s', (_, before, address, after) => {
    const list = deny(before);
    expect(list.exclude(address).toString()).toBe(after);
    expect(list.toString()).toBe(before);
  });

  test('never empties an allow list, which would let everyone in', () => {
    for (const text of ['10.0.0.1', '10.0.0.0/31\n10.0.0.1', '@private', '# x\n10.0.0.1-10.0.0.9 # a']) {
      const list = RestrictionList.parse('allow', text);
      for (const address of ['10.0.0.0/8', '0.0.0.0/0']) {
        if (text === '@private' && address === '10.0.0.0/8') continue;
        expect(places(() => list.exclude(address))).toEqual([`address 1:1-${address.length + 1} open-list`]);
      }
      expect(list.toString()).toBe(text);
    }
    expect(problemsOf(() => RestrictionList.parse('allow', '10.0.0.1').exclude('10.0.0.1'))[0]).toMatchObject(
      {
        severity: 'error',
        message:
          'without 10.0.0.1 the allow list would have no entry, and an empty one lets everyone in: add another entry first, or empty the list on purpose with edit("")',
      },
    );
    // Only the mapped block would be left, where no client is.
    const block = RestrictionList.parse('allow', '::fffe:0:0/95');
    expect(places(() => block.exclude('::fffe:0:0/96'))).toEqual(['address 1:1-14 open-list']);
  });

  test('keeps the limit', () => {
    const list = deny('10.0.0.0/8\n::1', 25);
    expect(list.exclude('10.1.2.3').entries).toHaveLength(25);
    const full = list.exclude('10.1.2.3');
    expect(places(() => full.exclude('10.128.0.0'))).toEqual(['address 1:1-11 too-many-entries']);
    expect(problemsOf(() => full.exclude('10.128.0.0'))[0]?.message).toBe(
      'without 10.128.0.0 the list has 47 entries, and the limit is 25: remove 22 or raise the option maxEntries',
    );
    expect(full.exclude('::1').entries).toHaveLength(24);
  });

  test.each<[what: string, address: unknown, expected: string[]]>([
    ['what is not there', '10.0.0.1', ['address 1:1-9 not-in-list']],
    ['what only touches', '192.0.1.255', ['address 1:1-12 not-in-list']],
    ['the other family', '::c000:201', ['address 1:1-11 not-in-list']],
    ['a name that is not there', '@shared', ['address 1:1-8 not-in-list']],
    ['a bad address', '192.0.2.300', ['address 1:9-12 octet-range']],
    ['a note', '192.0.2.1 # x', ['address 1:11-12 invalid-character']],
    ['a zone', 'fe80::1%eth0', ['address 1:8-13 zone-not-allowed']],
    ['two addresses', '192.0.2.1\n192.0.2.2', ['address 1:10-11 line-break']],
    ['nothing', '', ['address 1:1-1 empty']],
    ['no text', undefined, ['address 1:1-1 not-a-string']],
  ])('refuses %s', (_, address, expected) => {
    const list = deny('192.0.2.0/24 # a\n2001:db8::/32');
    expect(places(() => list.exclude(address as string))).toEqual(expected);
    expect(list.toString()).toBe('192.0.2.0/24 # a\n2001:db8::/32');
  });

  test('splits a thousand entries around one address', () => {
    const texts: (readonly string[])[] = [
      Array.from({ length: 1_000 }, (_, at) => `::/0 # ${at}`),
      Array.from({ length: 129 }, (_, at) => `2001:db8::1/${at} # ${at}`),
      Array.from(
        { length: 1_000 },
        (_, at) => `2001::${at.toString(16)}-2001:db9::${at.toString(16)} # ${at}`,
      ),
    ];
    const sizes = texts.map((lines) => deny(lines.join('\n'), 200_000).exclude('2001:db8::1').entries.length);
    expect(sizes).toEqual([128_000, (128 * 129) / 2, 1_001]);
  });

  test('of nothing says that no part is there', () => {
    expect(problemsOf(() => deny('').exclude('10.0.0.0/8'))[0]?.message).toBe(
      '10.0.0.0/8 is not in the list, nor is any part of it',
    );
  });

  test('takes a network out of many entries', () => {
    const many = Array.from({ length: 20_000 }, (_, at) => `10.${at >> 8}.${at & 255}.7 # ${at}`);
    const list = deny(['10.0.0.0/7 # all', ...many].join('\n'), Number.POSITIVE_INFINITY);
    expect(list.exclude('10.0.0.0/8').toString()).toBe('11.0.0.0/8 # all');
    expect(list.exclude('10.1.2.7').entries).toHaveLength(20_000 + 25 - 1);
  });
});

describe('notes that look the same', () => {
  test.each([
    [
      'Cafe\u0301',
      'Caf\u00e9',
      'no entry has the note "Cafe<U+0301>", but one has "Caf<U+00E9>", which looks the same and is spelt differently: take the note from the groups of the list',
    ],
    [
      'Head office',
      'Head\u00a0office',
      'no entry has the note "Head office", but one has "Head<U+00A0>office", which looks the same and is spelt differently: take the note from the groups of the list',
    ],
    [
      'Lab\u200b',
      'Lab',
      'no entry has the note "Lab<U+200B>", but one has "Lab", which looks the same and is spelt differently: take the note from the groups of the list',
    ],
    ['Cafe', 'Caf\u00e9', 'no entry has the note "Cafe": the groups are "x", "Caf\u00e9"'],
    ['caf\u00e9', 'Caf\u00e9', 'no entry has the note "caf\u00e9": the groups are "x", "Caf\u00e9"'],
  ])('are told apart: %j and %j', (given, present, message) => {
    const list = deny(`::1 # x\n::2 # ${present}`);
    expect(problemsOf(() => list.removeGroup(given))[0]?.message).toBe(message);
    expect(problemsOf(() => list.editGroup(given, {}))[0]?.message).toBe(message);
  });

  test('are told apart where they conflict', () => {
    expect(problemsOf(() => deny('').add('::1 # Caf\u00e9', 'Cafe\u0301'))[0]?.message).toBe(
      'this address has the note "Caf<U+00E9>", but the note for all is "Cafe<U+0301>": make them agree, or add the address separately',
    );
  });
});

describe('a policy of a list', () => {
  test('keeps lines, notes and warnings', () => {
    const list = RestrictionList.parse('allow', `${text}\n\n11.9.9.9/8 # again\n203.0.113.0/24`);
    const policy = createPolicy(list, { exempt: '@loopback # Health checks' });
    expect([policy.mode, policy.size]).toEqual(['allow', 7]);
    expect(policy.decide('2001:db8:12::1').entry).toEqual(list.entries[1]);
    expect(policy.decide('192.0.2.11').entry).toEqual(list.entries[3]);
    expect(policy.decide('192.168.0.1').entry).toEqual(list.entries[4]);
    expect(policy.decide('11.1.1.1').entry).toMatchObject({ line: 9, note: 'again' });
    expect(policy.decide('::1').entry).toMatchObject({ line: 1, note: 'Health checks', list: 'exempt' });
    expect(policy.decide('8.8.8.8').reason).toBe('not-listed');
    expect(policy.explain('203.0.113.9').message).toContain(
      'line 2 (203.0.113.0/24, note "Office") of the allow list',
    );
    expect(policy.problems.map(({ line, code }) => `${line} ${code}`)).toEqual(
      list.problems.map(({ line, code }) => `${line} ${code}`),
    );
    expect(list.problems).toHaveLength(2);
  });

  test('has the limit of the list, which can be raised beside it', () => {
    const many = Array.from({ length: 1_200 }, (_, index) => `10.0.${index >> 8}.${index & 255}`).join('\n');
    const list = deny(many, 1_200);
    expect(createPolicy(list).size).toBe(1_200);
    expect(createPolicy(list, { maxEntries: 5_000 }).size).toBe(1_200);
    expect(places(() => createPolicy(list, { maxEntries: 1_000 }))).toEqual([
      'deny 1001:1-11 too-many-entries',
    ]);
    expect(places(() => deny(many))).toEqual(['deny 1001:1-11 too-many-entries']);
  });

  test('is guarded against locking oneself out', () => {
    const list = RestrictionList.empty('allow').add('203.0.113.0/24', 'Office');
    expect(places(() => createPolicy(list, { mustAllow: ['198.51.100.7'] }))).toEqual([
      'mustAllow 1:1-13 must-allow',
    ]);
  });
});

describe('hostile input', () => {
  const list = deny(text);

  test('has its problems at the columns of its text', () => {
    const list = deny('\ufeff  1.2.3.4/24\r\n\t0.0.0.0/0 # all\r\n# none\r\n 1.2.3.4/24');
    expect(list.problems.map(({ line, column }) => `${line}:${column}`)).toEqual([
      '1:3',
      '2:2',
      '4:2',
      '4:2',
    ]);
    expect(createPolicy(list).problems).toEqual(list.problems);
  });

  test('is not believed when it only looks like one', () => {
    const list = deny('  1.2.3.4/24');
    const entries = [{ text: '5.6.7.8', canonical: '5.6.7.8', note: undefined, list: 'deny', line: 7 }];
    const lookAlikes = [
      Object.create(list, { entries: { value: entries } }),
      new (class {
        mode = 'deny';
        entries = entries;
        text = `${list}`;
        toString = () => `${list}`;
      })(),
    ];
    for (const like of lookAlikes) {
      const policy = createPolicy(like as never, { maxEntries: 10 });
      expect([policy.allows('5.6.7.8'), policy.allows('1.2.3.4')]).toEqual([false, true]);
      expect(policy.decide('5.6.7.8').entry?.line).toBe(7);
    }
    class Other extends (RestrictionList as unknown as new (...given: unknown[]) => object) {}
    expect(() => new Other(Symbol('RestrictionList'), 'deny', 10, '1.2.3.4')).toThrow(TypeError);
  });

  test('what foreign objects throw is a problem with its cause', () => {
    const cause = new Error('no');
    const thrower = (): never => {
      throw cause;
    };
    const inputs: (() => unknown)[] = [
      () => list.add({ [Symbol.iterator]: thrower }),
      () =>
        list.add(
          (function* () {
            yield '10.0.0.1';
            thrower();
          })(),
        ),
      () =>
        list.editGroup('Office', {
          get addresses() {
            return thrower();
          },
        }),
      () => list.editGroup('Office', new Proxy({}, { ownKeys: thrower })),
      () => list.editEntry('@private', new Proxy({}, { getOwnPropertyDescriptor: thrower })),
      () =>
        list.editEntry('@private', {
          get note() {
            return thrower();
          },
        }),
      () =>
        list.exclude('10.0.0.1', {
          get ifRevision() {
            return thrower();
          },
        }),
      () => list.describe(new Proxy({}, { ownKeys: thrower })),
      () => RestrictionList.of('deny', { [Symbol.iterator]: thrower }),
      () => list.editGroup('Office', { addresses: { [Symbol.iterator]: thrower } }),
      () =>
        RestrictionList.empty('deny', {
          get maxEntries() {
            return thrower();
          },
        }),
      () => RestrictionList.empty('deny', new Proxy({}, { ownKeys: thrower })),
    ];
    for (const run of inputs) {
      expect(run).toThrow(expect.objectContaining({ name: 'ListError', cause }));
      expect(problemsOf(run).map(({ code }) => code)).toEqual(['unreadable']);
      for (const problem of problemsOf(run)) expect(Object.isFrozen(problem)).toBe(true);
    }
    expect(list.toString()).toBe(text);
  });

  test('endless addresses are refused', () => {
    const endless = (function* () {
      for (;;) yield '10.0.0.1';
    })();
    expect(problemsOf(() => list.add(endless)).map(({ code }) => code)).toEqual(['too-many-entries']);
  });

  test('a note is asked for once', () => {
    let asked = 0;
    const change = {
      get note() {
        asked++;
        return asked === 1 ? 'HQ' : 'x\n0.0.0.0/0';
      },
    };
    expect(list.editGroup('Office', change).groups.map(({ note }) => note)).toEqual([
      'HQ',
      'Build server',
      undefined,
    ]);
    expect(asked).toBe(1);
  });

  test('addresses that change the list they are added to are added to what it was', () => {
    const items = (function* () {
      list.remove('198.51.100.7').add('10.0.0.1');
      yield '10.0.0.2';
    })();
    expect(list.add(items).toString()).toBe(`${text}\n10.0.0.2`);
  });

  test('objects that look like text are not text', () => {
    const like = Object.assign(Object('10.0.0.1') as object, { toString: () => '10.0.0.1' });
    expect(places(() => list.remove(like as never))).toEqual(['address 1:1-1 not-a-string']);
    expect(places(() => list.edit(like as never))).toEqual(['deny 1:1-1 not-a-string']);
    expect(places(() => list.add('10.0.0.1', like as never))).toEqual(['note 1:1-1 not-a-string']);
  });

  test('a polluted prototype says nothing', () => {
    const prototype = Object.prototype as Record<string, unknown>;
    const pollution = { maxEntries: 0, note: 'x\n::/0', addresses: '0.0.0.0/0', mode: 'allow', address: 'x' };
    Object.assign(prototype, pollution);
    try {
      expect(RestrictionList.empty('deny', {}).add('10.0.0.1').toString()).toBe('10.0.0.1');
      expect(list.editGroup('Office', {}).toString()).toBe(text);
    } finally {
      for (const name of Object.keys(pollution)) delete prototype[name];
    }
  });

  test('a megabyte is read, and refused where it is', () => {
    const long = 'n'.repeat(1_000_000);
    expect(list.add('10.0.0.1', long).entries.at(-1)?.note).toHaveLength(1_000_000);
    expect(places(() => list.remove(long))).toEqual(['address 1:1-1000001 too-long']);
    expect(problemsOf(() => list.removeGroup(long))[0]?.message.length).toBeLessThan(300);
  });

  test('a long note for many entries does not exceed what a string can hold', () => {
    const many = Array.from({ length: 300 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
    const note = 'n'.repeat(2 ** 20);
    const short = RestrictionList.empty().add(many, 'short');
    const runs = [() => RestrictionList.empty().add(many, note), () => short.editGroup('short', { note })];
    for (const run of runs) expect(places(run)).toEqual(['deny 1:1-1 list-too-long']);
    const items = Array.from({ length: 1_400 }, () => ({ address: '10.0.0.1', note: 'n'.repeat(400_000) }));
    expect(places(() => deny('', 2_000).add(items))).toEqual(['addresses 672:1-1 list-too-long']);
    const addresses = items.map(({ address }) => address);
    expect(places(() => deny('', 2_000).add(addresses, items[0]?.note))).toEqual([
      'deny 1:1-1 list-too-long',
    ]);
  });
});

describe('a list that is stored', () => {
  test.each([
    ['allow', '\ufeff# x\r\n10.0.0.1 # a\r\n', 5],
    ['deny', '', 1000],
    ['deny', '10.0.0.1\n10.0.0.1', Number.POSITIVE_INFINITY],
  ] as const)('comes back from JSON: %s %j %d', (mode, text, maxEntries) => {
    const list = RestrictionList.parse(mode, text, { maxEntries });
    const stored = JSON.parse(JSON.stringify(list));
    expect(Object.keys(stored)).toEqual(['mode', 'maxEntries', 'text']);
    const back = RestrictionList.parse(stored.mode, stored.text, { maxEntries: stored.maxEntries });
    expect([back.mode, `${back}`]).toEqual([mode, text]);
    expect(back.maxEntries).toBe(Math.min(maxEntries, Number.MAX_SAFE_INTEGER));
  });

  test('is not a policy input, and neither is a copy', () => {
    const list = RestrictionList.parse('allow', '10.0.0.1');
    expect(() => createPolicy(list.toJSON() as never)).toThrow(
      /one list: read this stored one with RestrictionList\.parse\(mode, text, \{ maxEntries \}\) \(one/,
    );
    expect(() => createPolicy({ ...list } as never)).toThrow(
      /1 problem.*\n.*one list: write \{ mode, list \}, or give a managed list itself, as a copy of it has no entries \(one/,
    );
    expect(() => createPolicy({ mode: 'allow', deny: '' } as never)).toThrow(/there is no option "mode"/);
  });

  test('is printed by a console with its type and size', () => {
    expect(inspect(RestrictionList.empty('allow').add('10.0.0.1'))).toBe('RestrictionList (allow, 1 entry)');
    expect(inspect({ list: RestrictionList.empty() })).toContain('RestrictionList (deny, 0 entries)');
    expect(Object.keys(RestrictionList.empty())).toEqual(['mode', 'maxEntries']);
  });
});

describe('a list in the wrong place', () => {
  const list = RestrictionList.parse('deny', '10.0.0.1 # a');
  test.each<[what: string, run: () => unknown, message: RegExp]>([
    ['createPolicy({ allow: list })', () => createPolicy({ allow: list as never }), /to createPolicy itself/],
    ['exempt', () => createPolicy({ allow: '', exempt: list as never }), /or its text, String\(list\)/],
    ['minimize', () => minimize(list as never), /entries, .*String\(list\)/],
    ['applyFixes', () => applyFixes(list as never, []), /text, .*String\(list\)/],
    ['add', () => list.add([{ ip: '10.0.0.2' }] as never), /got "ip": write it as address/],
    ['minimizeList', () => minimizeList('10.0.0.1' as never), /minimizeList takes .* a string: write/],
    ['minimizeList', () => minimizeList(undefined as never), /minimizeList takes .* nothing: write/],
    ['minimizeList', () => minimizeList(list.toJSON() as never), /minimizeList takes .* an object: write/],
  ])('%s says what to write', (_, run, message) => {
    expect(run).toThrow(ListError);
    expect(run).toThrow(message);
  });

  test('entries are added as the message says', () => {
    const items = list.entries.map(({ text, note }) => ({ address: text, note }));
    expect(`${RestrictionList.empty().add(items)}`).toBe('10.0.0.1 # a');
  });
});

describe('the limit of a list', () => {
  const list = RestrictionList.parse('deny', '10.0.0.1', { maxEntries: 1 });
  const exempt = '192.0.2.1\n192.0.2.2';
  test('is not one of the exemptions', () => {
    expect(createPolicy(list, { exempt }).allows('192.0.2.2')).toBe(true);
    expect(createPolicy({ mode: 'deny', entries: list.entries, maxEntries: 1, exempt }).size).toBe(1);
    expect(lintList(list, { exempt, reach: 'private' })).toEqual([]);
  });

  test('is raised or lowered for both by the option', () => {
    for (const run of [
      () => createPolicy(list, { exempt, maxEntries: 1 }),
      () => createPolicy({ deny: '', exempt, maxEntries: 1 }),
    ]) {
      expect(run).toThrow(/exempt, line 2.*too-many-entries/s);
    }
    expect(
      lintList(list, { exempt, maxEntries: 1 }).map(({ source, code }) => `${source} ${code}`),
    ).toContain('exempt too-many-entries');
    const many = RestrictionList.parse('deny', '', { maxEntries: Number.POSITIVE_INFINITY });
    const thousands = Array.from({ length: 1001 }, (_, at) => `10.0.${at >> 8}.${at & 255}`);
    expect(() => createPolicy(many, { exempt: thousands })).toThrow(/limit is 1000/);
    expect(createPolicy(many, { exempt: thousands, maxEntries: 1001 }).size).toBe(0);
  });
});
