import type {
  FieldOptionFields,
  ReplacementFields,
  ReplacementTargetFields,
} from '../build/kustomization-fields.ts';
import type { Resources, Step } from '../build/step.ts';
import { refuse } from '../refusal.ts';
import type { Id } from '../resources/id.ts';
import { allIdsOf, idOf, pastIdsOf, withFields, type Resource } from '../resources/resource.ts';
import { compileIdSelector, compileLabelSelector } from '../resources/selection.ts';
import { longestText } from '../values/longest-text.ts';
import { resolvePlainScalar } from '../values/scalars.ts';
import { agreed, overwritten, SharedScalar } from '../values/shared.ts';
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
import { changeAtPath, type Leaf, type Walk } from './path-change.ts';
import { changeInText } from './structured-text.ts';
import { lookup, PathProblem, walked } from './path-lookup.ts';
import { splitFieldPath } from './path.ts';

/** Copies values from one object to others, one replacement after the other (api/filters/replacement). */
export function applyReplacements(
  resources: Resources,
  replacements: readonly ReplacementFields[],
  step: Step,
): Resources {
  let changed = resources;
  for (const [index, replacement] of replacements.entries())
    changed = applyReplacement(changed, replacement, within(step, index));
  return changed;
}

/** The part of a step that replacements use. */
type Use = Pick<Step, 'place' | 'profile'>;

function within({ place: { field = 'replacements', ...place }, profile }: Step, index: number): Use {
  return { profile, place: { ...place, field: `${field}[${index}]` } };
}

function applyReplacement(resources: Resources, replacement: ReplacementFields, step: Use): Resources {
  const { source, sourceValue, targets } = replacement;
  const hasValue = step.profile !== '5.5' && sourceValue !== undefined;
  if ((!source && !hasValue) || !targets)
    refuse({
      ...step.place,
      message: 'a replacement needs a source and at least one target',
      fix: 'add source and targets',
    });
  if (source && hasValue)
    refuse({ ...step.place, message: 'source and sourceValue are both given', fix: 'keep one of them' });
  const value = hasValue ? sourceValue : sourceValueOf(resources, replacement, step);
  let changed = resources;
  for (const target of targets) changed = applyToTarget(changed, { target, value }, step);
  return changed;
}

/** The value that the source has; exactly one object must fit. */
function sourceValueOf(resources: Resources, { source = {} }: ReplacementFields, step: Use): Value {
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
  const value = walked(step, () => lookup(found.fields, stepsOf(path)));
  if (value === undefined || isNothing(value))
    refuse({ ...step.place, message: `the source ${name} has no ${path}`, fix: 'correct fieldPath' });
  return part(value, source.options, step);
}

