import { describe, expect, test } from 'vitest';
import { crowdsec } from '../../src/formats/crowdsec.ts';
import { type ImportedList, type ImportOptions, importList } from '../../src/public/formats.ts';
import { createPolicy } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { growthOf } from '../support/reads.ts';
import { hasSample, readSample } from '../support/samples.ts';

const now = new Date('2026-11-29T12:00:00Z');

const read = (text: string, options: Partial<ImportOptions> = {}): ImportedList =>
  importList(text, { format: crowdsec, now, ...options });

/** A decision as the local API answers it. */
const decision = (more: object = {}): object => ({
  duration: '3h59m57.6s',
  id: 1,
  origin: 'CAPI',
  scenario: 'crowdsecurity/ssh-bf',
  scope: 'Ip',
  type: 'ban',
  uuid: 'a',
  value: '192.0.2.7',
  ...more,
});

const codesOf = ({ problems }: ImportedList): readonly (readonly [string, number, number])[] =>
  problems.map(({ code, line, column }) => [code, line, column]);

const entry = {
  address: '192.0.2.7',
  note: 'crowdsecurity/ssh-bf',
  label: 'CAPI',
  action: 'deny',
  until: new Date('2026-11-29T15:59:57.600Z'),
  line: 1,
};

describe('decisions', () => {
  test.each<[string, unknown]>([
    ['an array', [decision()]],
    ['an answer to a stream', { new: [decision()], deleted: null }],
    [
      'what came from alerts',
      [{ id: 7, scenario: 'x', simulated: false, source: {}, decisions: [decision({ simulated: false })] }],
    ],
    [
      'what is imported',
      [
        {
          duration: '3h59m57.6s',
          origin: 'CAPI',
          reason: 'crowdsecurity/ssh-bf',
          scope: 'ip',
          type: 'ban',
          value: '192.0.2.7',
        },
      ],
    ],
  ])('are in %s', (_, answer) => {
    const { entries, rules, problems } = read(JSON.stringify(answer));
    expect(problems).toEqual([]);
    expect(entries).toEqual([entry]);
    expect(rules).toEqual([{ deny: [entry] }]);
  });

  test('deny until they end, and no list that allows takes them', () => {
    const { entries, rules } = read(
      JSON.stringify([decision(), decision({ scope: 'Range', value: '198.51.100.0/24' })]),
    );
    const at = (instant: string): boolean[] => {
      const policy = createRules({ rules, otherwise: 'allow', at: new Date(instant) });
      return ['192.0.2.7', '198.51.100.9', '::ffff:192.0.2.7', '192.0.2.8'].map((ip) => policy.allows(ip));
    };
    expect(at('2026-11-29T15:59:57.599Z')).toEqual([false, false, false, true]);
    expect(at('2026-11-29T15:59:57.600Z')).toEqual([true, true, true, true]);
    expect(() => createPolicy({ allow: entries, at: now })).toThrow('action-differs');
  });

  test('without now nothing is a list, or a ban would have no end', () => {
    const list = importList(JSON.stringify([decision(), decision()]), { format: crowdsec });
    expect(list.problems.map(({ code }) => code)).toEqual(['instant-required']);
    expect(list.entries).toEqual([]);
    expect(() => createPolicy({ deny: list.entries })).toThrow('incomplete-list');
  });

  test('a date at which they end needs no now', () => {
    const text = JSON.stringify([decision({ until: '2026-12-01T00:00:00Z' })]);
    const { entries, problems } = importList(text, { format: crowdsec });
    expect(problems).toEqual([]);
    expect(entries[0]?.until).toEqual(new Date('2026-12-01T00:00:00Z'));
  });

  test.each(['null', '[]', '{"new": null, "deleted": null}', '{"deleted": [], "new": []}'])(
    '%s is what there is when nobody is banned',
    (text) => {
      const { entries, problems } = read(text);
      expect(problems).toEqual([]);
      expect(createPolicy({ deny: entries }).allows('192.0.2.7')).toBe(true);
      expect(() => createPolicy({ allow: entries })).toThrow('incomplete-list');
    },
  );

  test('can be chosen by origin and scenario', () => {
    const text = JSON.stringify([
      decision(),
      decision({ origin: 'cscli', value: '192.0.2.8' }),
      decision({ scenario: 'x' }),
    ]);
    const chosen = (select: Record<string, string>): readonly string[] =>
      read(text, { select }).entries.map(({ address }) => address);
    expect(chosen({ origin: 'cscli' })).toEqual(['192.0.2.8']);
    expect(chosen({ origin: 'CAPI', scenario: 'x' })).toEqual(['192.0.2.7']);
    const unknown = read(JSON.stringify([decision({ origin: undefined })]), { select: { origin: 'CAPI' } });
    expect(unknown.problems.map(({ severity }) => severity)).toEqual(['warning', 'error']);
    expect(() => createPolicy({ deny: unknown.entries })).toThrow('incomplete-list');
  });
});

