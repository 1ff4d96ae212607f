/**
 * A list as an administration panel manages it: add addresses in groups, edit and remove them, switch the mode, and keep
 * an audit log. Every change returns a new list, or is refused as a whole with everything that is wrong.
 *
 *     node examples/managing-lists.js
 */

import { createPolicy, ListError } from 'ipverdict';
import { compareLists, RestrictionList } from 'ipverdict/list';

const administrator = '203.0.113.9';
let list = RestrictionList.empty('allow');
let policy = createPolicy(list, { whenEmpty: 'deny' });

/** Makes a change and puts it in force, unless it is refused or would lock the administrator out. */
function change(what, make) {
  console.log(`\n${what}`);
  try {
    const next = make(list);
    const nextPolicy = createPolicy(next, { whenEmpty: 'deny', mustAllow: [administrator] });
    console.log(`  Log: ${compareLists(list, next).message}`);
    list = next;
    policy = nextPolicy;
  } catch (error) {
    if (!(error instanceof ListError)) throw error;
    for (const { source, line, column, message } of error.problems) {
      console.log(`  Refused: ${source} ${line}:${column}: ${message}`);
    }
  }
  for (const { line, message } of list.problems) console.log(`  Warning: line ${line}: ${message}`);
  console.log(`  Now: ${list.describe()}`);
}

change('Add the office', (now) => now.add('203.0.113.0/24\n2001:db8:12::/48', 'Office'));
change('Add with a mistake', (now) => now.add('198.51.100.7\n198.51.100.300', 'Build servers'));
change('Add it again', (now) => now.add('198.51.100.7\n::ffff:198.51.100.7', 'Build servers'));
change('Edit the group', (now) =>
  now.editGroup('Build servers', { addresses: '198.51.100.7\n198.51.100.8', note: 'CI' }),
);
change('Remove an address in another spelling', (now) => now.remove('2001:DB8:12:0::/48'));
change('Remove the office', (now) => now.removeGroup('Office'));

console.log(`\n${list}\n`);
console.log(`${administrator}: ${policy.decide(administrator).entry?.note}`);

const { list: denying, discarded } = list.switchTo('deny');
console.log(`\nAfter a switch: ${denying.describe()}`);
console.log(`To be copied first: ${discarded.split('\n').length} lines`);
