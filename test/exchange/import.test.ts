import { describe, expect, test } from 'vitest';
import * as yaml from 'yaml';
import { csv } from '../../src/formats/csv.ts';
import { plain } from '../../src/formats/plain.ts';
import { awsRanges } from '../../src/formats/published.ts';
import { isPrintable } from '../../src/problem/say.ts';
import { type FormatName, importList } from '../../src/public/formats.ts';
import { createMatcher, createPolicy, ListError } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { AddressSet } from '../../src/public/set.ts';

const codes = (run: () => unknown): string[] => {
  try {
    run();
  } catch (error) {
    if (error instanceof ListError) return error.problems.map(({ code }) => code);
    throw error;
  }
  return [];
};

test.each([
  ['192.0.2.1\n', 'whole'],
  ['', 'whole'],
  ['192.0.2.1\n192.0.2.300\n', 'lines-missing'],
  // With bad lines only, it is another kind of file.
  ['192.0.2.300\n', 'refused'],
])('what an import says of its trust: %j is %s', (text, trust) => {
  expect(importList(text, { format: plain }).trust).toBe(trust);
});

describe('entries of another format', () => {
  const { entries } = importList('192.0.2.0/24 # Office\n2001:db8::1', { format: plain });

  test('are items of every list', () => {
    expect(createPolicy({ deny: entries }).decide('192.0.2.7').entry?.note).toBe('Office');
    expect(AddressSet.of(entries).prefixes).toEqual(['192.0.2.0/24', '2001:db8::1']);
    expect(createRules({ rules: [{ allow: entries, except: entries }], otherwise: 'deny' }).size).toBe(2);
    expect(createPolicy({ allow: '::/0', exempt: entries }).allows('192.0.2.1')).toBe(true);
    expect(
      createMatcher(entries.map(({ address, line }) => [address, line])).match('2001:db8::1')?.value,
    ).toBe(2);
  });

  test('may be copied and changed', () => {
    const labelled = entries.map((entry) => ({ ...entry, note: 'feed', label: 'x' }));
    expect(createPolicy({ deny: labelled }).decide('192.0.2.7').entry?.note).toBe('feed');
    expect(createPolicy({ deny: JSON.parse(JSON.stringify(entries)) }).size).toBe(2);
  });

  test('go into no list that does what their file does not', () => {
    const allowed = [{ address: '192.0.2.1', action: 'allow' as const, line: 1 }];
    expect(createPolicy({ allow: allowed }).allows('192.0.2.1')).toBe(true);
    expect(createPolicy({ deny: '::/0', exempt: allowed }).allows('192.0.2.1')).toBe(true);
    expect(codes(() => createPolicy({ deny: allowed }))).toEqual(['action-differs']);
    const denied = [{ address: '192.0.2.1', action: 'deny' as const, line: 1 }];
    expect(codes(() => createPolicy({ allow: denied }))).toEqual(['action-differs']);
    expect(codes(() => createPolicy({ deny: '::/0', exempt: denied }))).toEqual(['action-differs']);
    expect(codes(() => createPolicy({ deny: [{ ...denied[0], action: 'drop' }] as never }))).toEqual([
      'action-differs',
    ]);
    expect(AddressSet.of(denied).prefixes).toEqual(['192.0.2.1']);
  });

  test('are still items without unknown fields', () => {
    expect(
      codes(() => createPolicy({ deny: [{ address: '192.0.2.1', line: 1, port: 22 }] as never })),
    ).toEqual(['unknown-field']);
    expect(codes(() => createPolicy({ deny: [{ address: '192.0.2.1', label: 'x' }] as never }))).toEqual([
      'unknown-field',
    ]);
  });
});

describe('a list that lacks lines', () => {
  const { entries, problems, rules } = importList('192.0.2.1\n192.0.2.300\n192.0.2.3', {
    format: plain,
    mode: 'deny',
  });

  test('says so at the line and column', () => {
    expect(problems.map(({ code, line, column }) => [code, line, column])).toEqual([['octet-range', 2, 9]]);
    expect(entries.map(({ line }) => line)).toEqual([1, 3]);
  });

  test('may deny, and never allows', () => {
    expect(createPolicy({ deny: entries }).size).toBe(2);
    expect(createRules({ rules, otherwise: 'allow' }).size).toBe(2);
    expect(codes(() => createPolicy({ allow: entries }))).toEqual(['incomplete-list']);
    const allowing = importList('192.0.2.1\n192.0.2.300', { format: plain, mode: 'allow' });
    expect(codes(() => createRules({ rules: allowing.rules, otherwise: 'deny' }))).toEqual([
      'incomplete-list',
    ]);
  });
});

describe('a list without entries', () => {
  test('but with bad lines is not a list at all', () => {
    const { entries } = importList('<!DOCTYPE html>\n<title>Sign in</title>', { format: plain });
    expect(codes(() => createPolicy({ deny: entries }))).toEqual(['incomplete-list']);
  });

  test.each(['', '# nothing', '\n\n'])('%j never opens an allow list', (text) => {
    const { entries } = importList(text, { format: plain });
    expect(entries).toEqual([]);
    expect(codes(() => createPolicy({ allow: entries }))).toEqual(['incomplete-list']);
    expect(codes(() => createPolicy({ allow: entries, whenEmpty: 'deny' }))).toEqual(['incomplete-list']);
    expect(createPolicy({ deny: entries }).allows('192.0.2.1')).toBe(true);
  });
});

