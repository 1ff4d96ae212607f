/**
 * Several lists in one JSON file: the input of `createRules`, in which a text names a file beside it and an array is the
 * list itself.
 */

import { dirname, isAbsolute, join } from 'node:path';
import { noImportValues } from '../exchange/import-options.ts';
import { Importing } from '../exchange/importing.ts';
import { eachLine, endOfLine, HASH } from '../list/grammar.ts';
import type { Policy } from '../policy/policy.ts';
import type { RulesInput } from '../rules/input.ts';
import { createRules } from '../rules/rules.ts';
import { type JsonNode, other, readJson } from '../syntax/json.ts';
import { CommandError } from './exit.ts';
import { nameOf, readText, STDIN } from './input.ts';
import { computing } from './interrupt.ts';
import { locate, type SourceTexts } from './located.ts';
import { renderProblems } from './problems.ts';
import { printable } from './style.ts';

/** The fields of a rule, and of the whole, that hold lists. */
const ofRule = ['allow', 'deny', 'list', 'except'] as const;
const ofWhole = ['exempt', 'mustAllow', 'mustDeny'] as const;
/** The fields that hold clients, and not entries. */
const guards: readonly string[] = ['mustAllow', 'mustDeny'];

/** Where the items of a list are that is written in the JSON itself: offsets by `exempt`, or `rules[2].deny`. */
type Items = ReadonlyMap<string, readonly number[]>;

/** Makes the policy of rules, from this file or from another program's. */
export function makeRules(input: RulesInput): Policy {
  return computing(() => createRules(input));
}

/** Reads the file and the files that it names. */
export async function readRules(file: string, texts: SourceTexts): Promise<RulesInput> {
  const text = await readText(file);
  const { input, items } = parse(file, text);
  texts.nameRulesFile(file);
  const folder = file === STDIN ? '.' : dirname(file);
  const read = async (given: unknown, place: string, source: string): Promise<unknown> => {
    if (typeof given !== 'string') {
      if (Array.isArray(given)) texts.add(source, file, text, linesAt(text, items.get(place) ?? []));
      return given;
    }
    if (given === '' || given === STDIN)
      throw new CommandError(
        `${nameOf(file)}: ${place} must be the name of a file or an array, got "${given}".`,
      );
    const path = isAbsolute(given) ? given : join(folder, given);
    const content = await readText(path).catch((error: unknown) => {
      if (!(error instanceof CommandError)) throw error;
      throw new CommandError(`${error.message} ${nameOf(file)} names it at ${place}.`);
    });
    if (guards.includes(source)) return clientsOf(content, source, path, texts);
    texts.add(source, path, content);
    return content;
  };
  requireNumber(file, input['maxEntries'], 'maxEntries');
  if (!Array.isArray(input['rules']))
    throw new CommandError(`${nameOf(file)}: "rules" is an array such as [{ "deny": "bad.txt" }].`);
  const rules: unknown[] = [];
  for (const [index, given] of (input['rules'] as unknown[]).entries()) {
    if (typeof given !== 'object' || given === null || Array.isArray(given))
      throw new CommandError(
        `${nameOf(file)}: rules[${index}] must be an object such as { "deny": "bad.txt" }.`,
      );
    const rule: Record<string, unknown> = { ...given };
    const place = `rules[${index}]`;
    requireNumber(file, rule['maxEntries'], `${place}.maxEntries`);
    for (const field of ofRule) {
      if (!Object.hasOwn(rule, field)) continue;
      const name = field === 'list' ? rule['mode'] : field;
      rule[field] = await read(rule[field], `${place}.${field}`, `${place}.${name}`);
    }
    texts.nameRule(rule['name'], place);
    rules.push(rule);
  }
  const whole: Record<string, unknown> = { ...input, rules };
  for (const field of ofWhole)
    if (Object.hasOwn(input, field)) whole[field] = await read(input[field], field, field);
  return whole as unknown as RulesInput;
}

/** The clients in a file, one on each line; what begins with "#" is left out, as in a list. */
function clientsOf(text: string, source: string, path: string, texts: SourceTexts): string[] {
  const clients: string[] = [];
  const lines: number[] = [];
  eachLine(text, (line, start, end) => {
    const client = text
      .slice(start, endOfLine(text, start, HASH))
      .slice(0, end - start)
      .trim();
    if (client === '') return;
    clients.push(client);
    lines.push(line);
  });
  // A guard that lost its clients would let every change pass.
  if (clients.length === 0)
    throw new CommandError(`${nameOf(path)} has no addresses, so ${source} would guard nobody.`);
  texts.add(source, path, text, lines);
  return clients;
}

/** The library would advise Infinity, which JSON does not have. */
function requireNumber(file: string, given: unknown, place: string): void {
  if (given === undefined || Number.isSafeInteger(given)) return;
  throw new CommandError(
    `${nameOf(file)}: ${place} must be a whole number such as 1000; leave it out where there is no limit.`,
  );
}

function parse(
  file: string,
  text: string,
): { readonly input: Readonly<Record<string, unknown>>; readonly items: Items } {
  const { importing, items } = walk(text);
  const [located] = locate(file, text, importing.problems);
  if (located !== undefined) {
    const shown = renderProblems([located], (_, plain) => plain).join('\n');
    throw new CommandError(`${nameOf(file)} cannot be read as rules:\n${shown}`);
  }
  const input: unknown = JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
  if (typeof input === 'object' && input !== null && !Array.isArray(input))
    return { input: input as Record<string, unknown>, items };
  throw new CommandError(
    `${nameOf(file)} must be an object such as { "otherwise": "deny", "rules": [] }, got ${printable(text.trim().slice(0, 40))}`,
  );
}

/** Finds what is not JSON, names that an object has twice, and where the items of lists are. */
function walk(text: string): { readonly importing: Importing; readonly items: Items } {
  const importing = new Importing(text, noImportValues);
  const items = new Map<string, number[]>();
  let index = -1;
  const item: JsonNode = { ...other, members: { named: [], unnamed: () => other } };
  const list = (placeOfList: () => string): JsonNode => ({
    ...item,
    elements: {
      ...item,
      found: (start) => {
        const place = placeOfList();
        const starts = items.get(place) ?? [];
        items.set(place, starts);
        starts.push(start);
      },
    },
  });
  const rule: JsonNode = {
    ...other,
    found: () => {
      index++;
    },
    members: {
      named: ofRule.map((field) => [field, list(() => `rules[${index}].${field}`)] as const),
      unnamed: () => other,
    },
  };
  readJson(importing, {
    ...other,
    members: {
      named: [
        ['rules', { ...other, elements: rule }],
        ...ofWhole.map((field) => [field, list(() => field)] as const),
      ],
      unnamed: () => other,
    },
  });
  return { importing, items };
}

/** The lines of offsets, which ascend. */
function linesAt(text: string, offsets: readonly number[]): number[] {
  let line = 1;
  // Found once, not for each offset: all of a file may be one line.
  let next = text.indexOf('\n');
  return offsets.map((offset) => {
    for (; next >= 0 && next < offset; next = text.indexOf('\n', next + 1)) line++;
    return line;
  });
}
