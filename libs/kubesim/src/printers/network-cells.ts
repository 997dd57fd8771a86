import { itemsAt, numberAt, objectAt, textAt } from '../json.ts';
import type { Json } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { filled, labels, none, selector, some, text, textsOf, unknown, unset } from './cell.ts';
import type { Cells } from './cell.ts';

/** Columns of services and all that leads to them, by group resource. */
export const networkCells: Readonly<Record<string, Cells>> = {
  services: {
    Type: text('spec.type'),
    'Cluster-IP': (service) => textsOf(itemsAt(service, 'spec', 'clusterIPs'))[0] ?? none,
    'External-IP': externalAddress,
    'Port(s)': servicePorts,
    Selector: (service) => labels(service, 'spec.selector'),
  },
  endpoints: { Endpoints: endpoints },
  'endpointslices.discovery.k8s.io': {
    AddressType: text('addressType'),
    Ports(slice) {
      const ports = itemsAt(slice, 'ports').map((port) => {
        const number = numberAt(port, 'port');
        return number === undefined ? (textAt(port, 'name') ?? '*') : String(number);
      });
      return some(ports, unset);
    },
    Endpoints: (slice) =>
      some(textsOf(itemsAt(slice, 'endpoints').flatMap((endpoint) => itemsAt(endpoint, 'addresses'))), unset),
  },
  'ingresses.networking.k8s.io': {
    Class: text('spec.ingressClassName', none),
    Hosts: ingressHosts,
    Address: (ingress) => balancedAddresses(ingress).join(','),
    Ports: (ingress) => (itemsAt(ingress, 'spec', 'tls').length > 0 ? '80, 443' : '80'),
  },
  'ingressclasses.networking.k8s.io': {
    Name({ metadata }) {
      const isDefault = metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true';
      return `${metadata.name ?? ''}${isDefault ? ' (default)' : ''}`;
    },
    Controller: text('spec.controller'),
    Parameters(object) {
      const reference = objectAt(object, 'spec', 'parameters');
      if (reference === undefined) return none;
      const group = textAt(reference, 'apiGroup');
      const kind = textAt(reference, 'kind') ?? '';
      return `${group === undefined ? kind : `${kind}.${group}`}/${textAt(reference, 'name') ?? ''}`;
    },
  },
  'networkpolicies.networking.k8s.io': { 'Pod-Selector': (policy) => selector(policy, 'spec.podSelector') },
  'servicecidrs.networking.k8s.io': {
    CIDRs: (object) => textsOf(itemsAt(object, 'spec', 'cidrs')).join(','),
  },
  'ipaddresses.networking.k8s.io': {
    ParentRef(address) {
      const parent = objectAt(address, 'spec', 'parentRef');
      if (parent === undefined) return none;
      const [group, resource, namespace, name] = ['group', 'resource', 'namespace', 'name'].map(
        (field) => textAt(parent, field) ?? '',
      );
      const kind = [resource, group].filter((part) => part !== '').join('.');
      return [kind.toLowerCase(), ...(namespace === '' ? [] : [namespace]), name].join('/');
    },
  },
};

function externalAddress(service: KubeObject): string {
  const given = textsOf(itemsAt(service, 'spec', 'externalIPs'));
  switch (textAt(service, 'spec', 'type')) {
    case 'ClusterIP':
    case 'NodePort':
      return filled(given.join(','), none);
    case 'LoadBalancer':
      return filled([...balancedAddresses(service), ...given].join(','), '<pending>');
    case 'ExternalName':
      return textAt(service, 'spec', 'externalName') ?? '';
    default:
      return unknown;
  }
}

/** The addresses of a load balancer, each once and in order. */
function balancedAddresses(object: KubeObject): string[] {
  const found = itemsAt(object, 'status', 'loadBalancer', 'ingress').map((one) =>
    filled(textAt(one, 'ip'), textAt(one, 'hostname') ?? ''),
  );
  return [...new Set(found.filter((address) => address !== ''))].sort();
}

function servicePorts(service: KubeObject): string {
  const ports = itemsAt(service, 'spec', 'ports').map((port) => {
    const node = numberAt(port, 'nodePort') ?? 0;
    return `${portOf(port)}${node > 0 ? `:${String(node)}` : ''}/${textAt(port, 'protocol') ?? ''}`;
  });
  return filled(ports.join(','), none);
}

function portOf(port: Json): string {
  return String(numberAt(port, 'port') ?? 0);
}

function endpoints(object: KubeObject): string {
  const subsets = itemsAt(object, 'subsets');
  const found = subsets.flatMap((subset) => {
    const addresses = itemsAt(subset, 'addresses').map((address) => textAt(address, 'ip') ?? '');
    const ports = itemsAt(subset, 'ports').map(portOf);
    return ports.length === 0 ? addresses : ports.flatMap((port) => addresses.map((ip) => joined(ip, port)));
  });
  return subsets.length === 0 ? none : some(found, '');
}

function joined(ip: string, port: string): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

const mostHosts = 3;

/** Rules without a host are counted among those that are not shown: the real server does so. */
function ingressHosts(ingress: KubeObject): string {
  const hosts = itemsAt(ingress, 'spec', 'rules').map((rule) => textAt(rule, 'host') ?? '');
  const named = hosts.flatMap((host, index) => (host === '' ? [] : [{ host, index }])).slice(0, mostHosts);
  if (named.length === 0) return '*';
  const shown = named.map(({ host }) => host).join(',');
  const last = named[mostHosts - 1]?.index ?? hosts.length;
  return last + 1 < hosts.length ? `${shown} + ${String(hosts.length - mostHosts)} more...` : shown;
}
