/**
 * Subpath `ipverdict/snapshot`: compiled policies as bytes.
 *
 * To read the code: `snapshot/header.ts` says what a snapshot is; `snapshot/encode.ts` writes one and `snapshot/decode.ts`
 * reads it; `tree/shape.ts` checks a tree that came from elsewhere, and `tree/bounded.ts` looks clients up in it.
 *
 * @packageDocumentation
 */

export type { Entry, EntryItem, EntrySource, ListName, Mode } from '../list/table.ts';
export type { Decision, EntryDecision, PlainDecision, Reason, Verdict } from '../policy/decision.ts';
export type { Explanation } from '../policy/explanation.ts';
export type { Policy } from '../policy/policy.ts';
export type { ParseErrorCode, Problem, ProblemCode, Severity } from '../problem/errors.ts';
export { type DecodeOptions, decodePolicy } from '../snapshot/decode.ts';
export { type EncodeOptions, encodePolicy } from '../snapshot/encode.ts';
export { SnapshotError, type SnapshotErrorCode } from '../snapshot/error.ts';
export type { SnapshotBytes } from '../snapshot/header.ts';
export { inspectSnapshot, type SnapshotInfo } from '../snapshot/info.ts';
