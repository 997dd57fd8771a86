import { itemsAt, jsonEqual, numberAt, textAt } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { StoreEvent } from '../store/store.ts';
import type { ObjectRef } from './cluster-client.ts';
import { namespacedKey, splitKey } from './controller.ts';
import type { Controller } from './controller.ts';
import { InsideClient } from './inside.ts';
import type { Inside } from './inside.ts';
import { durationMs } from './duration.ts';
import { stageEvents, stopEvents } from './kubelet-events.ts';
import { missingConfig } from './missing-config.ts';
import { readiness } from './node-lifecycle.ts';
import { imageStory, podStories, stageOf, statusAt } from './pod-status.ts';
import type { PodStage } from './pod-status.ts';

/** Waits between stages that no annotation sets, in milliseconds: as on the simulated nodes of real control planes. */
const backOffMs = 2_000;
const restartMs = 10_000;
const usualRunMs = 1_000;
const mostRestarts = 5;

/** What comes after a stage, and how long that takes. */
interface Step {
  readonly stage: PodStage;
  readonly afterMs: number;
}

/** The kubelets of all nodes: brings pods that have a node through their stages, and ends those that are deleted. */
export class Kubelet implements Controller {
  readonly manager = 'kubelet';
  readonly #client: InsideClient;
  /** When a pod came to the stage in which it is, by key. */
  readonly #since = new Map<
    string,
    { readonly uid: string; readonly stage: string; readonly atMs: number }
  >();

  /** Pods that wait for config maps and secrets, by namespace. */
  readonly #held = new Map<string, Set<string>>();

  constructor(inside: Inside) {
    this.#client = new InsideClient(inside, this.manager, 'kubelet');
  }

  keysOf({ type, key, object, previous }: StoreEvent): readonly string[] {
    if (key.resource === 'configmaps' || key.resource === 'secrets') {
      return type === 'ADDED' ? [...(this.#held.get(key.namespace) ?? [])] : [];
    }
    if (key.resource === 'nodes') return isBack(object, previous) ? this.#podsOn(key.name) : [];
    if (key.resource !== 'pods') return [];
    const name = namespacedKey(key.namespace, key.name);
    if (type === 'DELETED') this.#forget(name, key.namespace);
    else if (textAt(object, 'spec', 'nodeName') !== undefined) return [name];
    return [];
  }

  #forget(name: string, namespace: string): void {
    this.#since.delete(name);
    this.#letGo(name, namespace);
  }

  #letGo(name: string, namespace: string): void {
    const held = this.#held.get(namespace);
    held?.delete(name);
    if (held?.size === 0) this.#held.delete(namespace);
  }

