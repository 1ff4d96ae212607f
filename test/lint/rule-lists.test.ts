import { describe, expect, test } from 'vitest';
import { applyFixes, ListError, lintRules } from '../../src/public/list.ts';
import type { Rule, RulesInput } from '../../src/public/rules.ts';

function lint(input: Partial<RulesInput>): string[] {
  const all = { otherwise: 'deny', rules: [], ...input } as RulesInput;
  return lintRules(all, { reach: 'private' }).map(({ source, line, code }) => `${source}:${line} ${code}`);
}

function messagesOf(input: Partial<RulesInput>, code: string): string[] {
  const all = { otherwise: 'deny', rules: [], ...input } as RulesInput;
  return lintRules(all, { reach: 'private' })
    .filter((problem) => problem.code === code)
    .map(({ message }) => message);
}

describe('lintRules', () => {
  test('says which rules cover an entry that decides nothing', () => {
    const rules = [
      { name: 'Low', allow: '10.0.0.0/25' },
      { allow: '10.0.0.128-10.0.0.254' },
      { name: 'Late', deny: '10.0.0.0/24\n10.0.0.7\n192.0.2.0/24' },
    ];
    expect(messagesOf({ rules, exempt: '10.0.0.255' }, 'shadowed')).toEqual([
      'decides nothing: the exemptions and the rule "Low" and rules[1] cover all of its clients first',
      'decides nothing: the rule "Low" covers all of its clients first',
    ]);
    expect(messagesOf({ rules: rules.slice(2), exempt: '10.0.0.0/24' }, 'shadowed')).toEqual([]);
    expect(
      messagesOf(
        { rules: [{ deny: '10.0.0.1' }, { allow: '10.0.0.0/31\n10.0.0.1' }], order: 'most-specific' },
        'shadowed',
      ),
    ).toEqual([
      'decides nothing: entries of rules[0] that are as specific, or more so, decide about all of its clients',
    ]);
  });

  test('says why a rule decides nothing', () => {
    const rules = [
      { allow: '10.0.0.0/8' },
      { deny: '10.0.5.5\n10.0.6.0/24' },
      { deny: '' },
      { deny: '192.0.2.1', except: '192.0.2.0/24' },
    ];
    expect(messagesOf({ rules }, 'idle-rule')).toEqual([
      'decides nothing: rules[0] covers all of its clients first',
      'covers nobody: its list has no entries',
      'covers nobody: its except takes out all of its list',
    ]);
    expect(messagesOf({ rules }, 'shadowed')).toEqual([]);
    // A list whose lines are bad is not an empty one.
    expect(lint({ rules: [{ deny: 'x' }] })).toEqual(['rules[0].deny:1 invalid-character']);
  });

  test('names neighbours that could be one rule', () => {
    const rules = [
      { allow: '10.0.0.0/8' },
      { allow: '192.0.2.1' },
      { name: 'C', allow: '192.0.2.2' },
      { deny: '192.0.2.0/24' },
    ];
    expect(messagesOf({ rules }, 'mergeable-rules')).toEqual([
      'could be one rule with rules[1] and the rule "C", as they all allow and no other comes between: their names differ, so decide whether one name is enough',
    ]);
    expect(messagesOf({ rules: rules.slice(0, 2) }, 'mergeable-rules')).toEqual([
      'could be one rule with rules[1], as they all allow and no other comes between: join their lists',
    ]);
    expect(messagesOf({ rules: rules.slice(0, 2), maxEntries: 1 }, 'mergeable-rules')).toEqual([]);
    const except = '192.0.2.1';
    expect(
      messagesOf({ rules: [{ allow: '10.0.0.0/8', except }, { allow: '192.0.2.1' }] }, 'mergeable-rules'),
    ).toEqual([]);
    expect(
      messagesOf({ rules: [{ allow: '192.0.2.0/24', except }, { allow: '10.0.0.1' }] }, 'mergeable-rules'),
    ).toHaveLength(1);
  });

  test('says whose place counts, with an example', () => {
    const rules = [
      { name: 'Exceptions', deny: '# Hosts\n10.0.5.5' },
      { name: 'Office', allow: '10.0.0.0/16' },
    ];
    expect(messagesOf({ rules }, 'order-matters')).toEqual([
      'its place counts: the rule "Exceptions" denies some of its clients first, such as those of line 2 (10.0.5.5)',
    ]);
    expect(messagesOf({ rules, order: 'most-specific' }, 'order-matters')).toEqual([]);
    const tied = [{ deny: '10.0.0.0/16' }, { allow: '10.0.0.0/8\n10.0.0.0/16' }];
    expect(lint({ rules: tied, order: 'most-specific' })).toContain('rules[1]:1 order-matters');
  });

  test('says what an except does not take out, exactly and whatever the spelling', () => {
    const rules = [{ allow: '10.0.0.0/24', except: '10.0.2.0\n10.0.0.255-10.0.1.5\n::ffff:10.0.0.1' }];
    expect(lint({ rules })).toEqual(['rules[0].except:1 idle-except']);
  });

  test('reports everything that createRules would, and lints each list', () => {
    expect(
      lint({
        rules: [{ deny: '10.0.0.1/8 # A\n10.0.0.1', except: '10.1.0.1\n10.1.0.1' }, {}] as never,
        exempt: '192.0.2.300',
        order: 'x' as never,
      }),
    ).toEqual([
      'options:1 invalid-option',
      'rules[1]:1 one-list-required',
      'rules[0].deny:1 host-bits-set',
      'rules[0].deny:2 covered',
      'rules[0].except:2 duplicate',
      'exempt:1 octet-range',
    ]);
    expect(lintRules(undefined as never).map(({ code }) => code)).toEqual([
      'invalid-option',
      'invalid-option',
    ]);
    expect(() => lintRules({ rules: [], otherwise: 'deny' }, { mode: 'deny' } as never)).toThrow(ListError);
    expect(() => lintRules({ rules: [], otherwise: 'deny' }, { reach: 'x' } as never)).toThrow(ListError);
  });

  test('gives fixes of the list that the source names, and none that would change how specific an entry is', () => {
    const deny = '10.0.0.1/8 # A\n10.0.0.1';
    const input: RulesInput = { rules: [{ deny }], otherwise: 'allow' };
    const ofList = lintRules(input, { reach: 'private' }).filter(({ source }) => source === 'rules[0].deny');
    expect(applyFixes(deny, ofList)).toBe('10.0.0.0/8 # A');
    expect(lint({ ...input, order: 'most-specific' })).toEqual(['rules[0].deny:1 host-bits-set']);
  });

  test('is silent where a line says so', () => {
    const shadowed = '10.0.0.1 # lint-ignore shadowed\n192.0.2.1';
    expect(lint({ rules: [{ allow: '10.0.0.0/8' }, { deny: shadowed }] })).toEqual([
      'rules[1]:1 order-matters',
    ]);
    expect(lint({ rules: [{ deny: shadowed }] })).toEqual(['rules[0].deny:1 lint-ignore-unused']);
    expect(lint({ rules: [{ deny: '10.0.0.0/8', except: '192.0.2.1 # lint-ignore idle-except' }] })).toEqual(
      [],
    );
  });

  test('knows who lets clients of the machine itself in', () => {
    const rules = [{ allow: '@loopback' }, { deny: '0.0.0.0/0\n::/0' }];
    expect(lint({ rules }).filter((found) => found.includes('denies-loopback'))).toEqual([]);
    expect(lint({ rules: rules.slice(1) }).filter((found) => found.includes('denies-loopback'))).toHaveLength(
      2,
    );
  });

  describe('with times', () => {
    const at = (day: string, rules: readonly Rule[], exempt = ''): string[] =>
      lint({ rules, exempt, at: new Date(`${day}T00:00Z`) });

    test('takes only what lasts for a reason that an entry decides nothing', () => {
      const shadowed = 'rules[1].deny:1 shadowed';
      const begins = [{ allow: '10.0.0.0/24 from 2026-07-01T00:00Z' }, { deny: '10.0.0.1\n192.0.2.1' }];
      expect(at('2026-06-01', begins)).not.toContain(shadowed);
      expect(at('2026-08-01', begins)).toContain(shadowed);
      const ends = [{ allow: '10.0.0.0/24 until 2026-07-01T00:00Z' }, { deny: '10.0.0.1\n192.0.2.1' }];
      expect(at('2026-06-01', ends)).not.toContain(shadowed);
      expect(at('2026-08-01', ends)).not.toContain(shadowed);
      expect(lint({ rules: ends })).toContain('rules[0].allow:1 instant-required');
      expect(lint({ rules: ends }).join()).not.toContain('idle-rule');
    });

    test('says of a rule that it is idle only if it will never decide', () => {
      const later = [{ deny: '198.51.100.9 from 2027-01-01T00:00Z' }];
      expect(at('2026-06-01', later)).toEqual(['rules[0].deny:1 not-yet']);
      const over = [{ deny: '198.51.100.9 until 2026-01-01T00:00Z' }];
      expect(at('2026-06-01', over)).toEqual(['rules[0]:1 idle-rule', 'rules[0].deny:1 expired']);
      const messages = lintRules({ rules: over, otherwise: 'allow', at: new Date('2026-06-01T00:00Z') });
      expect(messages.map(({ message }) => message)).toEqual([
        'covers nobody: all of its entries have ended',
        'has not counted since 2026-01-01T00:00:00.000Z: so has the whole list: remove the rule, or add an entry',
      ]);
      const covered = [{ allow: '10.0.0.0/24 until 2026-07-01T00:00Z' }, { deny: '10.0.0.1' }];
      expect(at('2026-06-01', covered).join()).not.toContain('idle-rule');
      const excepted = [{ allow: '10.0.0.0/24', except: '10.0.0.0/24 until 2026-07-01T00:00Z' }];
      expect(at('2026-06-01', excepted).join()).not.toContain('idle');
    });
  });

  test('joins no rule with others around one that excepts something', () => {
    const rules: readonly Rule[] = [
      { deny: '192.0.2.1' },
      { deny: '192.0.2.2', except: '198.51.100.0/24' },
      { deny: '198.51.100.0/24' },
    ];
    const found = lintRules({ rules, otherwise: 'allow' }, { reach: 'private' });
    expect(found.map(({ source, message }) => `${source} ${message}`)).toEqual([
      'rules[0] could be one rule with rules[1], as they all deny and no other comes between: join their lists',
      'rules[1].except takes nothing out: no entry of the list is there',
    ]);
  });

  test('says when more rules than it has looked at come first', () => {
    const many = Array.from({ length: 1000 }, (_, index) => `10.0.${index >> 7}.${(index & 127) * 2}`);
    const rules: readonly Rule[] = [
      { deny: many },
      { deny: '10.200.0.1', name: 'Last' },
      { allow: '10.0.0.0/8' },
    ];
    const found = lintRules({ rules, otherwise: 'deny' }, { reach: 'private' });
    expect(found.find(({ code }) => code === 'order-matters')?.message).toMatch(
      /^its place counts: rules\[0\] and others deny some of its clients first/,
    );
  });

  test('reads an iterable once', () => {
    const once = (function* () {
      yield { deny: new Set(['10.0.0.1']).values() };
    })();
    expect(lint({ rules: once })).toEqual([]);
  });
});
