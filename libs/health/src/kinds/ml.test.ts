import { describe, expect, it } from 'vitest';
import { judge } from '../index.ts';

const nowMs = Date.parse('2026-01-01T00:00:00Z');
const verdict = (apiVersion: string, kind: string, rest: object) =>
  judge({ apiVersion, kind, metadata: { name: 'x', generation: 1 }, ...rest }, nowMs);
const one = (type: string, status: string, reason = '', message = '') => ({ type, status, reason, message });
const all = (...types: readonly string[]) => types.map((type) => one(type, 'True'));

describe('InferenceService', () => {
  const service = (status: object, minReplicas = 1) =>
    verdict('serving.kserve.io/v1beta1', 'InferenceService', {
      spec: { predictor: { minReplicas } },
      status,
    });
  const ready = all('IngressReady', 'LatestDeploymentReady', 'PredictorReady', 'Ready', 'RoutesReady');
  const moving = (targetModelState: string) => ({
    transitionStatus: 'InProgress',
    states: { activeModelState: 'Loaded', targetModelState },
  });

  it('is healthy when it is scaled to zero, although the move of its model never ends', () => {
    expect(service({ conditions: ready, modelStatus: moving('Pending') }, 0)).toEqual({
      health: 'Healthy',
      reason: 'the service is ready and scaled to zero',
    });
  });

  it('is progressing while a model is loaded, also when it may scale to zero', () => {
    expect(service({ conditions: ready, modelStatus: moving('Loading') }, 0)).toEqual({
      health: 'Progressing',
      reason: 'the model is loading',
    });
    expect(service({ conditions: ready, modelStatus: moving('Pending') }, 1).health).toBe('Progressing');
  });

  it('is degraded when the model cannot be loaded, with the reason', () => {
    const lastFailureInfo = { reason: 'ModelLoadFailed', message: 'out of memory' };
    const modelStatus = { transitionStatus: 'BlockedByFailedLoad', lastFailureInfo };
    expect(service({ conditions: ready, modelStatus })).toEqual({
      health: 'Degraded',
      reason: 'the model cannot be served (BlockedByFailedLoad): ModelLoadFailed: out of memory',
    });
  });

  it('tells a revision that failed from one that is not ready yet', () => {
    const open = (reason: string) => ({
      conditions: [one('PredictorReady', 'False', reason), one('Ready', 'False', reason)],
    });
    expect(service(open('RevisionFailed')).health).toBe('Degraded');
    expect(service(open('RevisionMissing')).health).toBe('Progressing');
  });

  it('is suspended when it is stopped', () => {
    expect(service({ conditions: [one('Stopped', 'True')] }).health).toBe('Suspended');
  });
});

describe('LLMInferenceService', () => {
  const service = (status: object) =>
    verdict('serving.kserve.io/v1alpha1', 'LLMInferenceService', { status });

  it('waits for its present generation, then reads Ready', () => {
    const ready = { ...one('Ready', 'True'), observedGeneration: 0 };
    expect(service({ conditions: [ready] }).health).toBe('Progressing');
    expect(service({ conditions: all('Ready') }).health).toBe('Healthy');
    const bad = [one('WorkloadsReady', 'False', 'Failed', 'no GPU'), one('Ready', 'False')];
    expect(service({ conditions: bad })).toEqual({
      health: 'Degraded',
      reason: 'WorkloadsReady is False: no GPU',
    });
    expect(service({ conditions: [one('Ready', 'False', 'Stopped')] }).health).toBe('Suspended');
  });
});

describe('Knative Service', () => {
  const service = (...conditions: readonly object[]) =>
    verdict('serving.knative.dev/v1', 'Service', { status: { conditions } }).health;

  it('needs its three conditions and nothing that is not True', () => {
    const ready = all('ConfigurationsReady', 'RoutesReady', 'Ready');
    expect(service(...ready)).toBe('Healthy');
    expect(service(...ready.slice(1))).toBe('Progressing');
    expect(service(...ready, one('Other', 'Unknown'))).toBe('Progressing');
    expect(service(...ready.slice(1), one('ConfigurationsReady', 'False'))).toBe('Degraded');
  });
});

describe('InferencePool', () => {
  const pool = (...parents: readonly object[]) =>
    verdict('inference.networking.k8s.io/v1', 'InferencePool', { status: { parents } }).health;

  it('is as its gateways take it', () => {
    const parent = (...conditions: readonly object[]) => ({ parentRef: { name: 'gateway' }, conditions });
    expect(pool()).toBe('Progressing');
    expect(pool(parent(one('Accepted', 'True'), one('ResolvedRefs', 'True')))).toBe('Healthy');
    expect(pool(parent(one('Accepted', 'True'), one('ResolvedRefs', 'False', 'InvalidExtensionRef')))).toBe(
      'Degraded',
    );
  });
});

