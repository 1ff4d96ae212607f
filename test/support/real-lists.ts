/**
 * The real lists that are tested and measured when they are there: a folder named by IPVERDICT_DATA, by default beside
 * the project. They are data of others and are not part of the project.
 */

import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const folder = new URL(
  `file://${process.env['IPVERDICT_DATA'] ?? new URL('../../../shared/data', import.meta.url).pathname}/`,
);

/** Names of the files with prefixes; the first column of each line is the prefix. */
export const realLists: readonly string[] = [
  'internet-prefixes.txt.gz',
  'country-prefixes.tsv.gz',
  'cloud-provider-prefixes.tsv.gz',
  'ipsum-threat-ips.tsv.gz',
  'vpn-datacenter-prefixes.tsv.gz',
];

export const clientTrace = 'access-log-ips.txt.gz';

export function hasRealData(file: string): boolean {
  return existsSync(new URL(file, folder));
}

/** The first column of every line. */
export function readColumn(file: string): string[] {
  const text = gunzipSync(readFileSync(new URL(file, folder))).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t', 1)[0] as string);
}

/** A file in the format of another program, or what a careful reader finds in it. */
export function formatFile(name: string): URL {
  return new URL(`formats/${name}`, folder);
}
