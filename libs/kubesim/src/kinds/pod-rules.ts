import { itemsAt, numberAt, objectAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { apiTime } from '../kube-object.ts';
import type { KubeObject } from '../kube-object.ts';
import type { KindRules } from './kind-rules.ts';
import { qosClassOf } from './pod-qos.ts';
import { podStatusRules, podSubresources } from './pod-subresources.ts';
import { selectByOwnLabels } from './pod-label-keys.ts';
import { counted, withStatus } from './strategies.ts';
import { podUpdateErrors } from './validation/pod/pod-change.ts';
import { newPodErrors } from './validation/pod/pod-errors.ts';
import { newPodWarnings } from './warnings/pod-warnings.ts';

const counting = counted(withStatus);

/** Rules of pods (pkg/registry/core/pod/strategy.go). */
export const podRules: KindRules = {
  ...counting,
  prepareForCreate(draft, context) {
    counting.prepareForCreate?.(draft, context);
    const spec = objectAt(draft, 'spec') ?? {};
    const isGated = itemsAt(spec, 'schedulingGates').length > 0;
    const conditions = isGated ? { conditions: [gatedSince(apiTime(context.nowMs()))] } : {};
    draft['status'] = { phase: 'Pending', qosClass: qosClassOf(spec), ...conditions };
    selectByOwnLabels(draft);
  },
  validateCreate: newPodErrors,
  validateUpdate: podUpdateErrors,
  resetFields: { '': ['status'], status: ['spec', 'metadata.deletionTimestamp', 'metadata.ownerReferences'] },
  status: podStatusRules,
  subresources: podSubresources,
  warnings: (pod, old) => (old === undefined ? newPodWarnings(pod) : []),
  graceSeconds,
};

/** What a pod says of itself until its last gate is gone. */
function gatedSince(time: string): JsonObject {
  return {
    type: 'PodScheduled',
    status: 'False',
    lastProbeTime: null,
    lastTransitionTime: time,
    reason: 'SchedulingGated',
    message: 'Scheduling is blocked due to non-empty scheduling gates',
  };
}

/** A pod that runs may take its time; one that no node has, or that ended, goes at once. */
function graceSeconds(pod: KubeObject, asked: number | undefined): number {
  const phase = textAt(pod, 'status', 'phase') ?? '';
  const runs = (textAt(pod, 'spec', 'nodeName') ?? '') !== '' && !['Failed', 'Succeeded'].includes(phase);
  return runs ? (asked ?? numberAt(pod, 'spec', 'terminationGracePeriodSeconds') ?? 30) : 0;
}
