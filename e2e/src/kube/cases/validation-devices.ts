import { set } from '../body.ts';
import { objectPath } from '../objects.ts';
import type { Sample } from '../objects.ts';
import { richClusterObjects } from '../rich-cluster-objects.ts';
import type { ContractCase } from '../session.ts';

function sampleOf(kind: string): Sample {
  const found = richClusterObjects.find((sample) => sample.kind === kind);
  if (!found) throw new Error(`no sample of kind ${kind}`);
  return found;
}

const expressions = [
  'device.attributes["gpu.example.com"].type == "mig"',
  'device.capacity["gpu.example.com"].memory.compareTo(quantity("40Gi")) >= 0',
  'device.attributes["gpu.example.com"].healthy',
  'cel.bind(gpu, device.attributes["gpu.example.com"], gpu.type == "mig" && gpu.index == 1)',
  'device.attributes["gpu.example.com"].driverVersion.isGreaterThan(semver("1.0.0"))',
  '"gpu.example.com" in device.attributes && has(device.attributes["gpu.example.com"].type)',
  'device.allowMultipleAllocations',
  'device.foo == 1',
  'device.driver == 1',
  'device.driver',
  '1',
  'object.metadata.name == "a"',
  'gpu',
  '',
];

/** Other requests than the first of a claim. */
const requests: readonly object[] = [
  {},
  { name: 'gpu' },
  { name: 'Not Good!', exactly: {} },
  { name: 'gpu', exactly: { deviceClassName: 'gpu.example.com', adminAccess: true } },
  { name: 'gpu', exactly: { deviceClassName: 'Not Good!', allocationMode: 'Some' } },
  { name: 'gpu', exactly: { deviceClassName: 'a', allocationMode: 'All', count: 2 } },
  { name: 'gpu', exactly: { deviceClassName: 'a', count: -1 } },
  { name: 'gpu', exactly: { deviceClassName: 'a' }, firstAvailable: [{ name: 'a', deviceClassName: 'a' }] },
  { name: 'gpu', exactly: { deviceClassName: 'a', selectors: [{}] } },
  { name: 'gpu', exactly: { deviceClassName: 'a', tolerations: [{ operator: 'Equal', value: '!' }, {}] } },
  { name: 'gpu', firstAvailable: Array.from({ length: 9 }, () => ({ name: 'a', deviceClassName: 'a' })) },
  { name: 'gpu', firstAvailable: [{ name: 'a', deviceClassName: 'a' }, { name: 'a' }] },
];

const attributes = ['numa', '/numa', 'a.example.com/', 'a.example.com/1', 'a/b/c', `a/${'x'.repeat(33)}`];

const metadata: readonly object[] = [
  { labels: { 'not good!': 'a' }, annotations: { 'not good!': 'a' } },
  { name: 'a', namespace: 'b', finalizers: ['a/b'] },
];

function changed(kind: string, path: string, values: readonly unknown[]): ContractCase[] {
  return values.map((value) => ({
    title: `devices: ${kind} with ${JSON.stringify(value).slice(0, 110)} at ${path}`,
    async run(session) {
      const sample = sampleOf(kind);
      const object = sample.make(session.namespace);
      set(object, path, value);
      const { status } = await session.ask('POST', sample.path, object);
      if (status === 201) await session.ask('DELETE', objectPath(sample, object));
    },
  }));
}

/** Devices that pods ask for (dynamic resource allocation): which classes and claims are refused. */
export const deviceCases: readonly ContractCase[] = [
  ...changed('DeviceClass', 'spec.selectors.0.cel.expression', expressions),
  ...changed('DeviceClass', 'spec.config.0.opaque.parameters', [null, [], 'a', {}, { a: 'x'.repeat(10_240) }]),
  ...changed('DeviceClass', 'spec.config.0.opaque.driver', ['', 'GPU.example.com', 'x'.repeat(64)]),
  ...changed('DeviceClass', 'spec.extendedResourceName', ['', 'gpu', 'kubernetes.io/gpu', 'requests.a/gpu']),
  ...changed('ResourceClaim', 'spec.devices.requests.0', requests),
  ...changed('ResourceClaim', 'spec.devices.constraints.0.matchAttribute', attributes),
  ...changed('ResourceClaim', 'spec.devices.constraints.0', [{}, { distinctAttribute: 'a.example.com/b' }]),
  ...changed('ResourceClaim', 'spec.devices.config.0.requests', [['none'], ['a/b/c'], ['gpu', 'gpu']]),
  ...changed('ResourceClaimTemplate', 'spec.metadata', metadata),
  {
    title: 'devices: a claim with access for administrators, in a namespace of theirs',
    async run(session) {
      const labels = { 'resource.kubernetes.io/admin-access': 'true' };
      const merge = { type: 'application/merge-patch+json' };
      await session.prepare('PATCH', '/api/v1/namespaces/{ns}', { metadata: { labels } }, merge);
      const sample = sampleOf('ResourceClaim');
      const claim = sample.make(session.namespace);
      set(claim, 'spec.devices.requests.0.exactly.adminAccess', true);
      await session.ask('POST', sample.path, claim);
    },
  },
];
