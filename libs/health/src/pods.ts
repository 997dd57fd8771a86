import { at, conditionOf, conditionsOf, listAt, numberAt, says, textAt, timeMs } from './read.ts';
import { degraded, healthy, progressing } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/**
 * How long a pod may wait for a node before it counts as Degraded. kstatus gives 15 s, which calls every GPU node that an
 * autoscaler has to start a failure.
 */
const unschedulableGraceMs = 300_000;

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
  for (const container of containersOf(pod)) {
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

function containersOf(pod: unknown): readonly unknown[] {
  return [...listAt(pod, 'status', 'initContainerStatuses'), ...listAt(pod, 'status', 'containerStatuses')];
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

/**
 * Pod. kstatus, with these differences: a Failed pod, an image pull that backs off and a container that has crashed and is
 * not ready again are Degraded (as Argo CD says it), and a node may take minutes. A pod that is meant to end is waited for.
 */
export function judgePod(pod: unknown, nowMs: number): Verdict {
  const phase = textAt(pod, 'status', 'phase');
  switch (phase) {
    case 'Succeeded':
      return healthy('the pod has completed');
    case 'Failed':
      return degraded(`the pod failed: ${failureOf(pod)}`);
    case 'Running':
      return judgeRunning(pod);
    case 'Pending':
      return judgePending(pod, troubleOf(pod), nowMs);
    case '':
      return progressing('the pod was not observed yet');
    default:
      return { health: 'Unknown', reason: `the pod is in phase ${phase}` };
  }
}

function failureOf(pod: unknown): string {
  const own = textAt(pod, 'status', 'message') || textAt(pod, 'status', 'reason');
  if (own !== '') return own;
  for (const container of containersOf(pod)) {
    const ended = at(container, 'state', 'terminated');
    const told = textAt(ended, 'message') || textAt(ended, 'reason');
    if (told !== '' && numberAt(ended, ['exitCode'], 1) !== 0)
      return `container ${textAt(container, 'name')} ended with ${told}`;
  }
  return 'a container ended with an error';
}

function judgeRunning(pod: unknown): Verdict {
  const isReady = conditionsOf(pod).some(({ type, status }) => type === 'Ready' && status === 'True');
  if (isReady)
    return isMeantToEnd(pod) ? progressing('the pod runs and is meant to end') : healthy('the pod is ready');
  const trouble = troubleOf(pod);
  if (trouble) return degraded(trouble.reason);
  const crashed = isMeantToEnd(pod)
    ? undefined
    : listAt(pod, 'status', 'containerStatuses').find(
        (one) => at(one, 'lastState', 'terminated') !== undefined,
      );
  return crashed
    ? degraded(
        `container ${textAt(crashed, 'name')} has crashed${crashDetail(crashed)} and is not ready again`,
      )
    : progressing('the pod is running but not ready');
}

/** Argo CD's annotation for pods that never restart and still serve; it does not count on hooks. */
function isMeantToEnd(pod: unknown): boolean {
  const policy = textAt(pod, 'spec', 'restartPolicy');
  if (policy !== 'Never' && policy !== 'OnFailure') return false;
  const annotation = (name: string) => textAt(pod, 'metadata', 'annotations', name);
  const isHook = ['argocd.argoproj.io/hook', 'helm.sh/hook'].some((name) => annotation(name) !== '');
  return isHook || annotation('argocd.argoproj.io/ignore-restart-policy') !== 'true';
}

function judgePending(pod: unknown, trouble: PodTrouble | undefined, nowMs: number): Verdict {
  if (!trouble) return progressing('the pod is pending');
  if (trouble.kind !== 'unschedulable') return degraded(trouble.reason);
  const madeMs = timeMs(textAt(pod, 'metadata', 'creationTimestamp'));
  const young = madeMs !== undefined && nowMs - madeMs < unschedulableGraceMs;
  return young ? progressing(trouble.reason) : degraded(trouble.reason);
}
