/**
 * Terraform: a list of texts that a variable has, in a file of values, in `locals`, or as the default of a `variable`.
 *
 * ```
 * allowed = [
 *   "192.0.2.0/24", # a note
 *   "2001:db8::/32",
 * ]
 * ```
 */

import { defineFormat, type Format } from '../exchange/format.ts';
import type { Importing } from '../exchange/importing.ts';
import { quote } from '../problem/say.ts';
import { type HclVariable, hclNoteAfter, readHcl } from '../syntax/hcl.ts';

/** Lists in the variables of Terraform. */
export const terraform: Format = /* @__PURE__ */ defineFormat(
  { name: 'terraform', title: 'Terraform variables', extension: '.tfvars' },
  { read: readVariables, takes: ['set'] },
);

function readVariables(importing: Importing): void {
  const { variables, fault } = readHcl(importing.text);
  if (fault !== undefined) {
    importing.refuse(fault.start, fault.end, fault.code, fault.message);
    return;
  }
  const variable = choose(importing, variables);
  if (variable === undefined) return;
  const { name, items, other } = variable;
  if (items === undefined) {
    const message = `the value of ${quote(name)} must be a list of texts in quotation marks: what else is in it is not known`;
    importing.refuse(other.start, other.end, 'syntax', message);
    return;
  }
  importing.group(name);
  for (const item of items)
    importing.entry(item.start, item.end, { label: name, note: hclNoteAfter(importing.text, item) });
}

/** The variable that is meant: by the option `set`, or as no other can have a list. */
function choose(importing: Importing, variables: readonly HclVariable[]): HclVariable | undefined {
  const { set } = importing.options;
  const found = variables.filter(({ name, isSimple }) => (set === undefined ? !isSimple : name === set));
  const [first, second] = found;
  if (first === undefined && set === undefined)
    importing.refuse(0, 0, 'syntax', 'the text has no variable with a list of texts');
  else if (first === undefined)
    importing.refuse(0, 0, 'unselected', `there is no variable ${quote(set ?? '')}`);
  if (second === undefined) return first;
  const names = found.slice(0, 5).map(({ name }) => quote(name));
  const message =
    set === undefined
      ? `there are several variables: choose with the option set, such as ${names.join(', ')}`
      : `there is more than one variable ${quote(set)}: give the text of one of them alone`;
  importing.refuse(second.start, second.end, 'set-required', message);
  return undefined;
}
