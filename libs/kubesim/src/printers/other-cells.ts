import { isObject, itemsAt, numberAt, objectAt, textAt } from '../json.ts';
import type { Json } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { accessModes, at, count, labels, none, selector, text } from './cell.ts';
import type { Cell } from './cell.ts';

const unset = '<unset>';

/** Columns of kinds beside workloads, by group resource (pkg/printers/internalversion/printers.go). */
export const otherCells: Readonly<Record<string, Readonly<Record<string, Cell>>>> = {
  configmaps: { Data: (object) => sizeOf(object, 'data') + sizeOf(object, 'binaryData') },
  secrets: { Type: text('type'), Data: (object) => sizeOf(object, 'data') },
  services: {
    Type: text('spec.type'),
    'Cluster-IP': text('spec.clusterIP', none),
    'External-IP': externalAddress,
    'Port(s)': servicePorts,
    Selector: (object) => labels(object, 'spec.selector'),
  },
  endpoints: { Endpoints: endpoints },
  persistentvolumeclaims: {
    Status: text('status.phase'),
    Volume: text('spec.volumeName'),
    Capacity: text('status.capacity.storage'),
    'Access Modes': (object) => accessModes(object, 'status.accessModes'),
    StorageClass: text('spec.storageClassName'),
    VolumeAttributesClass: text('spec.volumeAttributesClassName', unset),
    VolumeMode: text('spec.volumeMode', unset),
  },
  persistentvolumes: {
    Capacity: text('spec.capacity.storage'),
    'Access Modes': (object) => accessModes(object, 'spec.accessModes'),
    'Reclaim Policy': text('spec.persistentVolumeReclaimPolicy'),
    Status: text('status.phase'),
    Claim(object) {
      const claim = objectAt(object, 'spec', 'claimRef');
      return claim === undefined ? '' : `${textAt(claim, 'namespace') ?? ''}/${textAt(claim, 'name') ?? ''}`;
    },
    StorageClass: text('spec.storageClassName'),
    VolumeAttributesClass: text('spec.volumeAttributesClassName', unset),
    Reason: text('status.reason'),
    VolumeMode: text('spec.volumeMode', unset),
  },
  resourcequotas: { Request: (object) => quota(object, true), Limit: (object) => quota(object, false) },
  'horizontalpodautoscalers.autoscaling': {
    Reference: (object) =>
      `${textAt(object, 'spec', 'scaleTargetRef', 'kind') ?? ''}/${textAt(object, 'spec', 'scaleTargetRef', 'name') ?? ''}`,
    Targets: metrics,
    MinPods: (object) => {
      const least = numberAt(object, 'spec', 'minReplicas');
      return least === undefined ? unset : String(least);
    },
    MaxPods: count('spec.maxReplicas'),
    Replicas: count('status.currentReplicas'),
  },
  'poddisruptionbudgets.policy': {
    'Min Available': (object) => amount(object, 'spec.minAvailable'),
    'Max Unavailable': (object) => amount(object, 'spec.maxUnavailable'),
    'Allowed Disruptions': count('status.disruptionsAllowed'),
  },
  'ingresses.networking.k8s.io': {
    Class: text('spec.ingressClassName', none),
    Hosts(object) {
      const hosts = itemsAt(object, 'spec', 'rules').map((rule) => textAt(rule, 'host') ?? '');
      const named = hosts.filter((host) => host !== '');
      return named.length === 0 ? '*' : named.join(',');
    },
    Address: ingressAddresses,
    Ports: (object) => (itemsAt(object, 'spec', 'tls').length > 0 ? '80, 443' : '80'),
  },
  'networkpolicies.networking.k8s.io': { 'Pod-Selector': (object) => selector(object, 'spec.podSelector') },
  'rolebindings.rbac.authorization.k8s.io': binding(),
  'clusterrolebindings.rbac.authorization.k8s.io': binding(),
  'leases.coordination.k8s.io': { Holder: text('spec.holderIdentity') },
  'endpointslices.discovery.k8s.io': {
    AddressType: text('addressType'),
    Ports: slicePorts,
    Endpoints(object) {
      const addresses = itemsAt(object, 'endpoints').flatMap((endpoint) => itemsAt(endpoint, 'addresses'));
      return some(
        addresses.filter((address) => typeof address === 'string'),
        '<unset>',
      );
    },
  },
  namespaces: { Status: text('status.phase') },
  nodes: {
    Status: nodeStatus,
    Roles: nodeRoles,
    Version: text('status.nodeInfo.kubeletVersion'),
    'Internal-IP': (object) => nodeAddress(object, 'InternalIP'),
    'External-IP': (object) => nodeAddress(object, 'ExternalIP'),
    'OS-Image': (object) => known(textAt(object, 'status', 'nodeInfo', 'osImage')),
    'Kernel-Version': (object) => known(textAt(object, 'status', 'nodeInfo', 'kernelVersion')),
    'Container-Runtime': (object) => known(textAt(object, 'status', 'nodeInfo', 'containerRuntimeVersion')),
  },
  'priorityclasses.scheduling.k8s.io': {
    Value: count('value'),
    'Global-Default': (object) => object['globalDefault'] === true,
    PreemptionPolicy: text('preemptionPolicy'),
  },
  'storageclasses.storage.k8s.io': {
    Provisioner: text('provisioner'),
    ReclaimPolicy: text('reclaimPolicy', 'Delete'),
    VolumeBindingMode: text('volumeBindingMode', 'Immediate'),
    AllowVolumeExpansion: (object) => object['allowVolumeExpansion'] === true,
  },
  'ingressclasses.networking.k8s.io': {
    Controller: text('spec.controller'),
    Parameters(object) {
      const reference = objectAt(object, 'spec', 'parameters');
      if (reference === undefined) return none;
      const group = textAt(reference, 'apiGroup');
      const kind = textAt(reference, 'kind') ?? '';
      return `${group === undefined ? kind : `${kind}.${group}`}/${textAt(reference, 'name') ?? ''}`;
    },
  },
  'runtimeclasses.node.k8s.io': { Handler: text('handler') },
};

