import { forbidden, invalid, notFound, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { numberAt, objectAt, textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import {
  between,
  itemsWithPaths,
  notNegative,
  oneOf,
  portName,
  portNumber,
  portNumberOrName,
} from './checks.ts';
import { resourceErrors } from './resource-errors.ts';

const mostId = 2 ** 31 - 1;

/** What is wrong with a container, apart from its name (validateContainerCommon of pkg/apis/core/validation). */
export function containerErrors(
  container: JsonObject,
  path: string,
  volumes: readonly string[],
): FieldError[] {
  return [
    ...((textAt(container, 'image') ?? '') === '' ? [required(`${path}.image`)] : []),
    ...probesErrors(container, path),
    ...oneOf(container['terminationMessagePolicy'], `${path}.terminationMessagePolicy`, [
      'File',
      'FallbackToLogsOnError',
    ]),
    ...itemsWithPaths(container['ports'], `${path}.ports`).flatMap(portErrors),
    ...itemsWithPaths(container['env'], `${path}.env`).flatMap(variableErrors),
    ...mountErrors(container, path, volumes),
    ...oneOf(container['imagePullPolicy'], `${path}.imagePullPolicy`, ['Always', 'IfNotPresent', 'Never']),
    ...resourceErrors(objectAt(container, 'resources') ?? {}, `${path}.resources`),
    ...securityErrors(objectAt(container, 'securityContext') ?? {}, `${path}.securityContext`),
  ];
}

function portErrors([port, path]: readonly [JsonObject, string]): FieldError[] {
  const name = textAt(port, 'name') ?? '';
  const number = numberAt(port, 'containerPort') ?? 0;
  return [
    ...(name === '' ? [] : portName(name, `${path}.name`)),
    ...(number === 0 ? [required(`${path}.containerPort`)] : portNumber(number, `${path}.containerPort`)),
    ...(numberAt(port, 'hostPort') === undefined ? [] : portNumber(port['hostPort'], `${path}.hostPort`)),
    ...oneOf(port['protocol'], `${path}.protocol`, ['SCTP', 'TCP', 'UDP']),
  ];
}

/** Fields of a pod that the downward API can tell (pkg/apis/core/v1/conversion.go). */
const fieldPaths = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'metadata.labels',
  'metadata.annotations',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

function variableErrors([variable, path]: readonly [JsonObject, string]): FieldError[] {
  const name = textAt(variable, 'name') ?? '';
  const errors = name === '' ? [required(`${path}.name`)] : nameErrors(name, `${path}.name`);
  const source = objectAt(variable, 'valueFrom');
  if (source === undefined) return errors;
  const at = `${path}.valueFrom`;
  errors.push(...sourceErrors(source, at));
  if ((textAt(variable, 'value') ?? '') !== '')
    errors.push(invalid(at, '', 'may not be specified when `value` is not empty'));
  return errors;
}

const nameWords =
  "a valid environment variable name must consist only of printable ASCII characters other than '='";

function nameErrors(name: string, path: string): FieldError[] {
  return /^[ -<>-~]+$/.test(name) ? [] : [invalid(path, name, nameWords)];
}

function sourceErrors(source: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const field = textAt(source, 'fieldRef', 'fieldPath');
  if (field !== undefined && !fieldPaths.includes(field.replace(/\[.*\]$/, ''))) {
    const why = `error converting fieldPath: field label not supported: ${field}`;
    errors.push(invalid(`${path}.fieldRef.fieldPath`, field, why));
  }
  for (const kind of ['configMapKeyRef', 'secretKeyRef']) {
    const reference = objectAt(source, kind);
    if (reference === undefined) continue;
    if ((textAt(reference, 'name') ?? '') === '') errors.push(required(`${path}.${kind}.name`));
    if ((textAt(reference, 'key') ?? '') === '') errors.push(required(`${path}.${kind}.key`));
  }
  return errors;
}

const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc'];

function probesErrors(container: JsonObject, path: string): FieldError[] {
  return ['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((kind) => {
    const probe = objectAt(container, kind);
    return probe === undefined ? [] : probeErrors(probe, `${path}.${kind}`, kind !== 'readinessProbe');
  });
}

function probeErrors(probe: JsonObject, path: string, succeedsOnce: boolean): FieldError[] {
  const errors = [...handlerErrors(probe, path), ...timesErrors(probe, path)];
  const successes = probe['successThreshold'];
  if (succeedsOnce && typeof successes === 'number' && successes !== 1) {
    errors.push(invalid(`${path}.successThreshold`, successes, 'must be 1'));
  }
  return errors;
}

function handlerErrors(probe: JsonObject, path: string): FieldError[] {
  const given = handlers.filter((handler) => probe[handler] !== undefined);
  if (given.length === 0) return [required(path, 'must specify a handler type')];
  const more = given
    .slice(1)
    .map((handler) => forbidden(`${path}.${handler}`, 'may not specify more than 1 handler type'));
  return [...more, ...handlerPortErrors(probe, path)];
}

function handlerPortErrors(probe: JsonObject, path: string): FieldError[] {
  return ['httpGet', 'tcpSocket'].flatMap((handler) => {
    const port: Json | undefined = objectAt(probe, handler)?.['port'];
    return port === undefined ? [] : portNumberOrName(port, `${path}.${handler}.port`);
  });
}

function timesErrors(probe: JsonObject, path: string): FieldError[] {
  const fields = [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ];
  return fields.flatMap((field) => notNegative(probe[field], `${path}.${field}`));
}

function securityErrors(context: JsonObject, path: string): FieldError[] {
  return ['runAsUser', 'runAsGroup'].flatMap((field) =>
    between(context[field], `${path}.${field}`, [0, mostId]),
  );
}

function mountErrors(container: JsonObject, path: string, volumes: readonly string[]): FieldError[] {
  return itemsWithPaths(container['volumeMounts'], `${path}.volumeMounts`).flatMap(([mount, at]) => {
    const name = textAt(mount, 'name') ?? '';
    const errors = name === '' ? [required(`${at}.name`)] : [];
    if (name !== '' && !volumes.includes(name)) errors.push(notFound(`${at}.name`, name));
    if ((textAt(mount, 'mountPath') ?? '') === '') errors.push(required(`${at}.mountPath`));
    return errors;
  });
}
