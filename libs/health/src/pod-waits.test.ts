import type { KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { hasPods, judgeWithPods, podSelectorOf } from './index.ts';
import type { Verdict } from './index.ts';
import { waitOf } from './pod-waits.ts';
import type { PodEvent } from './pod-waits.ts';

const startMs = Date.parse('2026-01-01T00:00:00Z');
const at = (minutes: number) => new Date(startMs + minutes * 60_000).toISOString();
const minute = 60_000;

const pod = (status: object): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-1', creationTimestamp: at(0), labels: { 'pod-template-hash': 'new' } },
    status,
  }) as KubeObject;
const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: at(1) };
const noNode = pod({
  phase: 'Pending',
  conditions: [
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message: 'Insufficient nvidia.com/gpu',
      lastTransitionTime: at(0),
    },
  ],
});
const pulling = pod({
  phase: 'Pending',
  conditions: [scheduled],
  containerStatuses: [
    { name: 'server', image: 'r/llm:1', state: { waiting: { reason: 'ContainerCreating' } } },
  ],
});
const loading = pod({
  phase: 'Running',
  conditions: [scheduled, { type: 'Ready', status: 'False' }],
  containerStatuses: [
    { name: 'server', ready: false, started: false, state: { running: { startedAt: at(5) } } },
  ],
});
const event = (reason: string): PodEvent => ({ pod: 'web-1', reason, message: `${reason} said` });

describe('waitOf', () => {
  it('tells a GPU that nobody adds from a node that is on its way', () => {
    expect(waitOf(noNode, [])).toEqual({
      kind: 'capacity',
      reason: 'no node fits: Insufficient nvidia.com/gpu',
      sinceMs: startMs,
    });
    expect(waitOf(noNode, [event('TriggeredScaleUp')])).toMatchObject({ kind: 'scaleUp' });
    expect(waitOf(noNode, [event('Nominated')])).toMatchObject({ kind: 'scaleUp' });
    expect(waitOf(noNode, [event('TriggeredScaleUp'), event('NotTriggerScaleUp')])).toMatchObject({
      kind: 'capacity',
      reason: 'no node fits, and none is added: NotTriggerScaleUp said',
    });
    expect(waitOf(noNode, [{ ...event('Nominated'), pod: 'other' }])).toMatchObject({ kind: 'capacity' });
  });

  it('tells a pod that a queue holds back', () => {
    const gated = pod({
      phase: 'Pending',
      conditions: [
        { type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message: 'gates: kueue' },
      ],
    });
    expect(waitOf(gated, [])?.reason).toBe('it is held back before scheduling: gates: kueue');
  });

  it('tells an image that is pulled, a model that is loaded, and a pod that waits for nothing', () => {
    expect(waitOf(pulling, [])).toEqual({
      kind: 'imagePull',
      reason: 'container server waits for r/llm:1',
      sinceMs: startMs + minute,
    });
    expect(waitOf(loading, [])).toEqual({
      kind: 'modelLoad',
      reason: 'container server runs and is not ready yet',
      sinceMs: startMs + 5 * minute,
    });
    const fetching = pod({
      phase: 'Pending',
      conditions: [scheduled],
      initContainerStatuses: [{ name: 'storage-initializer', state: { running: { startedAt: at(2) } } }],
      containerStatuses: [{ name: 'server', state: { waiting: { reason: 'PodInitializing' } } }],
    });
    expect(waitOf(fetching, [])?.reason).toBe('init container storage-initializer has not ended yet');
    expect(
      waitOf(pod({ phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }), []),
    ).toBeUndefined();
    expect(waitOf(pod({ phase: 'Succeeded' }), [])).toBeUndefined();
  });
});

