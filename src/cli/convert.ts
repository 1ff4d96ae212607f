/**
 * The command `convert`: a list or a policy in, the text or the bytes of another program out.
 */

import { findFormat } from '../exchange/format.ts';
import { formats } from '../formats/table.ts';
import type { Mode } from '../list/table.ts';
import { listsOf, type Policy } from '../policy/policy.ts';
import { showLosses } from './convert-losses.ts';
import { type ConvertValues, isMereList, write } from './convert-writing.ts';
import { CommandError, type Exit, exits, usageError } from './exit.ts';
import { MMDB, unknownFormat, writableFormats } from './format-names.ts';
import { type ImportedSource, importSource } from './imports-lists.ts';
import { nameOf, readText, STDIN } from './input.ts';
import { SourceTexts } from './located.ts';
import type { Notices } from './notices.ts';
import { policyKinds } from './options.ts';
import type { Output } from './output.ts';
import { choosePolicy, makePolicy, readPolicy, readSource, refuseStray } from './policies.ts';
import { sizeOf } from './progress.ts';
import type { convert } from './rows/convert.ts';
import { refuseInput, saveFile } from './save.ts';
import type { Program } from './session.ts';
import { count, pad } from './style.ts';

export const run: Program<(typeof convert)['options']> = async ({ values, operands }, session) => {
  const { output, notices } = session;
  if (values.formats) return showFormats(output);
  const { to } = values;
  if (to === undefined) throw usageError('Say what to write: --to FORMAT. "convert --formats" shows them.');
  if (!writableFormats().includes(to)) throw unknownFormat(to, 'write');
  const target = values.output === STDIN ? undefined : values.output;
  if (to === MMDB && target === undefined && output.isTerminal)
    throw usageError('The format mmdb is bytes, which are not for a terminal: give --output FILE.');
  const [file] = operands;
  if (target !== undefined)
    refuseInput(target, [file, values.allow, values.deny, values.rules, values.policy, values.exempt]);
  const texts = new SourceTexts();
  const { policy, doubts } = await texts.reporting(notices, () =>
    file === undefined ? policyOf(values, texts, notices) : policyOfList(file, values, texts, notices),
  );
  const { content, losses, isWritten } = write(policy, to, values);
  showLosses(losses, { texts, notices, isStrict: values.strict });
  if (!isWritten) {
    notices.complain('ipverdict: Nothing was written.');
    return exits.no;
  }
  if (values.strict && (losses.length > 0 || doubts > 0)) {
    const what = losses.length > 0 ? `${to} cannot say all of it` : 'warnings count with --strict';
    notices.complain(`ipverdict: Nothing was written, as ${what}.`);
    return exits.no;
  }
  if (target === undefined) {
    if (typeof content === 'string') await output.write(content);
    else await output.bytes(content);
    return exits.yes;
  }
  const size = sizeOf(saveFile(target, content));
  const entries = count(policy.size, 'entry', 'entries');
  notices.say(`ipverdict: ${entries} as ${to} in ${nameOf(target)}, ${size}.`);
  return exits.yes;
};

/** A policy by the options that every command has for one. */
async function policyOf(
  values: ConvertValues,
  texts: SourceTexts,
  notices: Notices,
): Promise<{ readonly policy: Policy; readonly doubts: number }> {
  if (values.mode !== undefined)
    throw usageError(
      '--mode says what FILE is for: leave it out with --allow, --deny, --rules and --policy.',
    );
  if (policyKinds.every((kind) => values[kind] === undefined))
    throw usageError(
      'Name what to convert: a list as FILE, or a policy by --allow, --deny, --rules or --policy.',
    );
  const { kind, file } = choosePolicy(values);
  if (kind === 'policy') return { policy: await readPolicy(values, notices), doubts: 0 };
  const source = await readSource(kind, file, values, texts, notices);
  return { policy: await finish(source, file, values, texts, notices), doubts: source.doubts };
}

/** A policy of the list that is FILE. */
async function policyOfList(
  file: string,
  values: ConvertValues,
  texts: SourceTexts,
  notices: Notices,
): Promise<{ readonly policy: Policy; readonly doubts: number }> {
  const other = policyKinds.find((kind) => values[kind] !== undefined);
  if (other !== undefined)
    throw usageError(`${nameOf(file)} and --${other} are two sources: name one of them.`);
  const found = await readOperand(file, values, texts, notices);
  const isNothing = 'list' in found && Array.isArray(found.list) && found.list.length === 0;
  if (isNothing && found.mode === undefined) throw whatFor(file);
  const source = 'rules' in found ? found : { ...found, mode: modeOf(found.mode, file, values) };
  return { policy: await finish(source, file, values, texts, notices), doubts: source.doubts };
}

async function readOperand(
  file: string,
  values: ConvertValues,
  texts: SourceTexts,
  notices: Notices,
): Promise<ImportedSource> {
  if (values.from !== undefined) return importSource(values.mode, { file, values, texts, notices });
  refuseStray(values);
  const text = await readText(file);
  const mode = modeOf(undefined, file, values);
  texts.add(mode, file, text);
  return { list: text, mode, doubts: 0 };
}

/**
 * What a list is for: what the file says, or the option. Where only entries are written it does not matter, unless there
 * are exemptions, which are entries of one and left out of the other.
 */
function modeOf(found: Mode | undefined, file: string, values: ConvertValues): Mode {
  const mode = found ?? values.mode;
  if (mode !== undefined) return mode;
  // Of the two, a list that allows is refused when it has lines missing or nothing in it.
  if (isMereList(values.to as string) && values.exempt === undefined) return 'allow';
  throw whatFor(file);
}

function whatFor(file: string): CommandError {
  return usageError(`Say what ${nameOf(file)} is for: --mode allow or --mode deny.`);
}

/** Makes the policy. A list that would let everyone in, as it has no entries, is not written by accident. */
async function finish(
  source: ImportedSource,
  file: string,
  values: ConvertValues,
  texts: SourceTexts,
  notices: Notices,
): Promise<Policy> {
  const whenEmpty = values['when-empty'];
  const isOfAllowed = 'list' in source && source.mode !== 'deny';
  // Until it was said, an empty list means neither of the two.
  const meant =
    isOfAllowed && whenEmpty === undefined ? ({ ...values, 'when-empty': 'deny' } as const) : values;
  const policy = await makePolicy(source, file, meant, texts, notices);
  if (listsOf(policy)?.active.size !== 0) return policy;
  if (meant !== values)
    throw new CommandError(
      `${nameOf(file)} has no entries. Say what that means: --when-empty deny, or --when-empty allow.`,
    );
  return policy;
}

async function showFormats(output: Output): Promise<Exit> {
  const rows = [
    ...formats.map(({ name, title, reads, writes }) => ({ name, title, reads, writes })),
    { name: MMDB, title: 'MaxMind database', reads: true, writes: true },
  ].map(({ name, title, reads, writes }) => ({
    name,
    ways: [reads ? 'reads' : '', writes ? 'writes' : ''],
    title: `${title}${isYaml(name) ? ' (needs the package yaml to read)' : ''}`,
  }));
  const width = Math.max(...rows.map(({ name }) => name.length));
  for (const { name, ways, title } of rows)
    await output.line(
      `${pad(name, width)}  ${pad(ways[0] as string, 5)}  ${pad(ways[1] as string, 6)}  ${title}`,
    );
  return exits.yes;
}

function isYaml(name: string): boolean {
  return name !== MMDB && findFormat(name).implementation.needsYaml === true;
}
