import { forbidden, GoText, goJson, invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { jsonEqual, numberAt, objectAt, textAt, valueAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { countOrPercent, notNegative, notOverAll, oneOf } from './checks.ts';
import { podTemplateErrors } from './pod-template-errors.ts';
import { selectionErrors } from './selector-errors.ts';

const immutable = 'field is immutable';

/** What is wrong with the spec of a deployment (ValidateDeploymentSpec of pkg/apis/apps/validation). */
export function deploymentErrors(object: KubeObject): FieldError[] {
  const spec = specOf(object);
  const ready = numberAt(spec, 'minReadySeconds') ?? 0;
  const deadline = numberAt(spec, 'progressDeadlineSeconds');
  return [
    ...notNegative(spec['replicas'], 'spec.replicas'),
    ...selectionErrors(spec, { kind: 'deployment', labels: labelsOf(spec) }),
    ...templateErrors(spec),
    ...strategyErrors(objectAt(spec, 'strategy') ?? {}),
    ...notNegative(spec['minReadySeconds'], 'spec.minReadySeconds'),
    ...notNegative(spec['revisionHistoryLimit'], 'spec.revisionHistoryLimit'),
    ...notNegative(deadline, 'spec.progressDeadlineSeconds'),
    ...(deadline !== undefined && deadline <= ready
      ? [invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds')]
      : []),
  ];
}

/** What is wrong with the spec of a replica set. */
export function replicaSetErrors(object: KubeObject): FieldError[] {
  const spec = specOf(object);
  return [
    ...notNegative(spec['replicas'], 'spec.replicas'),
    ...notNegative(spec['minReadySeconds'], 'spec.minReadySeconds'),
    ...selectionErrors(spec, { kind: 'replicaset', labels: labelsOf(spec) }),
    ...templateErrors(spec),
  ];
}

/** What is wrong with the spec of a stateful set. */
export function statefulSetErrors(object: KubeObject): FieldError[] {
  const spec = specOf(object);
  const policy = textAt(spec, 'podManagementPolicy') ?? '';
  const type = textAt(spec, 'updateStrategy', 'type') ?? '';
  const partition = 'spec.updateStrategy.rollingUpdate.partition';
  return [
    ...(['OrderedReady', 'Parallel'].includes(policy)
      ? []
      : [invalid('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'")]),
    ...(['RollingUpdate', 'OnDelete'].includes(type)
      ? []
      : [
          invalid(
            'spec.updateStrategy',
            shownStrategy(spec, 'updateStrategy'),
            "must be 'RollingUpdate' or 'OnDelete'",
          ),
        ]),
    ...notNegative(valueAt(spec, 'updateStrategy', 'rollingUpdate', 'partition'), partition),
    ...notNegative(spec['replicas'], 'spec.replicas'),
    ...notNegative(spec['minReadySeconds'], 'spec.minReadySeconds'),
    ...notNegative(valueAt(spec, 'ordinals', 'start'), 'spec.ordinals.start'),
    ...selectionErrors(spec, { kind: 'statefulset', labels: labelsOf(spec) }),
    ...templateErrors(spec),
  ];
}

/** What is wrong with the spec of a daemon set. */
export function daemonSetErrors(object: KubeObject): FieldError[] {
  const spec = specOf(object);
  const update = objectAt(spec, 'updateStrategy', 'rollingUpdate') ?? {};
  const path = 'spec.updateStrategy.rollingUpdate.maxUnavailable';
  const stuck = isNone(update['maxUnavailable']) && isNone(update['maxSurge']);
  return [
    ...selectionErrors(spec, { kind: 'daemonset', labels: labelsOf(spec) }),
    ...templateErrors(spec),
    ...notNegative(spec['minReadySeconds'], 'spec.minReadySeconds'),
    ...(stuck ? [required(path, 'cannot be 0 when maxSurge is 0')] : []),
    ...notNegative(spec['revisionHistoryLimit'], 'spec.revisionHistoryLimit'),
  ];
}

const jobPolicies = 'valid values: "OnFailure", "Never"';

/** What is wrong with the spec of a job, or with that in the template of a cron job. */
export function jobSpecErrors(spec: JsonObject, path: string): FieldError[] {
  const template = `${path}.template`;
  const policy = textAt(spec, 'template', 'spec', 'restartPolicy') ?? '';
  const counts = [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
  ];
  return [
    ...counts.flatMap((field) => notNegative(spec[field], `${path}.${field}`)),
    ...oneOf(spec['completionMode'], `${path}.completionMode`, ['NonIndexed', 'Indexed']),
    ...podTemplateErrors(objectAt(spec, 'template'), template),
    ...(policy === 'Always' ? [required(`${template}.spec.restartPolicy`, jobPolicies)] : []),
  ];
}

/** The selector of a deployment, replica set or daemon set may not change. */
export function selectorChange(object: KubeObject, old: KubeObject): FieldError[] {
  const selector = objectAt(object, 'spec', 'selector');
  if (jsonEqual(selector, objectAt(old, 'spec', 'selector'))) return [];
  return [invalid('spec.selector', selector ?? null, immutable)];
}

const mutableOfStatefulSets = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

/** What of a stateful set may not change. */
export function statefulSetChange(object: KubeObject, old: KubeObject): FieldError[] {
  const fixed = (spec: JsonObject) =>
    Object.fromEntries(Object.entries(spec).filter(([field]) => !mutableOfStatefulSets.includes(field)));
  if (jsonEqual(fixed(specOf(object)), fixed(specOf(old)))) return [];
  const shown = mutableOfStatefulSets.map((field) => `'${field}'`);
  const list = `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`;
  return [forbidden('spec', `updates to statefulset spec for fields other than ${list} are forbidden`)];
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
  const shown = new GoText(goStrategy(type, update));
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

function isNone(value: unknown): boolean {
  return value === 0 || value === '0%' || value === undefined;
}

function templateErrors(spec: JsonObject): FieldError[] {
  const errors = podTemplateErrors(objectAt(spec, 'template'), 'spec.template');
  const policy = textAt(spec, 'template', 'spec', 'restartPolicy') ?? '';
  if (errors.some(({ field }) => field === 'spec.template.spec.restartPolicy')) return errors;
  return policy === 'Always' || policy === ''
    ? errors
    : [...errors, notSupported('spec.template.spec.restartPolicy', policy, ['Always'])];
}

/** Go shows its internal type, whose fields have no JSON names. */
function goStrategy(type: string, update: JsonObject | undefined): string {
  return `{"Type":${goJson(type)},"RollingUpdate":${update === undefined ? 'null' : goJson(update)}}`;
}

function shownStrategy(spec: JsonObject, field: string): GoText {
  return new GoText(goStrategy(textAt(spec, field, 'type') ?? '', objectAt(spec, field, 'rollingUpdate')));
}

function specOf(object: KubeObject): JsonObject {
  return objectAt(object, 'spec') ?? {};
}

function labelsOf(spec: JsonObject): JsonObject | undefined {
  return objectAt(spec, 'template', 'metadata', 'labels');
}
