/**
 * Apache: `Require ip` of 2.4, and `Order`, `Allow` and `Deny` of 2.2, which is only read.
 *
 * ```
 * <RequireAll>
 *   Require all granted
 *   # Lab
 *   Require not ip 192.0.2.0/24
 * </RequireAll>
 * ```
 */

import { type Exporting, halves, type Item } from '../exchange/exporting.ts';
import { defineFormat, type Format } from '../exchange/format.ts';
import type { Importing } from '../exchange/importing.ts';
import { readAccess } from '../syntax/apache-access.ts';
import { blocksOf } from '../syntax/apache-blocks.ts';
import { readRequirements } from '../syntax/apache-require.ts';

/** The access rules of Apache. */
export const apache: Format = /* @__PURE__ */ defineFormat(
  { name: 'apache', title: 'Apache Require', extension: '.conf' },
  { read: readApache, write: writeApache, takes: ['set'] },
);

function readApache(importing: Importing): void {
  // An IPv4-mapped address is a syntax error.
  importing.findsMapped = false;
  const block = blocksOf(importing);
  if (block === undefined) return;
  if (block.access.length === 0) readRequirements(importing, block);
  else readAccess(importing, block);
}

function writeApache(exporting: Exporting): string | undefined {
  const items = exporting.listed({ nested: true });
  const isAllowing = exporting.mode === 'allow';
  if (items.length === 0) return `Require all ${isAllowing ? 'denied' : 'granted'}\n`;
  const word = isAllowing ? 'Require ip' : 'Require not ip';
  const line = (item: Item): string => {
    // After a directive on its line, a comment would be part of it.
    const note = exporting.noteOf(item, { maxBytes: LONGEST_NOTE, isJoined: true });
    const rules = networksOf(item).map((network) => `  ${word} ${network}\n`);
    return `${note === '' ? '' : `  # ${note}\n`}${rules.join('')}`;
  };
  const block = isAllowing ? 'RequireAny' : 'RequireAll';
  const start = isAllowing ? '' : '  Require all granted\n';
  return `<${block}>\n${start}${items.map(line).join('')}</${block}>\n`;
}

const LONGEST_NOTE = 500;

/** Apache takes the prefix length 0 for a syntax error. */
function networksOf({ family, text, length }: Item): readonly string[] {
  return length > 0 ? [text] : halves[family];
}