describe('Ray', () => {
  const ray = (kind: string, status: object, spec: object = {}) =>
    verdict('ray.io/v1', kind, { spec, status });

  it('waits for the head, then for the workers of a RayCluster', () => {
    const head = one('HeadPodReady', 'True');
    expect(
      ray('RayCluster', { conditions: [one('HeadPodReady', 'False', 'ContainersNotReady')] }).health,
    ).toBe('Progressing');
    const workers = { desiredWorkerReplicas: 4, readyWorkerReplicas: 3 };
    const provisioned = [head, one('RayClusterProvisioned', 'True')];
    expect(
      ray('RayCluster', { conditions: [head, one('RayClusterProvisioned', 'False')], ...workers }),
    ).toEqual({
      health: 'Progressing',
      reason: '3 of 4 workers are ready',
    });
    expect(ray('RayCluster', { conditions: provisioned, ...workers }).health).toBe('Progressing');
    const elastic = { enableInTreeAutoscaling: true };
    expect(ray('RayCluster', { conditions: provisioned, ...workers }, elastic).health).toBe('Healthy');
    expect(ray('RayCluster', { state: 'ready', ...workers, readyWorkerReplicas: 4 }).health).toBe('Healthy');
  });

  it('calls a RayCluster that fails or cannot make pods degraded, a suspended one suspended', () => {
    expect(ray('RayCluster', { state: 'failed', reason: 'bad spec' })).toEqual({
      health: 'Degraded',
      reason: 'bad spec',
    });
    expect(
      ray('RayCluster', { conditions: [one('ReplicaFailure', 'True', 'FailedCreateWorkerPod')] }).health,
    ).toBe('Degraded');
    expect(ray('RayCluster', { conditions: [one('RayClusterSuspended', 'True')] }).health).toBe('Suspended');
  });

  it.each([
    [{ jobDeploymentStatus: 'Initializing' }, 'Progressing'],
    [{ jobDeploymentStatus: 'Running', jobStatus: 'RUNNING' }, 'Progressing'],
    [{ jobDeploymentStatus: 'Retrying', jobStatus: 'PENDING' }, 'Progressing'],
    [{ jobDeploymentStatus: 'Complete', jobStatus: 'SUCCEEDED' }, 'Healthy'],
    [{ jobDeploymentStatus: 'Failed', jobStatus: 'FAILED' }, 'Degraded'],
    [{ jobDeploymentStatus: 'ValidationFailed' }, 'Degraded'],
    [{ jobDeploymentStatus: 'Complete', jobStatus: 'STOPPED' }, 'Degraded'],
    [{ jobDeploymentStatus: 'Suspended' }, 'Suspended'],
    [{}, 'Progressing'],
  ])('RayJob %j is %s', (status, expected) => {
    expect(ray('RayJob', status).health).toBe(expected);
  });

  it('reads the applications of a RayService where it serves from, or moves to', () => {
    const broken = { applicationStatuses: { llm: { status: 'DEPLOY_FAILED', message: 'no module' } } };
    expect(ray('RayService', { activeServiceStatus: broken, conditions: all('Ready') })).toEqual({
      health: 'Degraded',
      reason: 'application llm is DEPLOY_FAILED: no module',
    });
    const moving = all('Ready', 'UpgradeInProgress');
    expect(ray('RayService', { conditions: moving }).health).toBe('Progressing');
    expect(ray('RayService', { conditions: moving, pendingServiceStatus: broken }).health).toBe('Degraded');
    expect(ray('RayService', { conditions: all('Ready') }).health).toBe('Healthy');
    expect(ray('RayService', { serviceStatus: 'Running' }).health).toBe('Healthy');
  });
});

describe('LeaderWorkerSet', () => {
  const set = (status: object, replicas = 2) =>
    verdict('leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet', { spec: { replicas }, status });

  it('counts groups, and is healthy with none when none are asked for', () => {
    expect(set({ replicas: 2, readyReplicas: 1 })).toEqual({
      health: 'Progressing',
      reason: '1 of 2 groups are ready',
    });
    const full = { replicas: 2, readyReplicas: 2, updatedReplicas: 1 };
    expect(set({ ...full, conditions: all('UpdateInProgress') })).toEqual({
      health: 'Progressing',
      reason: '1 of 2 groups are updated',
    });
    expect(set({ ...full, conditions: all('Available') }).health).toBe('Healthy');
    expect(set({ replicas: 1 }, 0).health).toBe('Progressing');
    expect(set({ conditions: [one('Available', 'False')] }, 0).health).toBe('Healthy');
  });
});

describe('JobSet', () => {
  const set = (status: object) => verdict('jobset.x-k8s.io/v1alpha2', 'JobSet', { status });

  it('tells how many jobs are done, and how it ended', () => {
    const replicatedJobsStatus = [
      { name: 'leader', succeeded: 1, ready: 0, failed: 0 },
      { name: 'worker', succeeded: 2, ready: 6, failed: 1 },
    ];
    expect(set({ replicatedJobsStatus, restarts: 2 })).toEqual({
      health: 'Progressing',
      reason: '3 jobs have succeeded, 6 are ready, 1 have failed; restart 2',
    });
    expect(set({ conditions: [one('Failed', 'True', 'FailedJobs')] }).health).toBe('Degraded');
    expect(set({ conditions: all('StartupPolicyCompleted', 'Completed') }).health).toBe('Healthy');
    expect(set({ conditions: all('Suspended') }).health).toBe('Suspended');
  });
});

