/**
 * Options that several commands have.
 */

import type { Option, Options } from './command.ts';

/** How files of other programs are read. */
export const importOptions = {
  from: {
    kind: 'text',
    value: 'FORMAT',
    about: 'the format of the lists, or "auto" (default: list text, as exemptions always are)',
  },
  select: {
    kind: 'texts',
    value: 'KEY=VALUE',
    about: 'of such a file, only what has this value, such as region=eu-west-1',
  },
  set: { kind: 'text', value: 'NAME', about: 'of such a file, only the set, chain or block of this name' },
  listed: { kind: 'text', value: 'VALUE', about: 'of a map, the value that means that an address is listed' },
  'made-at': {
    kind: 'text',
    value: 'INSTANT',
    about: 'when such a file was made, or "now": its lifetimes count from then',
  },
  comment: { kind: 'choice', words: ['#', ';', '//'], about: 'of plain entries, what begins a comment' },
  includes: {
    kind: 'text',
    value: 'FOLDER',
    about: 'read the files that such a file includes; relative names are in this folder',
  },
} as const satisfies Options;

/** How entries and instants are read; for every command that reads lists. */
export const readingOptions = {
  'max-entries': {
    kind: 'count',
    value: 'N',
    none: true,
    about: 'the most entries of each list, or "none" (default: none)',
  },
  at: {
    kind: 'instant',
    about: 'the instant for which entries with times count (default: now)',
  },
  ...importOptions,
} as const satisfies Options;

/** Which policy is asked: one of the first four. */
export const policyOptions = {
  allow: { kind: 'text', value: 'FILE', isInput: true, about: 'a list of those who are let in' },
  deny: { kind: 'text', value: 'FILE', isInput: true, about: 'a list of those who are kept out' },
  rules: {
    kind: 'text',
    value: 'FILE',
    isInput: true,
    about: 'several lists as JSON, or a file of a format that says itself whom it allows',
  },
  policy: { kind: 'text', value: 'FILE', isInput: true, about: 'a snapshot, as "compile" writes it' },
  exempt: { kind: 'text', value: 'FILE', isInput: true, about: 'a list of those who are always let in' },
  'when-empty': {
    kind: 'choice',
    words: ['allow', 'deny'],
    about: 'the verdict of a list without entries (default: allow)',
  },
  ...readingOptions,
} as const satisfies Options;

/** Those of them that name a policy. */
export const policyKinds = [
  'allow',
  'deny',
  'rules',
  'policy',
] as const satisfies readonly (keyof typeof policyOptions)[];

/** How problems are written, and which of them make the exit code. */
export const reportOptions = {
  'fail-on': {
    kind: 'choice',
    words: ['error', 'warning', 'never'],
    value: 'SEVERITY',
    about: 'the least serious problem that ends with exit code 1 (default: error)',
  },
  strict: { kind: 'flag', about: 'the same as --fail-on warning' },
  format: {
    kind: 'choice',
    words: ['text', 'json', 'ndjson', 'github', 'sarif'],
    about: 'how problems are written (default: text)',
  },
  'max-problems': {
    kind: 'count',
    value: 'N',
    none: true,
    about: 'the most problems that are written as text or for GitHub, or "none" (default: 1000)',
  },
} as const satisfies Options;

/** Which changes end a command with exit code 1. */
export const failOnChangeOptions = {
  'fail-on': {
    kind: 'choice',
    words: ['change', 'allowed', 'denied', 'never'],
    value: 'CHANGE',
    about:
      'what ends with exit code 1: newly allowed or newly denied addresses alone, or nothing (default: change)',
  },
} as const satisfies Options;

/** For commands whose answer may be a file. */
export const outputOptions = {
  output: {
    kind: 'text',
    short: 'o',
    value: 'FILE',
    about:
      'the file to write, which is not there until all of it is; gzip if it ends in .gz (default: standard output)',
  },
} as const satisfies Options;

/** For every command. */
export const commonOptions = {
  quiet: { kind: 'flag', short: 'q', about: 'no progress and no summary on standard error' },
  help: { kind: 'flag', short: 'h', about: 'show this text' },
} as const satisfies Options;

/** What may differ between a policy before a change and the one after it. */
const sideOptions = {
  allow: policyOptions.allow,
  deny: policyOptions.deny,
  rules: policyOptions.rules,
  policy: policyOptions.policy,
  exempt: policyOptions.exempt,
  'when-empty': { ...policyOptions['when-empty'], value: 'VERDICT' },
  from: importOptions.from,
} as const satisfies Options;

/** Which of the two policies of a change. */
export type Side = 'before' | 'after';

type OptionsOf<Name extends Side> = {
  readonly [Option in keyof typeof sideOptions as `${Name}-${Option}`]: (typeof sideOptions)[Option];
};

function optionsOf<Name extends Side>(side: Name): OptionsOf<Name> {
  const options: [string, Option][] = Object.entries(sideOptions).map(([name, option]) => [
    `${side}-${name}`,
    { ...option, about: `${side}: ${option.about}` },
  ]);
  return Object.fromEntries(options) as unknown as OptionsOf<Name>;
}

/** A policy before a change and one after it, and what holds for both. */
export const changeOptions = {
  ...optionsOf('before'),
  ...optionsOf('after'),
  exempt: { ...policyOptions.exempt, about: 'both: a list of those who are always let in' },
  'when-empty': {
    ...policyOptions['when-empty'],
    about: 'both: the verdict of a list without entries (default: allow)',
  },
  ...readingOptions,
  from: { ...importOptions.from, about: 'both: the format of the lists, or "auto" (default: list text)' },
} as const satisfies Options;
