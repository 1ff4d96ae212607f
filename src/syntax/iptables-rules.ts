/**
 * Rules of iptables: whom they are about, and what they do. A word that is not known here makes a rule conditional.
 */

import type { Verdict } from '../policy/decision.ts';
import type { IptablesRule, Word } from './iptables-save.ts';

/** What a rule says. */
export interface RuleParts {
  /** Its sources: none for everyone. More than one option is more than one condition. */
  readonly sources: readonly Word[];
  /** Whether it is about everyone who does not come from there. */
  readonly isNegated: boolean;
  /** The first thing that it asks for and that is not an address. */
  readonly condition: string | undefined;
  readonly note: string | undefined;
  /** What happens to a packet; nothing where the next rule is asked, too. */
  readonly verdict: Verdict | undefined;
}

/** Targets after which the next rule is asked. */
const passing: readonly string[] = [
  'AUDIT',
  'CLASSIFY',
  'CONNMARK',
  'CONNSECMARK',
  'DSCP',
  'LED',
  'LOG',
  'MARK',
  'NFLOG',
  'SECMARK',
  'SET',
  'TCPMSS',
  'TRACE',
  'TTL',
  'ULOG',
];

const verdicts: ReadonlyMap<string, Verdict> = /* @__PURE__ */ new Map([
  ['ACCEPT', 'allow'],
  ['DROP', 'deny'],
  ['REJECT', 'deny'],
]);

/** Takes a rule apart. `undefined` for one that only counts or writes a log. */
export function partsOf({ words }: IptablesRule): RuleParts | undefined {
  const sources: Word[] = [];
  const notes: string[] = [];
  let isNegated = false;
  let condition: string | undefined;
  let target = '';
  let isInverse = false;
  for (let at = 0; at < words.length; at++) {
    const option = words[at]?.value ?? '';
    if (option === '!') {
      isInverse = true;
      continue;
    }
    if (sourceOptions.includes(option)) {
      // The exclamation mark has stood after the option, too.
      if (words[at + 1]?.value === '!') at++;
      isNegated ||= isInverse || words[at]?.value === '!';
      const source = words[++at];
      if (source === undefined) condition ??= `${option} of nothing`;
      else sources.push(source);
    } else if (isInverse) condition ??= `! ${option}`;
    else if (option === '-j' || option === '--jump') target = words[++at]?.value ?? '';
    else if (option === '--comment') notes.push(words[++at]?.value ?? '');
    else if (option === '--reject-with') at++;
    else if (option === '-c' || option === '--set-counters') at += 2;
    else if (isHarmlessMatch(option, words[at + 1])) at++;
    else condition ??= option;
    isInverse = false;
  }
  // Without a target that is known, a word that is not known may have it.
  if (passing.includes(target) || (target === '' && condition === undefined)) return undefined;
  const verdict = verdicts.get(target);
  if (verdict === undefined) condition ??= `what ${target || 'another chain'} decides`;
  if (sources.length > 1) condition ??= 'more than one source';
  const note = notes.length === 0 ? undefined : notes.join(' ');
  return { sources, isNegated, condition, note, verdict };
}

const sourceOptions: readonly string[] = ['-s', '--source', '--src', '--src-range'];

/** Matches that ask for nothing but what their options say. */
function isHarmlessMatch(option: string, match: Word | undefined): boolean {
  const name = match?.value ?? '';
  return (option === '-m' || option === '--match') && (name === 'comment' || name === 'iprange');
}
