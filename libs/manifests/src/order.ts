import { groupOf, type KubeObject } from './object.ts';

/** Annotations that place an object in a wave, the first that is present counts. Helm orders its hooks by weight. */
const waveAnnotations = ['meridian.dev/wave', 'argocd.argoproj.io/sync-wave', 'helm.sh/hook-weight'] as const;

/** Apply order inside a wave, as Flux sorts it (github.com/fluxcd/pkg/ssa/sort.go); other kinds come after these. */
const firstKinds = [
  'CustomResourceDefinition',
  'Namespace',
  'ClusterRole',
  'ClusterClass',
  'RuntimeClass',
  'PriorityClass',
  'StorageClass',
  'VolumeSnapshotClass',
  'IngressClass',
  'GatewayClass',
  'ClusterRoleBinding',
  'ResourceQuota',
  'ServiceAccount',
  'Role',
  'RoleBinding',
  'ConfigMap',
  'Secret',
  'Service',
  'LimitRange',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
];
/** Admission webhooks come last: they may refuse what their own backend needs to start. */
const lastKinds = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

const rankOfKind = new Map<string, number>([
  ...firstKinds.map((kind, index): [string, number] => [kind, index]),
  ...lastKinds.map((kind, index): [string, number] => [kind, firstKinds.length + 1 + index]),
]);

/** The wave of an object: its wave annotation as an integer, 0 when it has none or one that is no integer. */
export function waveOf(object: KubeObject): number {
  const text = waveText(object)?.text;
  return text !== undefined && /^[-+]?\d{1,9}$/.test(text) ? Number(text) : 0;
}

/** Why the wave annotation of an object cannot be read; undefined when it can or is absent. */
export function waveProblem(object: KubeObject): string | undefined {
  const wave = waveText(object);
  if (!wave || /^[-+]?\d{1,9}$/.test(wave.text)) return undefined;
  return `the annotation ${wave.annotation} must be an integer, not ${JSON.stringify(wave.text.slice(0, 40))}`;
}

function waveText(object: KubeObject): { annotation: string; text: string } | undefined {
  for (const annotation of waveAnnotations) {
    const text = object.metadata.annotations?.[annotation];
    if (text !== undefined) return { annotation, text };
  }
  return undefined;
}

/** Orders objects for apply: wave, kind rank, group and kind, namespace, name. A total order; the input stays untouched. */
export function orderObjects(objects: readonly KubeObject[]): KubeObject[] {
  return objects
    .map((object) => ({
      object,
      wave: waveOf(object),
      rank: rankOfKind.get(object.kind) ?? firstKinds.length,
    }))
    .sort(
      (left, right) =>
        left.wave - right.wave || left.rank - right.rank || compareNames(left.object, right.object),
    )
    .map(({ object }) => object);
}

function compareNames(left: KubeObject, right: KubeObject): number {
  return (
    compareText(groupOf(left.apiVersion), groupOf(right.apiVersion)) ||
    compareText(left.kind, right.kind) ||
    compareText(left.metadata.namespace ?? '', right.metadata.namespace ?? '') ||
    compareText(left.metadata.name, right.metadata.name) ||
    compareText(left.apiVersion, right.apiVersion)
  );
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
