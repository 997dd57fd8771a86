import { expect, it } from 'vitest';
import { numberAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { RuleContext } from '../kind-rules.ts';
import { takeNodePorts } from './node-ports.ts';

function context(taken: readonly number[], dryRun = false): RuleContext {
  const ports = taken.map((nodePort) => ({ port: 80, nodePort }));
  const other = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'other' }, spec: { ports } };
  return {
    nowMs: () => 0,
    random: () => 0,
    newUid: () => '',
    lookup: () => undefined,
    lookupAll: () => [other],
    dryRun,
    apiVersion: 'v1',
    user: undefined,
  };
}

const service = (...ports: JsonObject[]): JsonObject => ({ type: 'NodePort', ports });

it('gives free ports, not those that others might choose', () => {
  const spec = service({ port: 80 });
  expect(takeNodePorts(spec, undefined, context([30_086]))).toEqual([]);
  expect(numberAt((spec['ports'] as JsonObject[])[0], 'nodePort')).toBe(30_087);
});

it('refuses a port that another service has, and one out of range', () => {
  const refused = (nodePort: number) =>
    takeNodePorts(service({ port: 80, nodePort }), undefined, context([30_001]))[0]?.detail;
  expect(refused(30_001)).toBe('provided port is already allocated');
  expect(refused(80)).toContain('The range of valid ports is 30000-32767');
  expect(refused(30_002)).toBeUndefined();
});

it('gives ports of one number one node port', () => {
  const spec = service({ port: 53, protocol: 'TCP' }, { port: 53, protocol: 'UDP' });
  takeNodePorts(spec, undefined, context([]));
  const [first, second] = (spec['ports'] as JsonObject[]).map((port) => port['nodePort']);
  expect(first).toBe(second);
});

it('keeps the ports that an update already had', () => {
  const spec = service({ port: 80, nodePort: 30_005 });
  expect(takeNodePorts(spec, service({ port: 80, nodePort: 30_005 }), context([30_005]))).toEqual([]);
});
