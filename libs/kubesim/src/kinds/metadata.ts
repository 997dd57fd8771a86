import {
  declaredProblems,
  dnsLabelProblems,
  goQuote,
  labelKeyProblems,
  labelValueProblems,
  pathSegmentProblems,
  serviceLabelProblems,
  subdomainProblems,
} from '@meridian/cel';
import { forbidden, GoText, invalid, required, tooLong } from '../errors/field-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import { itemsAt, jsonEqual, textAt } from '../json.ts';
import type { Json } from '../json.ts';
import type { KubeObject, ObjectMeta } from '../kube-object.ts';
import { notNegative } from './validation/checks.ts';
import type { NameRule } from './kind-rules.ts';

const mostAnnotationBytes = 256 * 1024;
const immutable = 'field is immutable';

const nameRules: Readonly<Record<NameRule, (name: string) => string[]>> = {
  'dns-subdomain': subdomainProblems,
  'declared-subdomain': declaredProblems,
  'dns-label': dnsLabelProblems,
  'dns-1035-label': serviceLabelProblems,
  'path-segment': pathSegmentProblems,
  namespace: dnsLabelProblems,
  any: () => [],
};

/** What is wrong with the metadata of an object that is created (ValidateObjectMeta of k8s.io/apimachinery). */
export function validateMetadata(
  object: KubeObject,
  rule: NameRule,
  namespaced: boolean,
  finalizers: FinalizerRule = 'qualified',
): FieldError[] {
  const { metadata } = object;
  return [
    ...nameErrors(metadata, rule),
    ...namespaceErrors(metadata, namespaced),
    ...commonErrors(metadata, finalizers),
  ];
}

/** Which finalizers a kind takes: those of built-in kinds have a prefix, but for a few; custom kinds take any. */
export type FinalizerRule = 'qualified' | 'any';

/** How often, and in which order, the causes of a refused update tell a mistake in metadata. */
export interface Tellings {
  readonly metadata: number;
  /** One letter for each check of finalizers: `n` of their form as names, `s` of being standard or having a prefix. */
  readonly finalizers: string;
}

const once: Tellings = { metadata: 1, finalizers: 'ns' };

/** The registry checks metadata, and so do the validations of each kind, one or more times; counted on a real server. */
const tellings: Readonly<Record<string, Tellings>> = {
  PodDisruptionBudget: { metadata: 2, finalizers: 'n' },
  Lease: { metadata: 3, finalizers: 'n' },
  RuntimeClass: { metadata: 4, finalizers: 'nn' },
  PersistentVolume: { metadata: 4, finalizers: 'nnsns' },
  LimitRange: { metadata: 3, finalizers: 'nns' },
  EndpointSlice: { metadata: 3, finalizers: 'nns' },
  ...alike({ metadata: 3, finalizers: 'ns' }, [
    ...['Service', 'ResourceQuota', 'ReplicationController', 'PodTemplate', 'Deployment', 'ReplicaSet'],
    ...['StatefulSet', 'DaemonSet', 'CronJob', 'HorizontalPodAutoscaler', 'NetworkPolicy', 'PriorityClass'],
  ]),
  ...alike({ metadata: 4, finalizers: 'nnss' }, [
    ...[
      'Job',
      'Role',
      'RoleBinding',
      'ClusterRole',
      'ClusterRoleBinding',
      'Namespace',
      'Node',
      'StorageClass',
    ],
  ]),
};

function alike(told: Tellings, kinds: readonly string[]): Record<string, Tellings> {
  return Object.fromEntries(kinds.map((kind) => [kind, told]));
}

/** How an update of a kind tells mistakes in metadata; custom kinds and subresources tell them once. */
export function tellingsOf(kind: string, isPlain: boolean): Tellings {
  return isPlain ? (tellings[kind] ?? { metadata: 4, finalizers: 'nsns' }) : once;
}

/** What is wrong with the metadata of an object that is updated (ValidateObjectMetaUpdate). */
export function validateMetadataUpdate(
  object: KubeObject,
  old: KubeObject,
  finalizers: FinalizerRule = 'qualified',
  told: Tellings = once,
): FieldError[] {
  const { metadata } = object;
  const changed = [
    ...newFinalizerErrors(metadata, old.metadata),
    ...unchangeable.flatMap((field) =>
      jsonEqual(metadata[field], old.metadata[field])
        ? []
        : [invalid(`metadata.${field}`, metadata[field] ?? null, immutable)],
    ),
  ];
  // The registry checks what changed, and so does each kind's own validation: the causes come twice.
  return [
    ...changed,
    ...changed,
    ...repeated(fieldErrors(metadata), told.metadata),
    ...[...told.finalizers].flatMap((check) =>
      check === 'n'
        ? finalizerNameErrors(metadata.finalizers ?? [])
        : standardFinalizerErrors(metadata.finalizers ?? [], finalizers),
    ),
  ];
}

function repeated(errors: readonly FieldError[], times: number): FieldError[] {
  return errors.length === 0 ? [] : Array.from({ length: times }, () => errors).flat();
}

const unchangeable = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
];

/** What is wrong with labels at a path: keys first, then values, in the order of keys. */
export function labelErrors(
  labels: Readonly<Record<string, string>> | undefined,
  path: string,
): FieldError[] {
  return Object.entries(labels ?? {})
    .sort(byKey)
    .flatMap(([key, value]) => [
      ...labelKeyProblems(key).map((problem) => invalid(path, key, problem)),
      ...labelValueProblems(value).map((problem) => invalid(path, value, problem)),
    ]);
}

