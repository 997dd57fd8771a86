import { expect, it } from 'vitest';
import type { KubeObject } from '../kube-object.ts';
import { quotaCountOf } from './quota-usage.ts';

const object = (kind: string, spec: object, status: object = {}): KubeObject =>
  ({ apiVersion: 'v1', kind, metadata: { name: 'x' }, spec, status }) as unknown as KubeObject;

const whole = (amount: number) => BigInt(amount) * 1_000_000_000n;

it('counts what a pod asks for: its containers together, or its largest init container', () => {
  const cpu = (amount: string) => ({ resources: { requests: { cpu: amount } } });
  const pod = object('Pod', { containers: [cpu('1'), cpu('1')], initContainers: [cpu('5')] });
  const usage = quotaCountOf('pods').usage(pod);
  expect(usage.get('requests.cpu')).toBe(whole(5));
  expect(usage.get('cpu')).toBe(whole(5));
  expect(usage.get('pods')).toBe(whole(1));
});

it('counts a pod that has ended as an object only', () => {
  const usage = quotaCountOf('pods').usage(object('Pod', { containers: [] }, { phase: 'Succeeded' }));
  expect([...usage.keys()]).toEqual(['count/pods']);
});

it('counts the node ports that a service gets', () => {
  const ports = [{ port: 80 }, { port: 81 }];
  const used = (spec: object) =>
    quotaCountOf('services').usage(object('Service', spec)).get('services.nodeports');
  expect(used({ type: 'NodePort', ports })).toBe(whole(2));
  expect(used({ type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports })).toBe(0n);
  expect(used({ type: 'ClusterIP', ports })).toBe(0n);
});

it('counts claims by their class too', () => {
  const spec = { storageClassName: 'fast', resources: { requests: { storage: '2' } } };
  const usage = quotaCountOf('persistentvolumeclaims').usage(object('PersistentVolumeClaim', spec));
  expect(usage.get('fast.storageclass.storage.k8s.io/requests.storage')).toBe(whole(2));
});

it('counts anything by its resource', () => {
  const usage = quotaCountOf('deployments.apps').usage(object('Deployment', {}));
  expect([...usage]).toEqual([['count/deployments.apps', whole(1)]]);
});
