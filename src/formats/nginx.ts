/**
 * nginx: `allow` and `deny`, of which the first that covers a client decides, and `geo` blocks, in which the most
 * specific network gives a value.
 *
 * ```
 * deny 192.0.2.7; # a note
 * allow 192.0.2.0/24;
 * deny all;
 * ```
 */

import type { Exporting, Item } from '../exchange/exporting.ts';
import { defineFormat, type Format } from '../exchange/format.ts';
import type { Importing } from '../exchange/importing.ts';
import { isName } from '../exchange/names.ts';
import type { Verdict } from '../policy/decision.ts';
import { quote } from '../problem/say.ts';
import { type Block, type Configuration, readDirectives, takeWord, type Word } from '../syntax/directives.ts';
import { GeoReader } from '../syntax/geo.ts';

/** The directives `allow` and `deny` of one block. */
export const nginx: Format = /* @__PURE__ */ defineFormat(
  { name: 'nginx', title: 'nginx allow and deny', extension: '.conf' },
  { read: readAccess, write: writeAccess, takes: ['set'] },
);

/** A `geo` block, or what stands in one. */
export const nginxGeo: Format = /* @__PURE__ */ defineFormat(
  { name: 'nginx-geo', title: 'nginx geo block', extension: '.conf' },
  { read: readGeo, write: writeGeo, takes: ['set', 'listed'], options: ['set'] },
);

/** `allow` or `deny` with an address. */
interface AccessLine {
  readonly verdict: Verdict;
  readonly word: Word;
  readonly block: Block;
  note: string | undefined;
}

/** Blocks in which nginx takes `allow` and `deny`. */
const accessBlocks = ['http', 'stream', 'server', 'location'];

/** Blocks of which each line is a key with a value, whatever it looks like. */
const valueBlocks = ['map', 'geo', 'types', 'split_clients', 'charset_map', 'upstream'];

function readAccess(importing: Importing): void {
  importing.findsMapped = false;
  const lines: AccessLine[] = [];
  const others: { readonly word: Word; readonly block: Block }[] = [];
  const alternatives = new Map<Block, boolean>();
  let last: AccessLine | undefined;
  const configuration = readDirectives(importing, {
    directive(words, block) {
      last = undefined;
      const [{ text: name }, word] = words;
      if (name === 'satisfy') alternatives.set(block, word?.text !== 'all');
      const verdict = name.toLowerCase();
      const isRule = verdict === 'allow' || verdict === 'deny';
      if (!isRule && isAccess(block) && !isName(name, LONGEST_NAME)) {
        // A sign that cannot be seen may hide a rule.
        importing.refuse(words[0].start, words[0].end, 'syntax', `nginx has no directive ${quote(name)}`);
      } else if (!isRule) others.push({ word: words[0], block });
      else if (isAccess(block)) {
        if (name === verdict && word !== undefined && words.length === 2) {
          last = { verdict, word, block, note: undefined };
          lines.push(last);
        } else refuseRule(importing, words);
      } else if (!isOfValues(block)) {
        const { start, end } = word ?? words[0];
        importing.condition(start, end, quote(block.name));
      }
    },
    note(text) {
      if (last !== undefined) last.note = text;
    },
  });
  if (configuration === undefined) return;
  const { block, chosen } = chooseBlock(importing, configuration, lines) ?? {};
  if (block === undefined) return;
  for (const { word } of others.filter(
    (other) => [block, chosen].includes(other.block) && other.word.text !== 'satisfy',
  )) {
    const message = `${quote(word.text)} is not read here, whatever it does to a client`;
    importing.warn(word.start, word.end, 'skipped', message);
  }
  const taken = lines.filter((line) => line.block === block);
  if (isAlternative(chosen, alternatives)) {
    for (const { word } of taken)
      importing.condition(word.start, word.end, 'with "satisfy any" a password lets a client in, too');
  } else takeLines(importing, block, taken);
}

/** Longer than the name of any directive. */
const LONGEST_NAME = 200;

function isAccess({ words, parent }: Block): boolean {
  return parent === undefined || (accessBlocks.includes(words[0] as string) && isAccess(parent));
}

function isOfValues({ words }: Block): boolean {
  return valueBlocks.includes(words[0] as string);
}

function isAlternative(block: Block | undefined, alternatives: ReadonlyMap<Block, boolean>): boolean {
  return block !== undefined && (alternatives.get(block) ?? isAlternative(block.parent, alternatives));
}

