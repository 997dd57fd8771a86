import { itemsAt, objectAt, textAt } from '../json.ts';
import type { Json } from '../json.ts';
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
 * Makes every new node ready, with the capacity that it was created with. A node whose Ready condition somebody sets to False or
 * Unknown stays so: that is how a node is made to fail.
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
    if (ready) return;
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
