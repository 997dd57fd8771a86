import { draftOf, isObject, itemsAt, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { indexAnnotation } from './job-indexes.ts';
import { podFromTemplate } from './pod-control.ts';

/** By what a pod waits until its job has counted it. */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';

const failures = 'batch.kubernetes.io/job-index-failure-count';
const ignoredFailures = 'batch.kubernetes.io/job-index-ignored-failure-count';

/** How often the pods of an index failed. */
export interface IndexFailures {
  readonly counted: number;
  readonly ignored: number;
}

/** How often an index had failed when a pod was made for it. */
export function failuresBefore({ metadata }: KubeObject): IndexFailures {
  const read = (name: string) => Number(metadata.annotations?.[name] ?? 0) || 0;
  return { counted: read(failures), ignored: read(ignoredFailures) };
}

/** Whether a pod waits for its job to count it. */
export function isTracked({ metadata }: KubeObject): boolean {
  return (metadata.finalizers ?? []).includes(trackingFinalizer);
}

/** Whether a pod counts as failed: one that is deleted does too, unless only failed ones are replaced. */
export function isFailed(pod: KubeObject, job: KubeObject): boolean {
  const phase = textAt(pod, 'status', 'phase');
  if (phase === 'Failed') return true;
  if (textAt(job, 'spec', 'podReplacementPolicy') === 'Failed') return false;
  return pod.metadata.deletionTimestamp !== undefined && phase !== 'Succeeded';
}

/** When the last container of a pod ended, in Unix milliseconds. */
export function finishedAtMs(pod: KubeObject): number | undefined {
  const times = itemsAt(pod, 'status', 'containerStatuses').map((one) =>
    Date.parse(textAt(one, 'state', 'terminated', 'finishedAt') ?? ''),
  );
  const ended = times.filter((time) => !Number.isNaN(time));
  const deleted = Date.parse(pod.metadata.deletionTimestamp ?? '');
  if (ended.length > 0) return Math.max(...ended);
  return Number.isNaN(deleted) ? undefined : deleted;
}

/** A pod for a job. */
export function jobPod(job: KubeObject): KubeObject {
  return tracked(podOf(job, `${job.metadata.name ?? ''}-`));
}

/** A pod for an index of a job; `before` when failures are counted by index. */
export function indexPod(job: KubeObject, index: number, before: IndexFailures | undefined): KubeObject {
  const text = String(index);
  const name = `${job.metadata.name ?? ''}-${text}`;
  const pod = podOf(job, `${name}-`);
  const { metadata } = pod;
  metadata.annotations = {
    ...metadata.annotations,
    [indexAnnotation]: text,
    ...(before && { [failures]: String(before.counted) }),
    ...(before && before.ignored > 0 && { [ignoredFailures]: String(before.ignored) }),
  };
  metadata.labels = { ...metadata.labels, [indexAnnotation]: text };
  const spec = objectAt(pod, 'spec') ?? {};
  spec['hostname'] = name;
  for (const field of ['initContainers', 'containers']) {
    for (const container of itemsAt(spec, field).filter(isObject)) tellIndex(container);
  }
  return tracked(pod);
}

function podOf(job: KubeObject, generateName: string): KubeObject {
  return draftOf(podFromTemplate(job, objectAt(job, 'spec', 'template') ?? {}, { generateName }));
}

function tracked(pod: KubeObject): KubeObject {
  if (!isTracked(pod)) pod.metadata.finalizers = [...(pod.metadata.finalizers ?? []), trackingFinalizer];
  return pod;
}

function tellIndex(container: JsonObject): void {
  const name = 'JOB_COMPLETION_INDEX';
  const env = itemsAt(container, 'env');
  if (env.some((one) => textAt(one, 'name') === name)) return;
  const fieldPath = `metadata.labels['${indexAnnotation}']`;
  container['env'] = [...env, { name, valueFrom: { fieldRef: { fieldPath } } }];
}