function refuseRule(importing: Importing, words: readonly [Word, ...Word[]]): void {
  const [{ text: name, start }] = words;
  const { end } = words.at(-1) as Word;
  const isSpelt = name === 'allow' || name === 'deny';
  const message = isSpelt
    ? `"${name}" takes one address: is the ";" after the first one missing?`
    : `nginx has no directive ${quote(name)}: write ${name.toLowerCase()}`;
  importing.error(start, end, 'syntax', message);
}

/** The block that is meant, and the one whose lines decide in it: where it has none, that is a block around it. */
function chooseBlock(
  importing: Importing,
  { root, blocks, missing }: Configuration,
  lines: readonly AccessLine[],
): { readonly block: Block; readonly chosen: Block } | undefined {
  const { set } = importing.options;
  const withLines = new Set(lines.map(({ block }) => block));
  if (set === undefined) {
    refuseIncludes(importing, missing);
    const [first, second] = withLines;
    if (second === undefined) return first && { block: first, chosen: first };
    refuseSets(
      importing,
      second,
      'blocks',
      [...withLines].map(({ name }) => name),
    );
    return undefined;
  }
  const found = [root, ...blocks].filter((block) => isAccess(block) && block.name === set);
  const chosen = chooseOne(importing, found, 'block');
  for (let block = chosen; block !== undefined; block = block.parent) {
    refuseIncludes(
      importing,
      missing.filter((include) => include.block === block),
    );
    if (withLines.has(block)) return chosen && { block, chosen };
  }
  return undefined;
}

function chooseOne(importing: Importing, found: readonly Block[], what: string): Block | undefined {
  const [first, second] = found;
  const name = quote(importing.options.set ?? '');
  if (first === undefined) importing.refuse(0, 0, 'unselected', `the text has no ${what} ${name}`);
  if (second === undefined) return first;
  const message = `there is more than one ${what} ${name}: give the text of one of them alone`;
  importing.refuse(second.start, second.end, 'set-required', message);
  return undefined;
}

function refuseSets(
  importing: Importing,
  { start, end }: Block,
  what: string,
  names: readonly string[],
): void {
  const some = names.slice(0, 5).map(quote).join(', ');
  const message = `there are several ${what}, and one of them decides about a client: choose with the option set, such as ${some}`;
  importing.refuse(start, end, 'set-required', message);
}

function refuseIncludes(importing: Importing, missing: Configuration['missing']): void {
  for (const { file } of missing) {
    const message = `the lines of ${quote(file.text)} are missing: give its text in the option includes`;
    importing.refuse(file.start, file.end, 'include', message);
  }
}

function takeLines(importing: Importing, block: Block, lines: readonly AccessLine[]): void {
  const { name } = block;
  importing.group(name === '' ? undefined : name);
  const closing = lines.at(-1);
  const isClosed = closing?.word.text === 'all';
  // Without any rule for IPv4, nginx asks those for IPv6 about an IPv4 client of a socket for both.
  importing.mapsClients = lines.every(({ word: { text } }) => text.includes(':'));
  for (const line of lines) {
    const { verdict: action, word, note } = line;
    const { text, start, end } = word;
    if (line === closing && isClosed) break;
    if (text === 'all') importing.everyone(start, end, { action, note });
    else if (text === 'unix:')
      importing.warn(start, end, 'skipped', 'clients of a Unix socket have no address');
    else if (text.includes('-')) refuseRange(importing, word);
    else takeWord(importing, word, { action, note });
  }
  if (closing === undefined) return;
  importing.otherwise = isClosed ? closing.verdict : 'allow';
  if (isClosed || lines.some(({ verdict }) => verdict === 'deny')) return;
  const { start, end } = closing.word;
  importing.warn(
    start,
    end,
    'open-list',
    'nothing is denied: nginx lets everyone in without "deny all" at the end',
  );
}

function refuseRange(importing: Importing, { start, end }: Word): void {
  importing.error(start, end, 'syntax', 'nginx takes an address or a prefix here: write a range as prefixes');
}

/** nginx reads configuration in pieces of 4,096 bytes, and a comment has to fit into one: with `# ` before it. */
const noteShape = { maxBytes: 4_093 };