function filled(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function isNothing(value: Value): boolean {
  if (isNull(value)) return true;
  if (isList(value)) return value.length === 0;
  return isFields(value) && Object.keys(value).length === 0;
}

type IdFields = { readonly [Key in 'group' | 'version' | 'kind' | 'name' | 'namespace']?: string };

/** What is not said fits all (kyaml ResId.IsSelectedBy). */
function isSelected(id: Id, fields: IdFields): boolean {
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

function stepsOf(path: string): readonly string[] {
  // Every step but the first has a point before it, so that a text full of them need not be taken apart.
  const points = path.length > longestPath ? path.split('.', longestPath + 1).length : 0;
  if (points > longestPath) throw new PathProblem(`the path has more than ${longestPath} steps`);
  return splitFieldPath(path);
}

interface Copying {
  readonly target: ReplacementTargetFields;
  readonly value: Value;
}

function applyToTarget(resources: Resources, copying: Copying, step: Use): Resources {
  if (!copying.target.select)
    refuse({ ...step.place, message: 'a target does not select anything', fix: 'add select' });
  const isTarget = targetMatcher(copying.target, step);
  let isChanged = false;
  const changed = resources.map((resource) => {
    if (!isTarget(resource)) return resource;
    const after = withFields(resource, copyInto(resource.fields, copying, step));
    isChanged ||= after !== resource;
    return after;
  });
  return isChanged ? changed : resources;
}

/** Version 5.8 takes names and kinds of targets for regular expressions, 5.5 for themselves. */
function targetMatcher(target: ReplacementTargetFields, step: Use): (resource: Resource) => boolean {
  const { select = {}, reject = [] } = target;
  const byLabels = compileLabelSelector(select, step.place);
  const rejectedLabels = reject
    .filter(
      ({ labelSelector = '', annotationSelector = '' }) => labelSelector !== '' || annotationSelector !== '',
    )
    .map((each) => compileLabelSelector(each, step.place));
  const idTest = (fields: IdFields): ((id: Id) => boolean) =>
    step.profile === '5.5' ? (id) => isSelected(id, fields) : compileIdSelector(fields, step.place);
  const selects = idTest(select);
  const rejects = reject.filter(hasId).map(idTest);
  return (resource) => {
    if (!byLabels(resource) || rejectedLabels.some((fits) => fits(resource))) return false;
    const ids = allIdsOf(resource);
    return !ids.some((id) => rejects.some((fits) => fits(id))) && ids.some(selects);
  };
}

function hasId(fields: IdFields): boolean {
  return (['group', 'version', 'kind', 'name', 'namespace'] as const).some(
    (key) => (fields[key] ?? '') !== '',
  );
}

function copyInto(fields: Fields, copying: Copying, step: Use): Fields {
  const { fieldPaths = [] } = copying.target;
  const paths = fieldPaths.length === 0 ? ['metadata.name'] : fieldPaths;
  const changed = paths.reduce<Value>((value, path) => copyTo(value, path, { copying, step }), fields);
  return isFields(changed) ? changed : fields;
}

function copyTo(
  into: Value,
  path: string,
  { copying, step }: { readonly copying: Copying; readonly step: Use },
): Value {
  const { target, value } = copying;
  const { options = {} } = target;
  let count = 0;
  let isShared = false;
  const walk: Walk = {
    create: options.create === true ? leafOf(value) : undefined,
    change: (found) => {
      const after = overwritten(found, written(found, value, { options, step }));
      isShared ||= after !== found && after instanceof SharedScalar;
      return after;
    },
    found: () => (count += 1),
  };
  const steps = walked(step, () => stepsOf(path));
  const inText = step.profile === '5.5' ? undefined : changeInText(into, steps, walk);
  const changed = inText ?? walked(step, () => changeAtPath(into, steps, walk));
  if (count > 0) return isShared && isFields(changed) ? agreed(changed) : changed;
  refuse({
    ...step.place,
    message: `the target has no ${path}`,
    fix: walk.create === undefined ? 'correct the path, or set options.create' : 'correct the path',
  });
}

function leafOf(value: Value): Leaf {
  return isFields(value) ? 'fields' : isList(value) ? 'list' : 'scalar';
}

interface Writing {
  readonly options: FieldOptionFields;
  readonly step: Use;
}

/**
 * A scalar keeps its own type and takes the text only, which a collection has none of; what was made just now has the type
 * that its text looks like.
 */
function written(found: Value | undefined, value: Value, { options, step }: Writing): Value {
  const { delimiter = '' } = options;
  if (delimiter !== '' && !isScalar(found ?? value))
    refuse({ ...step.place, message: 'a delimiter needs a scalar target', fix: 'remove the delimiter' });
  const own = isScalar(value) ? textOf(value) : '';
  const text = delimiter === '' ? own : joined(found, own, { options, step });
  if (found === undefined) return isScalar(value) ? resolvePlainScalar(text) : value;
  return isScalar(found) ? scalarOf(tagOf(found), text) : value;
}

function joined(found: Value | undefined, own: string, { options, step }: Writing): string {
  const { delimiter = '', index = 0 } = options;
  const before = found !== undefined && isScalar(found) ? textOf(found) : '';
  if (before.length + own.length > longestText)
    refuse({
      ...step.place,
      message: `the replacement makes a text of more than ${longestText} characters`,
      fix: 'let it make less',
    });
  const pieces = before.split(delimiter);
  if (index < 0) return [own, ...pieces].join(delimiter);
  return [...pieces.slice(0, index), own, ...pieces.slice(index + 1)].join(delimiter);
}
