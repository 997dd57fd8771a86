import { itemsAt, numberAt, objectAt, textAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { indexOf, isIndexed, parseIndexes } from './job-indexes.ts';
import { failuresBefore, isFailed, isTracked } from './job-pods.ts';
import { failureVerdict, successMet } from './job-policies.ts';
import { isActive } from './owned.ts';

/** How a job is to end. */
export interface Ending {
  readonly type: 'Complete' | 'Failed';
  readonly reason: string;
  readonly message: string;
}

/** How far a job is. */
export interface Progress {
  readonly job: KubeObject;
  readonly pods: readonly KubeObject[];
  readonly active: readonly KubeObject[];
  /** Pods that finished and are not counted in the status yet. */
  readonly newlySucceeded: readonly KubeObject[];
  readonly newlyFailed: readonly KubeObject[];
  readonly succeeded: number;
  readonly failed: number;
  readonly succeededIndexes: ReadonlySet<number>;
  /** Undefined when failures are not counted by index. */
  readonly failedIndexes: ReadonlySet<number> | undefined;
}

/** Reads how far a job is from its status and the pods that it controls. */
export function progressOf(job: KubeObject, pods: readonly KubeObject[]): Progress {
  const tracked = pods.filter(isTracked);
  const newlySucceeded = tracked.filter((pod) => textAt(pod, 'status', 'phase') === 'Succeeded');
  const newlyFailed = tracked.filter((pod) => isFailed(pod, job));
  const succeededIndexes = parseIndexes(textAt(job, 'status', 'completedIndexes') ?? '');
  for (const pod of newlySucceeded) addIndex(succeededIndexes, pod, job);
  const told = (field: string) => numberAt(job, 'status', field) ?? 0;
  return {
    ...{ job, pods, newlySucceeded, newlyFailed, succeededIndexes },
    active: pods.filter(isActive),
    succeeded: isIndexed(job) ? succeededIndexes.size : told('succeeded') + newlySucceeded.length,
    failed: told('failed') + newlyFailed.filter((pod) => counts(job, pod)).length,
    failedIndexes: failedIndexesOf(job, newlyFailed),
  };
}

/** Whether a failed pod counts against the limits of its job. */
export function counts(job: KubeObject, pod: KubeObject): boolean {
  return failureVerdict(job, pod)?.action !== 'Ignore';
}

function failedIndexesOf(job: KubeObject, failed: readonly KubeObject[]): ReadonlySet<number> | undefined {
  const limit = numberAt(job, 'spec', 'backoffLimitPerIndex');
  if (limit === undefined) return undefined;
  const indexes = parseIndexes(textAt(job, 'status', 'failedIndexes') ?? '');
  for (const pod of failed) {
    const isOver = counts(job, pod) && failuresBefore(pod).counted >= limit;
    if (isOver || failureVerdict(job, pod)?.action === 'FailIndex') addIndex(indexes, pod, job);
  }
  return indexes;
}

function addIndex(indexes: Set<number>, pod: KubeObject, job: KubeObject): void {
  const index = indexOf(pod, job);
  if (index !== undefined) indexes.add(index);
}

/** The failed pods whose indexes wait for a replacement, by index: of several the one that had failed most. */
export function failedToReplace(progress: Progress): ReadonlyMap<number, KubeObject> {
  const { job, active, newlyFailed, succeededIndexes, failedIndexes } = progress;
  const found = new Map<number, KubeObject>();
  if (failedIndexes === undefined) return found;
  const busy = new Set(active.map((pod) => indexOf(pod, job)));
  const attempts = (pod: KubeObject | undefined) => {
    const { counted, ignored } = pod === undefined ? { counted: -1, ignored: 0 } : failuresBefore(pod);
    return counted + ignored;
  };
  for (const pod of newlyFailed) {
    const index = indexOf(pod, job);
    if (index === undefined || busy.has(index)) continue;
    if (succeededIndexes.has(index) || failedIndexes.has(index)) continue;
    if (attempts(pod) > attempts(found.get(index))) found.set(index, pod);
  }
  return found;
}

/** How a job is to end by what it decided before, its policies and its limits; undefined while it goes on. */
export function endingOf(progress: Progress, nowMs: number): Ending | undefined {
  const { job } = progress;
  return (
    decided(job, 'SuccessCriteriaMet', 'Complete') ??
    decided(job, 'FailureTarget', 'Failed') ??
    policyEnding(progress) ??
    limitEnding(progress, nowMs) ??
    indexEnding(progress) ??
    successEnding(progress)
  );
}

function decided(job: KubeObject, condition: string, type: Ending['type']): Ending | undefined {
  const found = itemsAt(job, 'status', 'conditions').find(
    (one) => textAt(one, 'type') === condition && textAt(one, 'status') === 'True',
  );
  if (found === undefined) return undefined;
  return { type, reason: textAt(found, 'reason') ?? '', message: textAt(found, 'message') ?? '' };
}

function failed(reason: string, message: string): Ending {
  return { type: 'Failed', reason, message };
}

function policyEnding({ job, pods }: Progress): Ending | undefined {
  const verdicts = pods
    .filter((pod) => isFailed(pod, job))
    .flatMap((pod) => failureVerdict(job, pod)?.message ?? []);
  return verdicts[0] === undefined ? undefined : failed('PodFailurePolicy', verdicts[0]);
}

function limitEnding(progress: Progress, nowMs: number): Ending | undefined {
  const { job } = progress;
  const limit = numberAt(job, 'spec', 'backoffLimit') ?? 6;
  if (progress.failed > limit || hasRestartedTooOften(progress, limit)) {
    return failed('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  }
  const left = deadlineLeftMs(job, nowMs);
  return left !== undefined && left <= 0
    ? failed('DeadlineExceeded', 'Job was active longer than specified deadline')
    : undefined;
}

function hasRestartedTooOften({ job, active }: Progress, limit: number): boolean {
  if (textAt(job, 'spec', 'template', 'spec', 'restartPolicy') !== 'OnFailure') return false;
  const restarts = active
    .flatMap((pod) => [
      ...itemsAt(pod, 'status', 'initContainerStatuses'),
      ...itemsAt(pod, 'status', 'containerStatuses'),
    ])
    .reduce<number>((sum, status) => sum + (numberAt(status, 'restartCount') ?? 0), 0);
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

/** Milliseconds until a job has been active for too long; undefined when it may be for ever. */
export function deadlineLeftMs(job: KubeObject, nowMs: number): number | undefined {
  const seconds = numberAt(job, 'spec', 'activeDeadlineSeconds');
  const since = Date.parse(textAt(job, 'status', 'startTime') ?? '');
  if (seconds === undefined || Number.isNaN(since) || isSuspended(job)) return undefined;
  return since + seconds * 1_000 - nowMs;
}

/** Whether a job is to have no pods for now. */
export function isSuspended(job: KubeObject): boolean {
  return objectAt(job, 'spec')?.['suspend'] === true;
}

function indexEnding({ job, succeededIndexes, failedIndexes }: Progress): Ending | undefined {
  if (failedIndexes === undefined || failedIndexes.size === 0) return undefined;
  const most = numberAt(job, 'spec', 'maxFailedIndexes');
  if (most !== undefined && failedIndexes.size > most) {
    const message = 'Job has exceeded the specified maximal number of failed indexes';
    return failed('MaxFailedIndexesExceeded', message);
  }
  const done = failedIndexes.size + succeededIndexes.size;
  return done >= (numberAt(job, 'spec', 'completions') ?? 0)
    ? failed('FailedIndexes', 'Job has failed indexes')
    : undefined;
}

function successEnding({ job, succeededIndexes }: Progress): Ending | undefined {
  const message = isIndexed(job) ? successMet(job, succeededIndexes) : undefined;
  return message === undefined ? undefined : { type: 'Complete', reason: 'SuccessPolicy', message };
}

/** Whether a job has all the successes that it asks for and nothing runs any more. */
export function completionOf({ job, succeeded }: Progress, active: number): Ending | undefined {
  const completions = numberAt(job, 'spec', 'completions');
  const enough = completions === undefined ? succeeded > 0 : succeeded >= completions;
  if (!enough || active > 0) return undefined;
  const message = 'Reached expected number of succeeded pods';
  return { type: 'Complete', reason: 'CompletionsReached', message };
}

/** How many pods are to run at once now. */
export function wantedActive({ job, succeeded, active }: Progress): number {
  const parallelism = numberAt(job, 'spec', 'parallelism') ?? 1;
  const completions = numberAt(job, 'spec', 'completions');
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(parallelism, completions - succeeded));
}
