import { isPlainList } from '../merge/json-document.ts';
import { Refusal } from '../refusal.ts';
import { idText } from '../resources/id.ts';
import { idOf, type Resource } from '../resources/resource.ts';
import { UnwritableError, writtenOf, type Plain } from '../values/plain.ts';
import { isPlainScalar, placeOf, type Place, type SlightChange } from '../values/slight-change.ts';

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
    if (isPlainMapping(fields)) return { fields, origin: resource.origin, hasLargeInteger };
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

/** A finished object with a change in it, of which `old` is the resource before; undefined where a field is not there any more. */
export function writtenAgain(
  object: BuiltObject,
  old: Resource,
  change: SlightChange,
): BuiltObject | undefined {
  let fields: Plain | undefined = object.fields;
  for (const mapping of change) {
    const place = placeOf(old.fields, mapping);
    for (const key of mapping.keys) {
      const value = mapping.now[key];
      fields =
        place && fields !== undefined && isPlainScalar(value)
          ? withPlainAt(fields, [...place, key], value)
          : undefined;
    }
  }
  return fields !== undefined && isPlainMapping(fields) ? { ...object, fields } : undefined;
}

/** A value with another one in a place; undefined when there is no such place in it. */
function withPlainAt(value: Plain, [step, ...rest]: Place, written: Plain): Plain | undefined {
  if (step === undefined) return written;
  const part = plainPart(value, step);
  const within = part === undefined ? undefined : withPlainAt(part, rest, written);
  if (within === undefined) return undefined;
  return isPlainList(value) ? value.with(Number(step), within) : { ...asMapping(value), [step]: within };
}

/** A key with blanks may be another one whose breaks were joined. */
function plainPart(value: Plain, step: string | number): Plain | undefined {
  if (typeof step === 'number') return isPlainList(value) ? value[step] : undefined;
  if (/\s/.test(step)) return undefined;
  return isPlainMapping(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

function asMapping(value: Plain): BuiltObject['fields'] {
  return isPlainMapping(value) ? value : {};
}

function isPlainMapping(value: Plain): value is BuiltObject['fields'] {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
