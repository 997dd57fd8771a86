import { draftOf, isObject, itemsAt, textAt } from '../json.ts';
import { apiTime } from '../kube-object.ts';
import type { KubeObject } from '../kube-object.ts';

/** A pod on the node that it was bound to: what the binding subresource writes (pkg/registry/core/pod/storage). */
export function boundPod(pod: KubeObject, node: string, nowMs: number): KubeObject {
  const changed = draftOf(pod);
  const { spec, status } = changed;
  if (isObject(spec)) spec['nodeName'] = node;
  if (isObject(status)) {
    const others = itemsAt(status, 'conditions').filter((one) => textAt(one, 'type') !== 'PodScheduled');
    const scheduled = {
      type: 'PodScheduled',
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: apiTime(nowMs),
    };
    status['conditions'] = [...others, scheduled];
  }
  return changed;
}
