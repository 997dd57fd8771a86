import { createHash } from 'node:crypto';
import { isObject, itemsAt, memberOf, numberAt, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';

/** Where a pod's containers are on their way, as its kubelet would tell. */
export type PodStage =
  | 'creating'
  | 'config-error'
  | 'loading'
  | 'ready'
  | 'pull-failed'
  | 'pull-backoff'
  | 'crashed'
  | 'succeeded'
  | 'failed';

/** Annotations by which an example tells the story of a pod; durations as `10s`, `1m30s`. */
export const podStories = {
  /** How long images take to be pulled. */
  pullTime: 'sandbox.meridian.dev/pull-time',
  /** How long the process loads its model before it is ready. */
  loadTime: 'sandbox.meridian.dev/load-time',
  /** How long a pod of a job runs. */
  runTime: 'sandbox.meridian.dev/run-time',
  /** How long a pod takes to stop. */
  stopTime: 'sandbox.meridian.dev/stop-time',
  /** How the process ends again and again: an exit code, or `oom` when it is killed for its memory. */
  crash: 'sandbox.meridian.dev/crash',
} as const;

/** What an image does by its name, as on the simulated nodes of real control planes: nobody has it, or its process ends. */
export function imageStory(pod: KubeObject): 'missing' | 'crash' | 'fail' | 'runs' {
  if (pod.metadata.annotations?.[podStories.crash] !== undefined) return 'crash';
  const images = containersOf(pod, 'containers').map((one) => textAt(one, 'image') ?? '');
  const story = (['missing', 'crash', 'fail'] as const).find((word) =>
    images.some((image) => image.includes(word)),
  );
  return story ?? 'runs';
}

/** The stage that a pod's status tells; undefined when its kubelet has said nothing yet. */
export function stageOf(pod: KubeObject): PodStage | undefined {
  const phase = textAt(pod, 'status', 'phase');
  if (phase === 'Succeeded') return 'succeeded';
  if (phase === 'Failed') return 'failed';
  const [first] = itemsAt(pod, 'status', 'containerStatuses');
  if (first === undefined) return undefined;
  const reason = textAt(first, 'state', 'waiting', 'reason');
  if (reason !== undefined) return memberOf(waitingStages, reason) ?? 'creating';
  return isReady(pod) ? 'ready' : 'loading';
}

const waitingStages: Readonly<Record<string, PodStage>> = {
  ContainerCreating: 'creating',
  PodInitializing: 'creating',
  CreateContainerConfigError: 'config-error',
  ErrImagePull: 'pull-failed',
  ImagePullBackOff: 'pull-backoff',
  CrashLoopBackOff: 'crashed',
};

/** Whether a pod's Ready condition holds. */
export function isReady(pod: KubeObject): boolean {
  return itemsAt(pod, 'status', 'conditions').some(
    (one) => textAt(one, 'type') === 'Ready' && textAt(one, 'status') === 'True',
  );
}

/** When a pod comes to a stage, and why when it is no good one. */
export interface Moment {
  readonly now: string;
  readonly why?: string | undefined;
}

/** The status of a pod at a stage. Conditions keep their times while they do not change. */
export function statusAt(pod: KubeObject, stage: PodStage, { now, why }: Moment): JsonObject {
  const old = isObject(pod['status']) ? pod['status'] : {};
  const { podIP } = old;
  const ip = typeof podIP === 'string' ? podIP : addressOf(pod.metadata.uid ?? '');
  const initial = containersOf(pod, 'initContainers').map((one) => initStatus(one, stage, now));
  return {
    ...old,
    phase: phases[stage],
    observedGeneration: pod.metadata.generation ?? 1,
    conditions: conditionsAt(pod, stage, now),
    hostIP: hostAddress,
    hostIPs: [{ ip: hostAddress }],
    ...(stage === 'creating' ? {} : { podIP: ip, podIPs: [{ ip }] }),
    startTime: old['startTime'] ?? now,
    containerStatuses: containersOf(pod, 'containers').map((one) =>
      containerStatus(pod, one, { stage, now, why }),
    ),
    ...(initial.length > 0 ? { initContainerStatuses: initial } : {}),
  };
}

const hostAddress = '10.0.0.1';

const phases: Readonly<Record<PodStage, string>> = {
  creating: 'Pending',
  'config-error': 'Pending',
  loading: 'Running',
  ready: 'Running',
  'pull-failed': 'Pending',
  'pull-backoff': 'Pending',
  crashed: 'Running',
  succeeded: 'Succeeded',
  failed: 'Failed',
};

function conditionsAt(pod: KubeObject, stage: PodStage, now: string): Json[] {
  const names = containersOf(pod, 'containers').map((one) => textAt(one, 'name') ?? '');
  const unready = {
    reason: stage === 'succeeded' ? 'PodCompleted' : stage === 'failed' ? 'PodFailed' : 'ContainersNotReady',
    ...(stage === 'succeeded' || stage === 'failed'
      ? {}
      : { message: `containers with unready status: [${names.join(' ')}]` }),
  };
  const ready = stage === 'ready';
  const gates = itemsAt(pod, 'spec', 'readinessGates').map((gate) => textAt(gate, 'conditionType') ?? '');
  const wanted: JsonObject[] = [
    condition('PodReadyToStartContainers', stage !== 'creating' && phases[stage] !== 'Succeeded'),
    condition('Initialized', true, stage === 'succeeded' ? { reason: 'PodCompleted' } : {}),
    condition('Ready', ready, unready),
    condition('ContainersReady', ready, unready),
    condition('PodScheduled', true),
    ...gates.map((gate) => condition(gate, ready)),
  ];
  const before = itemsAt(pod, 'status', 'conditions').filter(isObject);
  return wanted.map((one) => {
    const same = before.find((old) => old['type'] === one['type'] && old['status'] === one['status']);
    return {
      ...one,
      observedGeneration: pod.metadata.generation ?? 1,
      lastProbeTime: null,
      lastTransitionTime: same?.['lastTransitionTime'] ?? now,
    };
  });
}

function condition(type: string, holds: boolean, otherwise: JsonObject = {}): JsonObject {
  return { type, status: holds ? 'True' : 'False', ...(holds && type !== 'Initialized' ? {} : otherwise) };
}

function containerStatus(
  pod: KubeObject,
  container: JsonObject,
  { stage, now, why }: Moment & { readonly stage: PodStage },
): JsonObject {
  const name = textAt(container, 'name') ?? '';
  const image = textAt(container, 'image') ?? '';
  const old = itemsAt(pod, 'status', 'containerStatuses').find((one) => textAt(one, 'name') === name);
  const restarts = numberAt(old, 'restartCount') ?? 0;
  const startedAt = textAt(old, 'state', 'running', 'startedAt') ?? now;
  const containerID = containerId(pod, name);
  const exit = stage === 'succeeded' ? { exitCode: 0, reason: 'Completed' } : exitOf(pod);
  const ended = { ...exit, startedAt, finishedAt: now, containerID };
  const imageID = `${image.replace(/:[^:/]*$/, '')}@sha256:${hex(image, 64)}`;
  const crashed = stage === 'crashed';
  return {
    name,
    image,
    ...(withoutImage.has(stage) ? { imageID: '' } : { imageID, containerID }),
    ready: stage === 'ready',
    started: stage === 'ready' || stage === 'loading',
    restartCount: crashed ? restarts + 1 : restarts,
    state: stateAt(stage, { image, startedAt, ended, why }),
    lastState: crashed ? { terminated: ended } : {},
  };
}

function exitOf({ metadata }: KubeObject): JsonObject {
  const told = metadata.annotations?.[podStories.crash];
  return told === 'oom'
    ? { exitCode: 137, reason: 'OOMKilled' }
    : { exitCode: Number(told ?? 1) || 1, reason: 'Error' };
}

const withoutImage: ReadonlySet<PodStage> = new Set([
  'creating',
  'config-error',
  'pull-failed',
  'pull-backoff',
]);

function stateAt(
  stage: PodStage,
  {
    image,
    startedAt,
    ended,
    why,
  }: { image: string; startedAt: string; ended: JsonObject; why?: string | undefined },
): JsonObject {
  switch (stage) {
    case 'loading':
    case 'ready':
      return { running: { startedAt } };
    case 'succeeded':
    case 'failed':
      return { terminated: ended };
    default:
      return { waiting: waitingFor(stage, image, why) };
  }
}

function waitingFor(stage: PodStage, image: string, why: string | undefined): JsonObject {
  switch (stage) {
    case 'config-error':
      return { reason: 'CreateContainerConfigError', message: why ?? '' };
    case 'pull-failed':
      return { reason: 'ErrImagePull', message: `failed to pull image "${image}": not found` };
    case 'pull-backoff':
      return { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}"` };
    case 'crashed':
      return { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container' };
    default:
      return { reason: 'ContainerCreating' };
  }
}

/** An init container has ended once the pod runs; a sidecar goes on. */
function initStatus(container: JsonObject, stage: PodStage, now: string): JsonObject {
  const name = textAt(container, 'name') ?? '';
  const image = textAt(container, 'image') ?? '';
  const base = { name, image, imageID: image, restartCount: 0, lastState: {} };
  if (stage === 'creating')
    return { ...base, ready: false, started: false, state: { waiting: { reason: 'PodInitializing' } } };
  if (textAt(container, 'restartPolicy') === 'Always')
    return { ...base, ready: true, started: true, state: { running: { startedAt: now } } };
  const terminated = { exitCode: 0, reason: 'Completed', startedAt: now, finishedAt: now };
  return { ...base, ready: true, started: false, state: { terminated } };
}

function containersOf(pod: KubeObject, field: string): JsonObject[] {
  return itemsAt(pod, 'spec', field).filter(isObject);
}

function containerId(pod: KubeObject, name: string): string {
  return `containerd://${hex(`${pod.metadata.uid ?? ''}/${name}`, 64)}`;
}

/** Hexadecimal digits that depend on a text and nothing else. */
function hex(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}

/** An address in the pods' network 10.244.0.0/16 that depends on the pod alone. */
function addressOf(uid: string): string {
  const [high = 0, low = 0] = createHash('sha256').update(uid).digest();
  return `10.244.${String(high)}.${String(Math.max(1, low))}`;
}
