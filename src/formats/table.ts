/**
 * The table of all formats.
 */

import { type Format, nameFormats } from '../exchange/format.ts';
import { csv } from './csv.ts';
import { ipset } from './ipset.ts';
import { nftables } from './nftables.ts';
import { netset, plain } from './plain.ts';
import { spamhausDrop } from './spamhaus.ts';
import { sql } from './sql.ts';

/** Every format, in the order of their chapters. Importing this table makes their names known. */
export const formats: readonly Format[] = /* @__PURE__ */ nameFormats([
  plain,
  netset,
  spamhausDrop,
  csv,
  nftables,
  ipset,
  sql,
]);
