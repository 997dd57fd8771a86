import { duplicate, forbidden, invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { itemsAt, objectAt, textAt, textsAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import { annotationErrors, labelErrors } from '../metadata.ts';
import { dnsLabelProblems, labelKeyProblems, labelValueProblems, subdomainProblems } from '../names.ts';
import { between, itemsWithPaths, oneOf, requiredForm } from './checks.ts';
import { containerErrors } from './container-errors.ts';

const mostSeconds = 2 ** 31 - 1;

/** What is wrong with the template of a pod at a path. */
export function podTemplateErrors(template: JsonObject | undefined, path: string): FieldError[] {
  const labels = textsAt(template, 'metadata', 'labels');
  const annotations = textsAt(template, 'metadata', 'annotations');
  return [
    ...labelErrors(labels, `${path}.labels`),
    ...annotationErrors(annotations, `${path}.annotations`),
    ...podSpecErrors(objectAt(template, 'spec') ?? {}, `${path}.spec`),
  ];
}

/** What is wrong with the spec of a pod at a path (ValidatePodSpec of pkg/apis/core/validation). */
export function podSpecErrors(spec: JsonObject, path: string): FieldError[] {
  const volumes = itemsAt(spec, 'volumes').map((volume) => textAt(volume, 'name') ?? '');
  return [
    ...volumesErrors(spec['volumes'], `${path}.volumes`),
    ...containersErrors(spec, path, volumes),
    ...restartPolicyErrors(spec['restartPolicy'], `${path}.restartPolicy`),
    ...oneOf(spec['dnsPolicy'], `${path}.dnsPolicy`, [
      'ClusterFirstWithHostNet',
      'ClusterFirst',
      'Default',
      'None',
    ]),
    ...nodeSelectorErrors(spec, path),
    ...(spec['activeDeadlineSeconds'] === undefined
      ? []
      : between(spec['activeDeadlineSeconds'], `${path}.activeDeadlineSeconds`, [1, mostSeconds])),
    ...accountErrors(spec, path),
    ...itemsWithPaths(spec['tolerations'], `${path}.tolerations`).flatMap(tolerationErrors),
    ...itemsWithPaths(spec['topologySpreadConstraints'], `${path}.topologySpreadConstraints`).flatMap(
      spreadErrors,
    ),
    ...affinityErrors(spec, path),
  ];
}

function containersErrors(spec: JsonObject, path: string, volumes: readonly string[]): FieldError[] {
  const containers = itemsWithPaths(spec['containers'], `${path}.containers`);
  const starting = itemsWithPaths(spec['initContainers'], `${path}.initContainers`);
  if (containers.length === 0) return [required(`${path}.containers`)];
  const names = new Set<string>();
  return [...containers, ...starting].flatMap(([container, at]) => {
    const name = textAt(container, 'name') ?? '';
    const again = name !== '' && names.has(name) ? [duplicate(`${at}.name`, name)] : [];
    names.add(name);
    return [
      ...requiredForm(name, `${at}.name`, dnsLabelProblems),
      ...again,
      ...containerErrors(container, at, volumes),
    ];
  });
}

function restartPolicyErrors(policy: Json | undefined, path: string): FieldError[] {
  return policy === undefined || policy === ''
    ? [required(path)]
    : oneOf(policy, path, ['Always', 'OnFailure', 'Never']);
}

function nodeSelectorErrors(spec: JsonObject, path: string): FieldError[] {
  const at = `${path}.nodeSelector`;
  return labelErrors(textsAt(spec, 'nodeSelector'), at);
}

function accountErrors(spec: JsonObject, path: string): FieldError[] {
  const name = textAt(spec, 'serviceAccountName') ?? '';
  if (name === '') return [];
  return subdomainProblems(name).map((problem) => invalid(`${path}.serviceAccountName`, name, problem));
}

function volumesErrors(volumes: Json | undefined, path: string): FieldError[] {
  const names = new Set<string>();
  return itemsWithPaths(volumes, path).flatMap(([volume, at]) => {
    const name = textAt(volume, 'name') ?? '';
    const found = [...requiredForm(name, `${at}.name`, dnsLabelProblems), ...volumeErrors(volume, at)];
    if (names.has(name)) found.push(duplicate(`${at}.name`, name));
    names.add(name);
    return found;
  });
}

function volumeErrors(volume: JsonObject, path: string): FieldError[] {
  const types = Object.keys(volume).filter((field) => field !== 'name' && volume[field] !== undefined);
  const more = types
    .slice(1)
    .map((type) => forbidden(`${path}.${type}`, 'may not specify more than 1 volume type'));
  const configMap = objectAt(volume, 'configMap');
  const unnamed = configMap !== undefined && (textAt(configMap, 'name') ?? '') === '';
  return unnamed ? [...more, required(`${path}.configMap.name`)] : more;
}

const everyKey = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';

function tolerationErrors([toleration, path]: readonly [JsonObject, string]): FieldError[] {
  const key = textAt(toleration, 'key') ?? '';
  const operator = textAt(toleration, 'operator') ?? '';
  const errors =
    key === '' ? [] : labelKeyProblems(key).map((problem) => invalid(`${path}.key`, key, problem));
  if (key === '' && operator !== 'Exists') errors.push(invalid(`${path}.operator`, operator, everyKey));
  return [
    ...errors,
    ...toleratedValueErrors(operator, textAt(toleration, 'value') ?? '', `${path}.operator`),
    ...oneOf(toleration['effect'], `${path}.effect`, ['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
  ];
}

function toleratedValueErrors(operator: string, value: string, path: string): FieldError[] {
  if (operator === 'Exists') {
    return value === '' ? [] : [invalid(path, value, "value must be empty when `operator` is 'Exists'")];
  }
  return labelValueProblems(value).map((problem) => invalid(path, value, problem));
}

function spreadErrors([constraint, path]: readonly [JsonObject, string]): FieldError[] {
  const skew = constraint['maxSkew'];
  const errors =
    typeof skew === 'number' && skew > 0
      ? []
      : [invalid(`${path}.maxSkew`, skew ?? 0, 'must be greater than zero')];
  if ((textAt(constraint, 'topologyKey') ?? '') === '')
    errors.push(required(`${path}.topologyKey`, 'can not be empty'));
  const action = textAt(constraint, 'whenUnsatisfiable') ?? '';
  if (!['DoNotSchedule', 'ScheduleAnyway'].includes(action)) {
    errors.push(notSupported(`${path}.whenUnsatisfiable`, action, ['DoNotSchedule', 'ScheduleAnyway']));
  }
  return errors;
}

function affinityErrors(spec: JsonObject, path: string): FieldError[] {
  const needed = 'requiredDuringSchedulingIgnoredDuringExecution';
  const node = objectAt(spec, 'affinity', 'nodeAffinity', needed);
  if (node === undefined || itemsAt(node, 'nodeSelectorTerms').length > 0) return [];
  const at = `${path}.affinity.nodeAffinity.${needed}.nodeSelectorTerms`;
  return [required(at, 'must have at least one node selector term')];
}
