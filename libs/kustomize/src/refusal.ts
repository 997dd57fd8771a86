import type { LocatedError } from '@meridian/fleet';

/** Thrown inside this package only and caught at its door: why a build is refused, and where. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly errors: readonly LocatedError[];
  constructor(errors: readonly LocatedError[]) {
    super(errors[0]?.message ?? 'refused');
    this.errors = shortened(errors);
  }
}

const mostErrors = 100;
const mostCharacters = 1_000;

/** Errors as people can read them: not too many, and none as long as a name that somebody made up. */
export function shortened(errors: readonly LocatedError[]): readonly LocatedError[] {
  return errors.slice(0, mostErrors).map((error) => ({
    ...error,
    message: clipped(error.message),
    ...(error.field === undefined ? {} : { field: clipped(error.field) }),
    ...(error.fix === undefined ? {} : { fix: clipped(error.fix) }),
  }));
}

function clipped(text: string): string {
  if (text.length <= mostCharacters) return text;
  // What is wrong stands at either end, long names in the middle.
  return `${text.slice(0, mostCharacters / 2)} ... ${text.slice(-mostCharacters / 2)}`;
}

/** Ends the build with one located error. */
export function refuse(error: LocatedError): never {
  throw new Refusal([error]);
}

/**
 * Runs a build step and gives its refusal as a value. A RangeError is how JavaScript says that a text or a nesting has
 * grown beyond what it can hold; only what is built can cause that, so it is a refusal too. Any other error is a bug and
 * passes through.
 */
export function outcomeOf<Result>(
  step: () => Result,
  file = '.',
): Result | { readonly errors: readonly LocatedError[] } {
  try {
    return step();
  } catch (error) {
    if (error instanceof Refusal) return { errors: error.errors };
    if (!(error instanceof RangeError)) throw error;
    const message = `the build grows beyond what can be held: ${error.message}`;
    return { errors: [{ file, message, fix: 'let its patches, vars and replacements make less' }] };
  }
}
