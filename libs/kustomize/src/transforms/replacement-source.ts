import type { FieldOptionFields, ReplacementFields } from '../build/kustomization-fields.ts';
import type { Resources, Step } from '../build/step.ts';
import { rememberedFields } from '../merge/memory.ts';
import { refuse } from '../refusal.ts';
import type { Id } from '../resources/id.ts';
import { idOf, pastIdsOf, type Resource } from '../resources/resource.ts';
import {
  isFields,
  isList,
  isNull,
  isScalar,
  scalarOf,
  tagOf,
  textOf,
  type Fields,
  type Value,
} from '../values/value.ts';
import { lookup, PathProblem, walked } from './path-lookup.ts';
import { splitFieldPath } from './path.ts';

/** The part of a step that replacements use. */
export type Use = Pick<Step, 'place' | 'profile' | 'visit'>;

/** What is copied, and where it comes from if that may change it. */
export interface From {
  readonly value: Value;
  readonly isBare?: boolean;
  readonly source?: { readonly at: number; readonly steps: readonly string[] };
}

/** The value that the source has, and where; exactly one object must fit. */
export function sourceOf(resources: Resources, { source = {} }: ReplacementFields, step: Use): From {
  step.visit(resources.length);
  const matches = resources.filter((each) =>
    [idOf(each), ...pastIdsOf(each)].some((id) => isSelected(id, source)),
  );
  const [found] = matches;
  const name = [source.kind, source.name].filter((part) => part !== undefined && part !== '').join(' ');
  if (!found)
    refuse({ ...step.place, message: `no object fits the source ${name}`, fix: 'correct kind and name' });
  if (matches.length > 1)
    refuse({
      ...step.place,
      message: `${matches.length} objects fit the source ${name}`,
      fix: 'name kind, name and namespace',
    });
  const path = filled(source.fieldPath) ?? 'metadata.name';
  const steps = walked(step, () => stepsOf(path));
  const value = walked(step, () => lookup(fieldsFor(found, steps), steps));
  if (value === undefined || isNothing(value))
    refuse({ ...step.place, message: `the source ${name} has no ${path}`, fix: 'correct fieldPath' });
  if ((source.options?.delimiter ?? '') !== '') return { value: part(value, source.options, step) };
  return { value, source: { at: resources.indexOf(found), steps } };
}

/** Who copies metadata or annotations as a whole copies what kustomize remembers there, too. */
function fieldsFor(resource: Resource, steps: readonly string[]): Fields {
  const [first, second = 'annotations'] = steps;
  return first === 'metadata' && second === 'annotations' ? rememberedFields(resource) : resource.fields;
}

function filled(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function isNothing(value: Value): boolean {
  if (isNull(value)) return true;
  if (isList(value)) return value.length === 0;
  return isFields(value) && Object.keys(value).length === 0;
}

/** Parts of an id that an object must have; those that are missing or empty fit all. */
export type IdFields = { readonly [Key in 'group' | 'version' | 'kind' | 'name' | 'namespace']?: string };

/** What is not said fits all (kyaml ResId.IsSelectedBy). */
export function isSelected(id: Id, fields: IdFields): boolean {
  const place = (namespace: string): string => (namespace === '' ? 'default' : namespace);
  const { namespace = '' } = fields;
  return (
    (['group', 'version', 'kind', 'name'] as const).every((key) => {
      const wanted = fields[key] ?? '';
      return wanted === '' || wanted === id[key];
    }) &&
    (namespace === '' || place(namespace) === place(id.namespace))
  );
}

/** One piece of a text that is cut at a delimiter. */
function part(value: Value, options: FieldOptionFields = {}, step: Use): Value {
  const { delimiter = '', index = 0 } = options;
  if (delimiter === '') return value;
  if (!isScalar(value))
    refuse({ ...step.place, message: 'a delimiter needs a scalar value', fix: 'remove the delimiter' });
  const piece = textOf(value).split(delimiter)[index];
  if (piece === undefined || index < 0)
    refuse({
      ...step.place,
      message: `the index ${index} is beyond the pieces of the source`,
      fix: 'correct index',
    });
  return scalarOf(tagOf(value), piece);
}

/** Steps beyond this many are refused: no Kubernetes object is that deep. */
const longestPath = 100;

/** The steps of a path; throws {@link PathProblem} for one that no object can have. */
export function stepsOf(path: string): readonly string[] {
  // Every step but the first has a point before it, so that a text full of them need not be taken apart.
  const points = path.length > longestPath ? path.split('.', longestPath + 1).length : 0;
  if (points > longestPath) throw new PathProblem(`the path has more than ${longestPath} steps`);
  return splitFieldPath(path);
}

/** What is copied after something was written into the source: upstream copies from the node of the source itself. */
export function readAgain(resource: Resource, from: From): From {
  const { steps = [] } = from.source ?? {};
  try {
    return { ...from, value: lookup(fieldsFor(resource, steps), steps) ?? from.value };
  } catch (error) {
    if (error instanceof PathProblem) return from;
    throw error;
  }
}
