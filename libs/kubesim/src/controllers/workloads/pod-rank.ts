import { textAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { isReady } from '../pod-status.ts';

/** Pods that matter least come first (controller.ActivePodsWithRanks). */
export function leastNeeded(pods: readonly KubeObject[]): KubeObject[] {
  const readyOn = new Map<string, number>();
  for (const pod of pods.filter(isReady)) {
    const node = textAt(pod, 'spec', 'nodeName') ?? '';
    readyOn.set(node, (readyOn.get(node) ?? 0) + 1);
  }
  const crowd = (pod: KubeObject) => readyOn.get(textAt(pod, 'spec', 'nodeName') ?? '') ?? 0;
  return [...pods].sort(
    (a, b) => rank(a) - rank(b) || cost(a) - cost(b) || crowd(b) - crowd(a) || age(b) - age(a),
  );
}

function rank(pod: KubeObject): number {
  if (textAt(pod, 'spec', 'nodeName') === undefined) return 0;
  if (textAt(pod, 'status', 'phase') !== 'Running') return 1;
  return isReady(pod) ? 3 : 2;
}

function cost({ metadata }: KubeObject): number {
  return Number(metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0) || 0;
}

function age({ metadata }: KubeObject): number {
  return Date.parse(metadata.creationTimestamp ?? '');
}
