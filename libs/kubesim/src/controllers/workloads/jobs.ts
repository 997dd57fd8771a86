import { numberAt, textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { StoreEvent } from '../../store/store.ts';
import { refOf } from '../cluster-client.ts';
import type { ObjectRef } from '../cluster-client.ts';
import { namespacedKey, splitKey } from '../controller.ts';
import type { Controller } from '../controller.ts';
import { InsideClient } from '../inside.ts';
import type { Inside } from '../inside.ts';
import { isReady } from '../pod-status.ts';
import { claim, controlled, workloadKeys } from './claiming.ts';
import { JobBackoff, indexLeftMs } from './job-backoff.ts';
import { indexOf, indexText, isIndexed } from './job-indexes.ts';
import { failuresBefore, indexPod, isTracked, jobPod, trackingFinalizer } from './job-pods.ts';
import { completionOf, counts, deadlineLeftMs, endingOf, failedToReplace } from './job-progress.ts';
import { isSuspended, progressOf, wantedActive } from './job-progress.ts';
import type { Ending, Progress } from './job-progress.ts';
import { endedAt, jobConditions } from './job-status.ts';
import { controllerOf, isActive, isTerminating, workloadAt } from './owned.ts';
import { createPod, deletePod } from './pod-control.ts';
import { leastNeeded } from './pod-rank.ts';

const resource = 'jobs.batch';
const kind = { resource, kind: 'Job', dependents: new Set(['pods']) };

/** Marks the key of a pod that no job counts. */
const uncounted = 'uncounted ';

/** Runs the pods of jobs to completion (pkg/controller/job). */
export class Jobs implements Controller {
  readonly manager = 'kube-controller-manager';
  readonly #client: InsideClient;
  readonly #backoff = new JobBackoff();

  constructor(inside: Inside) {
    this.#client = new InsideClient(inside, this.manager, 'job-controller');
  }

  keysOf(event: StoreEvent): readonly string[] {
    const { key, object, type } = event;
    const keys = workloadKeys(this.#client, event, kind);
    if (key.resource !== 'pods' || type === 'DELETED' || !isTracked(object)) return keys;
    return [...keys, `${uncounted}${namespacedKey(key.namespace, key.name)}`];
  }

  reconcile(key: string): number | undefined {
    if (key.startsWith(uncounted)) {
      this.#letGo(key.slice(uncounted.length));
      return undefined;
    }
    const found = workloadAt(this.#client, resource, key);
    if (found === undefined || endedAt(found.object) !== undefined) this.#backoff.forget(key);
    if (found === undefined) return undefined;
    const { ref, object: job } = found;
    if (endedAt(job) !== undefined) return this.#expire(ref, job);
    return this.#advance(key, ref, progressOf(job, claim(this.#client, job, 'pods')));
  }

  /** A pod whose job is gone, or goes, waits for nobody to count it. */
  #letGo(key: string): void {
    const ref = { resource: 'pods', ...splitKey(key) };
    const pod = this.#client.get(ref);
    if (pod === undefined || !isTracked(pod)) return;
    const owner = controllerOf(pod);
    const name = textAt(owner, 'name') ?? '';
    const job = this.#client.get({ resource, namespace: ref.namespace, name });
    const isCounted = job?.metadata.uid === owner?.['uid'] && job?.metadata.deletionTimestamp === undefined;
    if (owner === undefined || !isCounted) this.#untrack(pod);
  }

  #untrack(pod: KubeObject): void {
    this.#client.change(refOf('pods', pod), ({ metadata }) => {
      const kept = (metadata.finalizers ?? []).filter((one) => one !== trackingFinalizer);
      if (kept.length > 0) metadata.finalizers = kept;
      else delete metadata.finalizers;
    });
  }

  #advance(key: string, ref: ObjectRef, progress: Progress): number | undefined {
    const { job, active, newlySucceeded, newlyFailed } = progress;
    const nowMs = this.#client.nowMs();
    const finished = { succeeded: newlySucceeded, failed: newlyFailed, nowMs };
    this.#backoff.note(key, job.metadata.uid ?? '', finished);
    let ending = endingOf(progress, nowMs);
    let waitMs: number | undefined;
    if (ending === undefined) {
      waitMs = isSuspended(job) ? this.#suspend(progress) : this.#manage(key, progress);
      ending = completionOf(progress, this.#activeOf(job).length);
    } else for (const pod of active) deletePod(this.#client, job, pod);
    this.#tell(ref, progress, ending);
    const left = [waitMs, deadlineLeftMs(this.#client.get(ref) ?? job, nowMs)].filter(
      (ms) => ms !== undefined && ms > 0,
    );
    return ending === undefined && left.length > 0 ? Math.min(...left.map(Number)) : undefined;
  }

  #activeOf(job: KubeObject): KubeObject[] {
    return controlled(this.#client, job, 'pods').filter(isActive);
  }

  /** Pods of a suspended job go without being counted. */
  #suspend({ job, active }: Progress): undefined {
    for (const pod of active) this.#discard(job, pod);
  }

  #discard(job: KubeObject, pod: KubeObject): void {
    this.#untrack(pod);
    deletePod(this.#client, job, pod);
  }

  /** Makes and deletes pods. @returns milliseconds to wait before more are made. */
  #manage(key: string, progress: Progress): number | undefined {
    const { job, active, pods } = progress;
    const wanted = wantedActive(progress);
    const surplus = leastNeeded(active).slice(0, Math.max(0, active.length - wanted));
    for (const pod of surplus) this.#discard(job, pod);
    const onlyFailed = textAt(job, 'spec', 'podReplacementPolicy') === 'Failed';
    const leaving = onlyFailed ? pods.filter(isTerminating).length : 0;
    const missing = wanted - leaving - active.length;
    if (missing <= 0 || surplus.length > 0) return undefined;
    if (isIndexed(job)) return this.#fillIndexes(key, progress, missing);
    const leftMs = this.#backoff.leftMs(key, this.#client.nowMs());
    if (leftMs > 0) return leftMs;
    for (let made = 0; made < missing; made += 1) createPod(this.#client, job, jobPod(job));
    return undefined;
  }

  #fillIndexes(key: string, progress: Progress, missing: number): number | undefined {
    const { job, active, succeededIndexes, failedIndexes } = progress;
    const nowMs = this.#client.nowMs();
    const byIndex = failedIndexes !== undefined;
    const leftMs = byIndex ? 0 : this.#backoff.leftMs(key, nowMs);
    if (leftMs > 0) return leftMs;
    const busy = new Set(active.map((pod) => indexOf(pod, job)));
    const completions = numberAt(job, 'spec', 'completions') ?? 0;
    const isPending = (index: number) =>
      !busy.has(index) && !succeededIndexes.has(index) && failedIndexes?.has(index) !== true;
    const pending = Array.from({ length: completions }, (_, index) => index).filter(isPending);
    const replaced = failedToReplace(progress);
    const waits: number[] = [];
    for (const index of pending.slice(0, missing)) {
      const old = replaced.get(index);
      const waitMs = old === undefined ? 0 : indexLeftMs(old, nowMs);
      if (waitMs > 0) waits.push(waitMs);
      else createPod(this.#client, job, indexPod(job, index, byIndex ? failuresNow(job, old) : undefined));
    }
    return waits.length > 0 ? Math.min(...waits) : undefined;
  }

  /** Counts what finished and writes the status. */
  #tell(ref: ObjectRef, before: Progress, ending: Ending | undefined): void {
    const job = this.#client.get(ref);
    if (job === undefined) return;
    const counted = this.#count(before, controlled(this.#client, job, 'pods'), ending);
    const left = controlled(this.#client, job, 'pods');
    const now = this.#client.now();
    const terminating = left.filter(isTerminating).length;
    const { conditions, news, ended } = jobConditions(job, { ending, terminating, now });
    const startTime = this.#startTime(job, news);
    const status: JsonObject = {
      ...countsText(job, counted, left),
      ...(conditions.length > 0 && { conditions }),
      ...(startTime !== undefined && { startTime }),
      ...(ended?.type === 'Complete' && { completionTime: now }),
    };
    this.#client.change(ref, (draft) => void (draft['status'] = status), 'status');
    if (news !== undefined) this.#client.record(job, { type: 'Normal', ...news });
    if (ended !== undefined) this.#tellEnd(job, ended);
  }

  #startTime(job: KubeObject, news: { readonly reason: string } | undefined): Json | undefined {
    if (news?.reason === 'Resumed') return this.#client.now();
    if (news?.reason === 'Suspended') return undefined;
    const present = textAt(job, 'status', 'startTime');
    return present ?? (isSuspended(job) ? undefined : this.#client.now());
  }

  #tellEnd(job: KubeObject, { type, reason, message }: Ending): void {
    if (type === 'Failed') this.#client.record(job, { type: 'Warning', reason, message });
    else this.#client.record(job, { type: 'Normal', reason: 'Completed', message: 'Job completed' });
  }

  /** Lets go of the pods that are counted now: those that finished, and all of them when the job ends. */
  #count(before: Progress, pods: readonly KubeObject[], ending: Ending | undefined): Counted {
    const { job } = before;
    const now = progressOf(job, pods);
    const delayed = new Set(failedToReplace(now).values());
    // What was deleted just now, because the job has succeeded, did not fail.
    const hadFailed = new Set(before.newlyFailed.map(({ metadata }) => metadata.uid));
    const isDone = (pod: KubeObject) => now.newlySucceeded.includes(pod);
    const isBad = (pod: KubeObject) =>
      !isDone(pod) && (hadFailed.has(pod.metadata.uid) || ending?.type === 'Failed');
    const released = pods
      .filter(isTracked)
      .filter((pod) => ending !== undefined || isDone(pod) || (isBad(pod) && !delayed.has(pod)));
    for (const pod of released) this.#untrack(pod);
    const told = countsOf(job);
    const { succeededIndexes, failedIndexes } = now;
    const succeeded = told.succeeded + released.filter(isDone).length;
    return {
      succeeded: isIndexed(job) ? succeededIndexes.size : succeeded,
      failed: told.failed + released.filter((pod) => isBad(pod) && counts(job, pod)).length,
      ...{ succeededIndexes, failedIndexes },
    };
  }

  /** Deletes a job that ended long enough ago. @returns milliseconds until then. */
  #expire(ref: ObjectRef, job: KubeObject): number | undefined {
    const seconds = numberAt(job, 'spec', 'ttlSecondsAfterFinished');
    const ended = endedAt(job);
    if (seconds === undefined || ended === undefined) return undefined;
    const leftMs = ended + seconds * 1_000 - this.#client.nowMs();
    if (leftMs > 0) return leftMs;
    this.#client.remove(ref, { uid: job.metadata.uid ?? '', propagation: 'Foreground' });
    return undefined;
  }
}

