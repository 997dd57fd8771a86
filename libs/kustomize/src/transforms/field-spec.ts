import { isSelected, type FieldSpec } from '../config/field-spec.ts';
import { refuse } from '../refusal.ts';
import { idText, type Gvk } from '../resources/id.ts';
import { isRemembered } from '../merge/memory.ts';
import { idOf, withFields, type Resource } from '../resources/resource.ts';
import { noteUntagged } from '../values/quote-marks.ts';
import { isQuoted, withQuoted } from '../values/quotes.ts';
import { agreed, overwritten, SharedScalar } from '../values/shared.ts';
import {
  fieldOf,
  isFields,
  isList,
  isNull,
  isScalar,
  mapItems,
  withField,
  type Fields,
  type Value,
} from '../values/value.ts';
import type { Step } from '../build/step.ts';
import { pathSteps, type PathStep } from './field-path.ts';
import { isQuoted as isTextQuoted } from './scalars.ts';

/** Field specs made ready for use: an object looks only at those for its kind. */
export interface CompiledSpecs {
  readonly all: readonly CompiledSpec[];
  /** The specs for objects of a kind, in their order. */
  readonly forKind: (gvk: Gvk) => readonly CompiledSpec[];
}

/** A field spec with its path taken apart. */
export interface CompiledSpec {
  readonly spec: FieldSpec;
  readonly steps: readonly PathStep[];
  /** Whether it is for annotations without making them. */
  readonly isAtAnnotations: boolean;
}

/** What happens to a field that is found or made. */
export interface FieldChange {
  /** What a spec with `create` makes where the field is absent or null. */
  readonly makes: 'nothing' | 'scalar' | 'mapping';
  /** Whether it writes scalars without a tag. */
  readonly isUntagged?: boolean;
  /**
   * The new value of a field, which may be a text in quotes; undefined stands for a scalar that was made. May throw a
   * FieldError.
   */
  readonly set: (value: Value | undefined, spec: FieldSpec, isInQuotes: boolean) => Value;
}

/** Why a field cannot be changed. */
export class FieldError extends Error {
  override readonly name = 'FieldError';
}

const compiled = new WeakMap<readonly FieldSpec[], CompiledSpecs>();
const rememberedKinds = 500;

/** Compiles a list of specs, once for each list. */
export function compileSpecs(specs: readonly FieldSpec[]): CompiledSpecs {
  const known = compiled.get(specs);
  if (known) return known;
  const made = newSpecs(specs.map(compiledSpec));
  compiled.set(specs, made);
  return made;
}

function compiledSpec(spec: FieldSpec): CompiledSpec {
  const steps = pathSteps(spec.path);
  const isAtAnnotations =
    !spec.create && ['metadata', 'annotations'].every((name, at) => isStep(steps[at], name));
  return { spec, steps, isAtAnnotations };
}

function newSpecs(all: readonly CompiledSpec[]): CompiledSpecs {
  return { all, forKind: rememberedByKind((gvk) => all.filter(({ spec }) => isSelected(gvk, spec))) };
}

/** A lookup by kind whose answers are kept; the number of kinds that are kept is bounded. */
export function rememberedByKind<Found>(find: (gvk: Gvk) => Found): (gvk: Gvk) => Found {
  const byKind = new Map<string, (Gvk & { readonly found: Found })[]>();
  let kept = 0;
  return (gvk) => {
    const { group, version, kind } = gvk;
    // Comparing parts costs less than making a key of them, for every object in every step.
    for (const each of byKind.get(kind) ?? noKinds)
      if (each.version === version && each.group === group) return each.found;
    const found = find(gvk);
    if (kept >= rememberedKinds) byKind.clear();
    kept = kept >= rememberedKinds ? 1 : kept + 1;
    byKind.set(kind, [...(byKind.get(kind) ?? []), { group, version, kind, found }]);
    return found;
  };
}

const noKinds: readonly never[] = [];

/**
 * The resource after a change of every field that the specs for its kind name (filters/fsslice); the same resource when
 * nothing changed. A path that does not fit the object is refused, an absent field without `create` is not.
 */
export function changeFields(
  resource: Resource,
  specs: readonly CompiledSpec[],
  change: FieldChange,
  { place, look }: Looking,
): Resource {
  let { fields } = resource;
  const walk: Walk = { change, isShared: false, copied: 0 };
  look(specs.length);
  for (const spec of specs) {
    try {
      const after =
        spec.isAtAnnotations && isRemembered(resource)
          ? changedAnnotations(fields, spec, walk)
          : changed(fields, spec, 0, walk);
      if (isFields(after)) fields = after;
      countCopies(walk, look);
    } catch (error) {
      if (error instanceof FieldError) refuseField(error, { resource, spec, place });
      throw error;
    }
  }
  return withFields(resource, walk.isShared ? agreed(fields) : fields);
}

/** Where fields are looked for, and who counts that. */
export type Looking = Pick<Step, 'place' | 'look'>;

