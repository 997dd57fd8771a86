import type {
  FieldOptionFields,
  ReplacementFields,
  ReplacementTargetFields,
} from '../build/kustomization-fields.ts';
import type { Resources, Step } from '../build/step.ts';
import { refuse } from '../refusal.ts';
import type { Id } from '../resources/id.ts';
import { allIdsOf, withFields, type Resource } from '../resources/resource.ts';
import { compileIdSelector, compileLabelSelector } from '../resources/selection.ts';
import { withWrittenNotes } from '../build/written-notes.ts';
import { withoutMemory } from '../merge/memory.ts';
import { longestText } from '../values/longest-text.ts';
import { bareText, isQuotedScalar, quotedScalar } from '../values/plain.ts';
import { agreed, overwritten, SharedScalar } from '../values/shared.ts';
import { isFields, isList, isScalar, scalarOf, tagOf, textOf, type Value } from '../values/value.ts';
import { changeAtPath, type Leaf, type Walk } from './path-change.ts';
import {
  isSelected,
  readAgain,
  sourceOf,
  stepsOf,
  type From,
  type IdFields,
  type Use,
} from './replacement-source.ts';
import { changeInText } from './structured-text.ts';
import { PathProblem, walked } from './path-lookup.ts';

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

function within({ place: { field = 'replacements', ...place }, profile, visit }: Step, index: number): Use {
  return { profile, visit, place: { ...place, field: `${field}[${index}]` } };
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
  const from = hasValue
    ? { value: bareText(sourceValue), isBare: true }
    : sourceOf(resources, replacement, step);
  let copied: Copied = { resources, from };
  for (const target of targets) copied = applyToTarget(copied, target, step);
  return copied.resources;
}

interface Copied {
  readonly resources: Resources;
  readonly from: From;
}

function applyToTarget({ resources, from }: Copied, target: ReplacementTargetFields, step: Use): Copied {
  if (!target.select)
    refuse({ ...step.place, message: 'a target does not select anything', fix: 'add select' });
  step.visit(resources.length);
  const isTarget = targetMatcher(target, step);
  let now = from;
  let isChanged = false;
  const changed = resources.map((resource, at) => {
    if (!isTarget(resource)) return resource;
    const copied = copyInto(resource, { target, from: now, isSource: from.source?.at === at }, step);
    now = copied.from;
    isChanged ||= copied.resource !== resource;
    return copied.resource;
  });
  return { resources: isChanged ? changed : resources, from: now };
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

interface Copying {
  readonly target: ReplacementTargetFields;
  readonly from: From;
  /** The object is the source, too: what is written into it may change what is copied from then on. */
  readonly isSource: boolean;
}

function copyInto(resource: Resource, { target, from, isSource }: Copying, step: Use): Sourced {
  const { fieldPaths = [] } = target;
  const paths = fieldPaths.length === 0 ? ['metadata.name'] : fieldPaths;
  let now: Sourced = { resource, from };
  for (const path of paths) {
    if (isSource) now = withPathMade(now, path, target);
    const { fields } = now.resource;
    const after = copyTo(fields, path, {
      copying: { target, value: now.from.value, isBare: now.from.isBare === true },
      step,
    });
    const written = withFields(now.resource, isFields(after) ? after : fields);
    const changed = takesMemory(path) ? withWrittenNotes(withoutMemory(written)) : written;
    now = { resource: changed, from: isSource ? readAgain(changed, now.from) : now.from };
  }
  return now;
}

/**
 * Whether what is written takes the place of all annotations, with those in which kustomize remembers an object: it then
 * remembers what a copy of others says.
 */
function takesMemory(path: string): boolean {
  return path === 'metadata.annotations' || path === 'metadata';
}

interface Sourced {
  readonly resource: Resource;
  readonly from: From;
}

/**
 * The source with the path made that it is to be copied to, if that is within itself: upstream makes it before it copies,
 * so that the copy has it, too, with nothing in it.
 */
function withPathMade(now: Sourced, path: string, { options }: ReplacementTargetFields): Sourced {
  const { resource, from } = now;
  if (isScalar(from.value) || options?.create !== true) return now;
  const walk: Walk = {
    create: leafOf(from.value),
    change: (found) => found ?? null,
    found: () => undefined,
  };
  try {
    const made = changeAtPath(resource.fields, stepsOf(path), walk);
    if (made === resource.fields || !isFields(made)) return now;
    const after = withFields(resource, made);
    return { resource: after, from: readAgain(after, from) };
  } catch (error) {
    if (error instanceof PathProblem) return now;
    throw error;
  }
}

interface Copy {
  readonly target: ReplacementTargetFields;
  readonly value: Value;
  /** The kustomization has the value, which is no node of a file and so has no tag. */
  readonly isBare: boolean;
}

function copyTo(
  into: Value,
  path: string,
  { copying, step }: { readonly copying: Copy; readonly step: Use },
): Value {
  const { target, value } = copying;
  const { options = {} } = target;
  let count = 0;
  let isShared = false;
  const walk: Walk = {
    create: options.create === true ? leafOf(value) : undefined,
    change: (found, isUntagged) => {
      const after = overwritten(found, written(found, value, { options, step, isUntagged }));
      isShared ||= after !== found && after instanceof SharedScalar;
      return after;
    },
    found: () => (count += 1),
    isBare: copying.isBare,
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
  /** What is there, or was made just now, has no tag. */
  readonly isUntagged: boolean;
}

/**
 * A scalar keeps its own type and takes the text only, which a collection has none of; one without a tag, as what was made
 * just now, has the type that its text looks like.
 */
function written(found: Value | undefined, value: Value, writing: Writing): Value {
  const text = textToWrite(found, value, writing);
  if (found === undefined) return isScalar(value) ? bareText(text) : value;
  if (!isScalar(found)) return value;
  if (isQuotedScalar(found)) return quotedScalar(tagOf(found), text);
  return writing.isUntagged ? bareText(text) : scalarOf(tagOf(found), text);
}

function textToWrite(found: Value | undefined, value: Value, { options, step }: Writing): string {
  const { delimiter = '' } = options;
  if (delimiter !== '' && !isScalar(found ?? value))
    refuse({ ...step.place, message: 'a delimiter needs a scalar target', fix: 'remove the delimiter' });
  const own = isScalar(value) ? textOf(value) : '';
  return delimiter === '' ? own : joined(found, own, { options, step });
}

function joined(
  found: Value | undefined,
  own: string,
  { options, step }: Omit<Writing, 'isUntagged'>,
): string {
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
