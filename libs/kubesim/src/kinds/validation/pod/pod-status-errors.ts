import { labelKeyProblems } from '@meridian/cel';
import { forbidden, invalid } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { itemsAt, numberAt, objectAt, textAt } from '../../../json.ts';
import type { Json, JsonObject } from '../../../json.ts';
import type { KubeObject } from '../../../kube-object.ts';
import { itemsWithPaths } from '../checks.ts';
import { annotationChange, podAnnotationErrors } from './annotation-errors.ts';
import { formed, textOf } from './forms.ts';

const standardConditions = ['PodScheduled', 'Ready', 'Initialized'];

/** What is wrong with a status of a pod (ValidatePodStatusUpdate of pkg/apis/core/validation). */
export function podStatusErrors(pod: KubeObject, old: KubeObject): FieldError[] {
  const [spec, status] = [objectAt(pod, 'spec') ?? {}, objectAt(pod, 'status') ?? {}];
  const annotations = pod.metadata.annotations ?? {};
  return [
    ...annotationChange(annotations, old.metadata.annotations ?? {}, 'metadata.annotations'),
    ...podAnnotationErrors(annotations, spec, 'metadata.annotations'),
    ...conditionErrors(status['conditions'], 'status.conditions'),
    ...classErrors(status, old),
    ...restartErrors(status, old),
  ];
}

function conditionErrors(conditions: Json | undefined, list: string): FieldError[] {
  return itemsWithPaths(conditions, list).flatMap(([condition, path]) => {
    const generation = numberAt(condition, 'observedGeneration') ?? 0;
    const type = textOf(condition, 'type');
    const why = 'must be a non-negative integer';
    return [
      ...(generation < 0 ? [invalid(`${path}.observedGeneration`, generation, why)] : []),
      ...(standardConditions.includes(type) ? [] : formed(type, `${path}.Type`, labelKeyProblems)),
    ];
  });
}

function classErrors(status: JsonObject, old: KubeObject): FieldError[] {
  const [now, before] = [textOf(status, 'qosClass'), textAt(old, 'status', 'qosClass') ?? ''];
  return now === before ? [] : [invalid('status.qosClass', now, 'field is immutable')];
}

/** A container that ended stays so, unless it is to be started again. */
function restartErrors(status: JsonObject, old: KubeObject): FieldError[] {
  const spec = objectAt(old, 'spec') ?? {};
  const before = objectAt(old, 'status')?.['containerStatuses'];
  const now = itemsWithPaths(status['containerStatuses'], '').map(([one]) => one);
  return itemsWithPaths(before, 'status.containerStatuses').flatMap(([one, path]) => {
    const ended = objectAt(one, 'state', 'terminated');
    const name = textOf(one, 'name');
    const found = now.find((other) => textOf(other, 'name') === name);
    const runs = found !== undefined && objectAt(found, 'state', 'terminated') === undefined;
    if (ended === undefined || !runs) return [];
    const restarts = isRestarted(spec, name, numberAt(ended, 'exitCode') ?? 0);
    return restarts ? [] : [forbidden(`${path}.state`, 'may not be transitioned to non-terminated state')];
  });
}

/** Whether a container is started again after it ended with a code: by a rule of its own, its own policy, or that of its pod. */
function isRestarted(spec: JsonObject, name: string, code: number): boolean {
  const containers = itemsWithPaths(spec['containers'], '').map(([one]) => one);
  const rules = containers.flatMap((one) => itemsWithPaths(one['restartPolicyRules'], ''));
  if (rules.some(([rule]) => rule['action'] === 'RestartAllContainers')) return true;
  const container = containers.find((one) => textOf(one, 'name') === name);
  if (container === undefined) return false;
  const own = itemsWithPaths(container['restartPolicyRules'], '');
  if (own.some(([rule]) => meetsRule(rule, code))) return true;
  const policy = textAt(container, 'restartPolicy') ?? textOf(spec, 'restartPolicy');
  return policy === 'Always' || (policy === 'OnFailure' && code !== 0);
}

function meetsRule(rule: JsonObject, code: number): boolean {
  const listed = itemsAt(rule, 'exitCodes', 'values').includes(code);
  return textAt(rule, 'exitCodes', 'operator') === 'NotIn' ? !listed : listed;
}