function sizeOf(object: KubeObject, field: string): number {
  return Object.keys(objectAt(object, field) ?? {}).length;
}

function externalAddress(service: KubeObject): string {
  const type = textAt(service, 'spec', 'type');
  const given = itemsAt(service, 'spec', 'externalIPs').filter((address) => typeof address === 'string');
  if (type === 'ExternalName') return textAt(service, 'spec', 'externalName') ?? '';
  if (type !== 'LoadBalancer') return given.length === 0 ? none : given.join(',');
  const ingress = itemsAt(service, 'status', 'loadBalancer', 'ingress');
  const balanced = ingress.map((one) => textAt(one, 'ip') ?? textAt(one, 'hostname') ?? '');
  return [...balanced, ...given].join(',') || '<pending>';
}

function servicePorts(service: KubeObject): string {
  const ports = itemsAt(service, 'spec', 'ports').map((port) => {
    const node = numberAt(port, 'nodePort') ?? 0;
    const number = String(numberAt(port, 'port') ?? 0);
    return `${number}${node > 0 ? `:${String(node)}` : ''}/${textAt(port, 'protocol') ?? ''}`;
  });
  return ports.length === 0 ? none : ports.join(',');
}

const mostShown = 3;

/** A few of many, and how many more there are. */
function some(items: readonly string[], absent: string): string {
  if (items.length === 0) return absent;
  const more = items.length > mostShown ? ` + ${String(items.length - mostShown)} more...` : '';
  return `${items.slice(0, mostShown).join(',')}${more}`;
}

