import { isObject, itemsAt, objectAt, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { StoreEvent } from '../store/store.ts';
import { ClusterClient } from './cluster-client.ts';
import type { ClusterCore } from './cluster-client.ts';
import type { Controller } from './controller.ts';

/** What a node says of itself besides readiness; all is well. */
const goodConditions = [
  ['MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['NetworkUnavailable', 'RouteCreated', 'RouteController created a route'],
] as const;

/**
 * Makes every new node ready, with the capacity that it was created with, and taints nodes by their state. A node whose Ready
 * condition somebody sets to False or Unknown stays so: that is how a node is made to fail.
 */
export class Nodes implements Controller {
  readonly manager = 'kubelet';
  readonly #client: ClusterClient;

  constructor(core: ClusterCore) {
    this.#client = new ClusterClient(core, this.manager);
  }

  keysOf({ type, key }: StoreEvent): readonly string[] {
    return key.resource === 'nodes' && type !== 'DELETED' ? [key.name] : [];
  }

  reconcile(name: string): undefined {
    const ref = { resource: 'nodes', namespace: '', name };
    const node = this.#client.get(ref);
    if (node === undefined) return;
    const ready = itemsAt(node, 'status', 'conditions').some((one) => textAt(one, 'type') === 'Ready');
    if (!ready) {
      this.#client.change(
        ref,
        (draft) => {
          const status = objectAt(draft, 'status') ?? {};
          const addresses = [
            { address: '10.0.0.1', type: 'InternalIP' },
            { address: name, type: 'Hostname' },
          ];
          const conditions = readyConditions(this.#client.now());
          draft['status'] = { ...status, phase: 'Running', addresses, conditions, nodeInfo };
        },
        'status',
      );
    }
    this.#client.change(ref, (draft) => {
      const spec = objectAt(draft, 'spec');
      if (spec === undefined) return;
      const given = itemsAt(spec, 'taints').filter(isObject);
      const taints = taintsFor(draft, given, this.#client.now());
      if (taints.length > 0) spec['taints'] = taints;
      else delete spec['taints'];
    });
  }
}

/** Taints that say what a node is like, by key; the other taints are its owner's. */
const stateTaints = {
  notReady: 'node.kubernetes.io/not-ready',
  unreachable: 'node.kubernetes.io/unreachable',
  unschedulable: 'node.kubernetes.io/unschedulable',
} as const;

/** The taints of a node with those that its state asks for (pkg/controller/nodelifecycle); ones that are there stay. */
function taintsFor(node: KubeObject, given: readonly JsonObject[], now: string): JsonObject[] {
  const ready = itemsAt(node, 'status', 'conditions').find((one) => textAt(one, 'type') === 'Ready');
  const state = textAt(ready, 'status') ?? 'True';
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

const nodeInfo = {
  architecture: 'amd64',
  bootID: '',
  containerRuntimeVersion: 'simulated',
  kernelVersion: 'simulated',
  kubeProxyVersion: '',
  kubeletVersion: 'simulated',
  machineID: '',
  operatingSystem: 'linux',
  osImage: 'simulated',
  systemUUID: '',
};

function readyConditions(now: string): Json[] {
  const times = { lastHeartbeatTime: now, lastTransitionTime: now };
  const good = goodConditions.map(([type, reason, message]) => ({
    type,
    status: 'False',
    reason,
    message,
    ...times,
  }));
  const words = { reason: 'KubeletReady', message: 'kubelet is posting ready status' };
  return [{ type: 'Ready', status: 'True', ...words, ...times }, ...good];
}
