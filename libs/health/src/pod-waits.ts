import { durationToMs } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import { at, conditionOf, conditionsOf, listAt, says, textAt, timeMs } from './read.ts';

/** What a pod that is not ready may wait for, each with a deadline of its own. */
export type WaitKind = 'capacity' | 'scaleUp' | 'imagePull' | 'modelLoad';

/** What one pod waits for, and since when (Unix milliseconds) as far as that is told. */
export interface PodWait {
  readonly kind: WaitKind;
  readonly reason: string;
  readonly sinceMs: number | undefined;
}

/** What an event says of a pod; only those of the scheduler and of autoscalers are looked at. */
export interface PodEvent {
  readonly pod: string;
  readonly reason: string;
  readonly message: string;
}

/** Events by which an autoscaler says that a node is on its way: cluster-autoscaler, Karpenter. */
const scalesUp = new Set(['TriggeredScaleUp', 'Nominated']);
const refusesToScale = new Set(['NotTriggerScaleUp', 'FailedScaleUp']);

/** What a pod waits for; undefined when it is ready, ends, or waits for nothing that is known. */
export function waitOf(pod: unknown, events: readonly PodEvent[]): PodWait | undefined {
  if (textAt(pod, 'metadata', 'deletionTimestamp')) return undefined;
  const phase = textAt(pod, 'status', 'phase');
  if (phase !== 'Pending' && phase !== 'Running') return undefined;
  if (conditionsOf(pod).some(({ type, status }) => type === 'Ready' && status === 'True')) return undefined;
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.status === 'False')
    return waitForNode(pod, says(scheduled), {
      events,
      isGated: scheduled.reason === 'SchedulingGated',
      sinceMs: scheduled.sinceMs ?? timeMs(textAt(pod, 'metadata', 'creationTimestamp')),
    });
  return waitForContainers(pod, scheduled?.sinceMs);
}

interface Unplaced {
  readonly events: readonly PodEvent[];
  readonly isGated: boolean;
  readonly sinceMs: number | undefined;
}

/** A node that is being added is told by an event, or by the node that is nominated for the pod. */
function waitForNode(pod: unknown, why: string, { events, isGated, sinceMs }: Unplaced): PodWait {
  if (isGated) return { kind: 'capacity', reason: `it is held back before scheduling: ${why}`, sinceMs };
  const own = events.filter((event) => event.pod === textAt(pod, 'metadata', 'name'));
  const last = own.findLast(({ reason }) => scalesUp.has(reason) || refusesToScale.has(reason));
  const nominated = textAt(pod, 'status', 'nominatedNodeName');
  if (nominated !== '')
    return { kind: 'scaleUp', reason: `node ${nominated} is meant for it: ${why}`, sinceMs };
  if (last === undefined) return { kind: 'capacity', reason: `no node fits: ${why}`, sinceMs };
  return scalesUp.has(last.reason)
    ? { kind: 'scaleUp', reason: `a node is being added: ${last.message || why}`, sinceMs }
    : { kind: 'capacity', reason: `no node fits, and none is added: ${last.message || why}`, sinceMs };
}

const isPulled = new Set(['ContainerCreating', 'PodInitializing', 'ErrImagePull']);

function waitForContainers(pod: unknown, scheduledMs: number | undefined): PodWait | undefined {
  for (const container of listAt(pod, 'status', 'initContainerStatuses')) {
    if (at(container, 'state', 'terminated') !== undefined || isSidecar(container)) continue;
    const wait = waitOfContainer(container, { scheduledMs, what: 'init container' });
    if (wait) return wait;
  }
  for (const container of listAt(pod, 'status', 'containerStatuses')) {
    if (at(container, 'ready') === true) continue;
    const wait = waitOfContainer(container, { scheduledMs, what: 'container' });
    if (wait) return wait;
  }
  return undefined;
}

/** An init container that goes on beside the others. */
function isSidecar(container: unknown): boolean {
  return at(container, 'started') === true;
}

function waitOfContainer(
  container: unknown,
  { scheduledMs, what }: { readonly scheduledMs: number | undefined; readonly what: string },
): PodWait | undefined {
  const name = textAt(container, 'name');
  const waiting = textAt(container, 'state', 'waiting', 'reason');
  if (isPulled.has(waiting)) {
    const image = textAt(container, 'image') || 'its image';
    return { kind: 'imagePull', reason: `${what} ${name} waits for ${image}`, sinceMs: scheduledMs };
  }
  if (at(container, 'state', 'running') === undefined) return undefined;
  const sinceMs = timeMs(textAt(container, 'state', 'running', 'startedAt'));
  const state = what === 'container' ? 'runs and is not ready yet' : 'has not ended yet';
  return { kind: 'modelLoad', reason: `${what} ${name} ${state}`, sinceMs };
}

/** The annotation of each deadline, on the workload or on its pod template, and what holds without it. */
const deadlines: { readonly [kind in WaitKind]: { readonly annotation: string; readonly ms?: number } } = {
  // Nobody can say how long a node takes; until somebody does, it is told and waited for.
  capacity: { annotation: 'meridian.dev/capacity-deadline' },
  scaleUp: { annotation: 'meridian.dev/scale-up-deadline' },
  imagePull: { annotation: 'meridian.dev/image-pull-deadline', ms: 30 * 60_000 },
  modelLoad: { annotation: 'meridian.dev/model-load-deadline', ms: 30 * 60_000 },
};

/** A deadline: how long a wait may take, and the annotation that says so or may. */
export interface Deadline {
  readonly annotation: string;
  /** Milliseconds; undefined when there is none. */
  readonly ms: number | undefined;
  /** Whether the owner says it itself. */
  readonly isSet: boolean;
}

/** The deadline of a kind of wait in the pods of `owner`: a duration, or `none`. Any other text counts as not there. */
export function deadlineOf(owner: KubeObject, kind: WaitKind): Deadline {
  const { annotation, ms } = deadlines[kind];
  const text =
    textAt(owner, 'metadata', 'annotations', annotation) ||
    textAt(owner, 'spec', 'template', 'metadata', 'annotations', annotation);
  if (text === 'none') return { annotation, ms: undefined, isSet: true };
  const own = durationToMs(text);
  return { annotation, ms: own ?? ms, isSet: own !== undefined };
}
