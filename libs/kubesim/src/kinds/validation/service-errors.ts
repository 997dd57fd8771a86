import { duplicate, forbidden, GoText, goJson, invalid, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { isIP } from 'node:net';
import { itemsAt, numberAt, objectAt, textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { dnsLabelProblems } from '../names.ts';
import { itemsWithPaths, oneOf, portNumber, portNumberOrName } from './checks.ts';

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const notAnAddress = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

/** What is wrong with a service (ValidateService of pkg/apis/core/validation). */
export function serviceErrors(service: KubeObject): FieldError[] {
  const spec = objectAt(service, 'spec') ?? {};
  return [
    ...portsErrors(spec),
    ...oneOf(spec['sessionAffinity'], 'spec.sessionAffinity', ['ClientIP', 'None']),
    ...oneOf(spec['type'], 'spec.type', types),
    ...externalNameErrors(spec),
    ...addressErrors(spec['externalIPs'], 'spec.externalIPs'),
    ...addressErrors(textAt(spec, 'clusterIP') === 'None' ? [] : spec['clusterIPs'], 'spec.clusterIPs'),
    ...sourceRangeErrors(spec),
  ];
}

/** What of a service may not change: the address that it once got. */
export function serviceChange(service: KubeObject, old: KubeObject): FieldError[] {
  const before = textAt(old, 'spec', 'clusterIP') ?? '';
  const after = textAt(service, 'spec', 'clusterIP') ?? '';
  if (before === '' || after === before || textAt(service, 'spec', 'type') === 'ExternalName') return [];
  const addresses = itemsAt(service, 'spec', 'clusterIPs');
  return [invalid('spec.clusterIPs[0]', [...addresses], 'may not change once set')];
}

/** What is wrong with the status of a service. */
export function serviceStatusErrors(service: KubeObject): FieldError[] {
  const ingress = itemsAt(service, 'status', 'loadBalancer', 'ingress');
  if (ingress.length === 0 || textAt(service, 'spec', 'type') === 'LoadBalancer') return [];
  return [forbidden('status.loadBalancer.ingress', "may only be used when `spec.type` is 'LoadBalancer'")];
}

function portsErrors(spec: JsonObject): FieldError[] {
  const ports = itemsWithPaths(spec['ports'], 'spec.ports');
  const type = textAt(spec, 'type') ?? '';
  if (ports.length === 0) {
    return type === 'ExternalName' || textAt(spec, 'clusterIP') === 'None' ? [] : [required('spec.ports')];
  }
  const names = new Set<string>();
  const errors = ports.flatMap(([port, path]) => {
    const found = portErrors(port, path, { several: ports.length > 1, type });
    const name = textAt(port, 'name') ?? '';
    if (name !== '' && names.has(name)) found.push(duplicate(`${path}.name`, name));
    names.add(name);
    return found;
  });
  return [...errors, ...repeatedPorts(ports)];
}

function portErrors(
  port: JsonObject,
  path: string,
  { several, type }: { readonly several: boolean; readonly type: string },
): FieldError[] {
  const name = textAt(port, 'name') ?? '';
  const named = name === '' ? [] : dnsLabelProblems(name).map((why) => invalid(`${path}.name`, name, why));
  const nodePort = numberAt(port, 'nodePort') ?? 0;
  return [
    ...(name === '' && several ? [required(`${path}.name`)] : named),
    ...portNumber(numberAt(port, 'port') ?? 0, `${path}.port`),
    ...oneOf(port['protocol'], `${path}.protocol`, ['SCTP', 'TCP', 'UDP']),
    ...portNumberOrName(port['targetPort'], `${path}.targetPort`),
    ...(type === 'ClusterIP' && nodePort !== 0
      ? [forbidden(`${path}.nodePort`, "may not be used when `type` is 'ClusterIP'")]
      : []),
  ];
}

function repeatedPorts(ports: readonly (readonly [JsonObject, string])[]): FieldError[] {
  const seen = new Set<string>();
  return ports.flatMap(([port, path]) => {
    const key = `${textAt(port, 'protocol') ?? ''}/${String(numberAt(port, 'port') ?? 0)}`;
    const again = seen.has(key);
    seen.add(key);
    return again ? [duplicate(path, shownPort(port))] : [];
  });
}

/** Go shows its internal type, with only what makes the port the same. */
function shownPort(port: JsonObject): GoText {
  const protocol = goJson(port['protocol'] ?? '');
  const number = String(numberAt(port, 'port') ?? 0);
  return new GoText(
    `{"Name":"","Protocol":${protocol},"AppProtocol":null,"Port":${number},"TargetPort":0,"NodePort":0}`,
  );
}

function externalNameErrors(spec: JsonObject): FieldError[] {
  const unnamed = spec['type'] === 'ExternalName' && (textAt(spec, 'externalName') ?? '') === '';
  return unnamed ? [required('spec.externalName')] : [];
}

function addressErrors(addresses: Json | undefined, path: string): FieldError[] {
  if (!Array.isArray(addresses)) return [];
  return addresses.flatMap((address, index) =>
    typeof address === 'string' && isIP(address) === 0
      ? [invalid(`${path}[${String(index)}]`, address, notAnAddress)]
      : [],
  );
}

function sourceRangeErrors(spec: JsonObject): FieldError[] {
  const given = itemsAt(spec, 'loadBalancerSourceRanges').length > 0;
  if (!given || spec['type'] === 'LoadBalancer') return [];
  return [forbidden('spec.LoadBalancerSourceRanges', "may only be used when `type` is 'LoadBalancer'")];
}
