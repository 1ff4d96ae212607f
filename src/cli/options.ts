/**
 * Options that several commands have.
 */

import type { Options } from './command.ts';

/** How files of other programs are read. */
export const importOptions = {
  from: {
    kind: 'text',
    value: 'FORMAT',
    about: 'the format of the lists, or "auto" (default: list text)',
  },
  select: {
    kind: 'texts',
    value: 'KEY=VALUE',
    about: 'of such a file, only what has this value, such as region=eu-west-1',
  },
  set: { kind: 'text', value: 'NAME', about: 'of such a file, only the set, chain or block of this name' },
  listed: { kind: 'text', value: 'VALUE', about: 'of a map, the value that means that an address is listed' },
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

/** Which problems end a command with exit code 1. */
export const failOnOptions = {
  'fail-on': {
    kind: 'choice',
    words: ['error', 'warning', 'never'],
    value: 'SEVERITY',
    about: 'the least serious problem that ends with exit code 1 (default: error)',
  },
  strict: { kind: 'flag', about: 'the same as --fail-on warning' },
} as const satisfies Options;

/** Which changes end a command with exit code 1. */
export const failOnChangeOptions = {
  'fail-on': {
    kind: 'choice',
    words: ['change', 'allowed', 'denied', 'never'],
    value: 'CHANGE',
    about:
      'what ends with exit code 1: any change, newly allowed, newly denied, or nothing (default: change)',
  },
} as const satisfies Options;

/** For every command. */
export const commonOptions = {
  quiet: { kind: 'flag', short: 'q', about: 'no progress and no summary on standard error' },
  help: { kind: 'flag', short: 'h', about: 'show this text' },
} as const satisfies Options;

/** A policy before and after a change. */
export const changeOptions = {
  'before-allow': {
    kind: 'text',
    value: 'FILE',
    isInput: true,
    about: 'before: a list of those who are let in',
  },
  'before-deny': {
    kind: 'text',
    value: 'FILE',
    isInput: true,
    about: 'before: a list of those who are kept out',
  },
  'before-rules': { kind: 'text', value: 'FILE', isInput: true, about: 'before: several lists as JSON' },
  'before-policy': { kind: 'text', value: 'FILE', isInput: true, about: 'before: a snapshot' },
  'before-exempt': {
    kind: 'text',
    value: 'FILE',
    isInput: true,
    about: 'before: those who are always let in',
  },
  'after-allow': {
    kind: 'text',
    value: 'FILE',
    isInput: true,
    about: 'after: a list of those who are let in',
  },
  'after-deny': {
    kind: 'text',
    value: 'FILE',
    isInput: true,
    about: 'after: a list of those who are kept out',
  },
  'after-rules': { kind: 'text', value: 'FILE', isInput: true, about: 'after: several lists as JSON' },
  'after-policy': { kind: 'text', value: 'FILE', isInput: true, about: 'after: a snapshot' },
  'after-exempt': { kind: 'text', value: 'FILE', isInput: true, about: 'after: those who are always let in' },
  mode: { kind: 'choice', words: ['allow', 'deny'], about: 'what two files without such an option are for' },
  'when-empty': policyOptions['when-empty'],
  ...readingOptions,
} as const satisfies Options;
