import type { KubeObject } from '../../kube-object.ts';
import { failuresBefore, finishedAtMs } from './job-pods.ts';

/** First and longest wait after a failed pod, doubled with each failure (pkg/controller/job, DefaultJobPodFailureBackOff). */
const [firstMs, longestMs] = [10_000, 600_000];

/** How a job failed of late. */
interface Record {
  readonly uid: string;
  failures: number;
  lastMs: number;
}

/** Knows how long jobs wait before they replace failed pods. A success makes it forget the failures before. */
export class JobBackoff {
  readonly #records = new Map<string, Record>();

  /** Notes the pods that finished since it was told last. */
  note(key: string, uid: string, finished: Finished): void {
    const known = this.#records.get(key);
    const record = known?.uid === uid ? known : { uid, failures: 0, lastMs: 0 };
    const lastSuccessMs = latest(finished.succeeded);
    if (lastSuccessMs !== undefined) record.failures = 0;
    const failed = finished.failed
      .map((pod) => finishedAtMs(pod) ?? finished.nowMs)
      .filter((ms) => lastSuccessMs === undefined || ms > lastSuccessMs);
    if (failed.length > 0) record.lastMs = Math.max(...failed);
    record.failures += failed.length;
    if (record.failures > 0) this.#records.set(key, record);
    else this.#records.delete(key);
  }

  /** Milliseconds until the job may make pods again, 0 when it may now. */
  leftMs(key: string, nowMs: number): number {
    const record = this.#records.get(key);
    return record === undefined ? 0 : waitMs(record.failures, record.lastMs, nowMs);
  }

  /** Forgets a job. */
  forget(key: string): void {
    this.#records.delete(key);
  }
}

/** Pods that finished, and the present time. */
export interface Finished {
  readonly succeeded: readonly KubeObject[];
  readonly failed: readonly KubeObject[];
  readonly nowMs: number;
}

/** Milliseconds until the failed pod of an index may be replaced. */
export function indexLeftMs(failed: KubeObject, nowMs: number): number {
  const { counted, ignored } = failuresBefore(failed);
  return waitMs(counted + ignored + 1, finishedAtMs(failed) ?? nowMs, nowMs);
}

function waitMs(failures: number, lastMs: number, nowMs: number): number {
  if (failures === 0) return 0;
  const wholeMs = Math.min(longestMs, firstMs * 2 ** (failures - 1));
  return Math.max(0, lastMs + wholeMs - nowMs);
}

function latest(pods: readonly KubeObject[]): number | undefined {
  const times = pods.flatMap((pod) => finishedAtMs(pod) ?? []);
  return times.length > 0 ? Math.max(...times) : undefined;
}
