import { isObject, itemsAt, objectAt, textAt } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { conditionOf, count, filled, filledText, flag, none, text, unknown } from './cell.ts';
import type { Cells } from './cell.ts';

/** Columns of nodes, their devices and who may run on them, by group resource. */
export const nodeCells: Readonly<Record<string, Cells>> = {
  nodes: {
    Status: nodeStatus,
    Roles: nodeRoles,
    Version: text('status.nodeInfo.kubeletVersion'),
    'Internal-IP': (node) => nodeAddress(node, 'InternalIP'),
    'External-IP': (node) => nodeAddress(node, 'ExternalIP'),
    'OS-Image': filledText('status.nodeInfo.osImage', unknown),
    'Kernel-Version'(node) {
      const kernel = filled(textAt(node, 'status', 'nodeInfo', 'kernelVersion'), unknown);
      const architecture = textAt(node, 'status', 'nodeInfo', 'architecture') ?? '';
      return architecture === '' ? kernel : `${kernel} (${architecture})`;
    },
    'Container-Runtime': filledText('status.nodeInfo.containerRuntimeVersion', unknown),
  },
  'priorityclasses.scheduling.k8s.io': {
    Value: count('value'),
    'Global-Default': flag('globalDefault'),
    PreemptionPolicy: text('preemptionPolicy'),
  },
  'runtimeclasses.node.k8s.io': { Handler: text('handler') },
  'resourceclaims.resource.k8s.io': {
    State(claim) {
      const leaving = claim.metadata.deletionTimestamp !== undefined;
      const allocated = objectAt(claim, 'status', 'allocation') !== undefined;
      const reserved = allocated && itemsAt(claim, 'status', 'reservedFor').length > 0;
      const states = [
        leaving && 'deleted',
        allocated ? 'allocated' : !leaving && 'pending',
        reserved && 'reserved',
      ];
      return states.filter((state) => state !== false).join(',');
    },
  },
  'resourceslices.resource.k8s.io': {
    Node: text('spec.nodeName'),
    Driver: text('spec.driver'),
    Pool: text('spec.pool.name'),
  },
};

function nodeStatus(node: KubeObject): string {
  const ready = conditionOf(node, 'Ready');
  const shown = ready === undefined ? 'Unknown' : textAt(ready, 'status') === 'True' ? 'Ready' : 'NotReady';
  const { spec } = node;
  return isObject(spec) && spec['unschedulable'] === true ? `${shown},SchedulingDisabled` : shown;
}

const roleLabel = 'node-role.kubernetes.io/';

function nodeRoles(node: KubeObject): string {
  const roles = Object.entries(node.metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(roleLabel) && key !== roleLabel) return [key.slice(roleLabel.length)];
    return key === 'kubernetes.io/role' && value !== '' ? [value] : [];
  });
  return filled([...new Set(roles)].sort().join(','), none);
}

function nodeAddress(node: KubeObject, type: string): string {
  const found = itemsAt(node, 'status', 'addresses').find((one) => textAt(one, 'type') === type);
  return textAt(found, 'address') ?? none;
}