function writeAccess(exporting: Exporting): string {
  const { otherwise } = exporting;
  const items = exporting.ordered({ nested: true });
  loseLastAddress(exporting, items);
  const lines = items
    .filter(({ text }) => text !== LAST_ADDRESS)
    .map((item) => `${item.verdict} ${item.text};${writeNote(exporting, item)}\n`);
  // Without a line for everyone, IPv6 entries would decide about IPv4 clients of a socket that takes both.
  return `${lines.join('')}${otherwise} all;\n`;
}

const LAST_ADDRESS = '255.255.255.255';

/** nginx takes the last address for an error. Without it, another line decides. */
function loseLastAddress(exporting: Exporting, items: readonly Item[]): void {
  const covering = items.filter(({ family, last }) => family === 4 && last[0] === -1);
  const meant = covering[0];
  if (meant?.text !== LAST_ADDRESS) return;
  const next = covering.find(({ text }) => text !== LAST_ADDRESS);
  if ((next?.verdict ?? exporting.otherwise) === meant.verdict) return;
  const message = `nginx refuses ${LAST_ADDRESS} in "${meant.verdict}": the line is left out`;
  exporting.lose('not-written', message, meant.entry);
}

function writeNote(exporting: Exporting, item: Item): string {
  const note = exporting.noteOf(item, noteShape);
  return note === '' ? '' : ` # ${note}`;
}

function writeGeo(exporting: Exporting): string {
  const items = exporting.listed({ nested: true });
  const lines = items.map((item) => `${item.text} 1;${writeNote(exporting, item)}\n`);
  const body = ['default 0;\n', ...lines];
  const { set } = exporting.options;
  if (set === undefined) return body.join('');
  const name = set.startsWith('$') ? set.slice(1) : set;
  if (!isName(name, 255))
    return exporting.refuseOption(
      `set must be the name of a variable of nginx, such as "listed", got ${quote(set)}`,
    );
  return `geo $${name} {\n  ${body.join('  ')}}\n`;
}

/** A line of a geo block, read when it is known which block is meant. */
interface GeoLine {
  readonly words: readonly [Word, ...Word[]];
  readonly block: Block;
  note: string | undefined;
}

function readGeo(importing: Importing): void {
  importing.findsMapped = false;
  const lines: GeoLine[] = [];
  let last: GeoLine | undefined;
  const configuration = readDirectives(importing, {
    directive(words, block) {
      last = { words, block, note: undefined };
      if (block.parent === undefined || isGeo(block)) lines.push(last);
    },
    note(text) {
      if (last !== undefined) last.note = text;
    },
  });
  const block = configuration && chooseGeo(importing, configuration);
  if (configuration === undefined || block === undefined) return;
  refuseIncludes(
    importing,
    configuration.missing.filter((include) => include.block === block),
  );
  const { parent, words } = block;
  const [, address = '', value] = words;
  if (value !== undefined && address !== '$remote_addr') {
    const message = `the block looks up ${quote(address)}, which may be anything that a client sends, and not the address of the client`;
    importing.refuse(block.start, block.end, 'syntax', message);
    return;
  }
  const reader = new GeoReader(importing, parent === undefined ? undefined : variableOf(words));
  for (const line of lines) if (line.block === block) reader.read(line);
  reader.finish();
}

function isGeo({ words }: Block): boolean {
  return words[0] === 'geo';
}

/** `geo $variable` and `geo $address $variable`. */
function variableOf(words: readonly string[]): string {
  return words.at(-1) as string;
}

/** The geo block that is meant; without any, the text itself is what stands in one. */
function chooseGeo(importing: Importing, { root, blocks }: Configuration): Block | undefined {
  const { set } = importing.options;
  const nested = blocks.find(({ parent }) => parent !== undefined && isGeo(parent));
  if (nested !== undefined) {
    importing.refuse(nested.start, nested.end, 'syntax', 'a geo block has no blocks in it');
    return undefined;
  }
  const found = blocks.filter(isGeo);
  if (set !== undefined) {
    const named = found.filter(({ words }) => [set, `$${set}`].includes(variableOf(words)));
    return chooseOne(importing, named, 'geo block of the variable');
  }
  const [first = root, second] = found;
  if (second !== undefined) {
    refuseSets(
      importing,
      second,
      'geo blocks',
      found.map(({ words }) => variableOf(words)),
    );
    return undefined;
  }
  const [other] = blocks;
  if (first !== root || other === undefined) return first;
  importing.refuse(other.start, other.end, 'syntax', 'the text has blocks and no geo block');
  return undefined;
}
