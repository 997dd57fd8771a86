import type { KubeObject } from '@meridian/manifests';
import { newestPods } from './pod-selector.ts';
import { troubleOf } from './pods.ts';
import { deadlineOf, waitOf } from './pod-waits.ts';
import type { PodEvent, PodWait } from './pod-waits.ts';
import { conditionsOf, numberAt } from './read.ts';
import { degraded, progressing } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/** The pods of a workload as they were listed, what events say of them, and the time in Unix milliseconds. */
export interface PodsSeen {
  readonly pods: readonly KubeObject[];
  readonly events: readonly PodEvent[];
  readonly nowMs: number;
}

/**
 * Adds what the pods of a workload say to the verdict on it. Only pods of the newest template count, so that a fix is not
 * blamed for the crash loop it replaces. Crash loops and image pulls that back off make it Degraded. Pods that wait for a
 * node, an image or a model give the reason; one that waits longer than its deadline makes it Degraded, and while all wait
 * within theirs, a Deployment that is past its own progress deadline is Progressing: that one knows nothing of GPUs.
 */
export function judgeWithPods(owner: KubeObject, verdict: Verdict, seen: PodsSeen): Verdict {
  if (verdict.health !== 'Progressing' && verdict.health !== 'Degraded') return verdict;
  if (owner.metadata.deletionTimestamp !== undefined || isUntouched(owner)) return verdict;
  const pods = newestPods(owner, seen.pods);
  const stuck = pods.flatMap((pod) => troubleOf(pod) ?? []).filter(({ kind }) => kind !== 'unschedulable');
  if (stuck.length > 0) return degraded(`${verdict.reason}; ${describe(stuck)}`);
  const waits = pods.flatMap((pod) => waitOf(pod, seen.events) ?? []);
  if (waits.length === 0) return verdict;
  return judgeWaits(owner, verdict, { waits, nowMs: seen.nowMs });
}

/** No pod of the newest template is made yet. */
function isUntouched(owner: KubeObject): boolean {
  if (owner.kind === 'Deployment' || owner.kind === 'StatefulSet')
    return numberAt(owner, ['status', 'updatedReplicas'], 0) === 0;
  return owner.kind === 'DaemonSet' && numberAt(owner, ['status', 'updatedNumberScheduled'], 0) === 0;
}

function judgeWaits(
  owner: KubeObject,
  verdict: Verdict,
  { waits, nowMs }: { readonly waits: readonly PodWait[]; readonly nowMs: number },
): Verdict {
  const overdue = waits.find((wait) => isOverdue(owner, wait, nowMs));
  if (overdue) {
    const { annotation, ms = 0 } = deadlineOf(owner, overdue.kind);
    const limit = `longer than ${Math.round(ms / 1_000)} s (${annotation})`;
    return degraded(`${verdict.reason}; ${overdue.reason}, ${limit}`);
  }
  const reason = `${verdict.reason}; ${describe(waits)}`;
  if (verdict.health === 'Progressing') return progressing(reason);
  const isExcused = isPastProgressDeadline(owner) && waits.every((wait) => isExpected(owner, wait));
  return isExcused ? progressing(`still within its deadlines; ${describe(waits)}`) : degraded(reason);
}

function isOverdue(owner: KubeObject, { kind, sinceMs }: PodWait, nowMs: number): boolean {
  const { ms } = deadlineOf(owner, kind);
  return ms !== undefined && sinceMs !== undefined && nowMs - sinceMs > ms;
}

/** A pod for which nothing is done waits as expected only when its owner has said for how long. */
function isExpected(owner: KubeObject, { kind }: PodWait): boolean {
  return kind !== 'capacity' || deadlineOf(owner, kind).isSet;
}

function isPastProgressDeadline(owner: KubeObject): boolean {
  return conditionsOf(owner).some(
    ({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded',
  );
}

function describe(said: readonly { readonly reason: string }[]): string {
  const first = said[0];
  if (!first) return '';
  return said.length === 1 ? first.reason : `${first.reason} (and ${said.length - 1} more pods)`;
}
