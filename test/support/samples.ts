/**
 * Real files of other formats with what a careful reader finds in them, where they are: a folder named by
 * IPVERDICT_DATA, by default beside the project.
 */

import { existsSync, readFileSync } from 'node:fs';

const folder = new URL(
  `file://${process.env['IPVERDICT_DATA'] ?? new URL('../../../shared/data', import.meta.url).pathname}/formats/`,
);

/** What is found in a file. */
export interface Expected {
  readonly entries: readonly {
    readonly line?: number;
    readonly path?: string;
    readonly text: string;
    readonly range: string;
    readonly action?: string;
    readonly note?: string;
    readonly labels?: Readonly<Record<string, unknown>>;
    readonly except?: readonly string[];
  }[];
  readonly skipped?: readonly { readonly line?: number; readonly text?: string }[];
}

/** Whether a sample is there. */
export function hasSample(file: string): boolean {
  return existsSync(new URL(file, folder));
}

/** The text of a sample, and what is in it. */
export function readSample(file: string): { readonly text: string; readonly expected: Expected } {
  return {
    text: readFileSync(new URL(file, folder), 'utf8'),
    expected: JSON.parse(readFileSync(new URL(`${file}.expected.json`, folder), 'utf8')) as Expected,
  };
}
