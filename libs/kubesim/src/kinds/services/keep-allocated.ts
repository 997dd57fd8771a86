import { draftOf } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { numberIn, textIn } from '../validation/go-fields.ts';
import {
  addressesOf,
  needsAddress,
  needsHealthPort,
  nodePortsOf,
  portsOf,
  sameField,
  wantsNodePorts,
} from './spec.ts';

/** An update that says nothing of what was handed out keeps it; ports keep their node ports by name. */
export function keepAllocated(spec: JsonObject, old: JsonObject): void {
  const both = (needs: (one: JsonObject) => boolean) => needs(old) && needs(spec);
  if (both(needsAddress)) keepIfUnsaid(spec, old, ['clusterIP', 'clusterIPs']);
  if (both(wantsNodePorts)) keepNodePorts(spec, old);
  if (both(needsHealthPort)) keepIfUnsaid(spec, old, ['healthCheckNodePort']);
}

function keepNodePorts(spec: JsonObject, old: JsonObject): void {
  const before = nodePortsOf(old);
  const used = new Set(nodePortsOf(spec).filter((port) => before.includes(port)));
  for (const port of portsOf(spec)) {
    if (numberIn(port, 'nodePort') !== 0) continue;
    // Of ports with one name the last counts.
    const same = portsOf(old).findLast((one) => textIn(one, 'name') === textIn(port, 'name'));
    const nodePort = numberIn(same, 'nodePort');
    if (nodePort !== 0 && !used.has(nodePort)) port['nodePort'] = nodePort;
  }
}

/** Keeps `clusterIP` and `clusterIPs` in step when a client speaks of one of them only. */
export function joinAddresses(spec: JsonObject, old: JsonObject | undefined): void {
  const address = textIn(spec, 'clusterIP');
  if (old === undefined) {
    if (address !== '' && addressesOf(spec).length === 0) spec['clusterIPs'] = [address];
    return;
  }
  if (address === textIn(old, 'clusterIP')) keepIfUnsaid(spec, old, ['clusterIPs']);
  else if (!sameField(spec, old, 'clusterIPs')) return;
  else if (address === '') delete spec['clusterIPs'];
  else spec['clusterIPs'] = [address];
}

function keepIfUnsaid(spec: JsonObject, old: JsonObject, fields: readonly string[]): void {
  for (const field of fields) {
    const value = old[field];
    if (value !== undefined && sameField(spec, {}, field)) spec[field] = draftOf(value);
  }
}
