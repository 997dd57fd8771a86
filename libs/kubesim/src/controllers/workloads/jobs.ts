import { draftOf, isObject, itemsAt, numberAt, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { StoreEvent } from '../../store/store.ts';
import { ClusterClient, refOf } from '../cluster-client.ts';
import type { ClusterCore, ObjectRef } from '../cluster-client.ts';
import type { Controller } from '../controller.ts';
import { isReady } from '../pod-status.ts';
import { controlled, isActive, podFromTemplate, workloadAt, workloadKeys } from './owned.ts';

const resource = 'jobs.batch';
const dependents = new Set(['pods']);
const indexAnnotation = 'batch.kubernetes.io/job-completion-index';

/** How the pods of a job did so far. */
interface Tally {
  readonly active: readonly KubeObject[];
  readonly succeeded: number;
  readonly failed: number;
  /** Indexes that are done or being worked on. */
  readonly indexes: ReadonlySet<number>;
}

/** How a job ended. */
interface Ending {
  readonly type: 'Complete' | 'Failed';
  readonly reason: string;
  readonly message: string;
}

/**
 * Runs the pods of jobs to completion (pkg/controller/job): completions, parallelism, indexes, suspension, back-off limit and
 * deadlines. Policies for pod failures and for success are not modelled.
 */
export class Jobs implements Controller {
  readonly manager = 'kube-controller-manager';
  readonly #client: ClusterClient;

  constructor(core: ClusterCore) {
    this.#client = new ClusterClient(core, this.manager);
  }

  keysOf(event: StoreEvent): readonly string[] {
    return workloadKeys(event, { resource, kind: 'Job', dependents });
  }

  reconcile(key: string): number | undefined {
    const found = workloadAt(this.#client, resource, key);
    if (found === undefined) return undefined;
    const { ref, object: job } = found;
    if (endedAt(job) !== undefined) return this.#expire(ref, job);
    const tally = tallyOf(controlled(this.#client, job, 'pods'));
    const suspended = objectAt(job, 'spec')?.['suspend'] === true;
    const ending = suspended ? undefined : endingOf(job, tally, this.#client.nowMs());
    if (ending !== undefined || suspended) for (const pod of tally.active) this.#remove(pod);
    else this.#start(job, tally);
    this.#tell(ref, { suspended, ending });
    return ending === undefined && !suspended
      ? this.#deadlineMs(ref)
      : this.#expire(ref, this.#client.get(ref));
  }

  #remove(pod: KubeObject): void {
    this.#client.remove(refOf('pods', pod), { uid: pod.metadata.uid ?? '' });
  }

  #start(job: KubeObject, tally: Tally): void {
    const completions = numberAt(job, 'spec', 'completions');
    const parallelism = numberAt(job, 'spec', 'parallelism') ?? 1;
    const left =
      completions === undefined ? (tally.succeeded > 0 ? 0 : parallelism) : completions - tally.succeeded;
    const missing = Math.min(parallelism, left) - tally.active.length;
    const indexed = textAt(job, 'spec', 'completionMode') === 'Indexed';
    let index = 0;
    for (let made = 0; made < missing; made += 1) {
      while (indexed && tally.indexes.has(index)) index += 1;
      this.#create(job, indexed ? index : undefined);
      index += 1;
    }
  }

  #create(job: KubeObject, index: number | undefined): void {
    const name = `${job.metadata.name ?? ''}-${index === undefined ? '' : `${String(index)}-`}`;
    const pod = draftOf(
      podFromTemplate(job, objectAt(job, 'spec', 'template') ?? {}, { generateName: name }),
    );
    if (index !== undefined) {
      pod.metadata.annotations = { ...pod.metadata.annotations, [indexAnnotation]: String(index) };
      pod.metadata.labels = { ...pod.metadata.labels, [indexAnnotation]: String(index) };
    }
    this.#client.create('pods', pod);
  }

  #tell(ref: ObjectRef, { suspended, ending }: { suspended: boolean; ending: Ending | undefined }): void {
    const job = this.#client.get(ref);
    if (job === undefined) return;
    const { active, succeeded, failed } = tallyOf(controlled(this.#client, job, 'pods'));
    const now = this.#client.now();
    const startTime = textAt(job, 'status', 'startTime') ?? (suspended ? undefined : now);
    const status: JsonObject = {
      active: active.length,
      ready: active.filter(isReady).length,
      terminating: 0,
      succeeded,
      failed,
      uncountedTerminatedPods: {},
      conditions: conditionsOf(job, { suspended, ending, now }),
    };
    if (startTime !== undefined) status['startTime'] = startTime;
    if (ending?.type === 'Complete') status['completionTime'] = now;
    if (textAt(job, 'spec', 'completionMode') === 'Indexed') {
      status['completedIndexes'] = ranges(doneIndexes(controlled(this.#client, job, 'pods')));
    }
    this.#client.change(ref, (draft) => void (draft['status'] = status), 'status');
  }

  #deadlineMs(ref: ObjectRef): number | undefined {
    const job = this.#client.get(ref);
    const seconds = numberAt(job, 'spec', 'activeDeadlineSeconds');
    const since = Date.parse(textAt(job, 'status', 'startTime') ?? '');
    if (seconds === undefined || Number.isNaN(since)) return undefined;
    return Math.max(1, since + seconds * 1_000 - this.#client.nowMs());
  }

  /** Deletes a job that ended long enough ago. @returns milliseconds until then. */
  #expire(ref: ObjectRef, job: KubeObject | undefined): number | undefined {
    const seconds = numberAt(job, 'spec', 'ttlSecondsAfterFinished');
    const ended = job && endedAt(job);
    if (job === undefined || seconds === undefined || ended === undefined) return undefined;
    const leftMs = ended + seconds * 1_000 - this.#client.nowMs();
    if (leftMs > 0) return leftMs;
    this.#client.remove(ref, { uid: job.metadata.uid ?? '', propagation: 'Foreground' });
    return undefined;
  }
}

function tallyOf(pods: readonly KubeObject[]): Tally {
  const active = pods.filter(isActive);
  const phase = (name: string) => pods.filter((pod) => textAt(pod, 'status', 'phase') === name);
  const succeeded = phase('Succeeded');
  const indexes = new Set([...active, ...succeeded].map(indexOf));
  return { active, succeeded: succeeded.length, failed: phase('Failed').length, indexes };
}

function doneIndexes(pods: readonly KubeObject[]): number[] {
  const done = pods.filter((pod) => textAt(pod, 'status', 'phase') === 'Succeeded').map(indexOf);
  return [...new Set(done)].sort((a, b) => a - b);
}

function indexOf(pod: KubeObject): number {
  return Number(pod.metadata.annotations?.[indexAnnotation] ?? -1);
}

/** `0-2,5` for 0, 1, 2 and 5. */
function ranges(indexes: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const index of indexes) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === index - 1) last[1] = index;
    else runs.push([index, index]);
  }
  return runs.map(([from, to]) => (from === to ? String(from) : `${String(from)}-${String(to)}`)).join(',');
}

function endingOf(job: KubeObject, { active, succeeded, failed }: Tally, nowMs: number): Ending | undefined {
  if (failed > (numberAt(job, 'spec', 'backoffLimit') ?? 6)) {
    const message = 'Job has reached the specified backoff limit';
    return { type: 'Failed', reason: 'BackoffLimitExceeded', message };
  }
  const started = Date.parse(textAt(job, 'status', 'startTime') ?? '');
  const deadline = numberAt(job, 'spec', 'activeDeadlineSeconds');
  if (deadline !== undefined && nowMs >= started + deadline * 1_000) {
    const message = 'Job was active longer than specified deadline';
    return { type: 'Failed', reason: 'DeadlineExceeded', message };
  }
  const completions = numberAt(job, 'spec', 'completions');
  const done = completions === undefined ? succeeded > 0 && active.length === 0 : succeeded >= completions;
  const message = 'Reached expected number of succeeded pods';
  return done ? { type: 'Complete', reason: 'CompletionsReached', message } : undefined;
}

function conditionsOf(
  job: KubeObject,
  { suspended, ending, now }: { suspended: boolean; ending: Ending | undefined; now: string },
): JsonObject[] {
  const kept = itemsAt(job, 'status', 'conditions').filter(isObject);
  const times = { lastProbeTime: now, lastTransitionTime: now };
  const others = kept.filter(({ type }) => type !== 'Suspended');
  const old = kept.find(({ type }) => type === 'Suspended');
  if (ending !== undefined) {
    const { type, ...words } = ending;
    const first = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
    return [...kept, ...[first, type].map((name) => ({ type: name, status: 'True', ...words, ...times }))];
  }
  if (!suspended && old === undefined) return kept;
  if (old?.['status'] === (suspended ? 'True' : 'False')) return kept;
  const words = suspended
    ? { status: 'True', reason: 'JobSuspended', message: 'Job suspended' }
    : { status: 'False', reason: 'JobResumed', message: 'Job resumed' };
  return [...others, { type: 'Suspended', ...words, ...times }];
}

/** When a job ended, in Unix milliseconds. */
function endedAt(job: KubeObject): number | undefined {
  const condition = itemsAt(job, 'status', 'conditions').find(
    (one) => ['Complete', 'Failed'].includes(textAt(one, 'type') ?? '') && textAt(one, 'status') === 'True',
  );
  return condition === undefined ? undefined : Date.parse(textAt(condition, 'lastTransitionTime') ?? '');
}
