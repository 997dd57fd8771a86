import { forbidden, invalid, required } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { unifiedDiff } from '../../../errors/unified-diff.ts';
import { isObject, itemsAt, numberAt, objectAt } from '../../../json.ts';
import type { JsonObject } from '../../../json.ts';
import type { KubeObject } from '../../../kube-object.ts';
import { goInternalLines } from '../../../schema/go-internal.ts';
import { goEqual } from '../../../schema/go-equal.ts';
import { itemsWithPaths } from '../checks.ts';
import { annotationChange, podAnnotationErrors } from './annotation-errors.ts';
import { paddedImageErrors } from './containers-errors.ts';
import { textOf } from './forms.ts';
import { nodeChoiceErrors, withNodeChoiceOf } from './node-choice-change.ts';
import { podErrors } from './pod-errors.ts';
import { gateChange, tolerationChange } from './scheduling-errors.ts';

const mostSeconds = 2 ** 31 - 1;

/** What is wrong with an update of a pod, most of which may not change (ValidatePodUpdate of pkg/apis/core/validation). */
export function podUpdateErrors(pod: KubeObject, old: KubeObject): FieldError[] {
  const [spec, before] = [objectAt(pod, 'spec') ?? {}, objectAt(old, 'spec') ?? {}];
  const annotations = pod.metadata.annotations ?? {};
  return [
    ...podErrors(pod),
    ...annotationChange(annotations, old.metadata.annotations ?? {}, 'metadata.annotations'),
    ...podAnnotationErrors(annotations, spec, 'metadata.annotations'),
    ...specChange(spec, before),
  ];
}

function specChange(spec: JsonObject, old: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  for (const list of ['containers', 'initContainers']) {
    const path = `spec.${list}`;
    if (itemsAt(spec, list).length !== itemsAt(old, list).length) {
      return [...errors, forbidden(path, 'pod updates may not add or remove containers')];
    }
    errors.push(...itemsWithPaths(spec[list], path).flatMap(imageErrors));
  }
  const deadline = deadlineChange(spec, old);
  errors.push(...deadline.errors);
  if (deadline.stops) return errors;
  errors.push(...tolerationChange(spec, old, 'spec.tolerations'));
  errors.push(...gateChange(spec, old, 'spec.schedulingGates'));
  return goEqual(spec, old) ? errors : [...errors, ...otherChange(spec, old)];
}

function imageErrors(placed: readonly [JsonObject, string]): FieldError[] {
  const missing = textOf(placed[0], 'image') === '' ? [required(`${placed[1]}.image`)] : [];
  return [...missing, ...paddedImageErrors(placed)];
}

/** A deadline may be set, and may only come nearer. */
function deadlineChange(spec: JsonObject, old: JsonObject): { errors: FieldError[]; stops: boolean } {
  const path = 'spec.activeDeadlineSeconds';
  const [seconds, before] = [spec, old].map((one) => numberAt(one, 'activeDeadlineSeconds'));
  if (seconds === undefined) {
    const why = 'must not update from a positive integer to nil value';
    return { errors: before === undefined ? [] : [invalid(path, null, why)], stops: false };
  }
  if (seconds < 0 || seconds > mostSeconds) {
    const why = `must be between 0 and ${String(mostSeconds)}, inclusive`;
    return { errors: [invalid(path, seconds, why)], stops: true };
  }
  if (before === undefined || before >= seconds) return { errors: [], stops: false };
  return { errors: [invalid(path, seconds, 'must be less than or equal to previous value')], stops: true };
}

const changeable = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
];

/** Puts back what may change, and refuses whatever is different then. */
function otherChange(spec: JsonObject, old: JsonObject): FieldError[] {
  const kept: JsonObject = {
    ...spec,
    containers: withImagesOf(spec, old, 'containers'),
    activeDeadlineSeconds: old['activeDeadlineSeconds'],
    schedulingGates: old['schedulingGates'],
    tolerations: old['tolerations'],
    ...(spec['initContainers'] === undefined
      ? {}
      : { initContainers: withImagesOf(spec, old, 'initContainers') }),
    ...(mayEndSoon(spec, old) ? { terminationGracePeriodSeconds: old['terminationGracePeriodSeconds'] } : {}),
  };
  const isGated = itemsAt(old, 'schedulingGates').length > 0;
  const errors = isGated ? nodeChoiceErrors(kept, old, 'spec') : [];
  const munged = isGated ? withNodeChoiceOf(kept, old) : kept;
  if (goEqual(munged, old)) return errors;
  const lines = [old, munged].map((one) => goInternalLines(one, 'core.PodSpec'));
  const why = `pod updates may not change fields other than ${changeable.join(',')}`;
  return [...errors, forbidden('spec', `${why}\n${unifiedDiff(lines[0] ?? [], lines[1] ?? [])}`)];
}

function withImagesOf(spec: JsonObject, old: JsonObject, list: string): JsonObject[] {
  const before = itemsAt(old, list).filter(isObject);
  return itemsAt(spec, list)
    .filter(isObject)
    .map((container, index) => ({ ...container, image: before[index]?.['image'] }));
}

/** A grace of less than nothing, which was once possible, may become the shortest. */
function mayEndSoon(spec: JsonObject, old: JsonObject): boolean {
  const [grace, before] = [spec, old].map((one) => numberAt(one, 'terminationGracePeriodSeconds'));
  return before !== undefined && before < 0 && grace === 1;
}