/** What is wrong with annotations at a path. */
export function annotationErrors(
  annotations: Readonly<Record<string, string>> | undefined,
  path: string,
): FieldError[] {
  const entries = Object.entries(annotations ?? {}).sort(byKey);
  const errors = entries.flatMap(([key]) =>
    labelKeyProblems(key.toLowerCase()).map((problem) => invalid(path, key, problem)),
  );
  const bytes = entries.reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
  return bytes > mostAnnotationBytes ? [...errors, tooLong(path, mostAnnotationBytes)] : errors;
}

function nameErrors({ name = '', generateName = '' }: ObjectMeta, rule: NameRule): FieldError[] {
  const problems = nameRules[rule];
  // A prefix may end in a dash, to which a suffix comes.
  const masked = generateName.endsWith('-') ? `${generateName.slice(0, -1)}a` : generateName;
  const prefix = generateName === '' || rule === 'declared-subdomain' ? [] : problems(masked);
  return [
    ...prefix.map((problem) => invalid('metadata.generateName', generateName, problem)),
    ...(name === ''
      ? [required('metadata.name', 'name or generateName is required')]
      : problems(name).map((problem) => invalid('metadata.name', name, problem))),
  ];
}

function namespaceErrors({ namespace = '' }: ObjectMeta, namespaced: boolean): FieldError[] {
  if (!namespaced)
    return namespace === '' ? [] : [forbidden('metadata.namespace', 'not allowed on this type')];
  if (namespace === '') return [required('metadata.namespace')];
  return dnsLabelProblems(namespace).map((problem) => invalid('metadata.namespace', namespace, problem));
}

function commonErrors(metadata: ObjectMeta, finalizers: FinalizerRule): FieldError[] {
  return [...fieldErrors(metadata), ...finalizerErrors(metadata.finalizers ?? [], finalizers)];
}

function fieldErrors(metadata: ObjectMeta): FieldError[] {
  return [
    ...notNegative(metadata.generation, 'metadata.generation'),
    ...labelErrors(metadata.labels, 'metadata.labels'),
    ...annotationErrors(metadata.annotations, 'metadata.annotations'),
    ...ownerErrors(itemsAt(metadata, 'ownerReferences')),
  ];
}

function ownerErrors(owners: readonly Json[]): FieldError[] {
  const path = 'metadata.ownerReferences';
  const errors = owners.flatMap(ownerReferenceErrors);
  const controllers = owners.filter(
    (owner) =>
      typeof owner === 'object' && owner !== null && !Array.isArray(owner) && owner['controller'] === true,
  );
  const shown = controllers.map((owner) => `${textAt(owner, 'kind') ?? ''}/${textAt(owner, 'name') ?? ''}`);
  const [first = '', ...others] = shown;
  const second = others.map((other) =>
    invalid(
      path,
      new GoText(`[${owners.map(shownOwner).join(',')}]`),
      `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${other}`,
    ),
  );
  return [...errors, ...second];
}

const ownerFields = ['apiVersion', 'kind', 'name', 'uid', 'controller', 'blockOwnerDeletion'];

/** Go writes the fields of an owner in the order of its type. */
function shownOwner(owner: Json): string {
  return JSON.stringify(owner, ownerFields);
}

function ownerReferenceErrors(owner: Json): FieldError[] {
  const path = 'metadata.ownerReferences';
  const [apiVersion = '', kind = '', name = '', uid = ''] = ['apiVersion', 'kind', 'name', 'uid'].map(
    (field) => textAt(owner, field),
  );
  const errors =
    apiVersion === '' ? [invalid(`${path}.apiVersion`, apiVersion, 'version must not be empty')] : [];
  for (const [field, value] of Object.entries({ kind, name, uid })) {
    if (value === '') errors.push(invalid(`${path}.${field}`, value, 'must not be empty'));
  }
  const banned = apiVersion === 'v1' && kind === 'Event';
  return banned
    ? [...errors, invalid(path, owner, '/v1, Kind=Event is disallowed from being an owner')]
    : errors;
}

const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion'];
const unqualified = 'name is neither a standard finalizer name nor is it fully qualified';

function finalizerErrors(finalizers: readonly string[], rule: FinalizerRule): FieldError[] {
  return [...finalizerNameErrors(finalizers), ...standardFinalizerErrors(finalizers, rule)];
}

function finalizerNameErrors(finalizers: readonly string[]): FieldError[] {
  return finalizers.flatMap((finalizer) =>
    labelKeyProblems(finalizer).map((problem) => invalid('metadata.finalizers', finalizer, problem)),
  );
}

function standardFinalizerErrors(finalizers: readonly string[], rule: FinalizerRule): FieldError[] {
  const path = 'metadata.finalizers';
  const errors = finalizers.flatMap((finalizer, index) =>
    rule === 'any' || finalizer.includes('/') || standardFinalizers.includes(finalizer)
      ? []
      : [invalid(`${path}[${String(index)}]`, finalizer, unqualified)],
  );
  const both = finalizers.includes('orphan') && finalizers.includes('foregroundDeletion');
  const message = 'finalizer orphan and foregroundDeletion cannot be both set';
  return both ? [...errors, invalid(path, [...finalizers], message)] : errors;
}

function newFinalizerErrors(metadata: ObjectMeta, old: ObjectMeta): FieldError[] {
  if (old.deletionTimestamp === undefined) return [];
  const added = (metadata.finalizers ?? []).filter(
    (finalizer) => !(old.finalizers ?? []).includes(finalizer),
  );
  if (added.length === 0) return [];
  const shown = [...new Set(added)].sort().map(goQuote).join(', ');
  return [
    forbidden(
      'metadata.finalizers',
      `no new finalizers can be added if the object is being deleted, found new finalizers []string{${shown}}`,
    ),
  ];
}

function byKey([a]: [string, string], [b]: [string, string]): number {
  return a < b ? -1 : 1;
}
