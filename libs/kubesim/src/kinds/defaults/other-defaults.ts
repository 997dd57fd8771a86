import { isObject, itemsAt, numberAt, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { fill, fillEmpty } from '../../schema/set-defaults.ts';
import type { TypeDefaults } from '../../schema/set-defaults.ts';
import { isReachableFromOutside } from '../services/spec.ts';

/** Defaults of kinds beside workloads (pkg/apis/{core,networking,policy,rbac,…}/v1/defaults.go of k8s.io/kubernetes). */
export const otherDefaults: Readonly<Record<string, TypeDefaults>> = {
  Secret(secret) {
    fill(secret, { type: 'Opaque' });
    encodeText(secret);
  },
  Service(service) {
    if (textAt(service, 'spec', 'type') !== 'LoadBalancer') return;
    for (const point of itemsAt(service, 'status', 'loadBalancer', 'ingress').filter(isObject)) {
      if ((textAt(point, 'ip') ?? '') !== '') fill(point, { ipMode: 'VIP' });
    }
  },
  ServiceSpec: serviceDefaults,
  PersistentVolumeSpec: (spec) =>
    fill(spec, { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' }),
  PersistentVolumeStatus: (status) => fill(status, { phase: 'Pending' }),
  PersistentVolumeClaimStatus: (status) => fill(status, { phase: 'Pending' }),
  Namespace(namespace) {
    const metadata = objectAt(namespace, 'metadata');
    const name = textAt(namespace, 'metadata', 'name') ?? '';
    if (metadata === undefined || name === '') return;
    metadata['labels'] = { ...objectAt(metadata, 'labels'), 'kubernetes.io/metadata.name': name };
  },
  NamespaceStatus: (status) => fill(status, { phase: 'Active' }),
  NodeSpec(spec) {
    const range = textAt(spec, 'podCIDR');
    if (range !== undefined && itemsAt(spec, 'podCIDRs')[0] !== range) spec['podCIDRs'] = [range];
  },
  PodStatus(status) {
    const address = textAt(status, 'podIP');
    if (address !== undefined) fill(status, { podIPs: [{ ip: address }] });
  },
  NodeStatus: (status) => fill(status, { allocatable: status['capacity'] }),
  LimitRangeItem(item) {
    if (item['type'] !== 'Container') return;
    const { max, min } = { max: objectAt(item, 'max'), min: objectAt(item, 'min') };
    const limits = { ...max, ...objectAt(item, 'default') };
    const requests = { ...min, ...limits, ...objectAt(item, 'defaultRequest') };
    if (Object.keys(limits).length > 0) item['default'] = limits;
    if (Object.keys(requests).length > 0) item['defaultRequest'] = requests;
  },
  NetworkPolicyPort: (port) => fill(port, { protocol: 'TCP' }),
  NetworkPolicySpec(spec) {
    const types = itemsAt(spec, 'egress').length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
    fillEmpty(spec, { policyTypes: types });
  },
  EndpointSlice(slice) {
    for (const port of itemsAt(slice, 'ports').filter(isObject)) fill(port, { name: '', protocol: 'TCP' });
  },
  EndpointPort: (port) => fill(port, { protocol: 'TCP' }),
  StorageClass: (storageClass) =>
    fill(storageClass, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
  CSIDriverSpec(spec) {
    fill(spec, {
      attachRequired: true,
      podInfoOnMount: false,
      storageCapacity: false,
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
      requiresRepublish: false,
      seLinuxMount: false,
    });
    fillEmpty(spec, { volumeLifecycleModes: ['Persistent'] });
  },
  APIServiceSpec(spec) {
    const service = objectAt(spec, 'service');
    if (service !== undefined) fill(service, { port: 443 });
  },
  FlowSchemaSpec: (spec) => fillZero(spec, { matchingPrecedence: 1000 }),
  ExemptPriorityLevelConfiguration: (level) =>
    fillUnsaid(level, { nominalConcurrencyShares: 0, lendablePercent: 0 }),
  LimitedPriorityLevelConfiguration: (level) =>
    fillUnsaid(level, { nominalConcurrencyShares: 30, lendablePercent: 0 }),
  QueuingConfiguration: (queuing) => fillZero(queuing, { handSize: 8, queues: 64, queueLengthLimit: 50 }),
  ExactDeviceRequest: deviceDefaults,
  DeviceSubRequest: deviceDefaults,
  ValidatingWebhook: webhookDefaults,
  MutatingWebhook(hook) {
    webhookDefaults(hook);
    fill(hook, { reinvocationPolicy: 'Never' });
  },
  ValidatingAdmissionPolicySpec: (spec) => fill(spec, { failurePolicy: 'Fail' }),
  MutatingAdmissionPolicySpec: (spec) => fill(spec, { failurePolicy: 'Fail' }),
  MatchResources: (match) =>
    fill(match, { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} }),
  NamedRuleWithOperations: (rule) => fill(rule, { scope: '*' }),
  RuleWithOperations: (rule) => fill(rule, { scope: '*' }),
  RoleRef(reference) {
    // Go always writes this field, also when nothing was said.
    if ((reference['apiGroup'] ?? '') === '') reference['apiGroup'] = 'rbac.authorization.k8s.io';
  },
  Subject(subject) {
    // Those of flow schemas are called alike and have no group.
    if (['user', 'group', 'serviceAccount'].some((field) => isObject(subject[field]))) return;
    if (subject['kind'] !== 'ServiceAccount') fill(subject, { apiGroup: 'rbac.authorization.k8s.io' });
  },
  PriorityClass: (priorityClass) => fill(priorityClass, { preemptionPolicy: 'PreemptLowerPriority' }),
  IngressClassParametersReference(reference) {
    if ((textAt(reference, 'scope') ?? '') === '') reference['scope'] = 'Cluster';
  },
  HorizontalPodAutoscalerSpec: autoscalerDefaults,
  HorizontalPodAutoscalerBehavior: behaviorDefaults,
};

/** Sets numbers that are absent or null. */
function fillUnsaid(draft: JsonObject, defaults: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(defaults)) draft[name] ??= value;
}

/** Sets numbers that are absent or zero, which Go does not tell apart. */
function fillZero(draft: JsonObject, defaults: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(defaults)) {
    if ((draft[name] ?? 0) === 0) draft[name] = value;
  }
}

/** A request for devices asks for one unless it says how many. */
function deviceDefaults(request: JsonObject): void {
  if ((request['allocationMode'] ?? '') === '') request['allocationMode'] = 'ExactCount';
  if (request['allocationMode'] === 'ExactCount') fillZero(request, { count: 1 });
}

/** Text becomes data as soon as a secret is read; it is never stored as it came. */
function encodeText(secret: JsonObject): void {
  const text = objectAt(secret, 'stringData');
  if (text === undefined) return;
  const encoded = Object.entries(text).map(
    ([name, value]) =>
      [name, Buffer.from(typeof value === 'string' ? value : '').toString('base64')] as const,
  );
  secret['data'] = { ...objectAt(secret, 'data'), ...Object.fromEntries(encoded) };
  delete secret['stringData'];
}

function serviceDefaults(spec: JsonObject): void {
  fill(spec, { sessionAffinity: 'None', type: 'ClusterIP' });
  if (spec['sessionAffinity'] === 'None') delete spec['sessionAffinityConfig'];
  if (spec['sessionAffinity'] === 'ClientIP') {
    const given = numberAt(spec, 'sessionAffinityConfig', 'clientIP', 'timeoutSeconds');
    if (given === undefined) spec['sessionAffinityConfig'] = { clientIP: { timeoutSeconds: 10_800 } };
  }
  itemsAt(spec, 'ports').filter(isObject).forEach(portDefaults);
  const type = textAt(spec, 'type') ?? '';
  if (isReachableFromOutside(spec)) fill(spec, { externalTrafficPolicy: 'Cluster' });
  if (['ClusterIP', 'LoadBalancer', 'NodePort'].includes(type)) {
    fill(spec, { internalTrafficPolicy: 'Cluster' });
  }
  if (type === 'LoadBalancer') fill(spec, { allocateLoadBalancerNodePorts: true });
}

function portDefaults(port: JsonObject): void {
  fill(port, { protocol: 'TCP' });
  const { targetPort = 0 } = port;
  if (targetPort === 0 || targetPort === '') port['targetPort'] = port['port'];
}

/** Both versions; only the second has metrics and behavior. */
function autoscalerDefaults(spec: JsonObject): void {
  fill(spec, { minReplicas: 1 });
  const usesFirstVersion = 'targetCPUUtilizationPercentage' in spec;
  if (!usesFirstVersion && itemsAt(spec, 'metrics').length === 0) {
    const target = { type: 'Utilization', averageUtilization: 80 };
    spec['metrics'] = [{ type: 'Resource', resource: { name: 'cpu', target } }];
  }
}

const percent = { type: 'Percent', value: 100, periodSeconds: 15 };

/** Who says something of scaling one way gets the defaults of both (pkg/apis/autoscaling/v2/defaults.go). */
function behaviorDefaults(behavior: JsonObject): void {
  fill(behavior, { scaleUp: {}, scaleDown: {} });
  const { up, down } = { up: objectAt(behavior, 'scaleUp'), down: objectAt(behavior, 'scaleDown') };
  if (up !== undefined) {
    const pods = { type: 'Pods', value: 4, periodSeconds: 15 };
    fill(up, { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [pods, percent] });
  }
  if (down !== undefined) fill(down, { selectPolicy: 'Max', policies: [percent] });
}

function webhookDefaults(hook: JsonObject): void {
  fill(hook, {
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
  });
  const service = objectAt(hook, 'clientConfig', 'service');
  if (service !== undefined) fill(service, { port: 443 });
}
