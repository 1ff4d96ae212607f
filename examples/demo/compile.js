/**
 * From the text of a list to a policy, even when some lines are bad.
 *
 * The library never leaves a line out: it builds no policy from a list with an error. A demo that stopped there would
 * show little, so this one leaves out the bad lines itself and says so. It keeps the one rule that matters: a list in
 * which every line was bad is not an empty list. An empty allow list is open, so going on would let everyone in.
 */

import { createPolicy, ListError, parseList } from '../../dist/index.js';

/** Allowed whatever the list says: health checks come from the server itself. */
export const EXEMPTION = '@loopback # Health checks';

/**
 * Compiles a list. `errors` are the problems of the lines that were left out. `policy` is `undefined` when no other entry
 * was in the list. `text` is what the policy was built from.
 */
export function compile(text, mode) {
  // The limit of 1,000 entries protects forms that people fill in; your own file may be longer.
  const build = (list) => createPolicy({ [mode]: list, exempt: EXEMPTION, maxEntries: Infinity });
  try {
    return { policy: build(text), errors: [], text };
  } catch (error) {
    if (!(error instanceof ListError)) throw error;
    const errors = error.problems;
    const rest = leaveOut(text, errors);
    const { entries } = parseList(rest, { list: mode, maxEntries: Infinity });
    return { policy: entries.length === 0 ? undefined : build(rest), errors, text: rest };
  }
}

/** The lines of a list, without a byte order mark at the start. */
export function splitLines(text) {
  return text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/);
}

/** Empties the lines that have problems; the others keep their numbers. */
function leaveOut(text, problems) {
  const lines = splitLines(text);
  for (const { line } of problems) lines[line - 1] = '';
  return lines.join('\n');
}
