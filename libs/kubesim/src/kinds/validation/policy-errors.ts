import { forbidden, goJson, GoText, invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { isObject, itemsAt, jsonEqual, numberAt, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { atLeast, countOrPercent, itemsWithPaths, notOverAll, oneOf } from './checks.ts';

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const mostUserPriority = 1_000_000_000;

/** What is wrong with a claim of a volume. */
export function claimErrors(claim: KubeObject): FieldError[] {
  const modes = itemsAt(claim, 'spec', 'accessModes');
  const unknown = modes.filter((mode) => typeof mode === 'string' && !accessModes.includes(mode));
  return [
    ...(modes.length === 0 ? [required('spec.accessModes', 'at least 1 access mode is required')] : []),
    ...unknown.map((mode) => notSupported('spec.accessModes', mode, accessModes)),
    ...(objectAt(claim, 'spec', 'resources', 'requests')?.['storage'] === undefined
      ? [required('spec.resources[storage]')]
      : []),
  ];
}

/** What is wrong with a disruption budget. */
export function disruptionBudgetErrors(budget: KubeObject): FieldError[] {
  const spec = objectAt(budget, 'spec') ?? {};
  const both = spec['minAvailable'] !== undefined && spec['maxUnavailable'] !== undefined;
  if (both) return [invalid('spec', shownBudget(spec), 'minAvailable and maxUnavailable cannot be both set')];
  return ['minAvailable', 'maxUnavailable'].flatMap((field) => [
    ...countOrPercent(spec[field], `spec.${field}`),
    ...notOverAll(spec[field], `spec.${field}`),
  ]);
}

/** Go shows its internal type, whose fields have no JSON names, in their order. */
function shownBudget(spec: JsonObject): GoText {
  const shown = (field: string) => goJson(spec[field] ?? null);
  return new GoText(
    `{"MinAvailable":${shown('minAvailable')},"Selector":${shown('selector')},` +
      `"MaxUnavailable":${shown('maxUnavailable')},"UnhealthyPodEvictionPolicy":${shown('unhealthyPodEvictionPolicy')}}`,
  );
}

/** What is wrong with the rules of a role. */
export function roleErrors(role: KubeObject): FieldError[] {
  return itemsWithPaths(role['rules'], 'rules').flatMap(([rule, path]) => {
    const has = (field: string) => itemsAt(rule, field).length > 0;
    const errors = has('verbs') ? [] : [required(`${path}.verbs`, 'verbs must contain at least one value')];
    if (has('nonResourceURLs')) return errors;
    if (!has('apiGroups')) {
      errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
    }
    if (!has('resources')) {
      errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'));
    }
    return errors;
  });
}

/** What is wrong with a binding of a role, given the kinds of roles that it may refer to. */
export function bindingErrors(binding: KubeObject, kinds: readonly string[]): FieldError[] {
  const kind = textAt(binding, 'roleRef', 'kind') ?? '';
  const name = textAt(binding, 'roleRef', 'name') ?? '';
  return [
    ...(kinds.includes(kind) ? [] : [notSupported('roleRef.kind', kind, kinds)]),
    ...(name === '' ? [required('roleRef.name')] : []),
    ...itemsWithPaths(binding['subjects'], 'subjects').flatMap(([subject, path]) => {
      const of = textAt(subject, 'kind') ?? '';
      const known = ['ServiceAccount', 'User', 'Group'];
      return known.includes(of) ? [] : [notSupported(`${path}.kind`, of, known)];
    }),
  ];
}

/** The role that a binding refers to may not change. */
export function bindingChange(binding: KubeObject, old: KubeObject): FieldError[] {
  const reference = objectAt(binding, 'roleRef') ?? {};
  if (jsonEqual(reference, objectAt(old, 'roleRef'))) return [];
  const shown = { APIGroup: reference['apiGroup'], Kind: reference['kind'], Name: reference['name'] };
  return [invalid('roleRef', shown, 'cannot change roleRef')];
}

/** What is wrong with a class of priorities. */
export function priorityClassErrors(priorityClass: KubeObject): FieldError[] {
  const value = numberAt(priorityClass, 'value') ?? 0;
  const system = (priorityClass.metadata.name ?? '').startsWith('system-');
  const most = `maximum allowed value of a user defined priority is ${String(mostUserPriority)}`;
  return [
    ...(value > mostUserPriority && !system ? [forbidden('value', most)] : []),
    ...oneOf(priorityClass['preemptionPolicy'], 'preemptionPolicy', ['PreemptLowerPriority', 'Never']),
  ];
}

/** The value of a class of priorities may not change. */
export function priorityClassChange(priorityClass: KubeObject, old: KubeObject): FieldError[] {
  const same = numberAt(priorityClass, 'value') === numberAt(old, 'value');
  return same ? [] : [forbidden('value', 'may not be changed in an update.')];
}

/** What is wrong with a class of storage. */
export function storageClassErrors(storageClass: KubeObject): FieldError[] {
  const unnamed = (textAt(storageClass, 'provisioner') ?? '') === '';
  return [
    ...(unnamed ? [required('provisioner')] : []),
    ...oneOf(storageClass['reclaimPolicy'], 'reclaimPolicy', ['Delete', 'Retain']),
  ];
}

/** What is wrong with an autoscaler. */
export function autoscalerErrors(autoscaler: KubeObject): FieldError[] {
  const spec = objectAt(autoscaler, 'spec') ?? {};
  const least = numberAt(spec, 'minReplicas') ?? 1;
  const most = numberAt(spec, 'maxReplicas') ?? 0;
  return [
    ...atLeast(least, 'spec.minReplicas', 1),
    ...(most < 1 ? [required('spec.maxReplicas', 'must be set and greater than 0')] : []),
    ...(most < least
      ? [invalid('spec.maxReplicas', most, 'must be greater than or equal to `minReplicas`')]
      : []),
    ...targetErrors(objectAt(spec, 'scaleTargetRef') ?? {}),
    ...itemsWithPaths(spec['metrics'], 'spec.metrics').flatMap(metricErrors),
  ];
}

function targetErrors(reference: JsonObject): FieldError[] {
  const path = 'spec.scaleTargetRef';
  const missing = ['kind', 'name'].filter((field) => (textAt(reference, field) ?? '') === '');
  const errors = missing.map((field) => required(`${path}.${field}`));
  const apiVersion = textAt(reference, 'apiVersion') ?? '';
  const isWhole = apiVersion !== '' || textAt(reference, 'kind') === 'ReplicationController';
  return isWhole
    ? errors
    : [...errors, invalid(`${path}.apiVersion`, apiVersion, 'apiVersion must specify API group')];
}

const metricSources: Readonly<Record<string, string>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
};

function metricErrors([metric, path]: readonly [JsonObject, string]): FieldError[] {
  const type = textAt(metric, 'type') ?? '';
  const source = metricSources[type];
  if (source === undefined) return [notSupported(`${path}.type`, type, Object.keys(metricSources))];
  if (isObject(metric[source])) return [];
  return [required(`${path}.${source}`, 'must populate information for the given metric source')];
}

/** What is wrong with a lease. */
export function leaseErrors(lease: KubeObject): FieldError[] {
  const seconds = numberAt(lease, 'spec', 'leaseDurationSeconds');
  if (seconds === undefined || seconds > 0) return [];
  return [invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0')];
}
