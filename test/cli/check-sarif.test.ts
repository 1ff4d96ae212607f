/** SARIF 2.1.0 of `check` and `lint`, held against what the standard says of each field that is there. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { makeFolder, runCommand } from '../support/command.ts';
import { steeringCharacters } from '../support/installed.ts';

const strange = 'a b/ü%:[x]#?.txt';
const folder = makeFolder({
  'office.txt': '203.0.113.0/24\n',
  'bad.txt': '192.0.2.0/24\n10.1.2.3/8 # 😀\n192.0.2.300\n192.0.2.1,\n',
  [strange]: '192.0.2.1 [x](http://evil.example)\n192.0.2.1 {0}\n192.0.2.1\u202e\u001b\n',
});
const outside = makeFolder({ 'list.txt': '192.0.2.300\n' });
afterAll(() => {
  folder.remove();
  outside.remove();
});

interface Region {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endColumn: number;
}

interface Location {
  readonly physicalLocation: {
    readonly artifactLocation: { readonly uri: string; readonly uriBaseId?: string };
    readonly region?: Region;
  };
}

interface Log {
  readonly $schema: string;
  readonly version: string;
  readonly runs: readonly {
    readonly columnKind: string;
    readonly tool: {
      readonly driver: {
        readonly name: string;
        readonly version: string;
        readonly rules: readonly { readonly id: string; readonly helpUri: string }[];
      };
    };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly message: { readonly text: string };
      readonly locations: readonly Location[];
      readonly fixes?: readonly object[];
    }[];
    readonly invocations: readonly {
      readonly executionSuccessful: boolean;
      readonly toolExecutionNotifications: readonly { readonly level: string }[];
    }[];
  }[];
}

async function sarifOf(given: readonly string[], stdin = ''): Promise<Log['runs'][number]> {
  const { stdout, code } = await runCommand(given, { folder: folder.path, stdin });
  expect([0, 1, 2]).toContain(code);
  expect(steeringCharacters(stdout)).toEqual([]);
  const { $schema, version, runs } = JSON.parse(stdout) as Log;
  expect($schema).toMatch(/^https:.*\/sarif-schema-2\.1\.0\.json$/);
  expect(version).toBe('2.1.0');
  expect(runs).toHaveLength(1);
  return runs[0] as Log['runs'][number];
}

const check = (...files: readonly string[]) => sarifOf(['check', '--format', 'sarif', ...files]);

describe('the log', () => {
  test('has the places in UTF-16 code units, and what may be put in their place', async () => {
    const { columnKind, results } = await check('bad.txt');
    expect(columnKind).toBe('utf16CodeUnits');
    const artifactLocation = { uri: 'bad.txt', uriBaseId: '%SRCROOT%' };
    const found = results.map(({ ruleId, level, locations }) => [
      ruleId,
      level,
      locations.map(({ physicalLocation }) => physicalLocation),
    ]);
    const at = (startLine: number, startColumn: number, endColumn: number) => [
      { artifactLocation, region: { startLine, startColumn, endColumn } },
    ];
    expect(found).toEqual([
      ['host-bits-set', 'warning', at(2, 1, 11)],
      ['octet-range', 'error', at(3, 9, 12)],
      ['trailing-text', 'error', at(4, 10, 11)],
    ]);
    const deletedRegion = { startLine: 4, startColumn: 10, endColumn: 11 };
    expect(results.map(({ fixes }) => fixes)).toEqual([
      [
        {
          artifactChanges: [
            {
              artifactLocation,
              replacements: [
                {
                  deletedRegion: { startLine: 2, startColumn: 1, endColumn: 11 },
                  insertedContent: { text: '10.0.0.0/8' },
                },
              ],
            },
          ],
        },
      ],
      undefined,
      [{ artifactChanges: [{ artifactLocation, replacements: [{ deletedRegion }] }] }],
    ]);
  });

  test('has each rule once, with a link to its heading', async () => {
    const { tool, results } = await check('bad.txt', 'bad.txt');
    const { name, version, rules } = tool.driver;
    const page = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8');
    expect(name).toBe('ipverdict');
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    expect(rules).toHaveLength(3);
    for (const { id, helpUri } of rules) {
      expect(new URL(helpUri).pathname).toMatch(/\/docs\/errors\.md$/);
      expect(new URL(helpUri).hash).toBe(`#${id}`);
      expect(page).toMatch(new RegExp(`^##+ \`${id}\`$`, 'm'));
    }
    expect(results).toHaveLength(6);
    for (const { ruleId, ruleIndex } of results) expect(rules[ruleIndex]?.id).toBe(ruleId);
  });

  test('names a file by a reference that leads back to it', async () => {
    const { results } = await check(strange, `./${strange}`, join(folder.path, strange));
    const uris = results.map(({ locations }) => locations[0]?.physicalLocation.artifactLocation);
    expect(uris.length).toBeGreaterThan(6);
    for (const artifact of uris) {
      expect(artifact).toEqual({
        uri: 'a%20b/%C3%BC%25%3A%5Bx%5D%23%3F.txt',
        uriBaseId: '%SRCROOT%',
      });
      const root = pathToFileURL(`${folder.path}/`);
      expect(fileURLToPath(new URL(artifact?.uri as string, root))).toBe(join(folder.path, strange));
    }
    const list = join(outside.path, 'list.txt');
    const far = await check(list);
    const location = far.results[0]?.locations[0]?.physicalLocation.artifactLocation;
    expect(location).toEqual({ uri: pathToFileURL(list).href });
    const piped = await sarifOf(['check', '--format', 'sarif', '-'], '192.0.2.300');
    expect(piped.results[0]?.locations[0]?.physicalLocation.artifactLocation.uri).toBe('stdin');
  });

  test('has messages without links and placeholders of a list', async () => {
    const { results } = await check(strange);
    expect(results.map(({ message }) => message.text)).toEqual([
      expect.stringContaining('\\[x\\](http'),
      expect.stringContaining('{{0}}'),
      expect.stringContaining('U+202E'),
    ]);
    for (const { message } of results) {
      expect(message.text).not.toMatch(/(?<!\\)\[[^\]]*(?<!\\)\]\(/);
      expect(message.text).not.toMatch(/(?<!\{)\{\d+\}/);
    }
  });

  test('says which files could not be read', async () => {
    const { invocations, results, tool } = await check('nope.txt', 'office.txt');
    expect([results, tool.driver.rules]).toEqual([[], []]);
    expect(invocations).toEqual([
      {
        executionSuccessful: false,
        toolExecutionNotifications: [
          {
            level: 'error',
            message: { text: 'The file nope.txt does not exist.' },
            locations: [
              { physicalLocation: { artifactLocation: { uri: 'nope.txt', uriBaseId: '%SRCROOT%' } } },
            ],
          },
        ],
      },
    ]);
    const fine = await check('office.txt');
    expect(fine.invocations).toEqual([{ executionSuccessful: true, toolExecutionNotifications: [] }]);
  });

  test('is the same for lint', async () => {
    const { results } = await sarifOf(['lint', '--format', 'sarif', '--reach', 'private', 'bad.txt']);
    expect(results.map(({ ruleId }) => ruleId)).toEqual(['host-bits-set', 'octet-range', 'trailing-text']);
  });
});
