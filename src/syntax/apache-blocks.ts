/**
 * The directives of Apache that say who gets in, in the containers that they stand in.
 */

import type { Importing } from '../exchange/importing.ts';
import { isName } from '../exchange/names.ts';
import { quote } from '../problem/say.ts';
import { eachJoinedLine, type JoinedLine, type Word } from './joined-lines.ts';

/** A directive with its words; names are in lower case. */
export interface Directive {
  readonly name: string;
  readonly words: readonly Word[];
  readonly start: number;
  readonly end: number;
}

/** What `Require` directives are in: all, any or none of them have to hold. */
export interface Requirements {
  readonly kind: 'all' | 'any' | 'none';
  readonly parts: (Directive | Requirements)[];
  readonly start: number;
  readonly end: number;
}

/** One block of a file, such as a directory: its directives of 2.4, and those of 2.2. */
export interface AccessBlock {
  readonly name: string;
  readonly requirements: Requirements;
  readonly access: Directive[];
}

const groups: Readonly<Record<string, Requirements['kind']>> = {
  requireall: 'all',
  requireany: 'any',
  requirenone: 'none',
};

/** Containers whose directives apply only sometimes. */
const conditional: readonly string[] = [
  'if',
  'elseif',
  'else',
  'limit',
  'limitexcept',
  'ifdefine',
  'ifversion',
  'iffile',
  'ifdirective',
  'ifsection',
];

const LONGEST_NAME = 100;

const accessNames: readonly string[] = ['order', 'allow', 'deny', 'satisfy'];

/** A container that is open. */
interface Open {
  readonly name: string;
  readonly block: AccessBlock;
  readonly requirements: Requirements;
  /** Why the directives in it do not always apply. */
  readonly condition: string | undefined;
}

/**
 * Reads the block of a file that has access rules: the only one, or the one with the name of the option `set`. A file that has
 * several without that is refused, as their rules are not one list.
 */
export function blocksOf(importing: Importing): AccessBlock | undefined {
  const blocks: AccessBlock[] = [newBlock('', 0, 0)];
  const open: Open[] = [openOf('', blocks[0] as AccessBlock)];
  let isBroken = false;
  /** Whether there is anything but comments. */
  let hasOthers = false;
  const fail = (line: JoinedLine, message: string): void => {
    isBroken = true;
    importing.refuse(...line.place, 'syntax', message);
  };
  eachJoinedLine(importing.text, (line) => {
    if (line.isComment || isBroken) return;
    hasOthers = true;
    const words = line.words('', `"'`);
    const first = words[0]?.value ?? '';
    const top = open.at(-1) as Open;
    if (first.startsWith('</')) {
      const name = first.slice(2, -1).toLowerCase();
      if (!first.endsWith('>') || name !== top.name || open.length === 1)
        fail(line, `${quote(first)} closes nothing that is open`);
      else open.pop();
    } else if (first.startsWith('<')) {
      if (open.length > MOST_OPEN) fail(line, `more than ${MOST_OPEN} containers are open`);
      else open.push(openContainer(line, words, top, blocks));
    } else readDirective(importing, line, words, top);
  });
  if (isBroken) return undefined;
  if (open.length > 1) {
    const end = importing.text.length;
    importing.refuse(end, end, 'truncated', `the file ends inside ${quote(`<${open.at(-1)?.name}>`)}`);
    return undefined;
  }
  return chooseBlock(importing, blocks, hasOthers);
}

const MOST_OPEN = 100;

/** Blocks beyond these are not named. */
const NAMED_BLOCKS = 5;

function newBlock(name: string, start: number, end: number): AccessBlock {
  return { name, requirements: { kind: 'any', parts: [], start, end }, access: [] };
}

function openOf(name: string, block: AccessBlock): Open {
  return { name, block, requirements: block.requirements, condition: undefined };
}

