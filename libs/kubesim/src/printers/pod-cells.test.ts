import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { podCells, podRowConditions } from './pod-cells.ts';

const nowMs = Date.parse('2026-11-24T12:00:00Z');
const running = { running: {} };
const ended = (exitCode: number, more: JsonObject = {}) => ({ terminated: { exitCode, ...more } });
const waiting = (reason: string) => ({ waiting: { reason } });
const endedAt = (finishedAt: string) => ({ terminated: { exitCode: 1, finishedAt } });
const completed = ended(0, { reason: 'Completed' });

const status = (name: string, state: JsonObject, more: JsonObject = {}) => ({ name, state, ...more });
const serving = status('server', running, { ready: true });

function pod(podStatus: JsonObject, spec: JsonObject = {}, metadata: JsonObject = {}): KubeObject {
  const containers = [{ name: 'server' }, { name: 'log' }];
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, ...spec }, status: podStatus };
}

const shown = (object: KubeObject, ...columns: string[]) =>
  columns.map((name) => podCells[name]?.(object, nowMs));

describe('the status of a pod', () => {
  it.each<[string, JsonObject]>([
    ['Pending', { phase: 'Pending' }],
    ['Evicted', { phase: 'Failed', reason: 'Evicted' }],
    [
      'SchedulingGated',
      {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
      },
    ],
    [
      'CrashLoopBackOff',
      {
        phase: 'Running',
        containerStatuses: [status('server', waiting('CrashLoopBackOff')), status('log', completed)],
      },
    ],
    [
      'Error',
      {
        phase: 'Failed',
        containerStatuses: [status('server', completed), status('log', ended(2, { reason: 'Error' }))],
      },
    ],
    ['ExitCode:3', { phase: 'Failed', containerStatuses: [status('server', ended(3))] }],
    ['Signal:9', { phase: 'Failed', containerStatuses: [status('server', ended(137, { signal: 9 }))] }],
    ['Completed', { phase: 'Succeeded', containerStatuses: [status('server', completed)] }],
    ['NotReady', { phase: 'Running', containerStatuses: [status('log', completed), serving] }],
    [
      'Running',
      {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'True' }],
        containerStatuses: [status('log', completed), serving],
      },
    ],
  ])('is %s', (word, podStatus) => {
    expect(shown(pod(podStatus), 'Status')).toEqual([word]);
  });

  it('is Terminating from its deletion to its end, and Unknown once its node is lost', () => {
    const leaving = { deletionTimestamp: '2026-11-24T11:00:00Z' };
    const words = [
      { phase: 'Running' },
      { phase: 'Succeeded' },
      { phase: 'Running', reason: 'NodeLost' },
    ].map((podStatus) => shown(pod(podStatus, {}, leaving), 'Status')[0]);
    expect(words).toEqual(['Terminating', 'Succeeded', 'Unknown']);
  });
});

describe('a pod with init containers', () => {
  const spec = {
    initContainers: [{ name: 'first' }, { name: 'proxy', restartPolicy: 'Always' }, { name: 'last' }],
  };
  const proxy = status('proxy', running, { started: true, ready: true, restartCount: 4 });
  const first = status('first', ended(0), { restartCount: 7 });

  it.each<[string, JsonObject[]]>([
    ['Init:0/3', [status('first', running)]],
    ['Init:0/3', [status('first', waiting('PodInitializing'))]],
    ['Init:ImagePullBackOff', [status('first', waiting('ImagePullBackOff'))]],
    ['Init:ExitCode:1', [status('first', ended(1))]],
    ['Init:Signal:9', [status('first', ended(1, { signal: 9 }))]],
    ['Init:Error', [status('first', ended(1, { reason: 'Error' }))]],
    ['Init:1/3', [first, status('proxy', running, { started: false })]],
    ['Init:2/3', [first, proxy, status('last', running)]],
    ['Running', [first, proxy, status('last', ended(0))]],
  ])('is %s', (word, initContainerStatuses) => {
    expect(shown(pod({ phase: 'Running', initContainerStatuses }, spec), 'Status')).toEqual([word]);
  });

  it('counts containers that go on beside the others, and restarts of those that have ended no more', () => {
    const statuses = (...more: JsonObject[]) => ({
      phase: 'Running',
      initContainerStatuses: [first, proxy, ...more],
      containerStatuses: [{ ...serving, restartCount: 1 }],
    });
    const begun = pod(statuses(status('last', ended(0))), spec);
    expect(shown(begun, 'Ready', 'Restarts')).toEqual(['2/3', '5']);
    expect(shown(pod(statuses(status('last', running)), spec), 'Ready', 'Restarts')).toEqual(['1/3', '11']);
  });

  it('is told by its containers once it was initialized, though an init container runs again', () => {
    const again = {
      conditions: [{ type: 'Initialized', status: 'True' }],
      initContainerStatuses: [status('first', running)],
      containerStatuses: [status('server', waiting('CrashLoopBackOff'))],
    };
    expect(shown(pod(again, spec), 'Status')).toEqual(['CrashLoopBackOff']);
    expect(shown(pod({ ...again, containerStatuses: [] }, spec), 'Status')).toEqual(['Init:0/3']);
  });
});

it('tells when a container last restarted', () => {
  const containerStatuses = [
    { ...serving, restartCount: 2, lastState: endedAt('2026-11-20T12:00:00Z') },
    { ...serving, restartCount: 1, lastState: endedAt('2026-11-21T12:00:00Z') },
  ];
  expect(shown(pod({ containerStatuses }), 'Restarts')).toEqual(['3 (3d ago)']);
});

it('tells where a pod is and which gates it has passed', () => {
  const columns = ['IP', 'Node', 'Nominated Node', 'Readiness Gates'];
  expect(shown(pod({}), ...columns)).toEqual(['<none>', '<none>', '<none>', '<none>']);
  const placed = pod(
    {
      podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd::1' }],
      nominatedNodeName: 'other',
      conditions: [{ type: 'a', status: 'True' }],
    },
    { nodeName: 'node-1', readinessGates: [{ conditionType: 'a' }, { conditionType: 'b' }] },
  );
  expect(shown(placed, ...columns)).toEqual(['10.0.0.1', 'node-1', 'other', '1/2']);
});

it('marks the rows of pods that have run to an end', () => {
  const conditions = ['Running', 'Succeeded', 'Failed'].map((phase) => podRowConditions(pod({ phase })));
  expect(conditions).toEqual([
    [],
    [
      {
        type: 'Completed',
        status: 'True',
        reason: 'Succeeded',
        message: 'The pod has completed successfully.',
      },
    ],
    [{ type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' }],
  ]);
});
