/**
 * Several lists in one JSON file: the input of `createRules`, in which a text names a file beside it and an array is the
 * list itself.
 */

import { dirname, join } from 'node:path';
import type { Rule, RulesInput } from '../rules/input.ts';
import { CommandError } from './exit.ts';
import { nameOf, readText, STDIN } from './input.ts';
import type { SourceTexts } from './located.ts';
import { printable } from './style.ts';

/** The fields of a rule, and of the whole, that hold lists. */
const lists = ['allow', 'deny', 'list', 'except'] as const;

/** Reads the file and the files that it names. */
export async function readRules(file: string, texts: SourceTexts): Promise<RulesInput> {
  const text = await readText(file);
  const input = parse(file, text) as Record<string, unknown>;
  const folder = file === STDIN ? '.' : dirname(file);
  const read = async (name: unknown, source: string): Promise<unknown> => {
    if (typeof name !== 'string') return name;
    const path = join(folder, name);
    const content = await readText(path);
    texts.add(source, path, content);
    return content;
  };
  if (!Array.isArray(input['rules']))
    throw new CommandError(`${nameOf(file)}: "rules" is an array such as [{ "deny": "bad.txt" }].`);
  const rules: Rule[] = [];
  for (const [index, given] of (input['rules'] as unknown[]).entries()) {
    const rule = { ...(given as Record<string, unknown>) };
    for (const field of lists) {
      const place = `rules[${index}]`;
      if (rule[field] !== undefined)
        rule[field] = await read(
          rule[field],
          field === 'list' ? `${place}.${rule['mode']}` : `${place}.${field}`,
        );
    }
    texts.nameRule(rule['name'], `rules[${index}]`);
    rules.push(rule as unknown as Rule);
  }
  const whole: Record<string, unknown> = { ...input, rules };
  if (input['exempt'] !== undefined) whole['exempt'] = await read(input['exempt'], 'exempt');
  return whole as unknown as RulesInput;
}

function parse(file: string, text: string): object {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (error) {
    throw new CommandError(`${nameOf(file)} is not JSON: ${printable((error as Error).message)}.`);
  }
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input;
  throw new CommandError(`${nameOf(file)} must be an object such as { "otherwise": "deny", "rules": [] }.`);
}
