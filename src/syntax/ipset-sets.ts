/**
 * The sets of a file of `ipset restore`, as they are once all its commands have run.
 */

import { isNumber } from '../address/characters.ts';
import type { Family } from '../address/scanner.ts';
import type { Importing } from '../exchange/importing.ts';
import { quote } from '../problem/say.ts';
import { eachCommand, type Word } from './ipset-commands.ts';

/** One element. */
export interface IpsetElement {
  readonly value: string;
  readonly start: number;
  readonly end: number;
  readonly isException: boolean;
  readonly note: string | undefined;
  /** In milliseconds since 1970. */
  readonly until: number | undefined;
}

/** A set. */
export interface IpsetSet {
  name: string;
  /** Where it is created, or first used. */
  readonly start: number;
  readonly end: number;
  /** Empty when the file does not create it. */
  type: string;
  family: Family | 0;
  /** The length of the networks that it keeps of addresses. */
  netmask: number | undefined;
  /** Whether it looks at other bits than the first ones. */
  hasBitmask: boolean;
  /** In seconds; 0 for ever. */
  timeout: number;
  elements: Map<string, IpsetElement>;
}

/** Each command, and its short forms. */
const commands: ReadonlyMap<string, string> = /* @__PURE__ */ new Map(
  [
    ['create', 'n', '-N', '--create'],
    ['add', 'a', '-A', '--add'],
    ['del', 'd', '-D', '--del'],
    ['flush', 'f', '-F', '--flush'],
    ['destroy', 'x', '-X', '--destroy'],
    ['swap', 'w', '-W', '--swap'],
    ['rename', 'e', '-E', '--rename'],
    ['list', 'l', '-L', '--list'],
    ['save', 's', '-S', '--save'],
    ['test', 't', '-T', '--test'],
    ['COMMIT'],
  ].flatMap(([name = '', ...others]) => [name, ...others].map((word) => [word, name] as const)),
);

/** Options of all commands, which can be anywhere. */
const flags: readonly string[] = ['-exist', '-!', '-quiet', '-q', '-sorted', '-resolve', '-r'];

/** The types of sets of addresses alone, with their old names. */
export const addressTypes: readonly string[] = [
  'hash:ip',
  'hash:net',
  'bitmap:ip',
  'iphash',
  'nethash',
  'ipmap',
];

/** Reads a file; what is wrong with it is told to the import. */
export function readIpsets(importing: Importing): IpsetSet[] {
  const reader = new IpsetReader(importing);
  eachCommand(
    importing.text,
    (words) => reader.command(words),
    (start, end) => importing.refuse(start, end, 'truncated', 'the line ends inside quotation marks'),
  );
  return [...reader.sets.values()];
}

class IpsetReader {
  readonly sets: Map<string, IpsetSet> = new Map();
  readonly #importing: Importing;

  constructor(importing: Importing) {
    this.#importing = importing;
  }