describe('deadlines of what pods wait for', () => {
  const owner = (annotations: object, conditions: readonly object[] = []): KubeObject =>
    ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', annotations },
      status: { updatedReplicas: 1, conditions },
    }) as KubeObject;
  const late = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }];
  const progressing: Verdict = { health: 'Progressing', reason: '0 of 1 replicas are available' };
  const overdue: Verdict = { health: 'Degraded', reason: 'progress deadline exceeded: it timed out' };
  const judged = (
    of: KubeObject,
    verdict: Verdict,
    minutes: number,
    more: { one?: KubeObject; events?: PodEvent[] } = {},
  ) =>
    judgeWithPods(of, verdict, {
      pods: [more.one ?? loading],
      events: more.events ?? [],
      nowMs: startMs + minutes * minute,
    });

  it('let an image and a model take half an hour each', () => {
    expect(judged(owner({}), progressing, 31, { one: pulling }).health).toBe('Progressing');
    expect(judged(owner({}), progressing, 32, { one: pulling }).health).toBe('Degraded');
    expect(judged(owner({}), progressing, 35)).toEqual({
      health: 'Progressing',
      reason: '0 of 1 replicas are available; container server runs and is not ready yet',
    });
    expect(judged(owner({}), progressing, 36)).toEqual({
      health: 'Degraded',
      reason:
        '0 of 1 replicas are available; container server runs and is not ready yet, longer than 1800 s (meridian.dev/model-load-deadline)',
    });
  });

  it('are set by annotations of the workload or of its pods', () => {
    expect(judged(owner({ 'meridian.dev/model-load-deadline': '2h' }), progressing, 100).health).toBe(
      'Progressing',
    );
    expect(judged(owner({ 'meridian.dev/model-load-deadline': '1m' }), progressing, 7).health).toBe(
      'Degraded',
    );
    expect(judged(owner({ 'meridian.dev/model-load-deadline': 'none' }), progressing, 9_999).health).toBe(
      'Progressing',
    );
    expect(judged(owner({ 'meridian.dev/model-load-deadline': 'soon' }), progressing, 36).health).toBe(
      'Degraded',
    );
    const template = {
      spec: { template: { metadata: { annotations: { 'meridian.dev/model-load-deadline': '1m' } } } },
    };
    expect(judged({ ...owner({}), ...template }, progressing, 7).health).toBe('Degraded');
  });

  it('outweigh the progress deadline of a Deployment, which knows nothing of models', () => {
    expect(judged(owner({}, late), overdue, 20)).toEqual({
      health: 'Progressing',
      reason: 'still within its deadlines; container server runs and is not ready yet',
    });
    expect(judged(owner({}, late), overdue, 36).health).toBe('Degraded');
    expect(judged(owner({}), overdue, 20).health).toBe('Degraded');
  });

  it('excuse a pod without a node only when one is on its way, or when somebody has said for how long', () => {
    expect(judged(owner({}, late), overdue, 20, { one: noNode }).health).toBe('Degraded');
    expect(
      judged(owner({}, late), overdue, 20, { one: noNode, events: [event('TriggeredScaleUp')] }).health,
    ).toBe('Progressing');
    const patient = owner({ 'meridian.dev/capacity-deadline': '1h' }, late);
    expect(judged(patient, overdue, 20, { one: noNode }).health).toBe('Progressing');
    expect(judged(patient, overdue, 61, { one: noNode }).health).toBe('Degraded');
  });
});

describe('pods of a workload', () => {
  const select = (apiVersion: string, kind: string, rest: object = {}) =>
    podSelectorOf({ apiVersion, kind, metadata: { name: 'llm' }, ...rest });

  it('are found by its selector, or by the label of its kind', () => {
    const selector = {
      matchLabels: { app: 'llm' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['a', 'b'] },
        { key: 'old', operator: 'DoesNotExist' },
      ],
    };
    expect(select('apps/v1', 'Deployment', { spec: { selector } })).toBe('app=llm,tier in (a,b),!old');
    expect(select('apps/v1', 'Deployment')).toBeUndefined();
    expect(select('leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet')).toBe(
      'leaderworkerset.sigs.k8s.io/name=llm',
    );
    expect(select('ray.io/v1', 'RayJob', { status: { rayClusterName: 'llm-x' } })).toBe(
      'ray.io/cluster=llm-x',
    );
    expect(select('ray.io/v1', 'RayJob')).toBeUndefined();
    expect(select('x.io/v1', 'Other')).toBeUndefined();
  });

  it('are worth a look for training and serving kinds as well', () => {
    expect(hasPods({ group: 'kubeflow.org', kind: 'PyTorchJob' })).toBe(true);
    expect(hasPods({ group: '', kind: 'ConfigMap' })).toBe(false);
  });
});
