/**
 * Which version of the package this is.
 */

import { readFileSync } from 'node:fs';

/** The version, as `package.json` says it. */
export function versionOf(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return version;
}
