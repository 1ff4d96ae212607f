/** One process of the soak: follows Redis as `examples/fleet` does, and decides all the while. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { createLivePolicy } from '../../dist/live.js';
import { connect } from '../../examples/fleet/connect.js';
import { followStore } from '../../examples/fleet/follow-store.js';
import { clientOf, expectedOf, say, versionOf } from '../live/versions.js';
import { measure } from './memory.js';

const TURN = 200;

const live = createLivePolicy({ allow: '', whenEmpty: 'deny' });
const failures = [];
const fail = (what) => failures.length < 5 && failures.push(what);
let [version, updates, failed, asked] = [0, 0, 0, 0];

const client = connect();
followStore(live, client, {
  every: 500,
  onUpdate: ({ after }) => {
    const next = versionOf(after);
    if (!(next > version)) fail(`version ${next} came after ${version}`);
    version = next;
    updates++;
  },
  // While Redis is away, and until it has a newer version again.
  onError: () => failed++,
});
client.connect().catch(() => {});

process.on('message', () => {
  process.send({ version, updates, failed, asked, failures, memory: measure() });
});

for (let number = process.pid; ; ) {
  for (let count = 0; count < TURN; count++) {
    const one = clientOf(number);
    number += 101;
    asked++;
    const said = say(live.decide(one.text));
    const expected =
      version === 0 ? /^deny (?:empty-list|invalid-address)$/.exec(said)?.[0] : expectedOf(version, one);
    if (said !== expected) fail(`${one.text}: ${said} by version ${version}`);
  }
  await nextTurn();
}
