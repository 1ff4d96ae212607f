/** The command `inspect`: what is in a snapshot. All of it is checked, not its header alone. */

import { decodePolicy } from '../snapshot/decode.ts';
import { SnapshotError } from '../snapshot/error.ts';
import { inspectSnapshot, type SnapshotInfo } from '../snapshot/info.ts';
import { CommandError, exits } from './exit.ts';
import { nameOf, readBytes } from './input.ts';
import { computing } from './interrupt.ts';
import { writeDocument } from './json.ts';
import type { inspect } from './rows/inspect.ts';
import type { Program } from './session.ts';
import { count, grouped, pad } from './style.ts';

export const run: Program<(typeof inspect)['options']> = async ({ values, operands }, { output }) => {
  const [file] = operands as readonly [string];
  const info = check(file, await readBytes(file));
  if (values.format === 'json') {
    await writeDocument(output, { ...info });
    return exits.yes;
  }
  const yesOrNo = (is: boolean): string => (is ? 'yes' : 'no');
  const rows = [
    ['format', `version ${info.formatVersion}`],
    ['hash', info.contentHash],
    ['size', count(info.byteLength, 'byte')],
    ['mode', info.mode],
    ['entries', grouped(info.size)],
    ['exemptions', grouped(info.exemptions)],
    ['has entries', yesOrNo(info.hasEntries)],
    ['has notes', yesOrNo(info.hasNotes)],
    ['has times', yesOrNo(info.hasTimes)],
  ] as const;
  for (const [name, value] of rows) await output.line(`${pad(name, 11)}  ${value}`);
  return exits.yes;
};

function check(file: string, bytes: Uint8Array): SnapshotInfo {
  try {
    return computing(() => {
      const info = inspectSnapshot(bytes);
      decodePolicy(bytes);
      return info;
    });
  } catch (error) {
    if (error instanceof SnapshotError) throw new CommandError(`${nameOf(file)}: ${error.message}.`);
    throw error;
  }
}
