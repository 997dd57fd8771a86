import { expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { qosClassOf } from './pod-qos.ts';

const both = { cpu: '1', memory: '1Gi' };
const pod = (...resources: readonly JsonObject[]) => ({
  containers: resources.map((one) => ({ resources: one })),
});

it.each<[string, JsonObject]>([
  ['BestEffort', pod({}, { limits: { 'example.com/gpu': '1' } })],
  ['Burstable', pod({ requests: { cpu: '1' } })],
  ['Burstable', pod({ limits: both, requests: both }, {})],
  ['Guaranteed', pod({ limits: both, requests: both })],
  ['Guaranteed', { ...pod({}), resources: { limits: both, requests: both } }],
])('gives a pod %s for what it asks for', (name, spec) => {
  expect(qosClassOf(spec)).toBe(name);
});
