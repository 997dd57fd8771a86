import type { Json, KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { autoscalingOf, judge, judgeWithTarget, replicasOf } from './index.ts';
import type { ScaleTarget, Verdict } from './index.ts';

const nowMs = Date.parse('2026-01-01T00:10:00Z');

interface Seen {
  readonly min?: number;
  readonly current?: number;
  readonly desired?: number;
  readonly conditions?: readonly Json[];
  readonly metadata?: { readonly [field: string]: Json };
}

const condition = (type: string, status: string, reason: string, since = '2026-01-01T00:09:30Z'): Json => ({
  type,
  status,
  reason,
  message: `${reason} is said`,
  lastTransitionTime: since,
});
const looked = condition('AbleToScale', 'True', 'SucceededGetScale');
const rescaled = condition('AbleToScale', 'True', 'SucceededRescale');
const withoutMetrics = condition('ScalingActive', 'False', 'FailedGetResourceMetric');
const withoutTarget = (since: string): Json => condition('AbleToScale', 'False', 'FailedGetScale', since);

/** An autoscaler as the API server gives it: numbers that are 0 are left out, but for `desiredReplicas`. */
function autoscaler({ min, current = 0, desired = 0, conditions, metadata }: Seen): KubeObject {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'server', namespace: 'ml', ...metadata },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'server' },
      ...(min === undefined ? {} : { minReplicas: min }),
      maxReplicas: 9,
    },
    status: {
      desiredReplicas: desired,
      ...(current === 0 ? {} : { currentReplicas: current }),
      ...(conditions ? { conditions } : {}),
    },
  };
}

const health = (seen: Seen) => judge(autoscaler(seen), nowMs).health;

describe('an autoscaler by itself', () => {
  it('is not healthy before its controller has looked', () => {
    expect(judge(autoscaler({ min: 3 }), nowMs)).toEqual({
      health: 'Progressing',
      reason: 'its controller has not looked at the target yet',
    });
    // A condition of another writer is no look.
    expect(
      health({
        current: 1,
        desired: 1,
        conditions: [condition('ScalingActive', 'True', 'ValidMetricFound')],
      }),
    ).toBe('Progressing');
  });

  it('is not healthy while the status of before a change is below the new minimum', () => {
    expect(judge(autoscaler({ min: 3, current: 1, desired: 1, conditions: [looked] }), nowMs)).toEqual({
      health: 'Progressing',
      reason: 'its target has 1 of at least 3 replicas',
    });
    expect(health({ min: 3, current: 3, desired: 1, conditions: [rescaled] })).toBe('Progressing');
  });

  it('is healthy once the controller has raised its target, whose number of before it still tells', () => {
    expect(health({ min: 3, current: 1, desired: 3, conditions: [rescaled] })).toBe('Healthy');
    expect(health({ min: 3, current: 3, desired: 3, conditions: [looked] })).toBe('Healthy');
  });

  it('takes a minimum that is not set for 1, and one of 0 for met', () => {
    expect(health({ current: 1, desired: 1, conditions: [looked] })).toBe('Healthy');
    expect(health({ conditions: [looked] })).toBe('Progressing');
    expect(health({ min: 0, conditions: [looked] })).toBe('Healthy');
  });

  it('stays healthy without a metrics server, where desiredReplicas is 0 or old for ever, and mentions it', () => {
    expect(judge(autoscaler({ min: 1, current: 1, conditions: [looked, withoutMetrics] }), nowMs)).toEqual({
      health: 'Healthy',
      reason: 'the autoscaler is accepted but has no metrics: FailedGetResourceMetric is said',
    });
    expect(health({ min: 3, current: 5, desired: 1, conditions: [looked, withoutMetrics] })).toBe('Healthy');
  });

  it('rests while its target has no replicas', () => {
    const disabled = condition('ScalingActive', 'False', 'ScalingDisabled');
    expect(judge(autoscaler({ min: 3, conditions: [looked, disabled] }), nowMs)).toEqual({
      health: 'Healthy',
      reason: 'the autoscaler rests: ScalingDisabled is said',
    });
  });

  it('stays healthy at its upper bound', () => {
    const limited = condition('ScalingLimited', 'True', 'TooManyReplicas');
    expect(health({ min: 1, current: 9, desired: 9, conditions: [looked, limited] })).toBe('Healthy');
  });

  it('is degraded when its target cannot be found for a minute, or when it cannot work', () => {
    expect(health({ conditions: [withoutTarget('2026-01-01T00:09:30Z')] })).toBe('Progressing');
    expect(health({ conditions: [withoutTarget('2026-01-01T00:08:30Z')] })).toBe('Degraded');
    const invalid = condition('ScalingActive', 'False', 'InvalidSelector');
    expect(health({ conditions: [looked, invalid] })).toBe('Degraded');
  });

  it('waits for a generation that its controller says it has not seen', () => {
    const hpa = autoscaler({ min: 1, current: 1, conditions: [looked], metadata: { generation: 2 } });
    const status = { ...(hpa['status'] as object), observedGeneration: 1 };
    expect(judge({ ...hpa, status }, nowMs).health).toBe('Progressing');
  });

  it('reads the conditions of autoscaling/v1 from their annotation', () => {
    const v1 = (text: string) => {
      const annotations = { 'autoscaling.alpha.kubernetes.io/conditions': text };
      const hpa = autoscaler({ min: 1, current: 1, desired: 1, metadata: { annotations } });
      return judge({ ...hpa, apiVersion: 'autoscaling/v1' }, nowMs).health;
    };
    expect(v1(JSON.stringify([looked]))).toBe('Healthy');
    expect(v1(JSON.stringify([withoutTarget('2026-01-01T00:08:30Z')]))).toBe('Degraded');
    expect(v1('not JSON')).toBe('Progressing');
  });
});

