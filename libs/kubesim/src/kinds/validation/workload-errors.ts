import { forbidden, GoText, invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { numberAt, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { goInternalText } from '../../schema/go-internal.ts';
import { goEqual } from '../../schema/go-equal.ts';
import { countOrPercent, notNegative, notOverAll } from './checks.ts';
import { podTemplateErrors } from './pod-template-errors.ts';
import {
  labelSelectorErrors,
  selectionErrors,
  selects,
  selectsAll,
  shownSelector,
  unselected,
} from './selector-errors.ts';

const immutable = 'field is immutable';
const unusable = 'invalid label selector';

/** What is wrong with the spec of a deployment (ValidateDeploymentSpec of pkg/apis/apps/validation). */
export function deploymentErrors(object: KubeObject): FieldError[] {
  const spec = specOf(object);
  return [
    ...notNegative(spec['replicas'], 'spec.replicas'),
    ...selectionAndTemplateErrors(spec, { kind: 'deployment', owner: 'ReplicaSet', unusable }),
    ...strategyErrors(objectAt(spec, 'strategy') ?? {}),
    ...notNegative(spec['minReadySeconds'], 'spec.minReadySeconds'),
    ...notNegative(spec['revisionHistoryLimit'], 'spec.revisionHistoryLimit'),
    ...deadlineErrors(spec),
  ];
}

function deadlineErrors(spec: JsonObject): FieldError[] {
  const path = 'spec.progressDeadlineSeconds';
  const deadline = numberAt(spec, 'progressDeadlineSeconds');
  if (deadline === undefined) return [];
  const inTime = deadline > (numberAt(spec, 'minReadySeconds') ?? 0);
  return [
    ...notNegative(deadline, path),
    ...(inTime ? [] : [invalid(path, deadline, 'must be greater than minReadySeconds')]),
  ];
}

/** What is wrong with the spec of a replica set. The server speaks of a deployment when nothing is selected. */
export function replicaSetErrors(object: KubeObject): FieldError[] {
  const spec = specOf(object);
  return [
    ...notNegative(spec['replicas'], 'spec.replicas'),
    ...notNegative(spec['minReadySeconds'], 'spec.minReadySeconds'),
    ...selectionAndTemplateErrors(spec, { kind: 'deployment', owner: 'ReplicaSet', unusable }),
  ];
}

interface Wording {
  /** What an empty selector is refused for. */
  readonly kind: string;
  /** Whose pods may have no deadline. */
  readonly owner: string;
  /** What is said of a selector that cannot be used. */
  readonly unusable: string;
}

/** A template is not looked at when nobody can say whether it is selected. */
function selectionAndTemplateErrors(spec: JsonObject, { kind, owner, unusable }: Wording): FieldError[] {
  const errors = selectionErrors(spec, { kind, unusable, labels: labelsOf(spec) });
  const selector = objectAt(spec, 'selector');
  const usable = selector === undefined || labelSelectorErrors(selector, '').length === 0;
  return usable ? [...errors, ...runningTemplateErrors(spec, owner)] : errors;
}

/** What is wrong with a template whose pods run until they are taken away. */
export function runningTemplateErrors(spec: JsonObject, owner: string, path = 'spec'): FieldError[] {
  return [
    ...podTemplateErrors(objectAt(spec, 'template'), `${path}.template`),
    ...endlessErrors(spec, owner, path),
  ];
}

/** Such pods are always restarted and have no deadline. */
export function endlessErrors(spec: JsonObject, owner: string, path = 'spec'): FieldError[] {
  const at = `${path}.template.spec`;
  const policy = textAt(spec, 'template', 'spec', 'restartPolicy') ?? '';
  const deadline = numberAt(spec, 'template', 'spec', 'activeDeadlineSeconds');
  const why = `activeDeadlineSeconds in ${owner} is not Supported`;
  return [
    ...(policy === 'Always' ? [] : [notSupported(`${at}.restartPolicy`, policy, ['Always'])]),
    ...(deadline === undefined ? [] : [forbidden(`${at}.activeDeadlineSeconds`, why)]),
  ];
}

/** What is wrong with a replication controller, whose selector is a plain map of labels. */
export function replicationControllerErrors(object: KubeObject): FieldError[] {
  const spec = specOf(object);
  const selector = objectAt(spec, 'selector') ?? {};
  const labels = labelsOf(spec);
  const isEmpty = Object.keys(selector).length === 0;
  // Nobody looks at the form of these labels, so any can match.
  const matches = Object.entries(selector).every(([key, value]) => labels?.[key] === value);
  return [
    ...notNegative(spec['minReadySeconds'], 'spec.minReadySeconds'),
    ...(isEmpty ? [required('spec.selector')] : []),
    ...(spec['replicas'] === undefined ? [required('spec.replicas')] : []),
    ...notNegative(spec['replicas'], 'spec.replicas'),
    ...(objectAt(spec, 'template') === undefined
      ? [required('spec.template')]
      : [...(matches ? [] : [unselected(labels)]), ...runningTemplateErrors(spec, 'ReplicationController')]),
  ];
}

/** What is wrong with the spec of a daemon set. */
export function daemonSetErrors(object: KubeObject): FieldError[] {
  const spec = specOf(object);
  return [
    ...daemonSelectionErrors(spec),
    ...runningTemplateErrors(spec, 'DaemonSet'),
    ...notNegative(spec['minReadySeconds'], 'spec.minReadySeconds'),
    ...daemonStrategyErrors(objectAt(spec, 'updateStrategy') ?? {}),
    ...notNegative(spec['revisionHistoryLimit'], 'spec.revisionHistoryLimit'),
  ];
}

function daemonSelectionErrors(spec: JsonObject): FieldError[] {
  const selector = objectAt(spec, 'selector');
  const labels = labelsOf(spec);
  if (selector === undefined) return [unselected(labels)];
  const errors = labelSelectorErrors(selector, 'spec.selector');
  if (selectsAll(selector)) {
    return [
      ...errors,
      invalid('spec.selector', shownSelector(selector), 'empty selector is invalid for daemonset'),
    ];
  }
  return errors.length > 0 || selects(selector, labels) ? errors : [unselected(labels)];
}

function daemonStrategyErrors(strategy: JsonObject): FieldError[] {
  const type = textAt(strategy, 'type') ?? '';
  const update = objectAt(strategy, 'rollingUpdate');
  if (type === 'OnDelete') return [];
  if (type !== 'RollingUpdate') {
    const shown = new GoText(goInternalText(strategy, 'apps.DaemonSetUpdateStrategy'));
    return [notSupported('spec.updateStrategy', shown, ['RollingUpdate', 'OnDelete'])];
  }
  const path = 'spec.updateStrategy.rollingUpdate';
  return update === undefined ? [required(path)] : daemonUpdateErrors(update, path);
}

function daemonUpdateErrors(update: JsonObject, path: string): FieldError[] {
  const fields = ['maxUnavailable', 'maxSurge'];
  const [unavailable, surge] = fields.map((field) => !isNone(update[field]));
  const errors = [countOrPercent, notOverAll].flatMap((check) =>
    fields.flatMap((field) => check(update[field], `${path}.${field}`)),
  );
  if (unavailable === true && surge === true) {
    const why = 'may not be set when maxUnavailable is non-zero';
    errors.push(invalid(`${path}.maxSurge`, update['maxSurge'], why));
  }
  if (unavailable === false && surge === false) {
    errors.push(required(`${path}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  }
  return errors;
}

/** The selector of a deployment, replica set or daemon set may not change. */
export function selectorChange(object: KubeObject, old: KubeObject): FieldError[] {
  const selector = objectAt(object, 'spec', 'selector');
  if (goEqual(selector, objectAt(old, 'spec', 'selector'))) return [];
  return [invalid('spec.selector', selector === undefined ? null : shownSelector(selector), immutable)];
}

function strategyErrors(strategy: JsonObject): FieldError[] {
  const type = textAt(strategy, 'type') ?? '';
  const update = objectAt(strategy, 'rollingUpdate');
  if (type === 'Recreate') {
    return update === undefined
      ? []
      : [forbidden('spec.strategy.rollingUpdate', "may not be specified when strategy `type` is 'Recreate'")];
  }
  if (type === 'RollingUpdate') return update === undefined ? [] : rollingErrors(update);
  const shown = new GoText(goInternalText(strategy, 'apps.DeploymentStrategy'));
  return [notSupported('spec.strategy', shown, ['Recreate', 'RollingUpdate'])];
}

function rollingErrors(update: JsonObject): FieldError[] {
  const path = 'spec.strategy.rollingUpdate';
  const { maxUnavailable, maxSurge } = {
    maxUnavailable: update['maxUnavailable'],
    maxSurge: update['maxSurge'],
  };
  const errors = [
    ...countOrPercent(maxUnavailable, `${path}.maxUnavailable`),
    ...countOrPercent(maxSurge, `${path}.maxSurge`),
  ];
  if (isNone(maxUnavailable) && isNone(maxSurge)) {
    errors.push(invalid(`${path}.maxUnavailable`, maxUnavailable ?? 0, 'may not be 0 when `maxSurge` is 0'));
  }
  return [...errors, ...notOverAll(maxUnavailable, `${path}.maxUnavailable`)];
}

/** Whether a count or percentage comes to none. Text that is neither counts as the number that it begins with in Go: none. */
export function isNone(value: unknown): boolean {
  if (typeof value === 'number') return value === 0;
  if (typeof value !== 'string') return true;
  const percent = /^([0-9]+)%$/.exec(value)?.[1];
  const count = Number(percent ?? (/^[-+]?\d+$/.test(value) ? value : '0'));
  return count === 0;
}

/** The spec of a workload. */
export function specOf(object: KubeObject): JsonObject {
  return objectAt(object, 'spec') ?? {};
}

/** The labels that a workload's template gives its pods. */
export function labelsOf(spec: JsonObject): JsonObject | undefined {
  return objectAt(spec, 'template', 'metadata', 'labels');
}
