import { dnsLabelProblems, parseQuantity, subdomainProblems } from '@meridian/cel';
import { duplicate, forbidden, invalid, required, tooLong } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { isObject, objectAt, textsAt } from '../../../json.ts';
import type { JsonObject } from '../../../json.ts';
import { annotationErrors, labelErrors } from '../../metadata.ts';
import { claimSpecErrors } from '../claim-spec-errors.ts';
import { itemsWithPaths, requiredForm } from '../checks.ts';
import { pullPolicyErrors } from './container-errors.ts';
import { choice, formed, given, partOf, textOf } from './forms.ts';
import type { Placed } from './forms.ts';
import type { Volumes } from './mount-errors.ts';
import { otherSources } from './other-volume-errors.ts';
import { withoutBacksteps } from './paths.ts';
import { downwardErrors, modeErrors, pathItemErrors, projectedErrors } from './projected-errors.ts';

/** What the checks of a volume look at beside it: the pod it is of, which templates do not have yet. */
export interface VolumeScope {
  readonly isPod: boolean;
  /** The name of the pod, empty for templates. */
  readonly podName: string;
}

/** The good volumes of a pod by name, and what is wrong with the others (ValidateVolumes of pkg/apis/core/validation). */
export function volumesOf(
  spec: JsonObject,
  list: string,
  scope: VolumeScope,
): { readonly volumes: Volumes; readonly errors: FieldError[] } {
  const volumes = new Map<string, JsonObject>();
  const placed = itemsWithPaths(spec['volumes'], list);
  const made = scope.podName === '' ? [] : claimsMade(placed, scope.podName);
  const errors = placed.flatMap(([volume, path]) => {
    const name = textOf(volume, 'name');
    const found = [
      ...sourceErrors([volume, path], scope),
      ...requiredForm(name, `${path}.name`, dnsLabelProblems),
      ...(volumes.has(name) ? [duplicate(`${path}.name`, name)] : []),
    ];
    if (found.length === 0) volumes.set(name, volume);
    return [...found, ...madeClaimErrors([volume, path], made)];
  });
  return { volumes, errors };
}

function claimsMade(volumes: readonly Placed[], podName: string): string[] {
  return volumes
    .filter(([volume]) => isObject(volume['ephemeral']))
    .map(([volume]) => `${podName}-${textOf(volume, 'name')}`);
}

function madeClaimErrors([volume, path]: Placed, made: readonly string[]): FieldError[] {
  const name = textOf(volume, 'persistentVolumeClaim', 'claimName');
  if (!isObject(volume['persistentVolumeClaim']) || !made.includes(name)) return [];
  const why = 'must not reference a PVC that gets created for an ephemeral volume';
  return [invalid(`${path}.persistentVolumeClaim.claimName`, name, why)];
}

type SourceCheck = (source: JsonObject, path: string, scope: VolumeScope) => FieldError[];

/** Checks of each source in the server's order, in which only the first that a volume has is looked at. */
const sources: Readonly<Record<string, SourceCheck>> = {
  emptyDir: emptyErrors,
  hostPath: hostErrors,
  gitRepo: otherSources.gitRepo,
  gcePersistentDisk: otherSources.gcePersistentDisk,
  awsElasticBlockStore: otherSources.awsElasticBlockStore,
  secret: (source, path) => keyedErrors(source, path, 'secretName'),
  nfs: nfsErrors,
  iscsi: otherSources.iscsi,
  glusterfs: otherSources.glusterfs,
  flocker: otherSources.flocker,
  persistentVolumeClaim: (source, path) => given(textOf(source, 'claimName'), `${path}.claimName`),
  rbd: otherSources.rbd,
  cinder: otherSources.cinder,
  cephfs: otherSources.cephfs,
  quobyte: otherSources.quobyte,
  downwardAPI: downwardErrors,
  fc: otherSources.fc,
  flexVolume: otherSources.flexVolume,
  configMap: (source, path) => keyedErrors(source, path, 'name'),
  azureFile: otherSources.azureFile,
  vsphereVolume: otherSources.vsphereVolume,
  photonPersistentDisk: otherSources.photonPersistentDisk,
  portworxVolume: otherSources.portworxVolume,
  azureDisk: otherSources.azureDisk,
  storageos: otherSources.storageos,
  projected: projectedErrors,
  scaleIO: otherSources.scaleIO,
  csi: csiErrors,
  ephemeral: ephemeralErrors,
  image: imageErrors,
};

