/**
 * How much of texts a run looks at, in characters: what says whether it is linear, on a machine as busy as it may be.
 */

/** Runs something and counts the characters that it reads one by one, searches, compares or cuts out. */
export function countReads(run: () => void): number {
  let reads = 0;
  const prototype = String.prototype as unknown as Record<string, (...args: never[]) => unknown>;
  const kept = { ...wrap('charCodeAt', () => 1), ...wrap('charAt', () => 1) };
  Object.assign(
    kept,
    wrap(
      'indexOf',
      (text, [, from], found) =>
        ((found as number) < 0 ? text.length : (found as number)) - Number(from ?? 0) + 1,
    ),
    wrap('slice', (_text, _given, part) => (part as string).length + 1),
    wrap('startsWith', (_text, [part]) => String(part).length),
    wrap('trimStart', (text) => text.length),
    wrap('trim', (text) => text.length),
  );
  try {
    run();
  } finally {
    Object.assign(prototype, kept);
  }
  return reads;

  function wrap(
    name: string,
    cost: (text: string, given: readonly unknown[], result: unknown) => number,
  ): Record<string, unknown> {
    const original = prototype[name] as (...args: unknown[]) => unknown;
    prototype[name] = function (this: string, ...given: unknown[]) {
      const result = Reflect.apply(original, this, given);
      reads += cost(this, given, result);
      return result;
    } as (...args: never[]) => unknown;
    return { [name]: original };
  }
}

/** By how much more is read of a text that is four times as large: four where it is linear, sixteen where quadratic. */
export function growthOf(run: (size: number) => () => void, size = 1000): number {
  const [small, large] = [run(size), run(4 * size)];
  return countReads(large) / countReads(small);
}
