import { subdomainProblems } from '@meridian/cel';
import {
  forbidden,
  GoText,
  goJson,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { isObject, objectAt, textAt, textsAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { nanoOf } from '../policy/quantities.ts';
import { itemsWithPaths, oneOf } from '../validation/checks.ts';
import { choice } from '../validation/pod/forms.ts';
import { formErrors, optionalForm, textIn } from '../validation/go-fields.ts';
import { accessModeErrors, volumeModes } from './access-modes.ts';
import { volumeSources } from './volume-sources.ts';
import { hostTypes } from '../validation/pod/volume-errors.ts';

const reclaimPolicies = ['Delete', 'Recycle', 'Retain'];

/** What is wrong with a volume. */
export function volumeErrors(volume: KubeObject): FieldError[] {
  const spec = objectAt(volume, 'spec') ?? {};
  const path = 'spec.persistentVolumeReclaimPolicy';
  const affinity = objectAt(spec, 'nodeAffinity');
  return [
    ...accessModeErrors(spec, ''),
    ...capacityErrors(spec),
    ...oneOf(spec['persistentVolumeReclaimPolicy'], path, reclaimPolicies),
    ...(affinity === undefined ? [] : affinityErrors(affinity)),
    ...sourceErrors(spec),
    ...(isRecycledRoot(spec) ? [forbidden(path, "may not be 'recycle' for a hostPath mount of '/'")] : []),
    ...optionalForm(textIn(spec, 'storageClassName'), 'spec.storageClassName', subdomainProblems),
    ...choice(spec['volumeMode'], 'spec.volumeMode', volumeModes),
    ...attributesErrors(spec),
  ];
}

function capacityErrors(spec: JsonObject): FieldError[] {
  const capacity = textsAt(spec, 'capacity');
  const names = Object.keys(capacity);
  const path = 'spec.capacity';
  const onlyStorage = names.length === 1 && capacity['storage'] !== undefined;
  return [
    ...(names.length === 0 ? [required(path)] : []),
    ...(onlyStorage ? [] : [notSupported(path, new GoText(goJson(spec['capacity'] ?? null)), ['storage'])]),
    ...Object.entries(capacity).flatMap(([name, amount]) =>
      nanoOf(amount) > 0n ? [] : [invalid(`${path}[${name}]`, amount, 'must be greater than zero')],
    ),
  ];
}

function affinityErrors(affinity: JsonObject): FieldError[] {
  const needed = objectAt(affinity, 'required');
  const path = 'spec.nodeAffinity.required';
  if (needed === undefined) return [required(path, 'must specify required node constraints')];
  const terms = itemsWithPaths(needed['nodeSelectorTerms'], `${path}.nodeSelectorTerms`);
  if (terms.length > 0) return [];
  return [required(`${path}.nodeSelectorTerms`, 'must have at least one node selector term')];
}

function sourceErrors(spec: JsonObject): FieldError[] {
  const [first, ...others] = volumeSources.filter((name) => isObject(spec[name]));
  if (first === undefined) return [required('spec', 'must specify a volume type')];
  const source = objectAt(spec, first) ?? {};
  return [
    ...(bySource[first]?.(source, `spec.${first}`, spec) ?? []),
    ...others.map((name) => forbidden(`spec.${name}`, 'may not specify more than 1 volume type')),
  ];
}

type SourceCheck = (source: JsonObject, path: string, spec: JsonObject) => FieldError[];

const bySource: Readonly<Record<string, SourceCheck>> = {
  hostPath: (source, path) => [
    ...pathErrors(textIn(source, 'path'), `${path}.path`),
    ...(textIn(source, 'path') === '' ? [] : hostTypeErrors(textAt(source, 'type'), `${path}.type`)),
  ],
  local: (source, path, spec) => [
    ...pathErrors(textIn(source, 'path'), `${path}.path`),
    ...(spec['nodeAffinity'] === undefined
      ? [required('spec.nodeAffinity', 'Local volume requires node affinity')]
      : []),
  ],
  nfs: (source, path) => {
    const given = textIn(source, 'path');
    return [
      ...(textIn(source, 'server') === '' ? [required(`${path}.server`)] : []),
      ...(given === '' ? [required(`${path}.path`)] : []),
      ...(given.startsWith('/') ? [] : [invalid(`${path}.path`, given, 'must be an absolute path')]),
    ];
  },
  csi: (source, path) => [
    ...driverErrors(textIn(source, 'driver'), `${path}.driver`),
    ...(textIn(source, 'volumeHandle') === '' ? [required(`${path}.volumeHandle`)] : []),
    ...secretErrors(source, path),
  ],
};

function secretErrors(source: JsonObject, path: string): FieldError[] {
  const fields = ['controllerPublish', 'controllerExpand', 'nodePublish', 'nodeExpand'];
  return fields.flatMap((field) => {
    const reference = objectAt(source, `${field}SecretRef`);
    if (reference === undefined) return [];
    return ['name', 'namespace']
      .filter((part) => textIn(reference, part) === '')
      .map((part) => required(`${path}.${field}SecretRef.${part}`));
  });
}

function driverErrors(driver: string, path: string): FieldError[] {
  if (driver === '') return [required(path)];
  return [
    ...(Buffer.byteLength(driver) > 63 ? [tooLong(path, 63)] : []),
    ...subdomainProblems(driver.toLowerCase()).map((problem) => invalid(path, driver, problem)),
  ];
}

function pathErrors(given: string, path: string): FieldError[] {
  if (given === '') return [required(path)];
  return given.split('/').includes('..') ? [invalid(path, given, "must not contain '..'")] : [];
}

function hostTypeErrors(type: string | undefined, path: string): FieldError[] {
  return type === undefined || hostTypes.includes(type) ? [] : [notSupported(path, type, hostTypes)];
}

function isRecycledRoot(spec: JsonObject): boolean {
  const isRoot = /^\/+(\.?\/*)*$/.test(textAt(spec, 'hostPath', 'path') ?? '');
  return isRoot && spec['persistentVolumeReclaimPolicy'] === 'Recycle';
}

function attributesErrors(spec: JsonObject): FieldError[] {
  const name = textAt(spec, 'volumeAttributesClassName');
  const path = 'spec.volumeAttributesClassName';
  if (name === undefined) return [];
  return [
    ...(name === ''
      ? [required(path, 'an empty string is disallowed')]
      : formErrors(name, path, subdomainProblems)),
    ...(isObject(spec['csi'])
      ? []
      : [required('spec.csi', 'has to be specified when using volumeAttributesClassName')]),
  ];
}
