/**
 * A policy from a file that `compile` has written.
 */

import type { Policy } from '../policy/policy.ts';
import { ListError } from '../problem/errors.ts';
import { policyAt } from '../rules/instant.ts';
import { decodePolicy } from '../snapshot/decode.ts';
import { SnapshotError } from '../snapshot/error.ts';
import { inspectSnapshot } from '../snapshot/info.ts';
import { CommandError } from './exit.ts';
import { nameOf, readBytes } from './input.ts';
import { computing } from './interrupt.ts';

/** Reads a snapshot, and checks all of it. */
export async function loadSnapshot(
  file: string,
  at: Date,
): Promise<{ readonly policy: Policy; readonly hasEntries: boolean }> {
  const bytes = await readBytes(file);
  try {
    const policy = computing(() => policyAt(decodePolicy(bytes), at.getTime()));
    return { policy, hasEntries: inspectSnapshot(bytes).hasEntries };
  } catch (error) {
    if (error instanceof SnapshotError) throw new CommandError(`${nameOf(file)}: ${error.message}.`);
    if (error instanceof ListError) throw new CommandError(`${nameOf(file)}: ${error.message}`);
    throw error;
  }
}