type Counted = Pick<Progress, 'succeeded' | 'failed' | 'succeededIndexes' | 'failedIndexes'>;

function countsOf(job: KubeObject): { succeeded: number; failed: number } {
  const told = (field: string) => numberAt(job, 'status', field) ?? 0;
  return { succeeded: told('succeeded'), failed: told('failed') };
}

/** What a job's status tells of its pods. */
function countsText(
  job: KubeObject,
  { succeeded, failed, succeededIndexes, failedIndexes }: Counted,
  pods: readonly KubeObject[],
): JsonObject {
  const active = pods.filter(isActive);
  const isListed = isIndexed(job) && succeededIndexes.size > 0;
  return {
    ...(active.length > 0 && { active: active.length }),
    ready: active.filter(isReady).length,
    terminating: pods.filter(isTerminating).length,
    ...(succeeded > 0 && { succeeded }),
    ...(failed > 0 && { failed }),
    uncountedTerminatedPods: {},
    ...(isListed && { completedIndexes: indexText(succeededIndexes) }),
    ...(failedIndexes !== undefined && { failedIndexes: indexText(failedIndexes) }),
  };
}

/** How often an index failed, the pod that is replaced included. */
function failuresNow(job: KubeObject, replaced: KubeObject | undefined) {
  if (replaced === undefined) return { counted: 0, ignored: 0 };
  const { counted, ignored } = failuresBefore(replaced);
  return counts(job, replaced) ? { counted: counted + 1, ignored } : { counted, ignored: ignored + 1 };
}
