import type { LocatedError } from '@meridian/fleet';
import { objectProblem, type Json, type KubeObject } from '@meridian/manifests';
import type { BuiltObject } from './build/written-object.ts';
import type { Plain } from './values/plain.ts';

/** The objects of a build as objects for a cluster, each with where it came from; or what keeps them from being that. */
export type KubeObjects =
  { readonly objects: readonly LocatedKubeObject[] } | { readonly errors: readonly LocatedError[] };

/** An object for a cluster and where it was read or what generated it. */
export interface LocatedKubeObject {
  readonly object: KubeObject;
  readonly origin: BuiltObject['origin'];
}

/** What was found to be an object; most are in the next build again. */
const known = new WeakMap<BuiltObject, LocatedKubeObject>();

/** Checks that every object has the form of one, and that JSON clients can hold its numbers. */
export function kubeObjectsOf(built: readonly BuiltObject[]): KubeObjects {
  const errors: LocatedError[] = [];
  const objects = built.flatMap((each): LocatedKubeObject[] => {
    const { fields, origin, hasLargeInteger } = each;
    const checked = known.get(each);
    if (checked) return [checked];
    const large = hasLargeInteger ? largeIntegerIn(fields) : undefined;
    const problem = large ?? formProblem(fields);
    // Both checks have proven the form, which the type of built values cannot say.
    if (!problem) {
      const found = { object: fields as KubeObject, origin };
      known.set(each, found);
      return [found];
    }
    errors.push({ ...origin, ...problem, message: `${nameText(fields)}: ${problem.message}` });
    return [];
  });
  return errors.length > 0 ? { errors } : { objects };
}

interface Problem {
  readonly field: string;
  readonly message: string;
  readonly fix: string;
}

function formProblem(fields: BuiltObject['fields']): Problem | undefined {
  const problem = objectProblem(fields as Json);
  return problem && { field: problem.step.join('.'), message: problem.message, fix: problem.fix };
}

/** The first integer that JavaScript would round. */
function largeIntegerIn(value: Plain, path = ''): Problem | undefined {
  if (typeof value === 'bigint')
    return {
      field: path,
      message: `the integer ${value} is beyond 2^53 and would be rounded`,
      fix: `quote it to keep every digit: "${value}"`,
    };
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const problem = largeIntegerIn(item, path === '' ? key : `${path}.${key}`);
    if (problem) return problem;
  }
  return undefined;
}

/** Works for objects whose form is not proven yet. */
function nameText({ kind, metadata }: BuiltObject['fields']): string {
  const name =
    typeof metadata === 'object' && metadata !== null && 'name' in metadata ? metadata['name'] : undefined;
  return [kind, name].filter((part) => typeof part === 'string').join(' ');
}