  command(all: readonly Word[]): void {
    const words = all.filter(({ value }, at) => !flags.includes(value) || all[at - 1]?.value === 'comment');
    const isTolerant = all.some(({ value }) => value === '-exist' || value === '-!');
    const [first, name, third, ...options] = words;
    const command = commands.get(first?.value ?? '');
    if (first === undefined) return;
    if (command === undefined) this.#refuse(first, `${quote(first.value)} is not a command of ipset`);
    else if (command === 'create') this.#create(first, name, third, options);
    else if (command === 'add') this.#add(first, name, third, options, isTolerant);
    else if (command === 'del') this.#delete(first, name, third);
    else if (command === 'flush') for (const set of this.#named(name)) set.elements = new Map();
    else if (command === 'destroy') for (const set of this.#named(name)) this.sets.delete(set.name);
    else if (command === 'swap' || command === 'rename') this.#move(first, name, third, command === 'swap');
  }

  #create(command: Word, name: Word | undefined, type: Word | undefined, options: readonly Word[]): void {
    if (name === undefined || type === undefined) {
      this.#refuse(command, 'a set is created with a name and a type');
      return;
    }
    if (this.sets.has(name.value)) return;
    const set = this.#setOf(name);
    set.type = type.value;
    set.family = set.type.includes('ip') || set.type.includes('net') ? 4 : 0;
    for (const [at, { value }] of options.entries()) {
      const next = options[at + 1]?.value ?? '';
      if (value === '-6' || (value === 'family' && (next === 'inet6' || next === 'ipv6'))) set.family = 6;
      if (value === 'timeout' && isNumber(next)) set.timeout = Number(next);
      if (value === 'netmask') set.netmask = isNumber(next) ? Number(next) : Number.NaN;
      if (value === 'bitmask') set.hasBitmask = true;
    }
  }

  #add(
    command: Word,
    name: Word | undefined,
    element: Word | undefined,
    options: readonly Word[],
    isTolerant: boolean,
  ): void {
    if (name === undefined || element === undefined) {
      this.#refuse(command, 'an element is added with the name of a set and an address');
      return;
    }
    const set = this.#setOf(name);
    const { value, start, end } = element;
    let seconds = set.timeout;
    let note: string | undefined;
    let isException = false;
    for (let at = 0; at < options.length; at++) {
      const option = options[at] as Word;
      if (option.value === 'nomatch') isException = true;
      else if (withValue.includes(option.value) && at + 1 < options.length) {
        const next = options[++at] as Word;
        if (option.value === 'comment') note = next.value;
        if (option.value !== 'timeout') continue;
        if (isNumber(next.value)) seconds = Number(next.value);
        else this.#refuse(next, 'a timeout is a number of seconds');
      } else this.#refuse(option, `${quote(option.value)} is not an option of add`);
    }
    const until = seconds === 0 ? undefined : this.#importing.after(seconds * 1000, start, end);
    const known = set.elements.get(value);
    if (known !== undefined && !isTolerant) {
      const message = 'ipset refuses an element that the set has: the commands from here on do not run';
      if (known.isException === isException) this.#importing.warn(start, end, 'duplicate', message);
      else this.#importing.refuse(start, end, 'syntax', message);
      return;
    }
    set.elements.set(value, { value, start, end, isException, note, until });
  }

  #delete(command: Word, name: Word | undefined, element: Word | undefined): void {
    const isKnown = name !== undefined && element !== undefined && this.sets.has(name.value);
    if (isKnown && this.#setOf(name).elements.delete(element.value)) return;
    const message =
      'this takes something out of a set that it does not have like this: only ipset knows what is left';
    this.#importing.refuse(command.start, (element ?? command).end, 'negated', message);
  }

  #move(command: Word, name: Word | undefined, other: Word | undefined, isSwap: boolean): void {
    if (name === undefined || other === undefined) {
      this.#refuse(command, 'this takes the names of two sets');
      return;
    }
    const from = this.#setOf(name);
    const to = isSwap ? this.sets.get(other.value) : undefined;
    this.sets.delete(from.name);
    from.name = other.value;
    this.sets.set(from.name, from);
    if (to === undefined) return;
    to.name = name.value;
    this.sets.set(to.name, to);
  }

  /** One set, or all of them. */
  #named(name: Word | undefined): IpsetSet[] {
    if (name === undefined || name.value === '-') return [...this.sets.values()];
    const set = this.sets.get(name.value);
    return set === undefined ? [] : [set];
  }

  #setOf({ value: name, start, end }: Word): IpsetSet {
    let set = this.sets.get(name);
    if (set === undefined) {
      const elements = new Map<string, IpsetElement>();
      set = {
        name,
        start,
        end,
        type: '',
        family: 0,
        netmask: undefined,
        hasBitmask: false,
        timeout: 0,
        elements,
      };
      this.sets.set(name, set);
    }
    return set;
  }

  #refuse({ start, end }: Word, message: string): void {
    this.#importing.refuse(start, end, 'syntax', message);
  }
}

/** The options of an element that have a value. */
const withValue: readonly string[] = [
  'timeout',
  'comment',
  'packets',
  'bytes',
  'skbmark',
  'skbprio',
  'skbqueue',
  'before',
  'after',
];
