import type {
  ApplicationView,
  ClusterView,
  DoctorView,
  DriftView,
  FleetEvent,
  FleetView,
  PlacementView,
  RolloutView,
} from '@meridian/fleet';

/** The moment all fixtures are seen at. */
export const nowMs = Date.UTC(2026, 10, 23, 12, 0, 0);

const revision = '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d';
const release = `sha256:${'ab'.repeat(32)}`;

/** A placement that is synced, healthy and fresh unless told otherwise. */
export function placement(
  cluster: string,
  change: Partial<PlacementView> & { stale?: boolean } = {},
): PlacementView {
  const { stale = false, ...rest } = change;
  return {
    cluster,
    assigned: { release, revision, generation: 4, term: 2 },
    status: {
      cluster,
      application: 'inference-server',
      release,
      revision,
      bundle: `sha256:${'cd'.repeat(32)}`,
      generation: 4,
      term: 2,
      incarnation: 'i1',
      sync: 'Synced',
      health: 'Healthy',
      message: '',
      objects: [
        {
          key: { group: 'apps', kind: 'Deployment', namespace: 'ml-serving', name: 'inference-server' },
          health: 'Healthy',
          reason: '3 of 3 pods are ready',
        },
      ],
      drift: [],
      healthSinceMs: nowMs - 60_000,
      observedAtMs: nowMs - 2_000,
      ageMs: stale ? 185_000 : 2_000,
      stale,
    },
    sync: 'Synced',
    health: 'Healthy',
    message: '',
    ...rest,
  };
}

/** A rollout half way. */
export const rollout: RolloutView = {
  id: 'inference-server-7',
  application: 'inference-server',
  release,
  revision,
  phase: 'progressing',
  reason: 'stage canary waits for us-west-2',
  startedAtMs: nowMs - 12_000,
  endedAtMs: null,
  stages: [
    {
      name: 'canary',
      phase: 'progressing',
      clusters: [{ name: 'us-west-2', phase: 'assigned', generation: 5, message: 'model is loading' }],
    },
    {
      name: 'rest',
      phase: 'waiting',
      clusters: [{ name: 'us-east-1', phase: 'waiting', generation: null, message: '' }],
    },
  ],
};

/** The same rollout at its end. */
export const completedRollout: RolloutView = {
  ...rollout,
  phase: 'completed',
  reason: '',
  endedAtMs: nowMs - 1_000,
  stages: rollout.stages.map((stage) => ({
    ...stage,
    phase: 'passed',
    clusters: stage.clusters.map((cluster) => ({ ...cluster, phase: 'healthy', generation: 5, message: '' })),
  })),
};

/** An application in three clusters, all well. */
export const application: ApplicationView = {
  name: 'inference-server',
  path: 'applications/inference-server',
  rolloutStrategy: 'by-region',
  release,
  revision,
  sync: 'Synced',
  health: 'Healthy',
  frozen: [],
  warnings: [],
  approvalNeeded: null,
  placements: [placement('us-east-1'), placement('us-west-2'), placement('eu-west-1')],
  rollout: completedRollout,
};

/** The fleet around it. */
export const fleet: FleetView = {
  hub: { id: 'hub-1', leader: 'hub-2', term: 2, version: '0.1.0' },
  source: {
    url: '/tmp/fleet.git',
    branch: 'main',
    revision,
    fetchedAtMs: nowMs - 1_000,
    ageMs: 1_000,
    stale: false,
    message: '',
  },
  clusters: { total: 3, connected: 3, stale: 0 },
  applications: { total: 1, synced: 1, healthy: 1, frozen: 0, drifted: 0 },
  problems: [],
};

/** Its clusters. */
export const clusters: ClusterView[] = ['us-east-1', 'us-west-2', 'eu-west-1'].map((name) => ({
  name,
  labels: { region: name, tier: 'prod' },
  connected: true,
  status: {
    cluster: name,
    session: 's1',
    version: '0.1.0',
    startedAtMs: nowMs - 600_000,
    observedAtMs: nowMs - 2_000,
    clusterUid: 'u1',
    kubernetesVersion: 'v1.36.4',
    sourceConnected: true,
    sourceReadAtMs: nowMs - 2_000,
    ageMs: 2_000,
    stale: false,
  },
  applications: 1,
  synced: 1,
  healthy: 1,
  drifted: 0,
}));

/** One healed and one open drift. */
export const drift: DriftView[] = [
  {
    cluster: 'us-east-1',
    application: 'inference-server',
    key: { group: 'apps', kind: 'Deployment', namespace: 'ml-serving', name: 'inference-server' },
    change: 'modified',
    manager: 'kubectl',
    fields: [{ path: 'spec.replicas', desired: '3', live: '7' }],
    firstSeenMs: nowMs - 30_000,
  },
  {
    cluster: 'eu-west-1',
    application: 'inference-server',
    key: { group: '', kind: 'ConfigMap', namespace: 'ml-serving', name: 'settings' },
    change: 'deleted',
    manager: 'unknown',
    fields: [],
    firstSeenMs: nowMs - 90_000,
    healedAtMs: nowMs - 89_880,
  },
];

/** What happened, newest first. */
export const events: FleetEvent[] = [
  {
    atMs: nowMs - 1_000,
    level: 'info',
    type: 'rollout.completed',
    application: 'inference-server',
    revision,
    message: 'all stages passed',
  },
  {
    atMs: nowMs - 9_000,
    level: 'warning',
    type: 'drift.seen',
    application: 'inference-server',
    cluster: 'us-east-1',
    message: 'kubectl set spec.replicas',
  },
];

/** One check that fails. */
export const doctor: DoctorView = {
  checks: [
    { name: 'ledger', ok: true, message: 'terms increase' },
    { name: 'redis', ok: false, message: 'does not answer', fix: 'start redis-server' },
  ],
};
