/**
 * What a command is: one row of the table from which parsing, `--help`, the reference page and shell completion are made.
 */

/** What a reader of the help has to know about an option. */
interface About {
  /** One line. */
  readonly about: string;
  /** One letter, for `-c`. */
  readonly short?: string;
}

/** An option without a value. */
export interface Flag extends About {
  readonly kind: 'flag';
}

/** An option with a text as its value. */
export interface Text extends About {
  readonly kind: 'text';
  /** What the value is, as help shows it: `FILE`. */
  readonly value: string;
  /** Whether the value is a file to read, and `-` means standard input. */
  readonly isInput?: boolean;
}

/** An option that may be given several times. */
export interface Texts extends About {
  readonly kind: 'texts';
  readonly value: string;
  readonly isInput?: boolean;
}

/** An option whose value is one of a few words. */
export interface Choice<Word extends string = string> extends About {
  readonly kind: 'choice';
  readonly words: readonly Word[];
  /** What help shows in place of many words; the name of the option when not given. */
  readonly value?: string;
}

/** An option whose value is a whole number, or the word `none` where that means no limit. */
export interface Count extends About {
  readonly kind: 'count';
  readonly value: string;
  readonly none?: boolean;
  /** The smallest number; 0 when not given. */
  readonly least?: number;
}

/** An option whose value is an instant, such as `2026-12-31T18:00Z`, as text: `instantOf` reads it. */
export interface Instant extends About {
  readonly kind: 'instant';
}

export type Option = Flag | Text | Texts | Choice | Count | Instant;

/** The options of a command, by their long names. */
export type Options = Readonly<Record<string, Option>>;

type ValueOf<Given extends Option> = Given extends Flag
  ? boolean
  : Given extends Texts
    ? readonly string[]
    : Given extends Choice<infer Word>
      ? Word | undefined
      : Given extends Count
        ? number | undefined
        : string | undefined;

/** What was given for each option: `false`, an empty array or `undefined` when nothing was. */
export type ValuesOf<Table extends Options> = { readonly [Name in keyof Table]: ValueOf<Table[Name]> };

/** What a command takes beside its options. */
export interface Operands {
  /** As usage shows it: `[FILE…]`; empty when there are none. */
  readonly usage: string;
  readonly least: number;
  readonly most: number;
  /** Whether they are files to read, of which `-` is standard input. */
  readonly areInputs: boolean;
  /** Words that the first one can be, for completion. */
  readonly words?: readonly string[];
}

/** A command line that works, and what it does. */
export interface Example {
  /** Without the name of the program: `check office.txt --mode allow`. */
  readonly line: string;
  readonly about: string;
}

/** One row of the table of commands. */
export interface Command<Table extends Options = Options, Name extends string = string> {
  readonly name: Name;
  /** What it does, as one line of a list of commands. */
  readonly summary: string;
  readonly operands: Operands;
  /** Paragraphs for the help and the reference. */
  readonly about: readonly string[];
  readonly options: Table;
  readonly examples: readonly Example[];
  /** What the exit codes 0 and 1 mean here; 1 only where it can happen. */
  readonly exits: { readonly yes: string; readonly no?: string };
  /** The shape of its JSON, as rows of a field and its meaning, for the reference. */
  readonly json?: readonly (readonly [field: string, meaning: string])[];
}

/** Keeps the name and the types of the options, which the program of the command relies on. */
export function defineCommand<const Table extends Options, const Name extends string>(
  command: Command<Table, Name>,
): Command<Table, Name> {
  return command;
}

/** What was asked for, checked. */
export interface Request<Table extends Options = Options> {
  readonly values: ValuesOf<Table>;
  readonly operands: readonly string[];
}
