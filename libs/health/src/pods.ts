import { conditionOf, conditionsOf, listAt, says, textAt, timeMs } from './read.ts';
import { degraded, healthy, progressing } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/**
 * How long a pod may wait for a node before it counts as Degraded. kstatus gives 15 s, which calls every GPU node that an
 * autoscaler has to start a failure.
 */
export const unschedulableGraceMs = 300_000;

const cannotPull = new Set([
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
]);
const cannotStart = new Set(['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError']);

/** Why a pod cannot get on, in the three ways that people look for. */
export interface PodTrouble {
  readonly kind: 'unschedulable' | 'image' | 'crash';
  readonly reason: string;
}

/** What keeps a pod from getting on; undefined when nothing is known to. */
export function troubleOf(pod: unknown): PodTrouble | undefined {
  if (textAt(pod, 'metadata', 'deletionTimestamp')) return undefined;
  const containers = [
    ...listAt(pod, 'status', 'initContainerStatuses'),
    ...listAt(pod, 'status', 'containerStatuses'),
  ];
  for (const container of containers) {
    const found = troubleOfContainer(container);
    if (found) return found;
  }
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (
    textAt(pod, 'status', 'phase') === 'Pending' &&
    scheduled?.status === 'False' &&
    scheduled.reason === 'Unschedulable'
  ) {
    return { kind: 'unschedulable', reason: `no node fits: ${says(scheduled)}` };
  }
  return undefined;
}

function troubleOfContainer(container: unknown): PodTrouble | undefined {
  const waiting = textAt(container, 'state', 'waiting', 'reason');
  const name = textAt(container, 'name');
  const detail = textAt(container, 'state', 'waiting', 'message');
  if (cannotPull.has(waiting)) {
    return {
      kind: 'image',
      reason: `container ${name} cannot pull ${textAt(container, 'image') || 'its image'} (${waiting})`,
    };
  }
  if (cannotStart.has(waiting)) {
    return {
      kind: 'crash',
      reason: `container ${name} cannot start (${waiting}${detail ? `: ${detail}` : ''})`,
    };
  }
  if (waiting !== 'CrashLoopBackOff') return undefined;
  const detailOfCrash = crashDetail(container);
  return { kind: 'crash', reason: `container ${name} keeps crashing${detailOfCrash}` };
}

function crashDetail(container: unknown): string {
  const ended = textAt(container, 'lastState', 'terminated', 'reason');
  return ended ? ` (${ended})` : '';
}

/** Pod: kstatus with three differences: a Failed pod is Degraded, image pulls that back off are Degraded, nodes may take minutes. */
export function judgePod(pod: unknown, nowMs: number): Verdict {
  const phase = textAt(pod, 'status', 'phase');
  const trouble = troubleOf(pod);
  switch (phase) {
    case 'Succeeded':
      return healthy('the pod has completed');
    case 'Failed':
      return degraded(
        `the pod failed: ${textAt(pod, 'status', 'message') || textAt(pod, 'status', 'reason') || 'a container ended with an error'}`,
      );
    case 'Running':
      if (conditionsOf(pod).some((condition) => condition.type === 'Ready' && condition.status === 'True'))
        return healthy('the pod is ready');
      return trouble ? degraded(trouble.reason) : progressing('the pod is running but not ready');
    case 'Pending':
      return judgePending(pod, trouble, nowMs);
    case '':
      return progressing('the pod was not observed yet');
    default:
      return { health: 'Unknown', reason: `the pod is in phase ${phase}` };
  }
}

function judgePending(pod: unknown, trouble: PodTrouble | undefined, nowMs: number): Verdict {
  if (!trouble) return progressing('the pod is pending');
  if (trouble.kind !== 'unschedulable') return degraded(trouble.reason);
  const madeMs = timeMs(textAt(pod, 'metadata', 'creationTimestamp'));
  const young = madeMs !== undefined && nowMs - madeMs < unschedulableGraceMs;
  return young ? progressing(trouble.reason) : degraded(trouble.reason);
}