function endpoints(object: KubeObject): string {
  const found = itemsAt(object, 'subsets').flatMap((subset) => {
    const addresses = itemsAt(subset, 'addresses').map((address) => textAt(address, 'ip') ?? '');
    const ports = itemsAt(subset, 'ports').map((port) => String(numberAt(port, 'port') ?? 0));
    return ports.length === 0
      ? addresses
      : ports.flatMap((port) => addresses.map((address) => `${address}:${port}`));
  });
  return some(found, none);
}

function slicePorts(object: KubeObject): string {
  const ports = itemsAt(object, 'ports').map((port) => {
    const number = numberAt(port, 'port');
    return number === undefined ? '*' : String(number);
  });
  return some(ports, '<unset>');
}

function quota(object: KubeObject, requests: boolean): string {
  const hard = objectAt(object, 'status', 'hard') ?? {};
  const used = objectAt(object, 'status', 'used') ?? {};
  return Object.keys(hard)
    .filter((name) => name.startsWith('limits.') !== requests)
    .sort()
    .map((name) => `${name}: ${textAt(used, name) ?? '0'}/${textAt(hard, name) ?? '0'}`)
    .join(', ');
}

function metrics(object: KubeObject): string {
  const wanted = itemsAt(object, 'spec', 'metrics');
  if (wanted.length === 0) return none;
  const present = itemsAt(object, 'status', 'currentMetrics');
  return wanted.map((metric, index) => metricText(metric, present[index])).join(', ');
}

function metricText(metric: Json, present: Json | undefined): string {
  const name = textAt(metric, 'resource', 'name');
  if (name === undefined) return '<unknown>';
  const target = objectAt(metric, 'resource', 'target') ?? {};
  const percent = numberAt(target, 'averageUtilization');
  const current = objectAt(present, 'resource', 'current') ?? {};
  if (percent === undefined) {
    return `${name}: ${textAt(current, 'averageValue') ?? '<unknown>'}/${textAt(target, 'averageValue') ?? ''}`;
  }
  const used = numberAt(current, 'averageUtilization');
  return `${name}: ${used === undefined ? '<unknown>' : `${String(used)}%`}/${String(percent)}%`;
}

function amount(object: KubeObject, path: string): string {
  const found = at(object, path);
  return typeof found === 'number' || typeof found === 'string' ? String(found) : 'N/A';
}

function ingressAddresses(object: KubeObject): string {
  const ingress = itemsAt(object, 'status', 'loadBalancer', 'ingress');
  return ingress.map((one) => textAt(one, 'ip') ?? textAt(one, 'hostname') ?? '').join(',');
}

function binding(): Readonly<Record<string, Cell>> {
  const subjects = (kind: string, show: (subject: Json) => string): Cell => {
    return (object) =>
      itemsAt(object, 'subjects')
        .filter((subject) => textAt(subject, 'kind') === kind)
        .map(show)
        .join(', ');
  };
  const name = (subject: Json) => textAt(subject, 'name') ?? '';
  return {
    Role: (object) => `${textAt(object, 'roleRef', 'kind') ?? ''}/${textAt(object, 'roleRef', 'name') ?? ''}`,
    Users: subjects('User', name),
    Groups: subjects('Group', name),
    ServiceAccounts: subjects(
      'ServiceAccount',
      (subject) => `${textAt(subject, 'namespace') ?? ''}/${name(subject)}`,
    ),
  };
}

function nodeStatus(node: KubeObject): string {
  const ready = itemsAt(node, 'status', 'conditions').find((one) => textAt(one, 'type') === 'Ready');
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
  return roles.length === 0 ? none : [...new Set(roles)].sort().join(',');
}

function nodeAddress(node: KubeObject, type: string): string {
  const found = itemsAt(node, 'status', 'addresses').find((one) => textAt(one, 'type') === type);
  return textAt(found, 'address') ?? none;
}

function known(found: string | undefined): string {
  return found === undefined || found === '' ? '<unknown>' : found;
}