function openContainer(line: JoinedLine, words: readonly Word[], top: Open, blocks: AccessBlock[]): Open {
  const [start, end] = line.place;
  const [first, ...rest] = words.map(({ value }) => value);
  const name = (first as string).slice(1).replace('>', '').toLowerCase();
  const argument = rest.join(' ').replace('>', '').trim();
  const kind = groups[name];
  if (kind !== undefined) {
    const requirements: Requirements = { kind, parts: [], start, end };
    top.requirements.parts.push(requirements);
    return { ...top, name, requirements };
  }
  if (name === 'ifmodule') {
    // The modules of access rules are in every server that has such rules.
    const isThere = ['mod_authz_core.c', 'mod_authz_host.c', 'authz_core_module'].includes(argument);
    return { ...top, name, condition: isThere ? top.condition : quote(`<IfModule ${argument}>`) };
  }
  if (conditional.includes(name)) return { ...top, name, condition: quote(`<${name} ${argument}>`) };
  const block = newBlock(argument, start, end);
  blocks.push(block);
  return { ...openOf(name, block), condition: top.condition };
}

function readDirective(importing: Importing, line: JoinedLine, words: readonly Word[], top: Open): void {
  const [start, end] = line.place;
  const first = words[0]?.value ?? '';
  const name = first.toLowerCase();
  // A sign that cannot be seen, or a variable, may hide a rule.
  if (!isName(first, LONGEST_NAME)) {
    importing.refuse(start, end, 'syntax', `Apache has no directive ${quote(first)}`);
    return;
  }
  if (name === 'include' || name === 'includeoptional') {
    importing.refuse(
      start,
      end,
      'include',
      'the file includes another one, which may have rules: put its text here',
    );
    return;
  }
  const isAccess = accessNames.includes(name);
  const variable = words.find(({ value }) => value.includes('${'));
  if ((isAccess || name === 'require') && variable !== undefined) {
    importing.refuse(
      variable.start,
      variable.end,
      'syntax',
      `the text does not say what ${quote(variable.value)} stands for`,
    );
    return;
  }
  if (!isAccess && name !== 'require') {
    // Other directives are for other things, but not where Apache takes none.
    if (top.requirements !== top.block.requirements)
      importing.refuse(
        start,
        end,
        'syntax',
        `Apache takes only Require here, and not ${quote(words[0]?.value ?? '')}`,
      );
    return;
  }
  if (top.condition !== undefined) {
    importing.condition(start, end, top.condition);
    return;
  }
  const directive = { name, words: words.slice(1), start, end };
  if (isAccess) top.block.access.push(directive);
  else top.requirements.parts.push(directive);
}

function chooseBlock(
  importing: Importing,
  blocks: readonly AccessBlock[],
  hasOthers: boolean,
): AccessBlock | undefined {
  const { set } = importing.options;
  const withRules = blocks.filter(
    ({ access, requirements }) => access.length + requirements.parts.length > 0,
  );
  const chosen = set === undefined ? withRules : withRules.filter(({ name }) => name === set);
  if (withRules.length === 0 && hasOthers && importing.conditional === 0 && importing.trust === 'whole')
    importing.refuse(
      0,
      0,
      'syntax',
      'there are no access rules of Apache here, such as "Require ip 192.0.2.0/24"',
    );
  const [block, second] = chosen;
  if (second !== undefined) {
    const names = withRules
      .slice(0, NAMED_BLOCKS)
      .map(({ name }) => (name === '' ? 'the file itself' : quote(name)));
    const { start, end } = second.requirements;
    importing.refuse(
      start,
      end,
      'set-required',
      `there are rules in several blocks: choose one with the option set, such as ${names.join(', ')}`,
    );
    return undefined;
  }
  if (block === undefined && set !== undefined)
    importing.refuse(0, 0, 'unselected', `the text has no block ${quote(set)} with rules`);
  if (block !== undefined && block.access.length > 0 && block.requirements.parts.length > 0) {
    const { start, end } = block.access[0] as Directive;
    importing.refuse(
      start,
      end,
      'syntax',
      'there are rules of Apache 2.2 and of 2.4 in one block, which are two lists',
    );
    return undefined;
  }
  return block;
}
