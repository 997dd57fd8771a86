import type { Gvk } from './resource.ts';
import { fieldOf, isFields, type Fields, type Value } from './value.ts';

/** A field in objects of some kinds. An absent group, version or kind stands for any. */
export interface FieldSpec {
  /** Keys from the object's root; a list on the way is walked item by item. A step ending in `[]` is never created. */
  readonly path: readonly string[];
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
  /** Make the field where it is absent. */
  readonly create?: boolean;
}

/** Whether a field spec speaks of objects of a kind. */
export function selects(spec: Omit<FieldSpec, 'path' | 'create'>, gvk: Gvk): boolean {
  return (
    (spec.group === undefined || spec.group === gvk.group) &&
    (spec.version === undefined || spec.version === gvk.version) &&
    (spec.kind === undefined || spec.kind === gvk.kind)
  );
}

/** What to do with a field that was found or made. */
export type FieldVisit = (holder: Fields, key: string) => void;

/** Calls `visit` with the holder and key of every field at a path; an absent one only when it may be created. */
export function visitField(
  value: Value | undefined,
  path: readonly string[],
  create: boolean,
  visit: FieldVisit,
): void {
  if (Array.isArray(value)) {
    for (const item of value) visitField(item, path, create, visit);
    return;
  }
  const [step, ...rest] = path;
  if (!isFields(value) || step === undefined) return;
  const isList = step.endsWith('[]');
  const key = isList ? step.slice(0, -2) : step;
  if (rest.length > 0) visitField(fieldInside(value, key, create && !isList), rest, create, visit);
  else if (create || isThere(value, key)) visit(value, key);
}

function isThere(holder: Fields, key: string): boolean {
  const value = fieldOf(holder, key);
  return value !== undefined && value !== null;
}

function fieldInside(holder: Fields, key: string, create: boolean): Value | undefined {
  const present = fieldOf(holder, key) ?? undefined;
  if (present !== undefined || !create) return present;
  const made: Fields = {};
  holder[key] = made;
  return made;
}

const spec = (path: string, kind?: string, more: Partial<FieldSpec> = {}): FieldSpec => ({
  path: path.split('/'),
  ...(kind === undefined ? {} : { kind }),
  ...more,
});
const apps = { group: 'apps' };
const batch = { group: 'batch' };
const created = { create: true };

const templateLabels: readonly FieldSpec[] = [
  spec('spec/template/metadata/labels', 'ReplicationController', { version: 'v1', ...created }),
  spec('spec/template/metadata/labels', 'Deployment', created),
  spec('spec/template/metadata/labels', 'ReplicaSet', created),
  spec('spec/template/metadata/labels', 'DaemonSet', created),
  spec('spec/template/metadata/labels', 'StatefulSet', { ...apps, ...created }),
  spec('spec/template/metadata/labels', 'Job', { ...batch, ...created }),
  spec('spec/jobTemplate/metadata/labels', 'CronJob', { ...batch, ...created }),
  spec('spec/jobTemplate/spec/template/metadata/labels', 'CronJob', { ...batch, ...created }),
];

const affinityTerms = ['podAffinity', 'podAntiAffinity'].flatMap((affinity) => [
  `affinity/${affinity}/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels`,
  `affinity/${affinity}/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels`,
]);
const podSelectors = [...affinityTerms, 'topologySpreadConstraints/labelSelector/matchLabels'].flatMap(
  (path) => ['Deployment', 'StatefulSet'].map((kind) => spec(`spec/template/spec/${path}`, kind, apps)),
);
const networkPolicy = { group: 'networking.k8s.io' };

const selectorLabels: readonly FieldSpec[] = [
  spec('spec/selector', 'Service', { version: 'v1', ...created }),
  spec('spec/selector', 'ReplicationController', { version: 'v1', ...created }),
  spec('spec/selector/matchLabels', 'Deployment', created),
  spec('spec/selector/matchLabels', 'ReplicaSet', created),
  spec('spec/selector/matchLabels', 'DaemonSet', created),
  spec('spec/selector/matchLabels', 'StatefulSet', { ...apps, ...created }),
  spec('spec/selector/matchLabels', 'Job', batch),
  spec('spec/jobTemplate/spec/selector/matchLabels', 'CronJob', batch),
  spec('spec/selector/matchLabels', 'PodDisruptionBudget', { group: 'policy' }),
  spec('spec/podSelector/matchLabels', 'NetworkPolicy', networkPolicy),
  spec('spec/ingress/from/podSelector/matchLabels', 'NetworkPolicy', networkPolicy),
  spec('spec/egress/to/podSelector/matchLabels', 'NetworkPolicy', networkPolicy),
  ...podSelectors,
];

/** Where labels go that are meant for the object alone. */
export const ownLabelSpecs: readonly FieldSpec[] = [spec('metadata/labels', undefined, created)];
/** Where labels go that are also meant for the pods an object makes. */
export const templateLabelSpecs: readonly FieldSpec[] = [
  ...ownLabelSpecs,
  ...templateLabels,
  spec('spec/volumeClaimTemplates[]/metadata/labels', 'StatefulSet', { ...apps, ...created }),
];
/** Where labels go that are also meant for selectors. */
export const allLabelSpecs: readonly FieldSpec[] = [...templateLabelSpecs, ...selectorLabels];

/** Where common annotations go. */
export const annotationSpecs: readonly FieldSpec[] = [
  spec('metadata/annotations', undefined, created),
  ...templateLabels.map(({ path, ...rest }) => ({ ...rest, path: [...path.slice(0, -1), 'annotations'] })),
];

/** Where the replica count of an object is. */
export const replicaSpecs: readonly FieldSpec[] = [
  'Deployment',
  'ReplicationController',
  'ReplicaSet',
  'StatefulSet',
].map((kind) => spec('spec/replicas', kind, created));

/** Where an object names a namespace besides its own metadata. */
export const namespaceSpecs: readonly FieldSpec[] = [
  spec('metadata/name', 'Namespace', created),
  spec('spec/service/namespace', 'APIService', { group: 'apiregistration.k8s.io' }),
  spec('spec/conversion/webhook/clientConfig/service/namespace', 'CustomResourceDefinition', {
    group: 'apiextensions.k8s.io',
  }),
];
