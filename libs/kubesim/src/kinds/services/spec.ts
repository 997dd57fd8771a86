import { isObject, itemsAt, jsonEqual } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import { numberIn, textIn } from '../validation/go-fields.ts';

/** The address of a service that has none. */
export const noAddress = 'None';

/** Cluster addresses of a service. */
export function addressesOf(spec: JsonObject | undefined): readonly string[] {
  return textsOf(spec, 'clusterIPs');
}

/** Families of addresses of a service. */
export function familiesOf(spec: JsonObject | undefined): readonly string[] {
  return textsOf(spec, 'ipFamilies');
}

/** The texts of a list of a service. */
export function textsOf(spec: JsonObject | undefined, field: string): readonly string[] {
  return itemsAt(spec, field).filter((item) => typeof item === 'string');
}

/** Ports of a service; those of a draft may be changed. */
export function portsOf(spec: JsonObject | undefined): readonly JsonObject[] {
  return itemsAt(spec, 'ports').filter(isObject);
}

/** Node ports that ports of a service have. */
export function nodePortsOf(spec: JsonObject | undefined): readonly number[] {
  return portsOf(spec)
    .map((port) => numberIn(port, 'nodePort'))
    .filter((port) => port !== 0);
}

/** Whether clients are told the addresses of pods instead of one of the service. */
export function isHeadless(spec: JsonObject | undefined): boolean {
  const addresses = addressesOf(spec);
  return addresses.length === 1 && addresses[0] === noAddress;
}

/** Whether the service gets an address of the cluster. */
export function needsAddress(spec: JsonObject): boolean {
  return spec['type'] !== 'ExternalName';
}

/** Whether the type of the service is one that may have node ports. */
export function mayHaveNodePorts(spec: JsonObject): boolean {
  return spec['type'] === 'NodePort' || spec['type'] === 'LoadBalancer';
}

/** Whether each port of the service gets a node port. */
export function wantsNodePorts(spec: JsonObject): boolean {
  return (
    mayHaveNodePorts(spec) && (spec['type'] === 'NodePort' || spec['allocateLoadBalancerNodePorts'] !== false)
  );
}

/** Whether balancers ask each node whether it has pods of the service. */
export function needsHealthPort(spec: JsonObject): boolean {
  return spec['type'] === 'LoadBalancer' && spec['externalTrafficPolicy'] === 'Local';
}

/** Whether traffic may come from outside of the cluster. */
export function isReachableFromOutside(spec: JsonObject): boolean {
  return mayHaveNodePorts(spec) || (spec['type'] === 'ClusterIP' && itemsAt(spec, 'externalIPs').length > 0);
}

/** Whether two services say the same of a field. */
export function sameField(a: JsonObject, b: JsonObject, field: string): boolean {
  return jsonEqual(settled(a[field]), settled(b[field]));
}

/** Go knows no difference between an absent list or number and an empty one. */
function settled(value: Json | undefined): Json {
  if (value === undefined || value === '' || value === 0) return null;
  return Array.isArray(value) && value.length === 0 ? null : value;
}

/** The policy of families of a service; empty when it has none. */
export function familyPolicyOf(spec: JsonObject): string {
  return textIn(spec, 'ipFamilyPolicy');
}
