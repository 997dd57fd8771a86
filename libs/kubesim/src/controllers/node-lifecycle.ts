import { isObject, itemsAt, objectAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { StoreEvent } from '../store/store.ts';
import { refOf } from './cluster-client.ts';
import type { ObjectRef } from './cluster-client.ts';
import type { Controller } from './controller.ts';
import { InsideClient } from './inside.ts';
import type { Inside } from './inside.ts';
import { withCondition } from './workloads/owned.ts';

/** Labels of nodes by today's names, and the older ones that say the same. */
const olderLabels = {
  'kubernetes.io/os': 'beta.kubernetes.io/os',
  'kubernetes.io/arch': 'beta.kubernetes.io/arch',
};

/** Taints nodes by their state, labels them, and tells what becomes of them (pkg/controller/nodelifecycle). */
export class NodeLifecycle implements Controller {
  readonly manager = 'kube-controller-manager';
  readonly #client: InsideClient;
  /** What each known node said of its readiness when it was looked at last, by UID. */
  readonly #said = new Map<string, string>();

  constructor(inside: Inside) {
    this.#client = new InsideClient(inside, this.manager, 'node-controller');
  }

  keysOf({ type, key, object }: StoreEvent): readonly string[] {
    if (key.resource !== 'nodes') return [];
    if (type === 'DELETED') this.#said.delete(object.metadata.uid ?? '');
    return type === 'DELETED' ? [] : [key.name];
  }

  reconcile(name: string): undefined {
    const ref = { resource: 'nodes', namespace: '', name };
    const node = this.#client.get(ref);
    if (node === undefined) return;
    this.#watch(node);
    this.#mark(ref);
  }

  /** Tells of nodes that are new, or not heard of any more: then their pods are not ready either. */
  #watch(node: KubeObject): void {
    const { name = '', uid = '' } = node.metadata;
    const before = this.#said.get(uid);
    const now = readiness(node);
    this.#said.set(uid, now);
    if (before === undefined) {
      const message = `Node ${name} event: Registered Node ${name} in Controller`;
      this.#client.record(node, { type: 'Normal', reason: 'RegisteredNode', message });
    }
    if (before !== 'True' || now !== 'Unknown') return;
    const message = `Node ${name} status is now: NodeNotReady`;
    this.#client.record(node, { type: 'Normal', reason: 'NodeNotReady', message });
    for (const pod of this.#client.list('pods')) {
      if (textAt(pod, 'spec', 'nodeName') === name) this.#doubt(pod);
    }
  }

  #doubt(pod: KubeObject): void {
    const conditions = itemsAt(pod, 'status', 'conditions');
    const ready = conditions.find((one) => textAt(one, 'type') === 'Ready');
    if (!isObject(ready) || ready['status'] === 'False') return;
    const times = { lastTransitionTime: this.#client.now() };
    const edit = (draft: KubeObject) => {
      const next = withCondition(conditions, { ...ready, status: 'False' }, times);
      draft['status'] = { ...objectAt(draft, 'status'), conditions: next };
    };
    this.#client.change(refOf('pods', pod), edit, 'status');
    this.#client.record(pod, { type: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready' });
  }

  #mark(ref: ObjectRef): void {
    this.#client.change(ref, (draft) => {
      const { metadata } = draft;
      const labels = { ...metadata.labels };
      for (const [name, older] of Object.entries(olderLabels)) {
        const value = labels[name];
        if (value !== undefined) labels[older] = value;
      }
      if (Object.keys(labels).length > 0) metadata.labels = labels;
      const spec = objectAt(draft, 'spec');
      if (spec === undefined) return;
      const given = itemsAt(spec, 'taints').filter(isObject);
      const taints = taintsFor(draft, given, this.#client.now());
      if (taints.length > 0) spec['taints'] = taints;
      else delete spec['taints'];
    });
  }
}

/** What a node says of whether it is ready: `True`, `False`, or `Unknown` when it is not heard of; at first it is given time. */
export function readiness(node: KubeObject | undefined): string {
  const ready = itemsAt(node, 'status', 'conditions').find((one) => textAt(one, 'type') === 'Ready');
  return textAt(ready, 'status') ?? 'True';
}

/** Taints that say what a node is like, by key; the other taints are its owner's. */
const stateTaints = {
  notReady: 'node.kubernetes.io/not-ready',
  unreachable: 'node.kubernetes.io/unreachable',
  unschedulable: 'node.kubernetes.io/unschedulable',
} as const;

/** The taints of a node with those that its state asks for; ones that are there stay. */
function taintsFor(node: KubeObject, given: readonly JsonObject[], now: string): JsonObject[] {
  const state = readiness(node);
  const wanted: JsonObject[] = [];
  const want = (key: string, effects: readonly string[]) =>
    wanted.push(...effects.map((effect) => ({ key, effect })));
  if (state === 'False') want(stateTaints.notReady, ['NoSchedule', 'NoExecute']);
  if (state === 'Unknown') want(stateTaints.unreachable, ['NoSchedule', 'NoExecute']);
  if (objectAt(node, 'spec')?.['unschedulable'] === true) want(stateTaints.unschedulable, ['NoSchedule']);
  const isSame = (a: JsonObject, b: JsonObject) => a['key'] === b['key'] && a['effect'] === b['effect'];
  const keys: readonly string[] = Object.values(stateTaints);
  const kept = given.filter(
    (one) => !keys.includes(textAt(one, 'key') ?? '') || wanted.some((other) => isSame(one, other)),
  );
  const missing = wanted.filter((one) => !kept.some((other) => isSame(one, other)));
  return [...kept, ...missing.map((one) => ({ ...one, timeAdded: now }))];
}
