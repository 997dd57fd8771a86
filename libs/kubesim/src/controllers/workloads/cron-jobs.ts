import { draftOf, isObject, itemsAt, jsonEqual, numberAt, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { apiTime } from '../../kube-object.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { StoreEvent } from '../../store/store.ts';
import { refOf } from '../cluster-client.ts';
import type { ObjectRef } from '../cluster-client.ts';
import type { Controller } from '../controller.ts';
import { InsideClient } from '../inside.ts';
import type { Inside } from '../inside.ts';
import { controlled, workloadKeys } from './claiming.ts';
import { missedSince, parseSchedule } from './cron-schedule.ts';
import type { CronSchedule } from './cron-schedule.ts';
import { endedAt } from './job-status.ts';
import { controllerReference, workloadAt } from './owned.ts';
import { zonedTime } from './zoned-time.ts';

const resource = 'cronjobs.batch';
const jobResource = 'jobs.batch';
const kind = { resource, kind: 'CronJob', dependents: new Set([jobResource]) };

/** Added to the time of the next job, for clocks that differ. */
const paddingMs = 100;

/** Starts jobs by the schedules of cron jobs, and keeps few of those that ended (pkg/controller/cronjob). */
export class CronJobs implements Controller {
  readonly manager = 'kube-controller-manager';
  readonly #client: InsideClient;

  constructor(inside: Inside) {
    this.#client = new InsideClient(inside, this.manager, 'cronjob-controller');
  }

  keysOf(event: StoreEvent): readonly string[] {
    return workloadKeys(this.#client, event, kind);
  }

  reconcile(key: string): number | undefined {
    const found = workloadAt(this.#client, resource, key);
    if (found === undefined) return undefined;
    const { ref, object: cronJob } = found;
    const jobs = controlled(this.#client, cronJob, jobResource);
    const status = this.#noted(cronJob, jobs);
    this.#cleanUp(cronJob, jobs);
    const nextMs = this.#start(cronJob, status);
    this.#write(ref, cronJob, status);
    return nextMs;
  }

  #write(ref: ObjectRef, cronJob: KubeObject, status: JsonObject): void {
    if (jsonEqual(status, objectAt(cronJob, 'status'))) return;
    this.#client.change(ref, (draft) => void (draft['status'] = status), 'status');
  }

  /** The status with what became of the jobs since it was written last. */
  #noted(cronJob: KubeObject, jobs: readonly KubeObject[]): JsonObject {
    const status = draftOf(objectAt(cronJob, 'status') ?? {});
    for (const job of jobs) {
      if (endedAt(job) === undefined) this.#warnOfStranger(cronJob, status, job);
      else this.#noteEnd(cronJob, status, job);
    }
    const uids = new Set(jobs.map(({ metadata }) => metadata.uid));
    for (const one of activeOf(status).filter((active) => !uids.has(textAt(active, 'uid') ?? ''))) {
      const message = `Active job went missing: ${textAt(one, 'name') ?? ''}`;
      this.#client.record(cronJob, { type: 'Normal', reason: 'MissingJob', message });
      forget(status, textAt(one, 'uid') ?? '');
    }
    return status;
  }

  #warnOfStranger(cronJob: KubeObject, status: JsonObject, job: KubeObject): void {
    if (isListed(status, job)) return;
    const message = `Saw a job that the controller did not create or forgot: ${job.metadata.name ?? ''}`;
    this.#client.record(cronJob, { type: 'Warning', reason: 'UnexpectedJob', message });
  }

  #noteEnd(cronJob: KubeObject, status: JsonObject, job: KubeObject): void {
    noteSuccess(status, job);
    if (!isListed(status, job)) return;
    const message = `Saw completed job: ${job.metadata.name ?? ''}, condition: ${endOf(job)}`;
    this.#client.record(cronJob, { type: 'Normal', reason: 'SawCompletedJob', message });
    forget(status, job.metadata.uid ?? '');
  }

  /** Starts the job that is due. @returns milliseconds until the next one is. */
  #start(cronJob: KubeObject, status: JsonObject): number | undefined {
    if (objectAt(cronJob, 'spec')?.['suspend'] === true) return undefined;
    const text = textAt(cronJob, 'spec', 'schedule') ?? '';
    const schedule = parseSchedule(text, textAt(cronJob, 'spec', 'timeZone'));
    if (schedule === undefined) return undefined;
    const nowMs = this.#client.nowMs();
    const deadline = numberAt(cronJob, 'spec', 'startingDeadlineSeconds');
    const sinceMs = earliestMs(cronJob, status);
    const deadlineMs = deadline === undefined ? sinceMs : nowMs - deadline * 1_000;
    const missed = missedSince(schedule, Math.max(sinceMs, deadlineMs), nowMs);
    if (missed?.many === true) this.#warnOfMany(cronJob);
    if (missed !== undefined && !this.#isHandled(cronJob, status, missed.atMs)) {
      this.#run(cronJob, status, missed.atMs);
    }
    return untilNext(schedule, earliestMs(cronJob, status), nowMs);
  }

  #warnOfMany(cronJob: KubeObject): void {
    const message =
      'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
    this.#client.record(cronJob, { type: 'Warning', reason: 'TooManyMissedTimes', message });
  }

  /** Whether nothing is to be started for a time: it was, or an earlier job goes on and may not have company. */
  #isHandled(cronJob: KubeObject, status: JsonObject, atMs: number): boolean {
    const name = jobName(cronJob, atMs);
    const isKnown = activeOf(status).some((one) => textAt(one, 'name') === name);
    if (isKnown || textAt(status, 'lastScheduleTime') === apiTime(atMs)) return true;
    const forbids = textAt(cronJob, 'spec', 'concurrencyPolicy') === 'Forbid';
    if (!forbids || activeOf(status).length === 0) return false;
    const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
    this.#client.record(cronJob, { type: 'Normal', reason: 'JobAlreadyActive', message });
    return true;
  }

  #run(cronJob: KubeObject, status: JsonObject, atMs: number): void {
    if (textAt(cronJob, 'spec', 'concurrencyPolicy') === 'Replace') {
      const uids = new Set(activeOf(status).map((one) => textAt(one, 'uid')));
      const jobs = controlled(this.#client, cronJob, jobResource);
      for (const job of jobs.filter(({ metadata }) => uids.has(metadata.uid))) {
        this.#remove(cronJob, job);
        forget(status, job.metadata.uid ?? '');
      }
    }
    const wanted = jobOf(cronJob, atMs);
    const known = this.#client.get(refOf(jobResource, wanted));
    const job = known ?? this.#client.create(jobResource, wanted);
    if (known === undefined) {
      const message = `Created job ${job.metadata.name ?? ''}`;
      this.#client.record(cronJob, { type: 'Normal', reason: 'SuccessfulCreate', message });
    }
    status['active'] = [...activeOf(status), referenceTo(job)];
    status['lastScheduleTime'] = apiTime(atMs);
  }

  #cleanUp(cronJob: KubeObject, jobs: readonly KubeObject[]): void {
    const limits = { Complete: 'successfulJobsHistoryLimit', Failed: 'failedJobsHistoryLimit' };
    for (const [end, limit] of Object.entries(limits)) {
      const kept = numberAt(cronJob, 'spec', limit);
      const ended = jobs.filter((job) => endOf(job) === end).sort(byStart);
      if (kept === undefined) continue;
      for (const job of ended.slice(0, Math.max(0, ended.length - kept))) this.#remove(cronJob, job);
    }
  }

  #remove(cronJob: KubeObject, job: KubeObject): void {
    const { uid = '', name = '' } = job.metadata;
    if (job.metadata.deletionTimestamp !== undefined) return;
    this.#client.remove(refOf(jobResource, job), { uid, propagation: 'Background' });
    const message = `Deleted job ${name}`;
    this.#client.record(cronJob, { type: 'Normal', reason: 'SuccessfulDelete', message });
  }
}

