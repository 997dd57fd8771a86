import type { Place, Resources } from '../build/step.ts';
import type { FieldSpec } from '../config/field-spec.ts';
import { idOf, withFields, type Resource } from '../resources/resource.ts';
import { agreed, overwritten, SharedScalar } from '../values/shared.ts';
import {
  isFields,
  isList,
  isNull,
  isScalar,
  mapItems,
  tagOf,
  textOf,
  withField,
  type Fields,
  type Value,
} from '../values/value.ts';
import { expanded, soleReference } from './expand.ts';
import { changeFields, compileSpecs, FieldError, type FieldChange, type Looking } from './field-spec.ts';
import type { SourceValue } from './var-value.ts';

/** The vars of a build while they are put in place. */
export interface Resolution {
  readonly values: ReadonlyMap<string, SourceValue>;
  /** Names that were found somewhere; filled on the way. */
  readonly used: Set<string>;
  /** Where to point when a field cannot hold vars. */
  readonly place: Place;
  readonly look: Looking['look'];
}

/** Replaces vars in every field that the specs name: a text, the texts of a list, or those of a mapping (filters/refvar). */
export function withVars(
  resources: Resources,
  specs: readonly FieldSpec[],
  resolution: Resolution,
): Resources {
  const compiled = compileSpecs(specs);
  let isChanged = false;
  const changed = resources.map((resource) => {
    const after = resolved(resource, compiled, resolution);
    isChanged ||= after !== resource;
    return after;
  });
  return isChanged ? changed : resources;
}

function resolved(
  resource: Resource,
  specs: ReturnType<typeof compileSpecs>,
  resolution: Resolution,
): Resource {
  const nodes = new Map<object, SharedScalar>();
  const written = (old: Value): Value => {
    // Fields that share a node are read one after the other: the next one meets what was written for the last.
    const now = old instanceof SharedScalar ? (nodes.get(old.node) ?? old) : old;
    if (!isText(now)) return now;
    const after = overwritten(now, resolvedText(textOf(now), resolution));
    if (after instanceof SharedScalar && after !== now) nodes.set(after.node, after);
    return after;
  };
  const change: FieldChange = { makes: 'nothing', set: (value) => resolvedField(value ?? null, written) };
  const after = changeFields(resource, specs.forKind(idOf(resource)), change, resolution);
  return nodes.size > 0 ? withFields(after, agreed(after.fields)) : after;
}

function resolvedField(value: Value, written: (old: Value) => Value): Value {
  if (isNull(value)) return value;
  if (isList(value)) return mapItems(value, (item) => writtenItem(item, written));
  return isFields(value) ? writtenFields(value, written) : written(value);
}

function writtenItem(item: Value, written: (old: Value) => Value): Value {
  if (!isText(item)) throw new FieldError('vars may stand there, so every item of the list must be text');
  return written(item);
}

function writtenFields(fields: Fields, written: (old: Value) => Value): Fields {
  return Object.entries(fields).reduce(
    (after, [key, value]) => withField(after, key, written(value)),
    fields,
  );
}

function isText(value: Value): value is string | SharedScalar {
  return isScalar(value) && tagOf(value) === '!!str';
}

function resolvedText(text: string, { values, used }: Resolution): Value {
  if (!text.includes('$')) return text;
  const sole = soleReference(text);
  const only = sole === undefined ? undefined : values.get(sole);
  if (sole !== undefined && only && !only.isCollection) {
    used.add(sole);
    return only.whole;
  }
  return expanded(text, (name) => {
    const value = values.get(name);
    if (!value || value.isCollection) return undefined;
    used.add(name);
    return value.text;
  });
}
