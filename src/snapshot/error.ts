/** What is wrong with bytes that are not a snapshot, or not one any more. */

/** The codes of {@link SnapshotError}. */
export type SnapshotErrorCode =
  | 'not-a-snapshot'
  | 'unsupported-version'
  | 'truncated'
  | 'checksum'
  | 'corrupt';

/**
 * The bytes are not a snapshot that this version can read, or they are damaged. Nothing has been loaded.
 *
 * @example
 * ```ts
 * import { decodePolicy, SnapshotError } from 'ipverdict/snapshot';
 *
 * try {
 *   decodePolicy(new TextEncoder().encode('192.0.2.0/24'));
 * } catch (error) {
 *   if (!(error instanceof SnapshotError)) throw error;
 *   error.code; // 'not-a-snapshot'
 * }
 * ```
 */
export class SnapshotError extends Error {
  /** `'SnapshotError'`. */
  override readonly name: string = 'SnapshotError';
  /** The rule that the bytes break. */
  readonly code: SnapshotErrorCode;

  /** @internal */
  constructor(code: SnapshotErrorCode, message: string) {
    super(`${message} (${code})`);
    this.code = code;
  }
}

/** The error about bytes whose checksum is right and whose content cannot be. */
export function corrupt(what: string): SnapshotError {
  return new SnapshotError('corrupt', `the snapshot is not one that this package made: ${what}`);
}
