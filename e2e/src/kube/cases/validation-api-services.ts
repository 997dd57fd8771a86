import type { ContractCase } from '../session.ts';

const service = { namespace: 'kube-system', name: 'metrics' };
const good = {
  group: 'metrics.example.com',
  version: 'v1',
  groupPriorityMinimum: 100,
  versionPriority: 100,
  service,
  insecureSkipTLSVerify: true,
};
const name = 'v1.metrics.example.com';

const specs: readonly (readonly [string, object])[] = [
  [name, good],
  ['v2.metrics.example.com', good],
  ['v1.metrics/example.com', good],
  [name, {}],
  [name, { ...good, service: undefined }],
  [name, { ...good, service: undefined, insecureSkipTLSVerify: false, caBundle: 'bm9uZQ==' }],
  [name, { ...good, caBundle: 'bm9uZQ==' }],
  [name, { ...good, service: {} }],
  [name, { ...good, service: { ...service, port: 70_000 } }],
  [name, { ...good, groupPriorityMinimum: 20_001, versionPriority: 1001 }],
  ['v2.', { ...good, group: '', version: 'v2' }],
  ['V1.Metrics', { ...good, group: 'Metrics', version: 'V1' }],
];

/** Groups that other servers serve, tried only: a group without a server would show in discovery. */
export const apiServiceCases: readonly ContractCase[] = specs.map(([called, spec]) => ({
  title: `create: APIService ${called} with ${JSON.stringify(spec)}`,
  async run(session) {
    await session.ask('POST', '/apis/apiregistration.k8s.io/v1/apiservices?dryRun=All', {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: called },
      spec,
    });
  },
}));