function activeOf(status: JsonObject): JsonObject[] {
  return itemsAt(status, 'active').filter(isObject);
}

function isListed(status: JsonObject, { metadata }: KubeObject): boolean {
  return activeOf(status).some((one) => textAt(one, 'uid') === metadata.uid);
}

function forget(status: JsonObject, uid: string): void {
  const left = activeOf(status).filter((one) => textAt(one, 'uid') !== uid);
  if (left.length > 0) status['active'] = left;
  else delete status['active'];
}

/** `Complete`, `Failed` or empty while a job goes on. */
function endOf(job: KubeObject): string {
  const ends = itemsAt(job, 'status', 'conditions').filter((one) => textAt(one, 'status') === 'True');
  return ends.map((one) => textAt(one, 'type') ?? '').find((type) => /^(Complete|Failed)$/.test(type)) ?? '';
}

function noteSuccess(status: JsonObject, job: KubeObject): void {
  const time = textAt(job, 'status', 'completionTime');
  if (endOf(job) !== 'Complete' || time === undefined) return;
  const last = textAt(status, 'lastSuccessfulTime');
  if (last === undefined || Date.parse(time) > Date.parse(last)) status['lastSuccessfulTime'] = time;
}

function earliestMs(cronJob: KubeObject, status: JsonObject): number {
  return Date.parse(textAt(status, 'lastScheduleTime') ?? cronJob.metadata.creationTimestamp ?? '');
}

function untilNext(schedule: CronSchedule, sinceMs: number, nowMs: number): number | undefined {
  const latest = missedSince(schedule, sinceMs, nowMs)?.atMs ?? sinceMs;
  const next = schedule.next(latest);
  return next === undefined ? undefined : Math.max(0, next + paddingMs - nowMs);
}

/** The name of the job of a time: minutes since 1970 tell it from those of other times. */
function jobName({ metadata }: KubeObject, atMs: number): string {
  return `${metadata.name ?? ''}-${String(Math.floor(atMs / 60_000))}`;
}

function jobOf(cronJob: KubeObject, atMs: number): KubeObject {
  const template = draftOf(objectAt(cronJob, 'spec', 'jobTemplate') ?? {});
  const given = objectAt(template, 'metadata') ?? {};
  const time = zonedTime(atMs, textAt(cronJob, 'spec', 'timeZone'));
  const annotations = {
    ...objectAt(given, 'annotations'),
    'batch.kubernetes.io/cronjob-scheduled-timestamp': time,
  };
  const labels = objectAt(given, 'labels');
  return draftOf<KubeObject>({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(cronJob, atMs),
      namespace: cronJob.metadata.namespace ?? '',
      ...textMaps({ annotations, labels }),
      ownerReferences: [controllerReference(cronJob)],
    },
    spec: template['spec'] ?? {},
  });
}

function textMaps(maps: Readonly<Record<string, JsonObject | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(maps).filter(([, map]) => map !== undefined));
}

function referenceTo(job: KubeObject): JsonObject {
  const { name = '', namespace = '', uid = '', resourceVersion = '' } = job.metadata;
  return { apiVersion: 'batch/v1', kind: 'Job', name, namespace, uid, resourceVersion };
}

function byStart(a: KubeObject, b: KubeObject): number {
  const started = (job: KubeObject) => Date.parse(textAt(job, 'status', 'startTime') ?? '') || Infinity;
  const [first, second] = [started(a), started(b)];
  if (first !== second) return first - second;
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
}
