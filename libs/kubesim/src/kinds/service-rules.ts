import { isObject, itemsAt, numberAt, objectAt, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { KindRules, RuleContext } from './kind-rules.ts';
import { fill } from '../schema/set-defaults.ts';
import { checked } from './checked.ts';
import { keepAllButStatus } from './generic-rules.ts';
import { withStatus } from './strategies.ts';
import { serviceChange, serviceErrors, serviceStatusErrors } from './validation/service-errors.ts';

const firstNodePort = 30_000;
const nodePorts = 2_768;

/** Rules of services, with the allocation of cluster addresses and node ports (pkg/registry/core/service). */
export const serviceRules: KindRules = {
  ...checked(withStatus, serviceErrors, serviceChange),
  status: {
    prepareForUpdate: keepAllButStatus,
    validateUpdate: serviceStatusErrors,
  },
  name: 'dns-1035-label',
  prepareForCreate(draft, context) {
    withStatus.prepareForCreate?.(draft, context);
    const spec = objectAt(draft, 'spec');
    if (spec !== undefined) allocate(spec, context);
  },
  prepareForUpdate(draft, old, context) {
    withStatus.prepareForUpdate?.(draft, old, context);
    const spec = objectAt(draft, 'spec');
    if (spec === undefined) return;
    keepAllocated(spec, objectAt(old, 'spec') ?? {});
    allocate(spec, context);
  },
};

const allocated = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'healthCheckNodePort'];

/** An update that says nothing of what was allocated keeps it. */
function keepAllocated(spec: JsonObject, old: JsonObject): void {
  if (spec['type'] === 'ExternalName') {
    for (const name of allocated) spec[name] = undefined;
    return;
  }
  for (const name of allocated) fill(spec, { [name]: old[name] });
  for (const port of itemsAt(spec, 'ports').filter(isObject)) {
    const before = itemsAt(old, 'ports').find(
      (one) => isObject(one) && one['port'] === port['port'] && one['protocol'] === port['protocol'],
    );
    if (needsNodePorts(spec)) fill(port, { nodePort: numberAt(before, 'nodePort') });
  }
}

function allocate(spec: JsonObject, context: RuleContext): void {
  if (spec['type'] === 'ExternalName') return;
  const given = textAt(spec, 'clusterIP') ?? '';
  const address = given === '' ? freeAddress(context) : given;
  spec['clusterIP'] = address;
  fill(spec, { clusterIPs: [address], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
  if (!needsNodePorts(spec)) return;
  for (const port of itemsAt(spec, 'ports').filter(isObject)) {
    fill(port, { nodePort: freeNodePort(context, itemsAt(spec, 'ports')) });
  }
}

function needsNodePorts(spec: JsonObject): boolean {
  return (
    spec['type'] === 'NodePort' ||
    (spec['type'] === 'LoadBalancer' && spec['allocateLoadBalancerNodePorts'] !== false)
  );
}

/** A random free address of 10.0.0.0/16; the first ones are the cluster's own. */
function freeAddress(context: RuleContext): string {
  const taken = new Set(context.lookupAll('services').map((service) => textAt(service, 'spec', 'clusterIP')));
  const offset = Math.floor(context.random() * 65_000) + 256;
  for (let step = 0; step < 65_000; step += 1) {
    const at = ((offset + step) % 65_000) + 256;
    const address = `10.0.${String(at >> 8)}.${String(at & 255)}`;
    if (!taken.has(address)) return address;
  }
  throw new Error('range is full');
}

function freeNodePort(context: RuleContext, own: readonly Json[]): number {
  const services = context.lookupAll('services').flatMap((service) => itemsAt(service, 'spec', 'ports'));
  const taken = new Set([...services, ...own].map((port) => numberAt(port, 'nodePort')));
  const offset = Math.floor(context.random() * nodePorts);
  for (let step = 0; step < nodePorts; step += 1) {
    const port = firstNodePort + ((offset + step) % nodePorts);
    if (!taken.has(port)) return port;
  }
  throw new Error('range is full');
}