describe('what is not a ban of an address', () => {
  test.each<[string, object, number]>([
    ['another scope', { scope: 'Country', value: 'XX' }, 0],
    ['a user', { scope: 'username', value: '192.0.2.7' }, 0],
    ['another remedy', { type: 'captcha' }, 0],
    ['a custom type', { type: 'throttle' }, 0],
    ['a simulation', { simulated: true }, 0],
  ])('is left out with a warning: %s', (_, more) => {
    const { entries, problems } = read(JSON.stringify([decision(more)]));
    expect(entries).toEqual([]);
    expect(problems.map(({ code, severity }) => [code, severity])).toEqual([['skipped', 'warning']]);
  });

  test('is at the place of the field that says so', () => {
    const text =
      '[\n {"type": "captcha", "scope": "Ip", "value": "192.0.2.7", "duration": "1h"},\n {"type": "ban", "scope": "AS", "value": "64496", "duration": "1h"}\n]';
    expect(codesOf(read(text))).toEqual([
      ['skipped', 2, 12],
      ['skipped', 3, 28],
    ]);
  });

  test('is an error where it is not known', () => {
    for (const name of ['type', 'scope', 'value', 'duration']) {
      const list = read(
        JSON.stringify([decision({ value: '198.51.100.1' }), { ...decision(), [name]: undefined }]),
      );
      expect(list.problems.map(({ code, message }) => [code, message.includes(`no ${name}`)])).toEqual([
        ['syntax', true],
      ]);
      expect(list.entries.map(({ address }) => address)).toEqual(['198.51.100.1']);
    }
  });

  test('decisions that are over are left out, and named once', () => {
    const text = JSON.stringify({
      new: [decision()],
      deleted: [decision({ value: '192.0.2.8', duration: '-1m' }), decision()],
    });
    const { entries, problems } = read(text);
    expect(entries).toEqual([entry]);
    expect(problems.map(({ code, message }) => [code, message.startsWith('2 decisions')])).toEqual([
      ['skipped', true],
    ]);
  });
});

describe('durations', () => {
  const untilOf = (duration: string): number | undefined => {
    const [first] = read(JSON.stringify([decision({ duration })])).entries;
    return first?.until === undefined ? undefined : first.until.getTime() - now.getTime();
  };

  test.each<[string, number]>([
    ['4h', 14_400_000],
    ['3h59m57.6s', 14_397_600],
    ['1h0m0.000000001s', 3_600_001],
    ['-1m2.5s', -62_500],
    ['+1m', 60_000],
    ['0', 0],
    ['0s', 0],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['5.s', 5000],
    ['100ms', 100],
    ['100us', 1],
    ['100\u00b5s', 1],
    ['100\u03bcs', 1],
    ['-100ns', 0],
    ['7d', 604_800_000],
    ['87600h', 315_360_000_000],
    ['2562047h', 9_223_369_200_000],
  ])('%s', (duration, milliseconds) => {
    expect(untilOf(duration)).toBe(milliseconds);
  });

  test.each([
    '',
    ' ',
    '4',
    '4 h',
    'h',
    '.h',
    '1.2.3h',
    '4H',
    '4h!',
    '--4h',
    '1y',
    'forever',
    '2562048h',
    '9999999999999h',
    '٤h',
  ])('%j is an error, and no ban that never ends', (duration) => {
    const list = read(JSON.stringify([decision({ duration })]));
    expect(list.entries).toEqual([]);
    expect(list.problems.map(({ severity }) => severity)).toContain('error');
    expect(() => createPolicy({ deny: list.entries })).toThrow('incomplete-list');
  });

  test('one that is over denies nobody, and does not make the list an empty one', () => {
    const { entries } = read(JSON.stringify([decision({ duration: '-1m2.5s' })]));
    expect(createPolicy({ deny: entries, at: now }).allows('192.0.2.7')).toBe(true);
    expect(createPolicy({ deny: entries, at: now }).size).toBe(1);
  });
});

