/**
 * A list while it is being typed: `parseList` never throws on what it reads. It returns the good entries for a preview,
 * and all problems with line and column, for squiggles under the text.
 *
 * The entries of a list with errors are for display only. Deciding by them would change what the list means, and might
 * leave it empty, which opens an allow list. `createPolicy` refuses such a text as a whole.
 *
 *     node examples/editor-diagnostics.js
 */

import { createPolicy, ListError, parseList } from 'ipverdict';

const text = `203.0.113.0/24     # Office
203.0.113.0/255.255.255.0
198.51.100.7:443   # Build server
198.51.100.*       # VPN
192.0.2.77/28      # Tunnel
::ffff:203.0.113.0/120`;

const { entries, problems } = parseList(text, { list: 'allow' });

for (const [index, source] of text.split('\n').entries()) {
  const lineNumber = String(index + 1).padStart(3);
  console.log(`${lineNumber} | ${source}`);
  for (const { line, column, endColumn, severity, code, message } of problems) {
    if (line !== index + 1) continue;
    const squiggle = (severity === 'error' ? '^' : '~').repeat(endColumn - column);
    console.log(`    | ${' '.repeat(column - 1)}${squiggle} ${severity} ${code}`);
    console.log(`    |   ${message}`);
  }
}

console.log(`\nPreview: ${entries.map(({ canonical }) => canonical).join(', ')}`);

try {
  createPolicy({ allow: text, whenEmpty: 'deny' });
} catch (error) {
  if (!(error instanceof ListError)) throw error;
  console.log(`Saving is refused: ${error.problems.length} lines have errors.`);
}
