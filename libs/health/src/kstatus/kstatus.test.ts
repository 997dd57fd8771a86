import type { KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { upstreamCases } from '../testing/upstream-cases.ts';
import { kstatusOf } from './kstatus.ts';

interface Case {
  readonly name: string;
  readonly expectedStatus: string;
  readonly expectedReason?: string;
  readonly object: unknown;
}

const nowMs = Date.parse('2026-01-01T00:00:10Z');
const cases = upstreamCases<Case>('kstatus.json');

describe.skipIf(cases === undefined)('kstatus by upstream’s cases', () => {
  it('gives the same status and the same reason for each of them', () => {
    const text = JSON.stringify(cases).replaceAll('__NOW_RFC3339__', '2026-01-01T00:00:09Z');
    const read = JSON.parse(text) as readonly Case[];
    const different = read.flatMap((one) => {
      const { status, reason } = kstatusOf(one.object as KubeObject, nowMs);
      const isSame =
        status === one.expectedStatus && (one.expectedReason === undefined || reason === one.expectedReason);
      return isSame
        ? []
        : [`${one.name}: ${one.expectedStatus} ${one.expectedReason ?? ''}, not ${status} ${reason}`];
    });
    expect(different).toEqual([]);
    expect(read.length).toBeGreaterThan(40);
  });
});

const object = (apiVersion: string, kind: string, rest: object): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'x', generation: 1 },
  ...rest,
});
const word = (one: KubeObject): string => {
  const { status, reason } = kstatusOf(one, nowMs);
  return reason === '' ? status : `${status} ${reason}`;
};
const condition = (type: string, status: string, reason = 'Why') => ({
  type,
  status,
  reason,
  message: 'said',
});

describe('kstatus', () => {
  it('calls an object that is being deleted Terminating before anything else', () => {
    const deleted = object('v1', 'ConfigMap', {
      metadata: { name: 'x', deletionTimestamp: '2026-01-01T00:00:00Z' },
    });
    expect(word(deleted)).toBe('Terminating');
  });

  it('waits for the present generation, then reads Reconciling and Stalled in their order', () => {
    expect(word(object('x.io/v1', 'A', { status: { observedGeneration: 2 } }))).toBe(
      'InProgress LatestGenerationNotObserved',
    );
    const both = [condition('Stalled', 'True', 'Stuck'), condition('Reconciling', 'True', 'Busy')];
    expect(word(object('x.io/v1', 'A', { status: { conditions: both } }))).toBe('Failed Stuck');
    expect(word(object('x.io/v1', 'A', { status: { conditions: both.toReversed() } }))).toBe(
      'InProgress Busy',
    );
  });

  it.each([
    ['True', 'Current'],
    ['False', 'InProgress Why'],
    ['Unknown', 'InProgress Why'],
    ['Odd', 'Current'],
  ])('reads Ready=%s of a kind that it does not know', (status, expected) => {
    expect(word(object('x.io/v1', 'A', { status: { conditions: [condition('Ready', status)] } }))).toBe(
      expected,
    );
  });

  it('cannot read conditions that are none', () => {
    expect(word(object('x.io/v1', 'A', { status: { conditions: 'none' } }))).toBe('Unknown');
    expect(word(object('x.io/v1', 'A', { status: { conditions: [{ type: 'Ready', status: true }] } }))).toBe(
      'Unknown',
    );
  });

  it('judges a Deployment by its deadline, its counts and its two conditions', () => {
    const deployment = (status: object, spec: object = {}) =>
      word(object('apps/v1', 'Deployment', { spec: { replicas: 2, ...spec }, status }));
    const full = { replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };
    const available = condition('Available', 'True');
    expect(deployment({ conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded')] })).toBe(
      'Failed ProgressDeadlineExceeded',
    );
    expect(deployment({ replicas: 1 })).toBe('InProgress LessReplicas');
    expect(deployment({ replicas: 2, updatedReplicas: 1 })).toBe('InProgress LessUpdated');
    expect(deployment({ ...full, replicas: 3 })).toBe('InProgress ExtraPods');
    expect(deployment({ ...full, availableReplicas: 1 })).toBe('InProgress LessAvailable');
    expect(deployment({ ...full, readyReplicas: 1 })).toBe('InProgress LessReady');
    expect(deployment(full, { progressDeadlineSeconds: 60 })).toBe('InProgress ReplicaSetNotAvailable');
    expect(deployment(full)).toBe('InProgress DeploymentNotAvailable');
    expect(deployment({ ...full, conditions: [available] })).toBe('Current');
  });

  it('judges a StatefulSet by its partition, or by its revision', () => {
    const set = (status: object, updateStrategy: object = {}) =>
      word(object('apps/v1', 'StatefulSet', { spec: { replicas: 2, updateStrategy }, status }));
    const full = {
      replicas: 2,
      readyReplicas: 2,
      currentReplicas: 2,
      currentRevision: 'a',
      updateRevision: 'a',
    };
    const partition = { rollingUpdate: { partition: 1 } };
    expect(set({}, { type: 'OnDelete' })).toBe('Current');
    expect(set(full, partition)).toBe('InProgress PartitionRollout');
    expect(set({ ...full, updatedReplicas: 1 }, partition)).toBe('Current');
    expect(set({ ...full, currentReplicas: 1 })).toBe('InProgress LessCurrent');
    expect(set({ ...full, updateRevision: 'b' })).toBe('InProgress RevisionMismatch');
    expect(set(full)).toBe('Current');
  });

  it('counts a DaemonSet only once both generations are there', () => {
    const set = (metadata: object, status: object) =>
      word({
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: { name: 'x', ...metadata },
        status,
      } as KubeObject);
    const pods = { desiredNumberScheduled: 1, currentNumberScheduled: 1, updatedNumberScheduled: 1 };
    expect(set({}, { observedGeneration: 1 })).toBe('InProgress NoGeneration');
    expect(set({ generation: 1 }, {})).toBe('InProgress NoObservedGeneration');
    expect(set({ generation: 1 }, { observedGeneration: 1 })).toBe('InProgress NoDesiredNumber');
    const seen = { observedGeneration: 1, ...pods };
    expect(set({ generation: 1 }, { ...seen, updatedNumberScheduled: 0 })).toBe('InProgress LessUpdated');
    expect(set({ generation: 1 }, { ...seen, numberAvailable: 1, numberReady: 1 })).toBe('Current');
  });

  it('calls a Job that runs Current, and a pod without a node Failed after 15 seconds', () => {
    expect(word(object('batch/v1', 'Job', {}))).toBe('InProgress JobNotStarted');
    expect(word(object('batch/v1', 'Job', { status: { startTime: 'now' } }))).toBe('Current');
    const pod = (creationTimestamp: string) =>
      word(
        object('v1', 'Pod', {
          metadata: { name: 'x', creationTimestamp },
          status: { phase: 'Pending', conditions: [condition('PodScheduled', 'False', 'Unschedulable')] },
        }),
      );
    expect(pod('2026-01-01T00:00:00Z')).toBe('InProgress PodNotScheduled');
    expect(pod('2025-12-31T23:59:55Z')).toBe('Failed PodUnschedulable');
  });
});
