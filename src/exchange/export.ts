/**
 * Policies as the text of other programs.
 */

import type { Policy } from '../policy/policy.ts';
import { checkExportOptions, type ExportOptions } from './export-options.ts';
import { Exporting } from './exporting.ts';
import type { Loss } from './loss.ts';

/** A policy in the format of another program. Frozen. */
export interface Exported {
  /** The text; empty when the target cannot say what the policy says without letting in who is denied. */
  readonly text: string;
  /** What the text does not say, or says in another way. */
  readonly losses: readonly Loss[];
}

/**
 * Writes a policy in the format of another program.
 *
 * What is written is what the policy decides: exemptions and rules are resolved, and no verdict changes without a loss
 * that names it. A set has the addresses that `policy.mode` is about. Where the target would let everyone in while the
 * policy lets nobody in, there is no text, and the loss `would-open`.
 *
 * @param policy - a policy of this package, at its instant
 * @param options - the format and how to write it
 * @returns the text and the losses
 * @throws `ListError` with `invalid-option` for an option that is wrong or that the format has no use for
 * @throws TypeError when the policy is not one of this package
 * @remarks Linear in the entries, apart from sorting, and in the prefixes that are written.
 * @example
 * ```ts
 * import { createPolicy } from 'ipverdict';
 * import { exportPolicy } from 'ipverdict/formats';
 * import { nginx } from 'ipverdict/formats/nginx';
 *
 * const policy = createPolicy({ allow: '192.0.2.0/24 # Office' });
 * exportPolicy(policy, { format: nginx }).text; // 'allow 192.0.2.0/24; # Office\ndeny all;\n'
 * ```
 */
export function exportPolicy(policy: Policy, options: ExportOptions): Exported {
  const { found, values } = checkExportOptions(options);
  const exporting = new Exporting(policy, values);
  const text = found.implementation.write?.(exporting) ?? '';
  return Object.freeze({ text, losses: Object.freeze(exporting.losses) });
}
