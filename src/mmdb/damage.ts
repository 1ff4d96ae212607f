/**
 * What is wrong with a MaxMind database: problems at a byte. Nothing in the bytes makes more of them than a person reads.
 */

import type { ProblemCode } from '../problem/codes.ts';
import { type Problem, problemOf, type Severity } from '../problem/errors.ts';

/** Thrown where bytes cannot be what they should be, and caught where something can be left out. */
export class Damage {
  readonly code: ProblemCode;
  /** Offset of the byte in the file. */
  readonly at: number;
  readonly message: string;

  constructor(code: ProblemCode, at: number, message: string) {
    this.code = code;
    this.at = at;
    this.message = message;
  }
}

/** Problems of each code beyond these are counted, not listed. */
const LISTED_PROBLEMS = 100;

/** The problems of one database. */
export class DamageReport {
  readonly #problems: Problem[] = [];
  readonly #counts = new Map<string, number>();
  /** Whether any of them is an error. */
  hasErrors = false;

  add({ code, at, message }: Damage, severity: Severity = 'error'): void {
    if (severity === 'error') this.hasErrors = true;
    const key = `${severity} ${code}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    const place = { source: 'bytes', column: at + 1 };
    if (count <= LISTED_PROBLEMS) {
      this.#problems.push(problemOf(place, code, `${message}, at byte ${at}`, severity));
    } else if (count === LISTED_PROBLEMS + 1) {
      const more = `there are more problems like the ${LISTED_PROBLEMS} before this one, which are not listed`;
      this.#problems.push(problemOf(place, code, more, severity));
    }
  }

  /** A problem that is not of a byte. */
  addAt(source: string, code: ProblemCode, message: string, severity: Severity = 'error'): void {
    if (severity === 'error') this.hasErrors = true;
    this.#problems.push(problemOf(source, code, message, severity));
  }

  get problems(): readonly Problem[] {
    return Object.freeze(this.#problems);
  }
}
