import { dnsLabelProblems, labelKeyProblems, parseQuantity, subdomainProblems } from '@meridian/cel';
import { invalid, notSupported, required } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { objectAt } from '../../../json.ts';
import type { JsonObject } from '../../../json.ts';
import { itemsWithPaths } from '../checks.ts';
import { formed, formedIfAny, given, objectFields, textOf } from './forms.ts';
import type { Placed } from './forms.ts';
import { withoutBacksteps } from './paths.ts';

const nameWords =
  "a valid environment variable name must consist only of printable ASCII characters other than '='";

/** What is wrong with the environment of a container (ValidateEnv and ValidateEnvFrom of pkg/apis/core/validation). */
export function environmentErrors(container: JsonObject, path: string): FieldError[] {
  return [
    ...itemsWithPaths(container['env'], `${path}.env`).flatMap(variableErrors),
    ...itemsWithPaths(container['envFrom'], `${path}.envFrom`).flatMap((source) =>
      sourceErrors(source, `${path}.envFrom`),
    ),
  ];
}

function variableErrors([variable, path]: Placed): FieldError[] {
  const name = textOf(variable, 'name');
  return [
    ...(name === '' ? [required(`${path}.name`)] : formed(name, `${path}.name`, variableNameProblems)),
    ...valueErrors(variable, `${path}.valueFrom`),
  ];
}

function variableNameProblems(name: string): string[] {
  return /^[ -<>-~]*$/.test(name) ? [] : [nameWords];
}

const sources: Readonly<Record<string, (source: JsonObject, path: string) => FieldError[]>> = {
  fieldRef: (source, path) => fieldErrors(source, path, variableFields),
  resourceFieldRef: (source, path) => resourceFieldErrors(source, path, false),
  configMapKeyRef: keyErrors,
  secretKeyRef: keyErrors,
  fileKeyRef: fileKeyErrors,
};

function valueErrors(variable: JsonObject, path: string): FieldError[] {
  const from = objectAt(variable, 'valueFrom');
  if (from === undefined) return [];
  const used = objectFields(from, Object.keys(sources));
  const errors = used.flatMap((kind) => sources[kind]?.(objectAt(from, kind) ?? {}, `${path}.${kind}`) ?? []);
  const count = countErrors(used.length, textOf(variable, 'value') !== '');
  return count === '' ? errors : [...errors, invalid(path, '', count)];
}

function countErrors(count: number, hasValue: boolean): string {
  if (count === 0) {
    return 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
  }
  if (hasValue) return 'may not be specified when `value` is not empty';
  return count > 1 ? 'may not have more than one field specified at a time' : '';
}

/** Fields of a pod that an environment variable can tell. */
const variableFields = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

/** Fields of a pod that a file of the downward API can tell. */
export const fileFields = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

/** Labels that the downward API converts, beside those that can be told (pkg/apis/core/pods ConvertDownwardAPIFieldLabel). */
const knownFields = [
  ...variableFields,
  ...fileFields,
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
];

/** What is wrong with a reference to a field of the pod itself, which may be one of some. */
export function fieldErrors(reference: JsonObject, path: string, allowed: readonly string[]): FieldError[] {
  const version = textOf(reference, 'apiVersion');
  const field = textOf(reference, 'fieldPath');
  if (version === '') return [required(`${path}.apiVersion`)];
  if (field === '') return [required(`${path}.fieldPath`)];
  const why = conversionProblem(version, field);
  if (why !== '') return [invalid(`${path}.fieldPath`, field, `error converting fieldPath: ${why}`)];
  return toldErrors(field, path, allowed);
}

function toldErrors(field: string, path: string, allowed: readonly string[]): FieldError[] {
  const [, map = '', key = ''] = subscripted.exec(field) ?? [];
  if (map !== '') {
    const wanted = map === 'metadata.annotations' ? key.toLowerCase() : key;
    return formed(wanted, path, labelKeyProblems);
  }
  const known = field === 'spec.host' ? 'spec.nodeName' : field;
  return allowed.includes(known) ? [] : [notSupported(`${path}.fieldPath`, known, allowed)];
}

