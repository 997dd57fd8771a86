import type { Body } from '../body.ts';
import { creating, setting, updating } from '../mutate.ts';
import type { ContractCase, Session } from '../session.ts';

const services = '/api/v1/namespaces/{ns}/services';
const merge = { type: 'application/merge-patch+json' };
const apply = { type: 'application/apply-patch+yaml' };

const service = (spec: object, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'a', ...more },
  spec,
});
const web = { selector: { app: 'a' }, ports: [{ name: 'web', port: 80 }] };
const balancer = { ...web, type: 'LoadBalancer' };
const local = { ...balancer, externalTrafficPolicy: 'Local' };

/** A case that makes a service. What holds a port or an address is deleted again: the next case may want it. */
const made = (title: string, spec: object, more: object = {}): ContractCase => ({
  title: `service: ${title}`,
  async run(session) {
    await session.ask('POST', services, service(spec, more));
    await session.attempt('DELETE', `${services}/a`);
  },
});

/** A case that makes a service and then patches it, patch by patch. */
const changed = (title: string, spec: object, ...patches: readonly object[]): ContractCase => ({
  title: `service: ${title}`,
  async run(session) {
    await session.prepare('POST', services, service(spec));
    for (const patch of patches) await session.ask('PATCH', `${services}/a`, { spec: patch }, merge);
    await session.attempt('DELETE', `${services}/a`);
  },
});

async function replaced(session: Session, spec: object, next: (made: Body) => object): Promise<void> {
  const first = await session.prepare('POST', services, service(spec));
  await session.ask('PUT', `${services}/a`, next(first.body));
  await session.ask('GET', `${services}/a`);
  await session.attempt('DELETE', `${services}/a`);
}

/** A case that replaces a service by one that says nothing of what it was given. */
const writtenAgain = (title: string, spec: object, next: object = spec): ContractCase => ({
  title: `service: ${title}`,
  run: (session) => replaced(session, spec, () => service(next)),
});

