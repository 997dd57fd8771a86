import { createHash } from 'node:crypto';
import { isObject, itemsAt, numberAt, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';

/** Where a pod's containers are on their way, as its kubelet would tell. */
export type PodStage =
  'creating' | 'loading' | 'ready' | 'pull-failed' | 'pull-backoff' | 'crashed' | 'succeeded' | 'failed';

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
} as const;

/** What an image does by its name, as on the simulated nodes of real control planes: nobody has it, or its process ends. */
export function imageStory(pod: KubeObject): 'missing' | 'crash' | 'fail' | 'runs' {
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
  if (reason !== undefined) return waitingStages[reason] ?? 'creating';
  return isReady(pod) ? 'ready' : 'loading';
}

const waitingStages: Readonly<Record<string, PodStage>> = {
  ContainerCreating: 'creating',
  PodInitializing: 'creating',
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

/** The status of a pod at a stage. Conditions keep their times while they do not change. */
export function statusAt(pod: KubeObject, stage: PodStage, now: string): JsonObject {
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
      containerStatus(pod, one, { stage, now }),
    ),
    ...(initial.length > 0 ? { initContainerStatuses: initial } : {}),
  };
}

const hostAddress = '10.0.0.1';

const phases: Readonly<Record<PodStage, string>> = {
  creating: 'Pending',
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
  { stage, now }: { readonly stage: PodStage; readonly now: string },
): JsonObject {
  const name = textAt(container, 'name') ?? '';
  const image = textAt(container, 'image') ?? '';
  const old = itemsAt(pod, 'status', 'containerStatuses').find((one) => textAt(one, 'name') === name);
  const restarts = numberAt(old, 'restartCount') ?? 0;
  const startedAt = textAt(old, 'state', 'running', 'startedAt') ?? now;
  const containerID = containerId(pod, name);
  const exit =
    stage === 'succeeded' ? { exitCode: 0, reason: 'Completed' } : { exitCode: 1, reason: 'Error' };
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
    state: stateAt(stage, { image, startedAt, ended }),
    lastState: crashed ? { terminated: ended } : {},
  };
}

const withoutImage: ReadonlySet<PodStage> = new Set(['creating', 'pull-failed', 'pull-backoff']);

function stateAt(
  stage: PodStage,
  { image, startedAt, ended }: { image: string; startedAt: string; ended: JsonObject },
): JsonObject {
  switch (stage) {
    case 'creating':
      return { waiting: { reason: 'ContainerCreating' } };
    case 'pull-failed':
      return { waiting: { reason: 'ErrImagePull', message: `failed to pull image "${image}": not found` } };
    case 'pull-backoff':
      return { waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}"` } };
    case 'crashed':
      return {
        waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container' },
      };
    case 'loading':
    case 'ready':
      return { running: { startedAt } };
    case 'succeeded':
    case 'failed':
      return { terminated: ended };
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
