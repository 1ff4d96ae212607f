/**
 * From the text of a list to a policy, even when some lines are bad.
 *
 * The library never leaves a line out: a list with an error gives no policy at all. A demo that stops there would show
 * little, so this one leaves the bad lines out itself, says so, and keeps the one rule that matters: a list whose lines
 * were all bad is not an empty list. An empty allow list is open, so going on would let everyone in.
 */

import { createPolicy, ListError, parseList } from '../../dist/index.js';

/** Allowed whatever the list says: whoever watches over the server asks from the server itself. */
export const EXEMPTION = '@loopback # Health checks';

/**
 * Compiles a list. `errors` are the problems of the lines that were left out; `policy` is `undefined` when there was
 * nothing else in the list. `text` is what the policy was built from.
 */
export function compile(text, mode) {
  // The limit of 1,000 entries guards forms that people fill in; a file of one's own may be longer.
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

/** The lines of a list, without the byte order mark that may stand before the first. */
export function splitLines(text) {
  return text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/);
}

/** Empties the lines that have problems; the others keep their numbers. */
function leaveOut(text, problems) {
  const lines = splitLines(text);
  for (const { line } of problems) lines[line - 1] = '';
  return lines.join('\n');
}
