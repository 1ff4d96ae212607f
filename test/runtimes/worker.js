/** Prints what this runtime answers, as a test of `workerd test`, which needs no port. */

import { conform } from './conformance.js';

export default {
  async test() {
    console.log(JSON.stringify(await conform()));
  },
};
