import { objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { keepAllButStatus } from '../generic-rules.ts';
import type { KindRules } from '../kind-rules.ts';
import { withStatus } from '../strategies.ts';
import { serviceChange } from '../validation/service-change-errors.ts';
import { serviceErrors } from '../validation/service-errors.ts';
import { serviceStatusErrors } from '../validation/service-status-errors.ts';
import { takeAddress } from './cluster-addresses.ts';
import { settleFamilies } from './families.ts';
import { joinAddresses, keepAllocated } from './keep-allocated.ts';
import { takeNodePorts } from './node-ports.ts';
import { serviceWarnings } from './service-warnings.ts';
import {
  isReachableFromOutside,
  mayHaveNodePorts,
  needsAddress,
  needsHealthPort,
  nodePortsOf,
  portsOf,
  sameField,
} from './spec.ts';

/** Rules of services, with the allocation of cluster addresses and node ports (pkg/registry/core/service). */
export const serviceRules: KindRules = {
  ...withStatus,
  name: 'dns-label',
  allowsCreateOnUpdate: true,
  allocate(draft, old, context) {
    const spec = objectAt(draft, 'spec');
    if (spec === undefined) return [];
    const before = objectAt(old, 'spec');
    if (before !== undefined) keepAllocated(spec, before);
    joinAddresses(spec, before);
    for (const step of [settleFamilies, takeAddress, takeNodePorts]) {
      const errors = step(spec, before, context);
      if (errors.length > 0) return errors;
    }
    return [];
  },
  prepareForCreate(draft, context) {
    withStatus.prepareForCreate?.(draft, context);
    forgetInternalTraffic(objectAt(draft, 'spec'));
  },
  prepareForUpdate(draft, old, context) {
    withStatus.prepareForUpdate?.(draft, old, context);
    const [spec, before] = [objectAt(draft, 'spec'), objectAt(old, 'spec')];
    if (spec === undefined || before === undefined) return;
    letGo(spec, before);
    forgetInternalTraffic(spec);
    if (spec['type'] !== 'LoadBalancer') draft['status'] = { loadBalancer: {} };
  },
  validateCreate: (service) => serviceErrors(service, undefined),
  validateUpdate: (service, old) => [...serviceChange(service, old), ...serviceErrors(service, old)],
  warnings: serviceWarnings,
  status: {
    prepareForUpdate: keepAllButStatus,
    validateUpdate: serviceStatusErrors,
  },
};

/** A name outside of the cluster has no traffic inside of it: a real server stores such a policy and never shows it. */
function forgetInternalTraffic(spec: JsonObject | undefined): void {
  const known = ['Cluster', 'Local'].includes(textAt(spec, 'internalTrafficPolicy') ?? '');
  if (known && spec?.['type'] === 'ExternalName') delete spec['internalTrafficPolicy'];
}

/** A change of type lets go of what the new type has no use for, unless the client changed that too. */
function letGo(spec: JsonObject, old: JsonObject): void {
  const drop = (applies: (one: JsonObject) => boolean, ...fields: readonly string[]) => {
    if (!applies(old) || applies(spec)) return;
    for (const field of fields) if (sameField(spec, old, field)) delete spec[field];
  };
  if (needsAddress(old) && !needsAddress(spec)) letAddressesGo(spec, old);
  drop(needsAddress, 'ipFamilies', 'ipFamilyPolicy');
  if (mayHaveNodePorts(old) && !mayHaveNodePorts(spec) && keepsNodePorts(spec, old)) {
    for (const port of portsOf(spec)) delete port['nodePort'];
  }
  drop(needsHealthPort, 'healthCheckNodePort');
  drop((one) => one['type'] === 'LoadBalancer', 'allocateLoadBalancerNodePorts', 'loadBalancerClass');
  drop(isReachableFromOutside, 'externalTrafficPolicy');
}

function letAddressesGo(spec: JsonObject, old: JsonObject): void {
  if (!sameField(spec, old, 'clusterIP') || !sameField(spec, old, 'clusterIPs')) return;
  delete spec['clusterIP'];
  delete spec['clusterIPs'];
}

function keepsNodePorts(spec: JsonObject, old: JsonObject): boolean {
  const before = nodePortsOf(old);
  return nodePortsOf(spec).every((port) => before.includes(port));
}