const subscripted = /^([^[]+)\['([^]*)'\]$/;

function conversionProblem(version: string, field: string): string {
  if (version !== 'v1') return `unsupported pod version: ${version}`;
  const map = subscripted.exec(field)?.[1];
  if (map !== undefined) {
    const known = ['metadata.annotations', 'metadata.labels'].includes(map);
    return known ? '' : `field label does not support subscript: ${field}`;
  }
  return knownFields.includes(field) || field === 'spec.host' ? '' : `field label not supported: ${field}`;
}

const resourceFields = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

/** What is wrong with a reference to a resource of a container, which a file must name. */
export function resourceFieldErrors(reference: JsonObject, path: string, inFile: boolean): FieldError[] {
  const resource = textOf(reference, 'resource');
  return [...resourceErrors(reference, path, inFile), ...divisorErrors(resource, reference, path)];
}

function resourceErrors(reference: JsonObject, path: string, inFile: boolean): FieldError[] {
  const resource = textOf(reference, 'resource');
  if (inFile && textOf(reference, 'containerName') === '') return [required(`${path}.containerName`)];
  if (resource === '') return [required(`${path}.resource`)];
  const known = resourceFields.includes(resource) || /^(requests|limits)\.hugepages-/.test(resource);
  return known ? [] : [notSupported(`${path}.resource`, resource, resourceFields)];
}

const byteDivisors = '1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei';

const divisors: readonly (readonly [RegExp, string, string])[] = [
  [/^(limits|requests)\.cpu$/, '1m, 1', "only divisor's values 1m and 1 are supported with the cpu resource"],
  [/^(limits|requests)\.memory$/, byteDivisors, supportedDivisors('memory')],
  [/^(limits|requests)\.ephemeral-storage$/, byteDivisors, supportedDivisors('local ephemeral storage')],
  [/^(limits|requests)\.hugepages-/, byteDivisors, supportedDivisors('hugepages')],
];

function supportedDivisors(resource: string): string {
  return `only divisor's values ${byteDivisors} are supported with the ${resource} resource`;
}

function divisorErrors(resource: string, reference: JsonObject, path: string): FieldError[] {
  const divisor = textOf(reference, 'divisor');
  if ((parseQuantity(divisor)?.nano ?? 0n) === 0n) return [];
  const [, allowed = divisor, words = ''] = divisors.find(([form]) => form.test(resource)) ?? [];
  return allowed.split(', ').includes(divisor) ? [] : [invalid(`${path}.divisor`, resource, words)];
}

const keyWords =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', " +
  "regex used for validation is '[-._a-zA-Z0-9]+')";

function keyErrors(reference: JsonObject, path: string): FieldError[] {
  const key = textOf(reference, 'key');
  return [
    ...formed(textOf(reference, 'name'), `${path}.name`, subdomainProblems),
    ...(key === '' ? [required(`${path}.key`)] : formed(key, `${path}.key`, keyProblems)),
  ];
}

function keyProblems(key: string): string[] {
  const problems = Buffer.byteLength(key) > 253 ? ['must be no more than 253 characters'] : [];
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) problems.push(keyWords);
  if (key === '.' || key === '..') problems.push(`must not be '${key}'`);
  else if (key.startsWith('..')) problems.push("must not start with '..'");
  return problems;
}

function fileKeyErrors(reference: JsonObject, path: string): FieldError[] {
  const [key, volume, file] = ['key', 'volumeName', 'path'].map((field) => textOf(reference, field));
  return [
    ...given(key ?? '', `${path}.key`),
    ...formedIfAny(key ?? '', `${path}.key`, variableNameProblems),
    ...given(volume ?? '', `${path}.volumeName`),
    ...formedIfAny(volume ?? '', `${path}.volumeName`, dnsLabelProblems),
    ...given(file ?? '', `${path}.path`),
    ...withoutBacksteps(file ?? '', `${path}.path`),
  ];
}

function sourceErrors([source, path]: Placed, list: string): FieldError[] {
  const used = objectFields(source, ['configMapRef', 'secretRef']);
  const errors = [
    ...formedIfAny(textOf(source, 'prefix'), `${path}.prefix`, variableNameProblems),
    ...used.flatMap((kind) => referenceErrors(objectAt(source, kind) ?? {}, `${path}.${kind}.name`)),
  ];
  if (used.length === 0) errors.push(invalid(list, '', 'must specify one of: `configMapRef` or `secretRef`'));
  if (used.length > 1) {
    errors.push(invalid(list, '', 'may not have more than one field specified at a time'));
  }
  return errors;
}

function referenceErrors(reference: JsonObject, path: string): FieldError[] {
  const name = textOf(reference, 'name');
  // A trailing dash is fine in a prefix, and these names are checked as prefixes.
  const masked = name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;
  return name === ''
    ? [required(path)]
    : subdomainProblems(masked).map((problem) => invalid(path, name, problem));
}