describe('what is not an answer is never a list', () => {
  test.each([
    '',
    '<html>',
    '{}',
    '{"message":"access forbidden"}',
    '{"deleted":[]}',
    '"192.0.2.7"',
    '[{}]',
    '[{"decisions":7}]',
    '["192.0.2.7"]',
    '[{"value":"192.0.2.7"',
    'id,country\n1,XX\n',
  ])('%j', (text) => {
    const list = read(text);
    expect(list.problems.filter(({ severity }) => severity === 'error')).not.toEqual([]);
    expect(() => createPolicy({ deny: list.entries })).toThrow('incomplete-list');
  });
});

describe('an array of alerts and decisions', () => {
  test('is read decision by decision', () => {
    const alerts = [{ decisions: [] }, decision(), { decisions: null }, decision({ value: '192.0.2.8' })];
    expect(read(JSON.stringify(alerts)).entries.map(({ address }) => address)).toEqual([
      '192.0.2.7',
      '192.0.2.8',
    ]);
  });
});

describe('tables', () => {
  test('without a column for addresses are refused, and not read any further', () => {
    expect(codesOf(read('id,country\n1,XX\n2,XX\n'))).toEqual([['syntax', 1, 1]]);
  });

  test.skipIf(!hasSample('crowdsec-csv-1.csv'))('are what a careful reader finds in a real one', () => {
    const { text, expected } = readSample('crowdsec-csv-1.csv');
    const { entries, problems } = read(text);
    expect(problems).toEqual([]);
    expect(entries).toEqual(
      expected.entries.map(({ range, note, action, line, labels }) => ({
        address: range,
        note,
        label: labels?.['origin'],
        action,
        until: new Date(now.getTime() + 3_600_000),
        line,
      })),
    );
  });

  test('of cscli have the scope before the address', () => {
    const text =
      'id,source,ip,reason,action,country,as,events_count,expiration,simulated,alert_id\n' +
      '1,CAPI,Ip:192.0.2.7,crowdsecurity/ssh-bf,ban,XX,"64496 Example, Inc.",0,3h59m57.6s,false,1\n' +
      '2,CAPI,Range:2001:db8::/32,x,ban,,,0,1h,false,1\n' +
      '3,CAPI,Country:XX,x,ban,,,0,1h,false,1\n' +
      '4,CAPI,Ip:192.0.2.8,x,captcha,,,0,1h,false,1\n' +
      '5,CAPI,Ip:192.0.2.9,x,ban,,,0,1h,true,1\n' +
      '6,CAPI,192.0.2.10,x,ban,,,0,1h,false,1\n' +
      '7,CAPI,2001:db8::1,x,ban,,,0,1h,false,1\n';
    const list = read(text);
    expect(list.entries.map(({ address, line }) => [address, line])).toEqual([
      ['192.0.2.7', 2],
      ['2001:db8::/32', 3],
    ]);
    expect(list.entries[0]).toEqual({ ...entry, line: 2 });
    expect(codesOf(list)).toEqual([
      ['skipped', 4, 8],
      ['skipped', 5, 23],
      ['skipped', 6, 34],
      ['syntax', 7, 1],
      ['syntax', 8, 1],
    ]);
  });
});

describe('what is read grows with the text and no faster', () => {
  const reading =
    (make: (size: number) => string, options: Partial<ImportOptions> = {}) =>
    (size: number) => {
      const text = make(size);
      return () => {
        read(text, options);
      };
    };
  const many = (more: object) => (size: number) =>
    JSON.stringify(Array.from({ length: size }, () => decision(more)));

  test.each<[string, (size: number) => () => void]>([
    ['bans', reading(many({}))],
    ['captchas', reading(many({ type: 'captcha' }))],
    [
      'captchas, then bans without now',
      reading((size) => `[${many({ type: 'captcha' })(size).slice(1, -1)},${many({})(size).slice(1)}`, {
        now: undefined,
      }),
    ],
    [
      'alerts',
      reading((size) => JSON.stringify(Array.from({ length: size }, () => ({ decisions: [decision()] })))),
    ],
    ['a long duration', reading((size) => JSON.stringify([decision({ duration: '1h'.repeat(size) })]))],
    ['rows', reading((size) => `value,scope,type,duration\n${'192.0.2.7,ip,ban,1h\n'.repeat(size)}`)],
  ])('%s', (_, run) => {
    expect(growthOf(run, 300)).toBeLessThan(5.5);
  });
});
