import type { LocatedError } from '@meridian/fleet';

/** Thrown inside this package only and caught at its door: why a build is refused, and where. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly errors: readonly LocatedError[];
  constructor(errors: readonly LocatedError[]) {
    super(errors[0]?.message ?? 'refused');
    this.errors = errors;
  }
}

/** Ends the build with one located error. */
export function refuse(error: LocatedError): never {
  throw new Refusal([error]);
}

/** Runs a build step and gives its refusal as a value; any other error is a bug and passes through. */
export function outcomeOf<Result>(step: () => Result): Result | { readonly errors: readonly LocatedError[] } {
  try {
    return step();
  } catch (error) {
    if (error instanceof Refusal) return { errors: error.errors };
    throw error;
  }
}