/** Paths that the server names in a way of its own. */
const oddPaths: Readonly<Record<string, string>> = { gcePersistentDisk: 'persistentDisk' };
const oddSeconds: Readonly<Record<string, string>> = { downwardAPI: 'downwarAPI', cephfs: 'cephFS' };

function sourceErrors([volume, path]: Placed, scope: VolumeScope): FieldError[] {
  const [first, ...more] = Object.keys(sources).filter((source) => isObject(volume[source]));
  if (first === undefined) return [required(path, 'must specify a volume type')];
  const check = sources[first];
  return [
    ...(check?.(partOf(volume, first), `${path}.${oddPaths[first] ?? first}`, scope) ?? []),
    ...(first === 'ephemeral' ? claimNameErrors([volume, path], scope) : []),
    ...more.map((source) =>
      forbidden(`${path}.${oddSeconds[source] ?? source}`, 'may not specify more than 1 volume type'),
    ),
  ];
}

function claimNameErrors([volume, path]: Placed, { podName }: VolumeScope): FieldError[] {
  const name = textOf(volume, 'name');
  if (podName === '' || name === '') return [];
  const claim = `${podName}-${name}`;
  return subdomainProblems(claim).map((problem) =>
    invalid(`${path}.name`, name, `PVC name ${JSON.stringify(claim)}: ${problem}`),
  );
}

function emptyErrors(source: JsonObject, path: string): FieldError[] {
  const limit = parseQuantity(textOf(source, 'sizeLimit'))?.nano ?? 0n;
  const why = 'SizeLimit field must be a valid resource quantity';
  return limit < 0n ? [forbidden(`${path}.sizeLimit`, why)] : [];
}

/** What a path of a host may be. */
export const hostTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

function hostErrors(source: JsonObject, path: string): FieldError[] {
  const file = textOf(source, 'path');
  if (file === '') return [required(`${path}.path`)];
  return [...withoutBacksteps(file, `${path}.path`), ...choice(source['type'], `${path}.type`, hostTypes)];
}

function keyedErrors(source: JsonObject, path: string, field: string): FieldError[] {
  return [
    ...given(textOf(source, field), `${path}.${field}`),
    ...modeErrors(source['defaultMode'], `${path}.defaultMode`),
    ...itemsWithPaths(source['items'], `${path}.items`).flatMap(pathItemErrors),
  ];
}

function nfsErrors(source: JsonObject, path: string): FieldError[] {
  const file = textOf(source, 'path');
  return [
    ...given(textOf(source, 'server'), `${path}.server`),
    ...given(file, `${path}.path`),
    ...(file.startsWith('/') ? [] : [invalid(`${path}.path`, file, 'must be an absolute path')]),
  ];
}

const longestDriver = 63;

function csiErrors(source: JsonObject, path: string): FieldError[] {
  const driver = textOf(source, 'driver');
  const secret = objectAt(source, 'nodePublishSecretRef');
  const name = textOf(secret, 'name');
  return [
    ...given(driver, `${path}.driver`),
    ...(driver.length > longestDriver ? [tooLong(`${path}.driver`, longestDriver)] : []),
    ...(driver === ''
      ? []
      : formed(driver, `${path}.driver`, (text) => subdomainProblems(text.toLowerCase()))),
    ...(secret !== undefined && name === '' ? [required(`${path}.nodePublishSecretRef.name`)] : []),
    ...(name === '' ? [] : formed(name, `${path}.name`, subdomainProblems)),
  ];
}

function ephemeralErrors(source: JsonObject, path: string): FieldError[] {
  const template = objectAt(source, 'volumeClaimTemplate');
  const at = `${path}.volumeClaimTemplate`;
  if (template === undefined) return [required(at)];
  const metadata = partOf(template, 'metadata');
  const more = Object.keys(metadata).filter((field) => !['labels', 'annotations'].includes(field));
  return [
    ...annotationErrors(textsAt(metadata, 'annotations'), `${at}.metadata.annotations`),
    ...labelErrors(textsAt(metadata, 'labels'), `${at}.metadata.labels`),
    ...more.map((field) => forbidden(`${at}.metadata.${field}`, 'cannot be set')),
    ...claimSpecErrors(partOf(template, 'spec'), `${at}.spec`),
  ];
}

function imageErrors(source: JsonObject, path: string, { isPod }: VolumeScope): FieldError[] {
  return [
    ...(isPod ? given(textOf(source, 'reference'), `${path}.reference`) : []),
    ...pullPolicyErrors(textOf(source, 'pullPolicy'), `${path}.pullPolicy`),
  ];
}
