import { isJsonObject } from '@meridian/manifests';
import type { Json, JsonObject, KubeObject, Step } from '@meridian/manifests';
import { managedFieldsOf, unionOf } from './field-set.ts';
import type { FieldSet, ManagedFields } from './field-set.ts';
import { changedAt, restrict, valueAt, withFields, withoutFields } from './field-values.ts';
import { placeInFields } from './place-in-fields.ts';
import type { PlaceInFields } from './place-in-fields.ts';
import { withIdentity } from './strip-places.ts';
import type { KeptLabel } from './strip-places.ts';

/** What is left as it is in a live object. */
export interface Keeping extends KeptLabel {
  /** The places in the object that is to be applied. */
  readonly desired: readonly (readonly Step[])[];
  /** The places in the live object. */
  readonly live: readonly (readonly Step[])[];
  /** The manager that applies. */
  readonly applier: string;
  /** Whether fields of a manager become the applier's, so that an apply that does not name them removes them. */
  readonly isAdopted: (manager: string) => boolean;
}

/**
 * The object to apply so that the live one keeps what it has at some places. Fields that others own there are left out; fields
 * that the applier owns are sent with their live values, for leaving them out would remove them. What the live object does
 * not have at all is applied as it is. In a list without keys, an item is the one at its position.
 */
export function keepPlaces(object: KubeObject, live: KubeObject, keeping: Keeping): KubeObject {
  const { label, applier, isAdopted } = keeping;
  const entries = managedFieldsOf(live);
  const all = entries.map(({ fields }) => fields).reduce(unionOf, nothing);
  const places = [
    ...keeping.live.map((place) => placeInFields(live, place, all)),
    ...keeping.desired.map((place) => placeInFields(object, place, all)),
  ].filter((place): place is PlaceInFields => isThere(place, live));
  const kept = places
    .filter(({ rest }) => rest.length === 0)
    .map(({ elements }) => wholeAt(elements))
    .reduce(wholeUnionOf, nothing);
  const own = ownFields(entries, applier, isAdopted);
  const filled = kept === nothing ? object : withLiveFields(object, live, { own, kept });
  const content = places
    .filter(({ rest }) => rest.length > 0)
    .reduce<Json>((value, place) => withLiveValue(value, live, place), filled);
  return withIdentity(isJsonObject(content) ? content : {}, object, label);
}

/** The object without the kept places, but for what the applier owns there in the live object. */
function withLiveFields(
  object: KubeObject,
  live: KubeObject,
  { own, kept }: { readonly own: FieldSet; readonly kept: FieldSet },
): Json {
  const ours = intersectionOf(own, kept);
  const stripped = withoutFields(object, kept, ours) ?? {};
  return ours.children.size === 0 ? stripped : withFields(stripped, restrict(live, ours), ours);
}

const isThere = (place: PlaceInFields | undefined, live: KubeObject): boolean =>
  place !== undefined && valueAt(live, place.elements) !== undefined;

/** The object with the live values at some places, where both objects have what holds them; items of lists by position. */
export function copyPlaces(
  object: KubeObject,
  live: KubeObject,
  { places, label }: KeptLabel & { readonly places: readonly (readonly Step[])[] },
): KubeObject {
  const content = places.reduce<Json>((value, place) => copied(value, live, place), object);
  return withIdentity(isJsonObject(content) ? content : {}, object, label);
}

const nothing: FieldSet = { self: false, children: new Map() };

function ownFields(
  entries: readonly ManagedFields[],
  applier: string,
  isAdopted: (manager: string) => boolean,
): FieldSet {
  return entries
    .filter(
      ({ manager, operation, subresource }) =>
        subresource === '' && ((manager === applier && operation === 'Apply') || isAdopted(manager)),
    )
    .map(({ fields }) => fields)
    .reduce(unionOf, nothing);
}

/** One place with all that is below it. */
function wholeAt(elements: readonly string[]): FieldSet {
  return elements.reduceRight<FieldSet>(
    (below, element) => ({ self: false, children: new Map([[element, below]]) }),
    { self: true, children: new Map() },
  );
}

const isWhole = ({ children }: FieldSet): boolean => children.size === 0;

/** A place that is meant as a whole takes in those below it. */
function wholeUnionOf(left: FieldSet, right: FieldSet): FieldSet {
  if (left === nothing) return right;
  if (isWhole(left) || isWhole(right)) return isWhole(left) ? left : right;
  const children = new Map(left.children);
  for (const [element, below] of right.children) {
    const known = children.get(element);
    children.set(element, known ? wholeUnionOf(known, below) : below);
  }
  return { self: false, children };
}

/** What is in both sets; a place without others below it has all that the other one has there. */
function intersectionOf(owned: FieldSet, kept: FieldSet): FieldSet {
  if (isWhole(kept)) return owned;
  if (isWhole(owned)) return owned === nothing ? nothing : kept;
  const children = new Map<string, FieldSet>();
  for (const [element, below] of kept.children) {
    const known = owned.children.get(element);
    if (!known) continue;
    const both = intersectionOf(known, below);
    if (both.self || both.children.size > 0) children.set(element, both);
  }
  return { self: false, children };
}

/** Takes a value inside of what is owned as a whole from the live object, where both objects have what holds it. */
function withLiveValue(value: Json, live: KubeObject, { elements, rest }: PlaceInFields): Json {
  return changedAt(value, elements, (mine) => copied(mine, valueAt(live, elements), rest));
}

function copied(mine: Json, theirs: Json | undefined, [step, ...rest]: readonly Step[]): Json {
  if (theirs === undefined || step === undefined) return theirs ?? mine;
  if (typeof step === 'number') {
    if (!isList(mine) || !isList(theirs)) return mine;
    return mine.map((item, index) => (index === step ? copied(item, theirs[index], rest) : item));
  }
  return isJsonObject(mine) && isJsonObject(theirs) ? copiedField(mine, theirs, [step, rest]) : mine;
}

function copiedField(
  mine: JsonObject,
  theirs: JsonObject,
  [name, rest]: readonly [string, readonly Step[]],
): JsonObject {
  const [own, other] = [mine[name], theirs[name]];
  if (other === undefined || (own === undefined && rest.length > 0)) return mine;
  return { ...mine, [name]: own === undefined ? other : copied(own, other, rest) };
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
