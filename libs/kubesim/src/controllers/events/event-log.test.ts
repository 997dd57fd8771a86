import { beforeEach, expect, test } from 'vitest';
import { createCluster } from '../../cluster/sim-cluster.ts';
import { numberAt, textAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { ClusterClient } from '../cluster-client.ts';
import type { ClusterCore } from '../cluster-client.ts';
import { EventLog } from './event-log.ts';

const minute = 60_000;
let nowMs: number;
let core: ClusterCore;
let client: ClusterClient;
beforeEach(() => {
  nowMs = Date.parse('2026-11-24T10:00:00Z');
  core = createCluster({ tokens: {}, address: () => '', nowMs: () => nowMs }).core;
  client = new ClusterClient(core, 'test');
});

function open(most?: number): EventLog {
  const log = new EventLog(core, { ttlMs: 15 * minute, ...(most !== undefined && { most }) });
  core.store.subscribe((event) => void log.keysOf(event));
  return log;
}

const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', uid: 'a' },
};
const told = () => client.list('events', 'default');
const normal = (message: string) => ({ type: 'Normal', reason: 'Created', message }) as const;

test('what happens again is counted', () => {
  const record = open().recorder('kubelet');
  record(pod, normal('one'));
  nowMs += minute;
  record(pod, normal('one'));
  expect(told()).toHaveLength(1);
  expect(told()[0]).toMatchObject({
    count: 2,
    firstTimestamp: '2026-11-24T10:00:00Z',
    lastTimestamp: '2026-11-24T10:01:00Z',
    source: { component: 'kubelet' },
  });
});

test('the tenth of many messages alike and those after it are told as one', () => {
  const record = open().recorder('job-controller');
  for (let number = 0; number < 12; number += 1) record(pod, normal(`Created pod: ${String(number)}`));
  expect(told()).toHaveLength(10);
  const combined = told().find((event) => (textAt(event, 'message') ?? '').startsWith('(combined'));
  expect(textAt(combined, 'message')).toBe('(combined from similar events): Created pod: 11');
  expect(numberAt(combined, 'count')).toBe(3);
});

test('an object may have so many events at once, and more with time', () => {
  const record = open().recorder('kubelet');
  for (let number = 0; number < 40; number += 1)
    record(pod, { ...normal('x'), reason: `R${String(number)}` });
  expect(told()).toHaveLength(25);
  nowMs += 5 * minute;
  record(pod, { ...normal('x'), reason: 'Later' });
  expect(told()).toHaveLength(26);
});

test('events are forgotten after their time', () => {
  const log = open();
  log.recorder('kubelet')(pod, normal('one'));
  nowMs += 10 * minute;
  log.recorder('kubelet')(pod, normal('two'));
  expect(log.reconcile()).toBe(5 * minute);
  nowMs += 5 * minute;
  expect(log.reconcile()).toBe(10 * minute);
  expect(told().map((event) => textAt(event, 'message'))).toEqual(['two']);
});

test('the oldest go when there are too many', () => {
  const log = open(3);
  const record = log.recorder('kubelet');
  for (const reason of ['A', 'B', 'C', 'D', 'E']) record(pod, { ...normal('x'), reason });
  log.reconcile();
  expect(told().map((event) => textAt(event, 'reason'))).toEqual(['C', 'D', 'E']);
});

test('events of a namespace on its way out are lost without a word', () => {
  client.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'gone' } });
  client.remove({ resource: 'namespaces', namespace: '', name: 'gone' });
  const there = { ...pod, metadata: { ...pod.metadata, namespace: 'gone' } };
  open().recorder('kubelet')(there, normal('one'));
  expect(client.list('events', 'gone')).toEqual([]);
});
