import type { Place } from '../build/step.ts';
import { refuse } from '../refusal.ts';
import { fieldOf, isFields, isScalar, textOf, valueAt } from '../values/value.ts';
import { effectiveNamespace, type Id } from './id.ts';
import { parseLabelSelector, SelectorProblem, type Labels } from './label-selector.ts';
import { RegexProblem, regexOf, type Matcher } from './regex.ts';
import { idOf, originalIdOf, type Resource } from './resource.ts';

/** Which objects a patch is for. Texts are patterns of Go; what is empty or missing fits everything. */
export interface Selector {
  readonly group?: string | undefined;
  readonly version?: string | undefined;
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly annotationSelector?: string | undefined;
}

/**
 * Compiles a selector (api/types/selector.go, resmap Select): a pattern must fit the whole text; name and namespace may be
 * those that a resource was loaded with or those it has now. A pattern that Go cannot read is refused at once, a label
 * selector only when a resource has passed all patterns, as upstream.
 */
export function compileSelector(selector: Selector, place: Place): (resource: Resource) => boolean {
  const group = matcherOf(selector, 'group', place);
  const version = matcherOf(selector, 'version', place);
  const kind = matcherOf(selector, 'kind', place);
  const name = matcherOf(selector, 'name', place);
  const namespace = matcherOf(selector, 'namespace', place);
  const hasLabels = compileLabelSelector(selector, place);
  return (resource) => {
    const present = idOf(resource);
    // The kind first: it rules out most resources, and the name may be a pattern.
    if (!kind(present.kind) || !group(present.group) || !version(present.version)) return false;
    const first = originalIdOf(resource);
    return (
      (namespace(effectiveNamespace(first)) || namespace(effectiveNamespace(present))) &&
      (name(first.name) || name(present.name)) &&
      hasLabels(resource)
    );
  };
}

/** The part of a selector that is about labels and annotations. */
export function compileLabelSelector(selector: Selector, place: Place): (resource: Resource) => boolean {
  const labels = entriesMatcher(selector.labelSelector, { map: 'labels', field: 'labelSelector', place });
  const annotations = entriesMatcher(selector.annotationSelector, {
    map: 'annotations',
    field: 'annotationSelector',
    place,
  });
  return (resource) => labels(resource) && annotations(resource);
}

/** The part of a selector that is about one id; the namespace counts as it is written (TargetSelectorRegex.Selects). */
export function compileIdSelector(selector: Selector, place: Place): (id: Id) => boolean {
  const group = matcherOf(selector, 'group', place);
  const version = matcherOf(selector, 'version', place);
  const kind = matcherOf(selector, 'kind', place);
  const name = matcherOf(selector, 'name', place);
  const namespace = matcherOf(selector, 'namespace', place);
  return (id) =>
    group(id.group) && version(id.version) && kind(id.kind) && name(id.name) && namespace(id.namespace);
}

type PatternField = 'group' | 'version' | 'kind' | 'name' | 'namespace';

const everything: Matcher = () => true;

function matcherOf(selector: Selector, field: PatternField, place: Place): Matcher {
  const pattern = selector[field] ?? '';
  if (pattern === '') return everything;
  // Most patterns are plain names, which need no machine.
  if (/^[\w-]+$/.test(pattern)) return (text) => text === pattern;
  try {
    return regexOf(`^(?:${pattern})$`);
  } catch (error) {
    if (!(error instanceof RegexProblem)) throw error;
    return refuse({
      ...placeOf(place, field),
      message: `the pattern ${JSON.stringify(pattern)} of ${field} cannot be read: ${error.message}`,
      fix: 'write a regular expression of Go (RE2)',
    });
  }
}

function placeOf(place: Place, field: string): Place {
  return { ...place, field: place.field === undefined ? field : `${place.field}.target.${field}` };
}

interface Entries {
  readonly map: 'labels' | 'annotations';
  readonly field: string;
  readonly place: Place;
}

function entriesMatcher(text: string | undefined, entries: Entries): (resource: Resource) => boolean {
  if (text === undefined || text === '') return () => true;
  let holds: ((labels: Labels) => boolean) | undefined;
  return (resource) => {
    holds ??= parsed(text, entries);
    return holds(entriesIn(resource, entries.map));
  };
}

function parsed(text: string, { field, place }: Entries): (labels: Labels) => boolean {
  try {
    return parseLabelSelector(text);
  } catch (error) {
    if (!(error instanceof SelectorProblem)) throw error;
    return refuse({
      ...placeOf(place, field),
      message: `the ${field} ${JSON.stringify(text)} cannot be read: ${error.message}`,
      fix: 'write key=value, key in (a, b) or !key',
    });
  }
}

function entriesIn({ fields }: Resource, map: Entries['map']): Labels {
  const found = valueAt(fields, ['metadata', map]);
  if (!isFields(found)) return new Map();
  return new Map(
    Object.keys(found).map((key) => {
      const value = fieldOf(found, key);
      return [key, value !== undefined && isScalar(value) ? textOf(value) : ''];
    }),
  );
}
