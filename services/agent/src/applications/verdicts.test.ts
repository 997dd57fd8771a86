import type { Assignment } from '@meridian/fleet';
import { orderObjects } from '@meridian/manifests';
import type { Json, KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { prepareObjects } from '../assignments/prepare.ts';
import { emptyRecord } from '../testing/record.ts';
import { configMap, deployment } from '../testing/rig.ts';
import { bookOf, holdAssignment } from './held.ts';
import type { Held } from './held.ts';
import { judgeAll, unsettledAt } from './verdicts.ts';

const assignment = {
  application: 'web',
  cluster: 'one',
  namespace: 'ml',
  selfHeal: true,
  bundle: 'sha256:0123456789abcdef',
} as Assignment;

const condition = (type: string, status: string, reason: string): Json => ({ type, status, reason });
const raisedTo3 = {
  currentReplicas: 1,
  desiredReplicas: 3,
  conditions: [condition('AbleToScale', 'True', 'SucceededRescale')],
};
const targetNotFound = { conditions: [condition('AbleToScale', 'False', 'FailedGetScale')] };

function autoscaler(name: string): KubeObject {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      minReplicas: 3,
      maxReplicas: 9,
    },
  };
}

function inWave(wave: number, object: KubeObject): KubeObject {
  const annotations = { 'meridian.dev/wave': String(wave) };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** A deployment as it is seen with all of its replicas. */
const withReplicas = (replicas: number) => ({
  spec: { replicas },
  status: {
    replicas,
    updatedReplicas: replicas,
    readyReplicas: replicas,
    availableReplicas: replicas,
    conditions: [condition('Available', 'True', 'MinimumReplicasAvailable')],
  },
});

async function hold(...objects: readonly KubeObject[]): Promise<Held> {
  const desired = await prepareObjects(orderObjects(objects), assignment, () => Promise.resolve(true));
  return holdAssignment(emptyRecord, assignment, desired, undefined);
}

/** The object of this kind is written, and looks like this then. */
function write(held: Held, kind: string, live: { readonly [field: string]: Json }): void {
  const desired = held.desired.find(({ entry }) => entry.kind === kind);
  if (!desired) throw new Error(`there is no ${kind}`);
  const { object } = desired;
  const spec = { ...(object['spec'] as object), ...((live['spec'] ?? {}) as object) };
  const book = bookOf(held, desired);
  book.beginApply();
  book.endApply({ object: { ...object, ...live, spec }, desired, isRepeat: false }, 1);
}

function healthOf(held: Held, kind: string): string | undefined {
  const index = held.desired.findIndex(({ entry }) => entry.kind === kind);
  return judgeAll(held)[index]?.health;
}

describe('the verdict on an autoscaler of the application', () => {
  it('follows its live target, not a status that was told before it', async () => {
    const held = await hold(deployment('server'), autoscaler('server'));
    write(held, 'HorizontalPodAutoscaler', { status: raisedTo3 });
    write(held, 'Deployment', withReplicas(1));
    expect(healthOf(held, 'Deployment')).toBe('Healthy');
    expect(healthOf(held, 'HorizontalPodAutoscaler')).toBe('Progressing');
    write(held, 'Deployment', withReplicas(3));
    expect(healthOf(held, 'HorizontalPodAutoscaler')).toBe('Healthy');
  });

  it('does not wait for its controller when the target has the minimum', async () => {
    const held = await hold(deployment('server'), autoscaler('server'));
    write(held, 'HorizontalPodAutoscaler', { status: { desiredReplicas: 0 } });
    write(held, 'Deployment', withReplicas(3));
    expect(healthOf(held, 'HorizontalPodAutoscaler')).toBe('Healthy');
  });

  it('is no failure while the target is not written yet, however long the autoscaler misses it', async () => {
    const held = await hold(deployment('server'), autoscaler('server'));
    write(held, 'HorizontalPodAutoscaler', { status: targetNotFound });
    expect(healthOf(held, 'HorizontalPodAutoscaler')).toBe('Progressing');
  });

  it('is its own when the application does not have the target', async () => {
    const held = await hold(deployment('another'), autoscaler('server'));
    write(held, 'Deployment', withReplicas(3));
    write(held, 'HorizontalPodAutoscaler', { status: raisedTo3 });
    expect(healthOf(held, 'HorizontalPodAutoscaler')).toBe('Healthy');
    write(held, 'HorizontalPodAutoscaler', { status: targetNotFound });
    expect(healthOf(held, 'HorizontalPodAutoscaler')).toBe('Degraded');
  });
});

describe('the gate after the wave of an autoscaler', () => {
  it('stays closed until the target of the same wave has the minimum', async () => {
    const held = await hold(deployment('server'), autoscaler('server'), inWave(1, configMap('after')));
    write(held, 'Deployment', withReplicas(1));
    write(held, 'HorizontalPodAutoscaler', { status: raisedTo3 });
    expect(unsettledAt(held, 1)).toBe(
      'the next objects wait for HorizontalPodAutoscaler ml/server of wave 0: its target Deployment server has 1 of at least 3 replicas',
    );
    write(held, 'Deployment', withReplicas(3));
    expect(unsettledAt(held, 1)).toBeUndefined();
  });

  it('opens for a target of a later wave, whose own gate waits for the minimum', async () => {
    const held = await hold(
      autoscaler('server'),
      inWave(1, deployment('server')),
      inWave(2, configMap('after')),
    );
    write(held, 'HorizontalPodAutoscaler', { status: targetNotFound });
    expect(unsettledAt(held, 0)).toBeUndefined();
    write(held, 'Deployment', withReplicas(1));
    expect(unsettledAt(held, 1)).toContain('wait for HorizontalPodAutoscaler ml/server of wave 0');
  });

  it('opens for a target that something of a later wave makes', async () => {
    const held = await hold(autoscaler('server'), inWave(1, configMap('operator')));
    write(held, 'HorizontalPodAutoscaler', { status: { desiredReplicas: 0 } });
    expect(unsettledAt(held, 0)).toContain('its controller has not looked at the target yet');
    write(held, 'HorizontalPodAutoscaler', { status: targetNotFound });
    expect(unsettledAt(held, 0)).toBeUndefined();
  });

  it('stays closed for an autoscaler that cannot work', async () => {
    const held = await hold(autoscaler('server'), inWave(1, deployment('server')));
    const broken = [condition('ScalingActive', 'False', 'InvalidMetricSourceType')];
    write(held, 'HorizontalPodAutoscaler', { status: { conditions: broken } });
    expect(unsettledAt(held, 0)).toContain('the autoscaler cannot work');
  });
});