describe('Kueue', () => {
  const kueue = (kind: string, status: object, spec: object = {}) =>
    verdict('kueue.x-k8s.io/v1beta1', kind, { spec, status });

  it.each(['ClusterQueue', 'LocalQueue'])('a %s is active, stopped or broken', (kind) => {
    expect(kueue(kind, { conditions: [one('Active', 'True', 'Ready')] }).health).toBe('Healthy');
    expect(kueue(kind, { conditions: [one('Active', 'False', 'Stopped')] }).health).toBe('Suspended');
    expect(kueue(kind, { conditions: [one('Active', 'False', 'FlavorNotFound')] }).health).toBe('Degraded');
    expect(kueue(kind, {}).health).toBe('Progressing');
  });

  it('a Workload waits for quota and for its pods, and ends', () => {
    expect(
      kueue('Workload', { conditions: [one('QuotaReserved', 'False', 'Pending', 'insufficient quota')] }),
    ).toEqual({
      health: 'Progressing',
      reason: 'waits for quota; QuotaReserved is False: insufficient quota',
    });
    expect(kueue('Workload', { conditions: all('QuotaReserved', 'Admitted') }).health).toBe('Progressing');
    expect(kueue('Workload', { conditions: all('QuotaReserved', 'Admitted', 'PodsReady') }).health).toBe(
      'Healthy',
    );
    expect(kueue('Workload', { conditions: [one('Finished', 'True', 'Succeeded')] }).health).toBe('Healthy');
    expect(kueue('Workload', { conditions: [one('Finished', 'True', 'Failed')] }).health).toBe('Degraded');
    expect(kueue('Workload', {}, { active: false }).health).toBe('Suspended');
  });
});

describe('training jobs', () => {
  it.each(['PyTorchJob', 'TFJob', 'MPIJob', 'XGBoostJob', 'PaddleJob', 'JAXJob'])(
    '%s keeps its old conditions; the one that ends it decides',
    (kind) => {
      const job = (...conditions: readonly object[]) =>
        verdict('kubeflow.org/v1', kind, { status: { conditions } }).health;
      expect(job(...all('Created'))).toBe('Progressing');
      expect(job(...all('Created', 'Running'))).toBe('Progressing');
      expect(job(...all('Created', 'Restarting'))).toBe('Progressing');
      expect(job(...all('Created'), one('Running', 'False'), one('Succeeded', 'True'))).toBe('Healthy');
      expect(job(...all('Created'), one('Running', 'False'), one('Failed', 'True'))).toBe('Degraded');
      expect(job(...all('Created', 'Suspended'))).toBe('Suspended');
    },
  );

  it('reads the end of a TrainJob', () => {
    const job = (...types: readonly string[]) =>
      verdict('trainer.kubeflow.org/v1alpha1', 'TrainJob', { status: { conditions: all(...types) } }).health;
    expect([job(), job('Complete'), job('Failed'), job('Suspended')]).toEqual([
      'Progressing',
      'Healthy',
      'Degraded',
      'Suspended',
    ]);
  });

  it.each([
    ['Pending', 'Progressing'],
    ['Running', 'Progressing'],
    ['Restarting', 'Progressing'],
    ['Completed', 'Healthy'],
    ['Failed', 'Degraded'],
    ['Terminated', 'Degraded'],
    ['Aborted', 'Suspended'],
  ])('a job of Volcano that is %s is %s', (phase, expected) => {
    expect(verdict('batch.volcano.sh/v1alpha1', 'Job', { status: { state: { phase } } }).health).toBe(
      expected,
    );
  });

  it('waits for capacity that was asked of the autoscaler', () => {
    const request = (...conditions: readonly object[]) =>
      verdict('autoscaling.x-k8s.io/v1', 'ProvisioningRequest', { status: { conditions } }).health;
    expect(request(...all('Accepted'))).toBe('Progressing');
    expect(request(...all('Accepted', 'Provisioned'))).toBe('Healthy');
    expect(request(...all('Accepted', 'Failed'))).toBe('Degraded');
    expect(request(...all('Accepted', 'Provisioned', 'CapacityRevoked'))).toBe('Degraded');
  });
});

describe('KEDA', () => {
  const scaled = (kind: string, ...conditions: readonly object[]) =>
    verdict('keda.sh/v1alpha1', kind, { status: { conditions } }).health;

  it('is degraded by what it cannot scale by, suspended while it is paused', () => {
    expect(scaled('ScaledObject')).toBe('Progressing');
    expect(scaled('ScaledObject', ...all('Ready'), one('Paused', 'False'))).toBe('Healthy');
    expect(scaled('ScaledObject', ...all('Ready', 'Fallback'))).toBe('Degraded');
    expect(scaled('ScaledObject', ...all('Ready', 'Paused'))).toBe('Suspended');
    expect(scaled('ScaledJob', one('Ready', 'Unknown'))).toBe('Degraded');
  });
});
