import type { KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { aggregate, judge, judgeWithPods } from './index.ts';

const nowMs = Date.parse('2026-01-01T00:10:00Z');

const object = (apiVersion: string, kind: string, rest: object): KubeObject => {
  const { metadata, ...more } = rest as { metadata?: object };
  return { apiVersion, kind, metadata: { name: 'x', namespace: 'ns', generation: 1, ...metadata }, ...more };
};

const deployment = (status: object, spec: object = {}): KubeObject =>
  object('apps/v1', 'Deployment', {
    spec: { replicas: 3, progressDeadlineSeconds: 600, ...spec },
    status: { observedGeneration: 1, replicas: 3, updatedReplicas: 3, ...status },
  });

const pod = (name: string, template: string, created: string, status: object): KubeObject =>
  object('v1', 'Pod', {
    metadata: { name, creationTimestamp: created, labels: { 'pod-template-hash': template } },
    status,
  });

const crashing = {
  phase: 'Running',
  containerStatuses: [
    {
      name: 'server',
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { reason: 'OOMKilled' } },
    },
  ],
};

describe('judge', () => {
  it('counts the replicas of a deployment in a sentence', () => {
    const verdict = judge(deployment({ readyReplicas: 2, availableReplicas: 2 }), nowMs);
    expect(verdict).toEqual({ health: 'Progressing', reason: '2 of 3 replicas are available' });
  });

  it('calls a deployment healthy when all replicas are available', () => {
    const conditions = [
      { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
      { type: 'Available', status: 'True' },
    ];
    const verdict = judge(deployment({ readyReplicas: 3, availableReplicas: 3, conditions }), nowMs);
    expect(verdict).toEqual({ health: 'Healthy', reason: 'all 3 replicas are available' });
  });

  it('calls a deployment past its progress deadline degraded', () => {
    const conditions = [
      { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'it timed out' },
    ];
    expect(judge(deployment({ conditions }), nowMs)).toEqual({
      health: 'Degraded',
      reason: 'progress deadline exceeded: it timed out',
    });
  });

  it('calls paused deployments and suspended cron jobs suspended', () => {
    expect(judge(deployment({}, { paused: true }), nowMs).health).toBe('Suspended');
    expect(judge(object('batch/v1', 'CronJob', { spec: { suspend: true } }), nowMs).health).toBe('Suspended');
  });

  it('waits for a change that its controller has not seen', () => {
    const verdict = judge(
      object('apps/v1', 'Deployment', { metadata: { generation: 2 }, status: { observedGeneration: 1 } }),
      nowMs,
    );
    expect(verdict.health).toBe('Progressing');
  });

  it('does not end a wave while a job runs', () => {
    const job = object('batch/v1', 'Job', {
      spec: { completions: 2 },
      status: { startTime: 'now', active: 1, succeeded: 1 },
    });
    expect(judge(job, nowMs)).toEqual({
      health: 'Progressing',
      reason: '1 of 2 completions are done, 1 pod is active',
    });
  });

  it('gives a pod without a node five minutes', () => {
    const waiting = (created: string) =>
      pod('p', 't', created, {
        phase: 'Pending',
        conditions: [
          { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes have a GPU' },
        ],
      });
    expect(judge(waiting('2026-01-01T00:06:00Z'), nowMs)).toEqual({
      health: 'Progressing',
      reason: 'no node fits: 0/3 nodes have a GPU',
    });
    expect(judge(waiting('2026-01-01T00:04:00Z'), nowMs).health).toBe('Degraded');
  });

  it('calls image pulls that back off and failed pods degraded', () => {
    const pulling = {
      phase: 'Pending',
      containerStatuses: [{ name: 'a', image: 'r/a:1', state: { waiting: { reason: 'ImagePullBackOff' } } }],
    };
    expect(judge(pod('p', 't', '', pulling), nowMs)).toEqual({
      health: 'Degraded',
      reason: 'container a cannot pull r/a:1 (ImagePullBackOff)',
    });
    expect(judge(pod('p', 't', '', { phase: 'Failed', reason: 'Evicted' }), nowMs)).toEqual({
      health: 'Degraded',
      reason: 'the pod failed: Evicted',
    });
  });

  it('reads Ready, Stalled and Reconciling of unknown kinds', () => {
    const custom = (type: string, status: string) =>
      judge(object('x.io/v1', 'Model', { status: { conditions: [{ type, status, reason: 'Why' }] } }), nowMs)
        .health;
    expect(custom('Ready', 'True')).toBe('Healthy');
    expect(custom('Ready', 'False')).toBe('Progressing');
    expect(custom('Stalled', 'True')).toBe('Degraded');
    expect(custom('Reconciling', 'True')).toBe('Progressing');
  });

  it('does not fall over user fields that look like JavaScript ones', () => {
    const odd = object('x.io/v1', 'Model', {
      status: JSON.parse('{"__proto__": {"conditions": 1}, "conditions": "none"}') as object,
    });
    expect(judge(odd, nowMs).health).toBe('Healthy');
  });
});

const seen = (...pods: readonly KubeObject[]) => ({ pods, events: [], nowMs });

describe('judgeWithPods', () => {
  const owner = deployment({ readyReplicas: 2, availableReplicas: 2 });
  const verdict = judge(owner, nowMs);

  it('names a crash loop of the newest template', () => {
    expect(judgeWithPods(owner, verdict, seen(pod('p', 'new', '2026-01-01T00:02:00Z', crashing)))).toEqual({
      health: 'Degraded',
      reason: '2 of 3 replicas are available; container server keeps crashing (OOMKilled)',
    });
  });

  it('does not blame a fix for the crash loop it replaces', () => {
    const pods = [
      pod('old', 'old', '2026-01-01T00:01:00Z', crashing),
      pod('new', 'new', '2026-01-01T00:02:00Z', { phase: 'Pending' }),
    ];
    expect(judgeWithPods(owner, verdict, seen(...pods))).toEqual(verdict);
    const before = deployment({ updatedReplicas: 0 });
    expect(judgeWithPods(before, judge(before, nowMs), seen(...pods.slice(0, 1))).health).toBe('Progressing');
  });

  it('passes on what the scheduler says without calling it a failure', () => {
    const waiting = pod('p', 'new', '2026-01-01T00:00:00Z', {
      phase: 'Pending',
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: 'Insufficient nvidia.com/gpu',
        },
      ],
    });
    expect(judgeWithPods(owner, verdict, seen(waiting))).toEqual({
      health: 'Progressing',
      reason: '2 of 3 replicas are available; no node fits: Insufficient nvidia.com/gpu',
    });
  });
});

describe('aggregate', () => {
  it('takes the worst health and its reason', () => {
    const verdicts = [
      { health: 'Healthy', reason: 'a' },
      { health: 'Progressing', reason: 'b' },
      { health: 'Degraded', reason: 'c' },
      { health: 'Degraded', reason: 'd' },
    ] as const;
    expect(aggregate(verdicts)).toEqual({ health: 'Degraded', reason: 'c' });
  });

  it('lets what is not known outweigh everything', () => {
    expect(
      aggregate([
        { health: 'Missing', reason: 'a' },
        { health: 'Unknown', reason: 'b' },
      ]).health,
    ).toBe('Unknown');
  });

  it('calls nothing healthy', () => {
    expect(aggregate([]).health).toBe('Healthy');
  });
});