/** Most changes copy a handful of fields in no time; of a mapping with thousands each one takes as long as looking for some. */
const [countedCopies, looksPerCopy] = [1_000, 8];

/** To change one field of thousands, or of each of thousands of items, takes longer than to look for it. */
function countCopies(walk: Walk, look: Looking['look']): void {
  if (walk.copied >= countedCopies) look(walk.copied * looksPerCopy);
  walk.copied = 0;
}

function refuseField(
  error: FieldError,
  {
    resource,
    spec,
    place,
  }: { readonly resource: Resource; readonly spec: CompiledSpec; readonly place: Step['place'] },
): never {
  const { file, line } = resource.origin;
  refuse({
    ...place,
    message: `the field ${spec.spec.path} of ${idText(idOf(resource))} (${file}:${line}) cannot be changed: ${error.message}`,
    fix: 'correct the object or the field spec',
  });
}

interface Walk {
  readonly change: FieldChange;
  /** A field was overwritten that shares its node with others. */
  isShared: boolean;
  /** Items of lists that were gone through, and fields of mappings that were copied for a change. */
  copied: number;
}

function isStep(step: PathStep | undefined, name: string): boolean {
  return step?.kind === 'field' && step.name === name;
}

/** Kustomize remembers in annotations: where it remembers something, the mapping is there. */
function changedAnnotations(fields: Fields, spec: CompiledSpec, walk: Walk): Value {
  const metadata = fieldOf(fields, 'metadata');
  if (!isFields(metadata) || !isNull(fieldOf(metadata, 'annotations') ?? null))
    return changed(fields, spec, 0, walk);
  const open = withField(fields, 'metadata', withField(metadata, 'annotations', {}));
  const after = changed(open, spec, 0, walk);
  return after === open ? fields : after;
}

function changed(value: Value, spec: CompiledSpec, at: number, walk: Walk): Value {
  const step = spec.steps[at];
  if (step === undefined) return set(value, spec, walk, isTextQuoted(value));
  if (isNull(value)) return value;
  if (isList(value)) {
    walk.copied += value.length;
    return mapItems(value, (item) => changed(item, spec, at, walk));
  }
  if (!isFields(value))
    throw new FieldError('there is a scalar on the way where a mapping or a list must be');
  switch (step.kind) {
    case 'wrong':
      throw new FieldError(step.message);
    case 'stay':
      return changed(value, spec, at + 1, walk);
    case 'field':
      return inField(value, { spec, step, at, walk });
  }
}

function set(value: Value | undefined, { spec }: CompiledSpec, walk: Walk, isInQuotes: boolean): Value {
  const after = walk.change.set(value, spec, isInQuotes);
  if (after === value || !(value instanceof SharedScalar)) return after;
  walk.isShared = true;
  return overwritten(value, after);
}

/** A step of a walk. */
interface At {
  readonly spec: CompiledSpec;
  readonly step: PathStep & { readonly kind: 'field' };
  readonly at: number;
  readonly walk: Walk;
}

function inField(fields: Fields, place: At): Fields {
  const { spec, step, at, walk } = place;
  const field = fieldOf(fields, step.name);
  const made = madeKind(place);
  if (field !== undefined) {
    const present = isNull(field) ? filled(field, step.isList ? 'list' : made) : field;
    if (at === spec.steps.length - 1) {
      const isInQuotes = isQuoted(fields, step.name);
      return marked(fields, place, { value: set(present, spec, walk, isInQuotes), isInQuotes });
    }
    return copied(withField(fields, step.name, changed(present, spec, at + 1, walk)), fields, walk);
  }
  if (made === 'nothing') return fields;
  const after = made === 'scalar' ? set(undefined, spec, walk, false) : changed({}, spec, at + 1, walk);
  return marked(fields, place, { value: after, isInQuotes: false });
}

/** The mapping with a field set, and what is to be known of the field beside its value. */
function marked(
  fields: Fields,
  { step, walk }: At,
  { value, isInQuotes }: { readonly value: Value; readonly isInQuotes: boolean },
): Fields {
  const after = withQuoted(fields, step.name, value, isInQuotes);
  if (after !== fields)
    noteUntagged(after, step.name, walk.change.isUntagged === true && !isInQuotes && isScalar(value));
  return copied(after, fields, walk);
}

function copied(after: Fields, before: Fields, walk: Walk): Fields {
  if (after !== before) walk.copied += Object.keys(after).length;
  return after;
}

/** What a step makes where its field is absent: mappings on the way, at the end what the change is about. */
function madeKind({ spec, step, at, walk }: At): FieldChange['makes'] {
  const { makes } = walk.change;
  if (!spec.spec.create || step.isList || makes === 'nothing') return 'nothing';
  return at === spec.steps.length - 1 ? makes : 'mapping';
}

/** What kustomize makes of a null on the way: the kind of node that it wants there. A scalar keeps its text. */
function filled(value: Value, kind: 'nothing' | 'scalar' | 'mapping' | 'list'): Value {
  if (kind === 'list') return [];
  return kind === 'mapping' ? {} : value;
}
