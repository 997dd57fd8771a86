import type { KubeObject } from '@meridian/manifests';
import type { FieldSet } from './field-set.ts';

/** One owned field with its value as canonical JSON; undefined when the object does not have it. */
export interface ProjectedField {
  /** Readable path, such as `spec.template.spec.containers[name=web].image`. */
  readonly path: string;
  /** Serialized path elements as in `fieldsV1`, to look the field up in other managers' sets. */
  readonly elements: readonly string[];
  readonly value: string | undefined;
}

/** The owned part of an object: readable path -> field. */
export type Projection = ReadonlyMap<string, ProjectedField>;

const isRecord = (value: unknown): value is { readonly [field: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The values that an object has at the fields of a set. Comparing two projections of the same set finds drift. */
export function projectFields(object: KubeObject, fields: FieldSet): Projection {
  const found = new Map<string, ProjectedField>();
  walk(object, placesOf(fields), found);
  return found;
}

/** A field of a set, and where it is in an object. */
interface Place {
  readonly path: string;
  readonly elements: readonly string[];
  /** The last of `elements`; '' of the whole object. */
  readonly element: string;
  /** Whether the item itself is owned, beside what is below it. */
  readonly self: boolean;
  readonly below: readonly Place[];
}

/** Made once for each set: thousands of objects may share one, and an agent keeps a projection of each. */
const madePlaces = new WeakMap<FieldSet, Place>();

function placesOf(fields: FieldSet): Place {
  const made = madePlaces.get(fields);
  if (made) return made;
  const places = makePlace(fields, { path: '', elements: [], element: '' });
  madePlaces.set(fields, places);
  return places;
}

function makePlace(
  { self, children }: FieldSet,
  { path, elements, element }: Pick<Place, 'path' | 'elements' | 'element'>,
): Place {
  const below = [...children].map(([next, set]) =>
    makePlace(set, {
      path: path + readable(next, path === ''),
      elements: [...elements, next],
      element: next,
    }),
  );
  return { path, elements, element, self, below };
}

function walk(value: unknown, place: Place, found: Map<string, ProjectedField>): void {
  if (place.below.length === 0) {
    put(place, value === undefined ? undefined : canonical(value), found);
    return;
  }
  // An owned list item or map that is gone is one difference, not one for each field in it.
  if (place.self && place.path !== '') {
    put(place, value === undefined ? undefined : 'present', found);
    if (value === undefined) return;
  }
  for (const next of place.below) walk(step(value, next.element), next, found);
}

function put({ path, elements }: Place, value: string | undefined, found: Map<string, ProjectedField>): void {
  found.set(path, { path, elements, value });
}

function step(value: unknown, element: string): unknown {
  const name = element.slice(2);
  switch (element.slice(0, 2)) {
    case 'f:':
      return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
    case 'k:':
      return Array.isArray(value) ? itemWithKeys(value, name) : undefined;
    case 'v:':
      return Array.isArray(value) ? itemWithValue(value, name) : undefined;
    case 'i:':
      return Array.isArray(value) ? value[Number(name)] : undefined;
    default:
      return undefined;
  }
}

function itemWithKeys(list: readonly unknown[], text: string): unknown {
  const keys = parsed(text);
  if (!isRecord(keys)) return undefined;
  const wanted = Object.entries(keys);
  return list.find((item) => isRecord(item) && wanted.every(([key, value]) => keyMatches(item, key, value)));
}

// Objects that the API server has stored carry defaulted keys (a port's protocol), so a plain comparison is enough.
function keyMatches(item: { readonly [field: string]: unknown }, key: string, value: unknown): boolean {
  return value !== undefined && item[key] !== undefined && canonical(item[key]) === canonical(value);
}

function itemWithValue(list: readonly unknown[], text: string): unknown {
  const wanted = canonical(parsed(text));
  return list.find((item) => canonical(item) === wanted);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A serialized path element as it is shown in a path, `.name` or `[key=value]`. */
export function readable(element: string, first: boolean): string {
  const name = element.slice(2);
  if (element.startsWith('f:')) {
    if (/^[\w-]+$/.test(name)) return first ? name : `.${name}`;
    return `[${name}]`;
  }
  if (!element.startsWith('k:')) return `[${name}]`;
  const keys = parsed(name);
  if (!isRecord(keys)) return `[${name}]`;
  return `[${Object.entries(keys)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(',')}]`;
}

/** JSON text with sorted keys, so that equal values have equal texts. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item: unknown) => canonical(item)).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value ?? null);
  const fields = Object.keys(value)
    .sort()
    .filter((key) => value[key] !== undefined)
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${fields.join(',')}}`;
}
