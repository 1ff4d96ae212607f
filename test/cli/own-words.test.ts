/** The command says in its own words what the library says to programmers; these words must be there to be replaced. */

import { expect, test } from 'vitest';
import { ownWords } from '../../src/cli/own-words.ts';
import { sourceFiles } from '../support/source.ts';

/** The texts of the library, without what is put into them. */
const texts = sourceFiles
  .filter(({ folder }) => folder !== 'cli')
  .map(({ nodes }) => nodes[0]?.getSourceFile().text ?? '')
  .join('\n');

test.each(ownWords.map(([theirs]) => theirs))('%s', (theirs) => {
  expect(texts).toContain(theirs);
});