describe('an autoscaler with its target', () => {
  const withTarget = (seen: Seen, target: ScaleTarget): Verdict => {
    const hpa = autoscaler(seen);
    const autoscaling = autoscalingOf(hpa, nowMs);
    if (!autoscaling) throw new Error('it is an autoscaler');
    return judgeWithTarget(judge(hpa, nowMs), autoscaling, target);
  };
  const has = (replicas: number | undefined): ScaleTarget => ({ phase: 'written', replicas });

  it('need not be looked at when the target has its minimum', () => {
    expect(withTarget({ min: 3 }, has(3)).health).toBe('Healthy');
    expect(withTarget({ min: 3, current: 1, desired: 1, conditions: [looked] }, has(4)).health).toBe(
      'Healthy',
    );
  });

  it('believes the target and not a status that ran ahead', () => {
    expect(withTarget({ min: 3, current: 1, desired: 3, conditions: [rescaled] }, has(1))).toEqual({
      health: 'Progressing',
      reason: 'its target Deployment server has 1 of at least 3 replicas',
    });
  });

  it('leaves a target without replicas, or with a number nobody knows, to the verdict by itself', () => {
    const disabled = condition('ScalingActive', 'False', 'ScalingDisabled');
    expect(withTarget({ min: 3, conditions: [looked, disabled] }, has(0)).health).toBe('Healthy');
    expect(withTarget({ min: 3 }, has(undefined)).health).toBe('Progressing');
    expect(withTarget({ min: 1, current: 1, conditions: [looked] }, has(undefined)).health).toBe('Healthy');
  });

  it('waits for a target that is not applied yet, however long that takes', () => {
    const long = withoutTarget('2026-01-01T00:00:00Z');
    expect(withTarget({ min: 3, conditions: [long] }, { phase: 'unwritten' })).toEqual({
      health: 'Progressing',
      reason: 'its target Deployment server is not applied yet',
    });
    expect(withTarget({ min: 3, conditions: [long] }, has(3)).health).toBe('Progressing');
  });

  it('stays degraded or in deletion whatever the target has', () => {
    const invalid = condition('ScalingActive', 'False', 'InvalidMetricSourceType');
    for (const target of [has(1), has(3), { phase: 'unwritten' } as const])
      expect(withTarget({ min: 3, current: 3, conditions: [looked, invalid] }, target).health).toBe(
        'Degraded',
      );
    const deleted = { deletionTimestamp: '2026-01-01T00:00:00Z' };
    expect(withTarget({ min: 3, metadata: deleted }, has(3)).health).toBe('Progressing');
  });

  it('names its target by group, kind, namespace and name', () => {
    expect(autoscalingOf(autoscaler({}), nowMs)).toMatchObject({
      target: { group: 'apps', kind: 'Deployment', namespace: 'ml', name: 'server' },
      minReplicas: 1,
      lacksTarget: false,
    });
    const other = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
    expect(autoscalingOf(other, nowMs)).toBeUndefined();
    expect(replicasOf(other)).toBeUndefined();
    expect(replicasOf({ ...other, spec: { replicas: 2 } })).toBe(2);
  });
});
