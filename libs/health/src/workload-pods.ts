import type { KubeObject } from '@meridian/manifests';
import { troubleOf } from './pods.ts';
import { numberAt, textAt } from './read.ts';
import { degraded, progressing } from './verdict.ts';
import type { PodTrouble } from './pods.ts';
import type { Verdict } from './verdict.ts';

/**
 * Adds what the pods of a Deployment, StatefulSet, DaemonSet or Job say to the verdict on it. Only pods of the newest
 * template count, so that a fix is not blamed for the crash loop it replaces. Crash loops and image pulls that back off
 * make it Degraded; pods that find no node give the reason and leave it Progressing, because nodes can be added.
 */
export function judgeWithPods(owner: KubeObject, verdict: Verdict, pods: readonly KubeObject[]): Verdict {
  if (verdict.health !== 'Progressing' && verdict.health !== 'Degraded') return verdict;
  if (owner.metadata.deletionTimestamp !== undefined) return verdict;
  const troubles = newestPods(owner, pods).flatMap((pod) => troubleOf(pod) ?? []);
  const stuck = troubles.filter((trouble) => trouble.kind !== 'unschedulable');
  if (stuck.length > 0) return degraded(`${verdict.reason}; ${describe(stuck)}`);
  if (troubles.length > 0)
    return { health: verdict.health, reason: `${verdict.reason}; ${describe(troubles)}` };
  return verdict.health === 'Degraded' ? verdict : progressing(verdict.reason);
}

function describe(troubles: readonly PodTrouble[]): string {
  const first = troubles[0];
  if (!first) return '';
  return troubles.length === 1 ? first.reason : `${first.reason} (and ${troubles.length - 1} more pods)`;
}

/** Labels that Kubernetes puts on pods to tell the templates of one owner apart. */
const templateLabels: { readonly [kind: string]: string } = {
  Deployment: 'pod-template-hash',
  StatefulSet: 'controller-revision-hash',
  DaemonSet: 'controller-revision-hash',
};

function newestPods(owner: KubeObject, pods: readonly KubeObject[]): readonly KubeObject[] {
  const label = templateLabels[owner.kind];
  if (label === undefined) return pods;
  if (updatedPods(owner) === 0) return [];
  const known = owner.kind === 'StatefulSet' ? textAt(owner, 'status', 'updateRevision') : '';
  const template = known || newestTemplate(pods, label);
  return pods.filter((pod) => (pod.metadata.labels?.[label] ?? '') === template);
}

function updatedPods(owner: KubeObject): number {
  const field = owner.kind === 'DaemonSet' ? 'updatedNumberScheduled' : 'updatedReplicas';
  return numberAt(owner, ['status', field], 0);
}

function newestTemplate(pods: readonly KubeObject[], label: string): string {
  let newest = '';
  let template = '';
  for (const pod of pods) {
    const made = textAt(pod, 'metadata', 'creationTimestamp');
    if (made < newest) continue;
    newest = made;
    template = pod.metadata.labels?.[label] ?? '';
  }
  return template;
}
