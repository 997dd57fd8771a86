import type { Cluster } from '@meridian/fleet';
import { fieldText } from '@meridian/manifests';
import type { Place } from '../build/step.ts';
import { refuse } from '../refusal.ts';
import { withFields, type PastName, type Resource } from '../resources/resource.ts';
import { isFields, isList, mapItems, Scalar, withField, type Fields, type Value } from '../values/value.ts';

/**
 * A variable in a text: `${cluster.name}` or `${cluster.labels.LABEL}`; with a dollar before it, it stays as it is without
 * that dollar. The dot keeps variables apart from those of shells, which have none in their names.
 */
const variables = /(\$?)\$\{cluster\.([^}]*)(\}?)/g;
const start = '${cluster.';

/** A text or a tree of values with the cluster whose variables are replaced in it. */
export interface Subject {
  readonly cluster: Cluster;
  /** Where a value stands. */
  readonly placeOf: (path: Path) => Place;
  /** Whether what is escaped stays so, because it is looked at once more. */
  readonly keepsEscapes: boolean;
}

type Path = readonly (string | number)[];

/**
 * A resource with the variables of a cluster replaced in all texts of its values. Whatever is in them stays text, so that no
 * label can change the form of an object. Refused are unknown variables, labels that are empty, and variables in keys. Names
 * that it had before are replaced, too, since references may still use them.
 */
export function withVariables(resource: Resource, cluster: Cluster): Resource {
  const placeOf = (path: Path): Place => ({
    ...resource.origin,
    ...(path.length > 0 ? { field: fieldText(path) } : {}),
  });
  const subject = { cluster, placeOf, keepsEscapes: false };
  const replaced = withFields(resource, replacedFields(resource.fields, [], subject));
  if (!resource.past.some(({ name, namespace }) => has(name) || has(namespace))) return replaced;
  const past = resource.past.map((each): PastName => ({
    ...each,
    name: replacedText(each.name, ['metadata', 'name'], subject),
    namespace: replacedText(each.namespace, ['metadata', 'namespace'], subject),
  }));
  return { ...replaced, past };
}

function has(text: string): boolean {
  return text.includes(start);
}

const withoutAny = new WeakSet<object>();

/** Whether a variable is anywhere in a value. Clusters share most of their objects, so each is looked through once. */
function holdsAny(value: Value): boolean {
  if (typeof value === 'string') return has(value);
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof Scalar) return has(value.text);
  if (withoutAny.has(value)) return false;
  const isThere = isList(value)
    ? value.some(holdsAny)
    : Object.entries(value).some(([key, each]) => has(key) || holdsAny(each));
  if (!isThere) withoutAny.add(value);
  return isThere;
}

function replacedValue(value: Value, path: Path, subject: Subject): Value {
  if (!holdsAny(value)) return value;
  if (typeof value === 'string') return replacedText(value, path, subject);
  if (value instanceof Scalar) return replacedText(value.text, path, subject);
  if (isList(value)) return mapItems(value, (item, index) => replacedValue(item, [...path, index], subject));
  return isFields(value) ? replacedFields(value, path, subject) : value;
}

function replacedFields(fields: Fields, path: Path, subject: Subject): Fields {
  if (!holdsAny(fields)) return fields;
  let after = fields;
  for (const [key, value] of Object.entries(fields)) {
    refuseVariable(key, path, subject);
    after = withField(after, key, replacedValue(value, [...path, key], subject));
  }
  return after;
}

/** A text with the variables replaced in it. Refuses those that there are not. */
export function replacedText(text: string, path: Path, subject: Subject): string {
  return text.replace(variables, (whole, escape: string, name: string, end: string) => {
    if (escape !== '') return subject.keepsEscapes ? whole : whole.slice(1);
    if (end === '') return refuseUnclosed(path, subject);
    return valueOf(name, path, subject);
  });
}

const labelPrefix = 'labels.';

function valueOf(name: string, path: Path, subject: Subject): string {
  const { cluster } = subject;
  if (name === 'name') return cluster.name;
  const label = name.startsWith(labelPrefix) ? name.slice(labelPrefix.length) : undefined;
  const value =
    label !== undefined && Object.hasOwn(cluster.labels, label) ? cluster.labels[label] : undefined;
  if (value === undefined) return refuseUnknown(name, path, subject);
  if (value !== '') return value;
  return refuseAt(path, subject, {
    message: `the label ${label} of the cluster ${cluster.name} is empty`,
    fix: `give the label a value, or take ${start}${name}} out`,
  });
}

function refuseUnknown(name: string, path: Path, subject: Subject): never {
  const shown = JSON.stringify(`cluster.${name.slice(0, 200)}`).slice(1, -1);
  const { cluster } = subject;
  const known = [
    'name',
    ...Object.keys(cluster.labels)
      .sort()
      .map((key) => labelPrefix + key),
  ];
  return refuseAt(path, subject, {
    message: `the cluster ${cluster.name} has no variable \${${shown}}`,
    fix: `use one of ${known.map((each) => `\${cluster.${each}}`).join(', ')}, or write $\${${shown}} for the text itself`,
  });
}

function refuseUnclosed(path: Path, subject: Subject): never {
  return refuseAt(path, subject, {
    message: `the variable ${start} has no closing brace`,
    fix: `add it, or write $${start} for the text itself`,
  });
}

/** Refuses a key with a variable in it. */
export function refuseVariable(key: string, path: Path, subject: Subject): void {
  if (!has(key)) return;
  refuseAt(path, subject, {
    message: `a variable is in the key ${JSON.stringify(key.slice(0, 200))}; only values have variables`,
    fix: 'use an override that sets the field',
  });
}

function refuseAt(
  path: Path,
  { placeOf }: Subject,
  said: { readonly message: string; readonly fix: string },
): never {
  return refuse({ ...placeOf(path), ...said });
}
