/**
 * Updates and decisions at full rate for some minutes: threads on shared memory, then processes on a real Redis that is
 * killed again and again. Every decision is held against the version that it may be of, and memory has to stay flat.
 *
 *     npm run soak                 three minutes
 *     npm run soak -- 600          six hundred seconds
 *
 * The exit code is 1 when a decision was wrong, when the processes did not converge, or when memory grew.
 */

import { fleet } from './fleet.js';
import { threads } from './threads.js';

const seconds = Number(process.argv[2] ?? 180);
if (!(seconds >= 10 && seconds <= 3_600)) {
  console.error('Usage: npm run soak -- [SECONDS from 10 to 3600]');
  process.exit(2);
}

const problems = [...(await threads(seconds / 2)), ...(await fleet(seconds / 2))];
for (const problem of problems) console.log(`WRONG: ${problem}`);
console.log(problems.length === 0 ? 'All decisions were right, and memory stayed flat.' : 'The soak failed.');
process.exitCode = problems.length === 0 ? 0 : 1;
