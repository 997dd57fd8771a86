import type { KubeObject } from '@meridian/manifests';
import { groupOf } from '@meridian/manifests';
import { at, isRecord, listAt, textAt } from './read.ts';

/** How the pods of a kind are found, and how those of its newest template are told from older ones. */
interface PodOwner {
  /** The label that holds the name of the owner; without one its `spec.selector` counts. */
  readonly label?: string;
  /** Where the name in that label is told, when it is not that of the owner. */
  readonly named?: readonly string[];
  /** The label that differs from template to template. */
  readonly template?: string;
  /** Where the newest template is told; without it the youngest pod tells. */
  readonly newest?: readonly string[];
}

const training: PodOwner = { label: 'training.kubeflow.org/job-name' };

const owners: ReadonlyMap<string, PodOwner> = new Map<string, PodOwner>([
  ['apps/DaemonSet', { template: 'controller-revision-hash' }],
  ['apps/Deployment', { template: 'pod-template-hash' }],
  ['apps/StatefulSet', { template: 'controller-revision-hash', newest: ['status', 'updateRevision'] }],
  ['argoproj.io/Rollout', { template: 'rollouts-pod-template-hash', newest: ['status', 'currentPodHash'] }],
  ['batch/Job', {}],
  ['batch.volcano.sh/Job', { label: 'volcano.sh/job-name' }],
  ['jobset.x-k8s.io/JobSet', { label: 'jobset.sigs.k8s.io/jobset-name' }],
  ['kubeflow.org/JAXJob', training],
  ['kubeflow.org/MPIJob', training],
  ['kubeflow.org/PaddleJob', training],
  ['kubeflow.org/PyTorchJob', training],
  ['kubeflow.org/TFJob', training],
  ['kubeflow.org/XGBoostJob', training],
  [
    'leaderworkerset.x-k8s.io/LeaderWorkerSet',
    {
      label: 'leaderworkerset.sigs.k8s.io/name',
      template: 'leaderworkerset.sigs.k8s.io/template-revision-hash',
    },
  ],
  ['ray.io/RayCluster', { label: 'ray.io/cluster' }],
  ['ray.io/RayJob', { label: 'ray.io/cluster', named: ['status', 'rayClusterName'] }],
  [
    'serving.knative.dev/Service',
    {
      label: 'serving.knative.dev/service',
      template: 'serving.knative.dev/revision',
      newest: ['status', 'latestCreatedRevisionName'],
    },
  ],
]);

/** Whether the pods of a kind say more than the object itself, so that they are worth a look. */
export function hasPods({ group, kind }: { readonly group: string; readonly kind: string }): boolean {
  return owners.has(`${group}/${kind}`);
}

function ownerOf(owner: KubeObject): PodOwner | undefined {
  return owners.get(`${groupOf(owner.apiVersion)}/${owner.kind}`);
}

/** The label selector of the pods of a workload, as a list takes it; undefined when they cannot be told. */
export function podSelectorOf(owner: KubeObject): string | undefined {
  const found = ownerOf(owner);
  if (!found) return undefined;
  if (found.label === undefined) return selectorText(at(owner, 'spec', 'selector'));
  const name = found.named ? textAt(owner, ...found.named) : owner.metadata.name;
  return name === '' ? undefined : `${found.label}=${name}`;
}

/** A `spec.selector` as text; undefined when it selects by nothing. */
function selectorText(selector: unknown): string | undefined {
  const labels = at(selector, 'matchLabels');
  const equal = Object.entries(isRecord(labels) ? labels : {}).flatMap(([key, value]) =>
    typeof value === 'string' ? `${key}=${value}` : [],
  );
  const all = [...equal, ...listAt(selector, 'matchExpressions').flatMap((entry) => expression(entry) ?? [])];
  return all.length === 0 ? undefined : all.join(',');
}

function expression(entry: unknown): string | undefined {
  const key = textAt(entry, 'key');
  if (key === '') return undefined;
  const values = listAt(entry, 'values').join(',');
  switch (textAt(entry, 'operator')) {
    case 'In':
      return `${key} in (${values})`;
    case 'NotIn':
      return `${key} notin (${values})`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return undefined;
  }
}

/** Those of the pods that are made of the newest template of their owner. */
export function newestPods(owner: KubeObject, pods: readonly KubeObject[]): readonly KubeObject[] {
  const found = ownerOf(owner);
  const label = found?.template;
  if (label === undefined) return pods;
  const template = (found?.newest && textAt(owner, ...found.newest)) || youngestTemplate(pods, label);
  return pods.filter((pod) => (pod.metadata.labels?.[label] ?? '') === template);
}

function youngestTemplate(pods: readonly KubeObject[], label: string): string {
  let youngest = '';
  let template = '';
  for (const pod of pods) {
    const made = textAt(pod, 'metadata', 'creationTimestamp');
    if (made < youngest) continue;
    youngest = made;
    template = pod.metadata.labels?.[label] ?? '';
  }
  return template;
}