/** Addresses and ports: who gets which, who keeps them and who lets them go. */
export const serviceCases: readonly ContractCase[] = [
  made('headless', { ...web, clusterIP: 'None' }),
  made('headless without a selector', { ports: web.ports, clusterIP: 'None' }),
  made('with an empty policy of families', { ...web, ipFamilyPolicy: '' }),
  made('with an empty policy and two families', { ...web, ipFamilyPolicy: '', ipFamilies: ['IPv4', 'IPv6'] }),
  made('headless with an empty policy of families', { ...web, clusterIP: 'None', ipFamilyPolicy: '' }),
  made('an external name with an empty policy of families', {
    type: 'ExternalName',
    externalName: 'db.example.com',
    ipFamilyPolicy: '',
  }),
  made('headless without ports', { selector: web.selector, clusterIP: 'None' }),
  made('headless of nobody in one family', { clusterIP: 'None', ipFamilyPolicy: 'SingleStack' }),
  made('headless of nobody in the other family', { clusterIP: 'None', ipFamilies: ['IPv6'] }),
  made('headless with a node port', { ...web, type: 'NodePort', clusterIP: 'None' }),
  made('headless with a balancer', { ...balancer, clusterIP: 'None' }),
  made('headless with what is ignored', {
    ...web,
    clusterIP: 'None',
    loadBalancerIP: '1.2.3.4',
    externalIPs: ['1.2.3.4'],
    sessionAffinity: 'ClientIP',
  }),
  made('an external name', { type: 'ExternalName', externalName: 'db.example.com' }),
  made('an external name that ends in a dot', { type: 'ExternalName', externalName: 'db.example.com.' }),
  made('an external name with ports', { ...web, type: 'ExternalName', externalName: 'db.example.com' }),
  made('an external name that is none', { type: 'ExternalName', externalName: 'Not A Name' }),
  made('an external name with an address', {
    type: 'ExternalName',
    externalName: 'a.example.com',
    clusterIP: '10.0.0.77',
  }),
  made('an external name with families', {
    type: 'ExternalName',
    externalName: 'a.example.com',
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
  }),
  made('an external name that is ignored', { ...web, externalName: 'a.example.com' }),
  made('a node port', { ...web, type: 'NodePort' }),
  made('a node port of choice', {
    ...web,
    type: 'NodePort',
    ports: [{ port: 80, nodePort: 30_011 }],
  }),
  made('a node port out of range', { ...web, type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] }),
  made('one node port for two protocols', {
    ...web,
    type: 'NodePort',
    ports: [
      { name: 'a', port: 53, protocol: 'TCP', nodePort: 30_012 },
      { name: 'b', port: 53, protocol: 'UDP' },
    ],
  }),
  made('one node port twice', {
    ...web,
    type: 'NodePort',
    ports: [
      { name: 'a', port: 53, nodePort: 30_013 },
      { name: 'b', port: 54, nodePort: 30_013 },
    ],
  }),
  made('a balancer', balancer),
  made('a balancer without node ports', { ...balancer, allocateLoadBalancerNodePorts: false }),
  made('a balancer of a class', { ...balancer, loadBalancerClass: 'example.com/lb' }),
  made('a balancer of a class that is none', { ...balancer, loadBalancerClass: 'Bad Class' }),
  made('a class without a balancer', { ...web, loadBalancerClass: 'example.com/lb' }),
  made('node ports of a balancer that there is not', { ...web, allocateLoadBalancerNodePorts: true }),
  made('a balancer that keeps addresses of clients', local),
  made('a port for health checks of choice', { ...local, healthCheckNodePort: 30_021 }),
  made('a port for health checks out of range', { ...local, healthCheckNodePort: 99 }),
  made('a port for health checks of nobody', { ...web, healthCheckNodePort: 30_022 }),
  made('a balancer for some', { ...balancer, loadBalancerSourceRanges: ['10.0.0.0/8', ' 192.168.0.0/16 '] }),
  made('a balancer for ranges that are none', { ...balancer, loadBalancerSourceRanges: ['10.0.0.1/8', 'x'] }),
  made('a balancer for some by annotation', balancer, {
    annotations: { 'service.beta.kubernetes.io/load-balancer-source-ranges': 'x, 10.0.0.0/8' },
  }),
  made('an address for the balancer', { ...balancer, loadBalancerIP: '1.2.3.4' }),
  made('an address of choice', { ...web, clusterIP: '10.0.0.41' }),
  made('an address and others than it', { ...web, clusterIP: '10.0.0.42', clusterIPs: ['10.0.0.43'] }),
  made('addresses without the first', { ...web, clusterIPs: ['10.0.0.44'] }),
  made('an address of another family', { ...web, clusterIP: 'fd00::7' }),
  made('an address that its family does not have', { ...web, clusterIP: '10.0.0.45', ipFamilies: ['IPv6'] }),
  made('two addresses of one family', {
    ...web,
    clusterIP: '10.0.0.46',
    clusterIPs: ['10.0.0.46', '10.0.0.47'],
    ipFamilyPolicy: 'PreferDualStack',
  }),
  made('an address with leading zeros', { ...web, clusterIP: '10.0.0.048' }),
  made('the first address of the range', { ...web, clusterIP: '10.0.0.0' }),
  made('the other family', { ...web, ipFamilies: ['IPv6'] }),
  made('a family that is none', { ...web, ipFamilies: ['IPv5'] }),
  made('a family twice', { ...web, ipFamilies: ['IPv4', 'IPv4'] }),
  made('two families if possible', { ...web, ipFamilyPolicy: 'PreferDualStack' }),
  made('two families', { ...web, ipFamilyPolicy: 'RequireDualStack' }),
  made('a policy of families that is none', { ...web, ipFamilyPolicy: 'Both' }),
  made('sticky', { ...web, sessionAffinity: 'ClientIP' }),
  made('sticky for too long', {
    ...web,
    sessionAffinity: 'ClientIP',
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 86_401 } },
  }),
  made('not sticky for a while', { ...web, sessionAffinityConfig: { clientIP: { timeoutSeconds: 10 } } }),
  made('traffic inside of a node', { ...web, internalTrafficPolicy: 'Local' }),
  made('traffic inside of something else', { ...web, internalTrafficPolicy: 'Rack' }),
  made('traffic from outside where none comes from', { ...web, externalTrafficPolicy: 'Local' }),
  made('traffic from outside by external addresses', {
    ...web,
    externalIPs: ['192.168.9.9'],
    externalTrafficPolicy: 'Local',
  }),
  made('traffic from outside by a policy that is none', { ...balancer, externalTrafficPolicy: 'Some' }),
  made('traffic to the same zone', { ...web, trafficDistribution: 'PreferSameZone' }),
  made('traffic to what is close', { ...web, trafficDistribution: 'PreferClose' }),
  made('traffic to anywhere', { ...web, trafficDistribution: 'Anywhere' }),
  made('external addresses that are special', {
    ...web,
    externalIPs: ['127.0.0.1', '0.0.0.0', '169.254.1.1', '224.0.0.1', '::1'],
  }),
  made('a protocol of the application', {
    ...web,
    ports: [{ port: 80, appProtocol: 'kubernetes.io/h2c' }],
  }),
  made('a protocol of the application that is none', { ...web, ports: [{ port: 80, appProtocol: 'h 2' }] }),
  made('selecting by labels that are none', { ...web, selector: { a: 'bad value!' } }),
  made('hints that disagree', web, {
    annotations: {
      'service.kubernetes.io/topology-mode': 'Auto',
      'service.kubernetes.io/topology-aware-hints': 'Disabled',
    },
  }),
  {
    title: 'service: addresses and node ports that others have',
    async run(session) {
      const ports = [{ port: 80, nodePort: 30_031 }];
      const spec = { ...web, type: 'NodePort', clusterIP: '10.0.0.61', ports };
      await session.prepare('POST', services, service(spec));
      await session.ask('POST', services, service({ ...web, clusterIP: '10.0.0.61' }, { name: 'b' }));
      await session.ask('POST', services, service({ ...web, type: 'NodePort', ports }, { name: 'b' }));
      await session.ask('POST', services, service(spec));
      await session.prepare('DELETE', `${services}/a`);
      await session.ask('POST', services, service(spec, { name: 'b' }));
      await session.attempt('DELETE', `${services}/b`);
    },
  },
  {
    title: 'service: made by PUT, with and without a revision',
    async run(session) {
      await session.ask('PUT', `${services}/a`, service(web));
      await session.ask('PUT', `${services}/b`, service(web, { name: 'b', resourceVersion: '7' }));
      await session.ask('PUT', `${services}/b`, service({ ...web, ports: [] }, { name: 'b' }));
    },
  },
  {
    title: 'service: tried only',
    async run(session) {
      await session.ask('POST', `${services}?dryRun=All`, service({ ...web, clusterIP: '10.0.0.62' }));
      await session.ask('POST', services, service({ ...web, clusterIP: '10.0.0.62' }));
      await session.attempt('DELETE', `${services}/a`);
    },
  },
  changed('from inside to a node port and back', web, { type: 'NodePort' }, { type: 'ClusterIP' }),
  changed('from a balancer to inside', local, { type: 'ClusterIP' }),
  changed(
    'from a balancer to a node port',
    local,
    { type: 'NodePort' },
    { externalTrafficPolicy: 'Cluster' },
  ),
  changed('from inside to a balancer', web, balancer, { externalTrafficPolicy: 'Local' }),
  changed(
    'from inside to an external name and back',
    web,
    {
      type: 'ExternalName',
      externalName: 'a.example.com',
    },
    { type: 'ClusterIP', externalName: null },
  ),
  changed('from headless to inside', { ...web, clusterIP: 'None' }, { clusterIP: null, clusterIPs: null }),
  changed('from inside to headless', web, { clusterIP: 'None', clusterIPs: ['None'] }),
  changed(
    'to another address',
    web,
    { clusterIP: '10.0.0.71' },
    { clusterIP: '10.0.0.72', clusterIPs: ['10.0.0.72'] },
  ),
  changed('to another family', web, { ipFamilies: ['IPv6'] }),
  changed(
    'to two families',
    web,
    { ipFamilyPolicy: 'PreferDualStack' },
    { ipFamilyPolicy: 'RequireDualStack' },
  ),
  changed('to another class of balancers', balancer, { loadBalancerClass: 'example.com/other' }),
  changed(
    'to another port for health checks',
    local,
    { healthCheckNodePort: 30_023 },
    { healthCheckNodePort: null },
  ),
  changed(
    'a node port that is chosen anew',
    { ...web, type: 'NodePort' },
    {
      ports: [{ name: 'web', port: 80, nodePort: 30_032 }],
    },
    { ports: [{ name: 'web', port: 81 }] },
    { ports: [{ name: 'other', port: 81 }] },
  ),
  changed(
    'inside with the node port of a new type',
    { ...web, type: 'NodePort' },
    {
      type: 'ClusterIP',
      ports: [{ name: 'web', port: 80, nodePort: 30_033 }],
    },
  ),
  changed(
    'a balancer that lets its node ports go',
    balancer,
    { allocateLoadBalancerNodePorts: false },
    {
      allocateLoadBalancerNodePorts: false,
      ports: [{ name: 'web', port: 80, nodePort: 0 }],
    },
  ),
  writtenAgain('written again keeps its address', web),
  writtenAgain('written again keeps its node port', { ...web, type: 'NodePort' }),
  writtenAgain('written again keeps its port for health checks', local),
  writtenAgain('written again as another type', { ...web, type: 'NodePort' }, web),
  {
    title: 'service: applied again keeps what it was given',
    async run(session) {
      const path = `${services}/a?fieldManager=one`;
      await session.ask('PATCH', path, service({ ...web, type: 'NodePort' }), apply);
      await session.ask('PATCH', path, service({ ...web, type: 'NodePort' }), apply);
      await session.ask('PATCH', path, service(web), apply);
    },
  },
  ...[
    setting('Service', 'spec.ports.0.name', 'Upper'),
    setting('Service', 'spec.ports', [
      { port: 80, name: 'a' },
      { port: 81, name: 'a' },
    ]),
    setting('Service', 'spec.sessionAffinity', ''),
    setting('Service', 'metadata.name', 'a'.repeat(64)),
    setting('Service', 'metadata.generateName', 'Bad_'),
    setting('Service', 'status.loadBalancer', { ingress: [{ ip: '1.2.3.4' }] }),
  ].map(creating),
  ...[
    setting('Service', 'spec.selector', {}),
    setting('Service', 'spec.ports', []),
    setting('Service', 'metadata.labels', { a: 'b' }),
    setting('Service', 'status.loadBalancer', { ingress: [{ ip: '1.2.3.4' }] }),
  ].map(updating),
];
