/** Prints what this runtime answers, for Node, Bun and Deno. */

import { conform } from './conformance.js';

console.log(JSON.stringify(await conform()));