  #podsOn(node: string): readonly string[] {
    return this.#client
      .list('pods')
      .filter((pod) => textAt(pod, 'spec', 'nodeName') === node)
      .map(({ metadata: { namespace = '', name = '' } }) => namespacedKey(namespace, name));
  }

  reconcile(key: string): number | undefined {
    const ref = { resource: 'pods', ...splitKey(key) };
    const pod = this.#client.get(ref);
    if (pod === undefined) return undefined;
    if (pod.metadata.deletionTimestamp !== undefined) return this.#end(key, ref, pod);
    // What happens on a node that is not heard of is not heard of either.
    const node = { resource: 'nodes', namespace: '', name: textAt(pod, 'spec', 'nodeName') ?? '' };
    if (readiness(this.#client.get(node)) === 'Unknown') return undefined;
    const stage = stageOf(pod);
    if (this.#isHeld(key, ref, pod)) return undefined;
    const step = nextStep(pod, stage);
    if (step === undefined) return undefined;
    const leftMs = step.afterMs - this.#inStageMs(key, pod, `${String(restartsOf(pod))} ${stage ?? ''}`);
    if (leftMs > 0) return leftMs;
    this.#write(ref, pod, step.stage);
    return undefined;
  }

  /** Whether a pod whose containers are to be made has to wait for what it needs; says so. */
  #isHeld(key: string, ref: ObjectRef, pod: KubeObject): boolean {
    const stage = stageOf(pod);
    const missing =
      stage === 'creating' || stage === 'config-error' ? missingConfig(this.#client, pod) : undefined;
    if (missing === undefined) {
      this.#letGo(key, ref.namespace);
      return false;
    }
    this.#held.set(ref.namespace, (this.#held.get(ref.namespace) ?? new Set<string>()).add(key));
    const { mounts, message } = missing;
    const words = mounts
      ? { reason: 'FailedMount', message }
      : { reason: 'Failed', message: `Error: ${message}` };
    if (mounts || stage === 'creating') this.#client.record(pod, { type: 'Warning', ...words });
    if (!mounts) this.#write(ref, pod, 'config-error', message);
    return true;
  }

  #inStageMs(key: string, { metadata: { uid = '' } }: KubeObject, stage: string): number {
    const nowMs = this.#client.nowMs();
    const known = this.#since.get(key);
    if (known?.uid === uid && known.stage === stage) return nowMs - known.atMs;
    this.#since.set(key, { uid, stage, atMs: nowMs });
    return 0;
  }

  #write(ref: ObjectRef, pod: KubeObject, stage: PodStage, why?: string): void {
    const status = statusAt(pod, stage, { now: this.#client.now(), why });
    if (jsonEqual(status, pod['status'])) return;
    this.#client.change(ref, (draft) => void (draft['status'] = status), 'status');
    // A model that has loaded is the same container as before.
    if (stage === 'ready' && stageOf(pod) === 'loading') return;
    for (const happening of stageEvents(pod, stage)) this.#client.record(pod, happening);
  }

  /** A pod goes when its containers have stopped; its finalizers may hold it longer. */
  #end(key: string, ref: ObjectRef, pod: KubeObject): number | undefined {
    if (pod.metadata.deletionGracePeriodSeconds === 0 && (pod.metadata.finalizers ?? []).length > 0)
      return undefined;
    const stopMs = storyMs(pod, podStories.stopTime) ?? 0;
    const leftMs = stopMs - this.#inStageMs(key, pod, 'stopping');
    if (leftMs > 0) return leftMs;
    const { uid = '' } = pod.metadata;
    for (const happening of stopEvents(pod)) this.#client.record(pod, happening);
    this.#client.remove(ref, { uid, gracePeriodSeconds: 0 });
    return undefined;
  }
}

/** Whether a node is heard of again. */
function isBack(node: KubeObject, previous: KubeObject | undefined): boolean {
  return readiness(previous) === 'Unknown' && readiness(node) !== 'Unknown';
}

function nextStep(pod: KubeObject, stage: PodStage | undefined): Step | undefined {
  return stage === undefined ? { stage: 'creating', afterMs: 0 } : steps[stage]?.(pod);
}

const steps: { readonly [stage in PodStage]?: (pod: KubeObject) => Step | undefined } = {
  creating: (pod) => ({ stage: firstStage(pod), afterMs: storyMs(pod, podStories.pullTime) ?? 0 }),
  loading: (pod) => ({ stage: 'ready', afterMs: storyMs(pod, podStories.loadTime) ?? 0 }),
  'config-error': (pod) => ({ stage: firstStage(pod), afterMs: 0 }),
  'pull-failed': () => ({ stage: 'pull-backoff', afterMs: backOffMs }),
  crashed: (pod) => (restartsOf(pod) < mostRestarts ? { stage: 'crashed', afterMs: restartMs } : undefined),
  ready(pod) {
    if (!ends(pod)) return undefined;
    const stage = imageStory(pod) === 'fail' ? 'failed' : 'succeeded';
    return { stage, afterMs: storyMs(pod, podStories.runTime) ?? usualRunMs };
  },
};

function firstStage(pod: KubeObject): PodStage {
  const story = imageStory(pod);
  if (story === 'missing') return 'pull-failed';
  if (story === 'crash') return 'crashed';
  return storyMs(pod, podStories.loadTime) === undefined ? 'ready' : 'loading';
}

/** Pods of jobs end by themselves. */
function ends(pod: KubeObject): boolean {
  return itemsAt(pod, 'metadata', 'ownerReferences').some((owner) => textAt(owner, 'kind') === 'Job');
}

function restartsOf(pod: KubeObject): number {
  return numberAt(itemsAt(pod, 'status', 'containerStatuses')[0], 'restartCount') ?? 0;
}

function storyMs(pod: KubeObject, annotation: string): number | undefined {
  const text = pod.metadata.annotations?.[annotation];
  return text === undefined ? undefined : durationMs(text);
}
