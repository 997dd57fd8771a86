import { isObject, itemsAt, objectAt, textAt } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { boundPod } from '../kinds/bound-pod.ts';
import type { StoreEvent } from '../store/store.ts';
import type { ObjectRef } from './cluster-client.ts';
import { namespacedKey, splitKey } from './controller.ts';
import type { Controller } from './controller.ts';
import { InsideClient } from './inside.ts';
import type { Inside } from './inside.ts';
import { misfit } from './node-fit.ts';
import type { Misfit } from './node-fit.ts';
import { add, podRequests } from './pod-requests.ts';
import type { Amounts } from './pod-requests.ts';

/** A pod that holds a part of a node. */
interface Placed {
  readonly node: string;
  readonly requests: Amounts;
}

/**
 * Puts pods on nodes by the default profile's filters for taints, node selectors, node affinity and resources, extended ones
 * such as `nvidia.com/gpu` included, and says why when none fits. Pods spread by number; affinity between pods, topology
 * spread and preemption are not modelled.
 */
export class Scheduler implements Controller {
  readonly manager = 'kube-scheduler';
  readonly #client: InsideClient;
  readonly #placed = new Map<string, Placed>();
  readonly #used = new Map<string, Map<string, bigint>>();
  readonly #pending = new Set<string>();

  constructor(inside: Inside) {
    this.#client = new InsideClient(inside, this.manager, 'default-scheduler');
  }

  keysOf(event: StoreEvent): readonly string[] {
    const { resource } = event.key;
    if (resource === 'nodes') return [...this.#pending];
    return resource === 'pods' ? this.#notePod(event) : [];
  }

  /** @returns the pods to look at: the changed one, or all that wait when it made room. */
  #notePod({ type, key, object }: StoreEvent): readonly string[] {
    const name = namespacedKey(key.namespace, key.name);
    const node = textAt(object, 'spec', 'nodeName') ?? '';
    const holds = type !== 'DELETED' && !isFinished(object);
    const freed = this.#place(
      name,
      holds && node !== '' ? { node, requests: podRequests(object) } : undefined,
    );
    if (holds && node === '') {
      this.#pending.add(name);
      return [name];
    }
    this.#pending.delete(name);
    return freed ? [...this.#pending] : [];
  }

  /** @returns whether the pod held a part of a node that it holds no more. */
  #place(name: string, placed: Placed | undefined): boolean {
    const before = this.#placed.get(name);
    if (before !== undefined) add(this.#usedOn(before.node), before.requests, -1n);
    if (placed === undefined) this.#placed.delete(name);
    else {
      this.#placed.set(name, placed);
      add(this.#usedOn(placed.node), placed.requests);
    }
    return before !== undefined && placed === undefined;
  }

  #usedOn(node: string): Map<string, bigint> {
    const used = this.#used.get(node) ?? new Map<string, bigint>();
    this.#used.set(node, used);
    return used;
  }

  reconcile(key: string): undefined {
    const ref = { resource: 'pods', ...splitKey(key) };
    const pod = this.#client.get(ref);
    if (pod === undefined || !isWaiting(pod)) return;
    const requests = podRequests(pod);
    const fitting: string[] = [];
    const misfits: Misfit[] = [];
    for (const node of this.#client.list('nodes')) {
      const name = node.metadata.name ?? '';
      const found = misfit(pod, requests, { node, used: this.#usedOn(name) });
      if (found === undefined) fitting.push(name);
      else misfits.push(found);
    }
    const chosen = this.#emptiest(fitting);
    if (chosen === undefined) this.#refuse(ref, misfits);
    else this.#bind(ref, pod, chosen);
  }

  #bind(ref: ObjectRef, pod: KubeObject, node: string): void {
    this.#client.force(ref, (live) => boundPod(live, node, this.#client.nowMs()));
    const message = `Successfully assigned ${namespacedKey(ref.namespace, ref.name)} to ${node}`;
    this.#client.record(pod, { type: 'Normal', reason: 'Scheduled', message, action: 'Binding' });
  }

  #emptiest(nodes: readonly string[]): string | undefined {
    const pods = (name: string) => this.#usedOn(name).get('pods') ?? 0n;
    return nodes.reduce<string | undefined>(
      (best, name) => (best === undefined || pods(name) < pods(best) ? name : best),
      undefined,
    );
  }

  #refuse(ref: ObjectRef, misfits: readonly Misfit[]): void {
    const message = refusalText(misfits);
    const now = this.#client.now();
    this.#client.change(
      ref,
      (draft) => {
        const status = objectAt(draft, 'status') ?? {};
        const present = itemsAt(status, 'conditions').filter(isObject);
        const old = present.find(({ type }) => type === 'PodScheduled');
        if (old?.['message'] === message) return;
        const condition = {
          type: 'PodScheduled',
          status: 'False',
          observedGeneration: draft.metadata.generation ?? 1,
          lastProbeTime: null,
          lastTransitionTime: old?.['lastTransitionTime'] ?? now,
          reason: 'Unschedulable',
          message,
        };
        draft['status'] = {
          ...status,
          conditions: [...present.filter(({ type }) => type !== 'PodScheduled'), condition],
        };
      },
      'status',
    );
  }
}

/** Why no node takes a pod, in the real scheduler's words (pkg/scheduler/framework/types.go FitError). */
export function refusalText(misfits: readonly Misfit[]): string {
  if (misfits.length === 0) return 'no nodes available to schedule pods';
  const start = `0/${String(misfits.length)} nodes are available`;
  const helps = misfits.map(({ resolvable }) =>
    resolvable ? 'No preemption victims found for incoming pod' : 'Preemption is not helpful for scheduling',
  );
  const reasons = misfits.flatMap((one) => one.reasons);
  return `${start}: ${tally(reasons)}. preemption: ${start}: ${tally(helps)}.`;
}

/** `2 Insufficient cpu, 1 Too many pods`, in alphabetical order. */
function tally(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => `${String(count)} ${reason}`)
    .sort()
    .join(', ');
}

function isFinished(pod: KubeObject): boolean {
  return ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase') ?? '');
}

function isWaiting(pod: KubeObject): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false;
  if (itemsAt(pod, 'spec', 'schedulingGates').length > 0) return false;
  const scheduler = textAt(pod, 'spec', 'schedulerName') ?? 'default-scheduler';
  return (textAt(pod, 'spec', 'nodeName') ?? '') === '' && scheduler === 'default-scheduler';
}
