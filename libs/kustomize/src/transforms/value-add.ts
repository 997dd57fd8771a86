import type { Resources, Step } from '../build/step.ts';
import type { SelectorFields } from '../build/kustomization-fields.ts';
import { refuse } from '../refusal.ts';
import { withFields } from '../resources/resource.ts';
import { compileSelector } from '../resources/selection.ts';
import { agreed, overwritten, SharedScalar } from '../values/shared.ts';
import { isFields, isNull, isScalar, textOf, type Fields, type Value } from '../values/value.ts';
import { movedInto } from './namespace.ts';
import { PathProblem, walked } from './path-lookup.ts';
import { setAtPath } from './path-set.ts';
import { splitPath } from './path.ts';
import { rewritten } from './scalars.ts';

/** Where a value goes. */
export interface ValueTarget {
  readonly selector?: SelectorFields;
  /** Divided by `/`; a backslash before one keeps it in the step. */
  readonly fieldPath?: string;
  /** From 1: the value becomes that step of the file path which stands there; 0 replaces what stands there. */
  readonly filePathPosition?: number;
}

/** Puts one value into fields of many objects (api/internal/builtins/ValueAddTransformer.go). */
export function addValue(
  resources: Resources,
  { value, targets }: { readonly value: string; readonly targets: readonly ValueTarget[] },
  step: Step,
): Resources {
  if (targets.length === 0) refuse({ ...step.place, message: 'the value has no target', fix: 'add targets' });
  let changed = resources;
  for (const target of targets) changed = addAt(changed, { value, target }, step);
  return changed;
}

interface Adding {
  readonly value: string;
  readonly target: ValueTarget;
}

function addAt(resources: Resources, { value, target }: Adding, step: Step): Resources {
  const { fieldPath = '', filePathPosition = 0, selector } = target;
  if (fieldPath === '') refuse({ ...step.place, message: 'a target has no fieldPath', fix: 'add fieldPath' });
  if (filePathPosition < 0)
    refuse({ ...step.place, message: 'filePathPosition is negative', fix: 'count from 1' });
  const selects = selector ? compileSelector(selector, step.place) : () => true;
  const path = splitPath(fieldPath, '/')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return resources.map((resource) => {
    if (!selects(resource)) return resource;
    if (fieldPath === 'metadata/namespace') return movedInto(resource, value, step);
    const fields = withAdded(resource.fields, path, { value, position: filePathPosition }, step);
    return isFields(fields) ? withFields(resource, fields) : resource;
  });
}

interface Put {
  readonly value: string;
  readonly position: number;
}

function withAdded(fields: Fields, path: readonly string[], put: Put, step: Step): Value {
  let isShared = false;
  const after = walked(step, () =>
    setAtPath(fields, path, (found, isInQuotes) => {
      isShared ||= found instanceof SharedScalar;
      return overwritten(found, rewritten(found, leaf(found, put), isInQuotes));
    }),
  );
  return isShared && isFields(after) ? agreed(after) : after;
}

function leaf(at: Value | undefined, { value, position }: Put): string {
  if (at !== undefined && !isScalar(at)) throw new PathProblem('the target is no scalar');
  if (position <= 0) return value;
  return insertedPart(at === undefined || isNull(at) ? '' : textOf(at), position - 1, value);
}

/** A step put into a file path; an absolute path stays absolute (kyaml filesys.InsertPathPart). */
function insertedPart(path: string, position: number, part: string): string {
  const steps = path === '' ? [] : path.split('/');
  let at = Math.min(position, steps.length);
  if (steps[0] === '' && at < steps.length) at += 1;
  return [...steps.slice(0, at), part, ...steps.slice(at)].join('/').replace(/(.)\/+$/, '$1');
}