describe('the messages of an import', () => {
  test.each<[FormatName, string, string?]>([
    ['apache', '</%>'],
    ['apache', '<If %>\nRequire ip 192.0.2.1\n</If>'],
    ['apache', '<IfModule %>\nRequire ip ::\n</IfModule>'],
    ['apache', '<%'],
    ['apache', '<Files %>\nRequire ip ::\n</Files>\nRequire ip ::'],
    ['apache', 'Require ip 192.0.2.1', '%'],
    ['apache', 'Require user %'],
    ['apache', 'Allow from env=%'],
    ['apache', 'Allow from %'],
    ['pg-hba', '% all'],
    ['pg-hba', 'host % all 192.0.2.0/24 md5'],
    ['pg-hba', 'host all % 192.0.2.0/24 md5'],
    ['pg-hba', 'host all all % md5'],
    ['aws-waf', '{"IPAddressVersion":"%","Addresses":["::"]}'],
    ['traefik', 'a: *%'],
    ['traefik', 'a: !% b: c'],
    ['traefik', 'a: | %\n'],
  ])('disturb no terminal: %s, %j', (format, text, set) => {
    const hostile = 'x\u009b2J\u202e'.repeat(100);
    const { problems } = importList(text.replace('%', hostile), {
      format,
      set: set?.replace('%', hostile),
      yaml,
    });
    expect(problems.length).toBeGreaterThan(0);
    for (const { message } of problems) {
      expect(isPrintable(message)).toBe(true);
      expect(message.length).toBeLessThan(1200);
    }
  });

  test('name the columns of a file without disturbing a terminal', () => {
    const options = { format: csv, select: { column: '\u009b2J' } };
    const { problems } = importList('a\u009b,b\nx,y\n', options);
    expect(problems.map(({ message }) => isPrintable(message))).toEqual([true]);
  });
});

describe('the options of an import', () => {
  test('are read once, and what they throw is a problem', () => {
    let reads = 0;
    const texts = new Proxy(['x'], {
      get: (target, name) => (name === '0' && reads++ > 0 ? 1 : Reflect.get(target, name)),
    });
    importList('', { format: awsRanges, select: { region: texts } });
    expect(reads).toBe(1);
    const throwing = {
      get region(): string {
        throw new Error('no');
      },
    };
    expect(codes(() => importList('', { format: awsRanges, select: throwing }))).toEqual(['unreadable']);
    expect(codes(() => importList('', { format: awsRanges, includes: throwing as never }))).toEqual([
      'unreadable',
    ]);
  });

  test('choose something', () => {
    // Nothing would be denied.
    const choose = (): unknown => importList('', { format: awsRanges, select: { region: [] } });
    expect(codes(choose)).toEqual(['invalid-option']);
  });

  test.each([
    [{}, 'format must be'],
    [{ format: 'nothing' }, 'format must be'],
    [{ format: 'plain', select: { region: 'x' } }, 'has no key "region" here: the format "plain" takes none'],
    [{ format: 'plain', select: ['x'] }, 'select must be an object'],
    [{ format: 'plain', now: 'today' }, 'now must be a valid Date'],
    [{ format: 'plain', comment: '--' }, 'comment must be'],
    [{ format: 'plain', mode: 'block' }, 'mode must be'],
    [{ format: 'plain', includes: { a: 1 } }, 'the text of the file "a" must be text'],
    [{ format: 'plain', modes: 'deny' }, 'there is no option "modes"'],
  ])('%j: %s', (options, message) => {
    expect(() => importList('', options as never)).toThrow(message);
  });

  test('what is not text is refused', () => {
    expect(() => importList(new Uint8Array(3) as never, { format: plain })).toThrow('decode its bytes first');
  });
});

describe('copies of a list that lacks something', () => {
  const cut = importList('192.0.2.0/24\n203.0.113.0/2', { format: plain, mode: 'allow' });

  test('a prefix length that was cut off is not a list', () => {
    expect(cut.problems.map(({ code, line }) => [code, line])).toEqual([['truncated', 2]]);
    expect(cut.trust).toBe('refused');
    // With the line end, it is what somebody wrote.
    expect(importList('203.0.113.0/2\n', { format: plain }).trust).toBe('whole');
    expect(importList('203.0.113.9/24', { format: plain }).trust).toBe('whole');
    expect(importList('2001:db8::/12', { format: plain }).trust).toBe('refused');
  });

  test.each([
    ['spread', [...cut.entries]],
    ['filtered', cut.entries.filter(() => true)],
    ['a set', new Set(cut.entries)],
    ['joined with others', [...cut.entries, '198.51.100.1']],
  ])('are refused: %s', (_name, copy) => {
    expect(codes(() => createPolicy({ allow: copy }))).toContain('incomplete-list');
    expect(codes(() => createPolicy({ deny: copy }))).toContain('incomplete-list');
  });

  test('with a bad line may deny, copied or not', () => {
    const { entries } = importList('192.0.2.1\nx\n', { format: plain });
    expect(createPolicy({ deny: [...entries] }).size).toBe(1);
    expect(codes(() => createPolicy({ allow: [...entries] }))).toEqual(['incomplete-list']);
  });

  test('rules of entries whose verdict nobody knows are not taken', () => {
    const { rules } = importList('192.0.2.1\n', { format: plain });
    expect(rules).toEqual([]);
    expect(codes(() => createRules({ rules, otherwise: 'allow' }))).toEqual(['incomplete-list']);
  });

  test.each(['set', 'listed', 'comment'])('the option %s is refused where it has no use', (name) => {
    const options = { format: 'netset', [name]: name === 'comment' ? ';' : 'x' };
    expect(() => importList('192.0.2.1\n', options as never)).toThrow(`has no use for ${name}`);
  });
});
