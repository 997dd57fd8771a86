import { Refusal } from '../refusal.ts';
import { idText } from '../resources/id.ts';
import { idOf, type Resource } from '../resources/resource.ts';
import { UnwritableError, writtenOf, type Plain } from '../values/plain.ts';

/** A finished object and where it came from. */
export interface BuiltObject {
  readonly fields: { readonly [key: string]: Plain };
  readonly origin: Resource['origin'];
  /** Whether an integer in it is beyond 2^53, which JSON clients round. */
  readonly hasLargeInteger: boolean;
}

/** A resource as it is handed out; what kustomize could not write either is refused where it was read. */
export function writtenObject(resource: Resource): BuiltObject {
  try {
    const { plain: fields, hasLargeInteger } = writtenOf(resource.fields);
    if (typeof fields === 'object' && fields !== null && !Array.isArray(fields))
      return { fields: fields as BuiltObject['fields'], origin: resource.origin, hasLargeInteger };
  } catch (error) {
    if (!(error instanceof UnwritableError)) throw error;
    throw new Refusal([
      {
        ...resource.origin,
        field: error.path.join('.'),
        message: `${idText(idOf(resource))}: ${error.message}`,
        fix: error.fix,
      },
    ]);
  }
  throw new TypeError('a resource is a mapping');
}
