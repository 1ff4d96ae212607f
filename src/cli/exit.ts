/**
 * How the command ends.
 */

/** The exit codes. There are no others. */
export const exits = {
  /** Yes: allowed, no errors, no difference, lines found. */
  yes: 0,
  /** No: denied, errors in a list, a difference, no line found. */
  no: 1,
  /** Wrong arguments, or a file that cannot be read or written. */
  unusable: 2,
  /** A fault of this program. */
  fault: 70,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

/** One of {@link exits}. */
export type Exit = (typeof exits)[keyof typeof exits];

/**
 * The command cannot do its work: wrong arguments, or a file that cannot be read or written. One sentence for the person
 * who typed it, and exit code 2.
 */
export class CommandError extends Error {
  /** Whether the usage of the command helps. */
  readonly isUsage: boolean;

  constructor(message: string, isUsage = false) {
    super(message);
    this.isUsage = isUsage;
  }
}

/** The arguments are wrong: the usage is shown below the sentence. */
export function usageError(message: string): CommandError {
  return new CommandError(message, true);
}

/** The exit code for a change of a policy, by the option `--fail-on`. */
export function exitForChange(
  failOn: 'change' | 'allowed' | 'denied' | 'never' = 'change',
  { isAllowing, isDenying }: { readonly isAllowing: boolean; readonly isDenying: boolean },
): Exit {
  const fails = {
    change: isAllowing || isDenying,
    allowed: isAllowing,
    denied: isDenying,
    never: false,
  };
  return fails[failOn] ? exits.no : exits.yes;
}
