import { isHeldAt } from '@meridian/fleet';
import type {
  Application,
  ApplicationView,
  Cluster,
  ClusterView,
  DriftView,
  FleetView,
  Problem,
  RolloutView,
  SyncState,
} from '@meridian/fleet';
import { healthOrder } from '@meridian/health';
import { approvalNeeded, rolloutHistory, rolloutView } from '@meridian/rollout';
import type { RolloutState } from '@meridian/rollout';
import type { FleetModel } from './fleet-model.ts';
import { agentStatus, isConnected, placementBelief, placementView } from './placements.ts';
import type { Belief } from './placements.ts';

/** What the views need beside the model: this replica's own source and the configuration that is in force. */
export interface ViewContext {
  readonly hub: { readonly id: string; readonly version: string };
  readonly source: FleetView['source'];
  readonly clusters: readonly Cluster[];
  /** Last good document of every known application, frozen ones too. */
  readonly applications: readonly Application[];
  readonly problems: readonly Problem[];
  /** Of what is released from the newest revision. */
  readonly warnings: readonly Problem[];
}

const syncOrder: readonly (SyncState | 'Unknown')[] = [
  'Failed',
  'Unknown',
  'OutOfSync',
  'Applying',
  'Synced',
];

/** `GET /v1/fleet` */
export function fleetView(model: FleetModel, context: ViewContext, nowMs: number): FleetView {
  const clusters = clusterNames(model, context);
  const applications = sights(model, context, nowMs).map(outline);
  const connected = clusters.filter((cluster) => isConnected(model, cluster, nowMs)).length;
  const drifted = new Set(
    driftViews(model).flatMap((drift) => (drift.healedAtMs === undefined ? [drift.application] : [])),
  );
  return {
    hub: { ...context.hub, leader: model.claim?.holder ?? null, term: model.claim?.term ?? 0 },
    source: context.source,
    clusters: { total: clusters.length, connected, stale: clusters.length - connected },
    applications: {
      total: applications.length,
      synced: applications.filter(({ sync }) => sync === 'Synced').length,
      healthy: applications.filter(({ health }) => health === 'Healthy').length,
      frozen: applications.filter(({ frozen }) => frozen.length > 0).length,
      drifted: drifted.size,
    },
    holds: [...model.holds]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([, hold]) => (isHeldAt(hold, nowMs) ? [hold] : [])),
    problems: context.problems,
  };
}

/** `GET /v1/clusters`, in name order. */
export function clusterViews(model: FleetModel, context: ViewContext, nowMs: number): ClusterView[] {
  const all = sights(model, context, nowMs).flatMap((sight) => standing(sight).placements);
  const byCluster = Map.groupBy(all, ({ cluster }) => cluster);
  const labels = new Map(context.clusters.map((cluster) => [cluster.name, cluster.labels]));
  return clusterNames(model, context).map((name) => {
    const placements = byCluster.get(name) ?? [];
    return {
      name,
      labels: labels.get(name) ?? {},
      connected: isConnected(model, name, nowMs),
      status: agentStatus(model, name, nowMs),
      applications: placements.length,
      synced: placements.filter(({ sync }) => sync === 'Synced').length,
      healthy: placements.filter(({ health }) => health === 'Healthy').length,
      drifted: placements.filter(({ status }) =>
        status?.drift.some(({ healedAtMs }) => healedAtMs === undefined),
      ).length,
    };
  });
}

/** `GET /v1/applications`, in name order; also those that are only in the ledger. */
export function applicationViews(model: FleetModel, context: ViewContext, nowMs: number): ApplicationView[] {
  return sights(model, context, nowMs).map(applicationView);
}

/** Every application with what is known of it. */
function sights(model: FleetModel, context: ViewContext, nowMs: number): Sight[] {
  const documents = new Map(context.applications.map((application) => [application.name, application]));
  const frozenNames = context.problems.flatMap(({ application }) => application ?? []);
  const names = new Set([...documents.keys(), ...model.rollouts.keys(), ...frozenNames]);
  const held = heldClusters(model);
  return [...names].sort().map((name) => ({
    name,
    model,
    context,
    nowMs,
    document: documents.get(name),
    held: held.get(name) ?? [],
  }));
}

interface Sight {
  readonly name: string;
  readonly model: FleetModel;
  readonly context: ViewContext;
  readonly nowMs: number;
  readonly document: Application | undefined;
  /** Clusters that the ledger assigns the application to. */
  readonly held: readonly string[];
}

type Outline = Pick<ApplicationView, 'sync' | 'health' | 'frozen'>;

/** How an application stands in its clusters: the part of its view that needs nothing of its rollout. */
function standing(sight: Sight): Outline & Pick<ApplicationView, 'placements'> {
  const { name, model, nowMs } = sight;
  const placements = clustersOf(sight)
    .sort()
    .map((cluster) => placementView(model, cluster, name, nowMs));
  return { ...outlineOf(sight, placements), placements };
}

/** As `standing`, without a view of each placement: of a large fleet those are many thousand. */
function outline(sight: Sight): Outline {
  const { name, model, nowMs } = sight;
  return outlineOf(
    sight,
    clustersOf(sight).map((cluster) => placementBelief(model, cluster, name, nowMs)),
  );
}

function outlineOf({ name, context }: Sight, beliefs: readonly Omit<Belief, 'message'>[]): Outline {
  return {
    sync: worst(
      syncOrder,
      beliefs.map(({ sync }) => sync),
      'Unknown',
    ),
    health: worst(
      healthOrder,
      beliefs.map(({ health }) => health),
      'Missing',
    ),
    frozen: context.problems.filter((problem) => problem.application === name),
  };
}

/** Those of the target release, and those assigned earlier that still have it. */
function clustersOf({ name, model, held }: Sight): string[] {
  const targeted = Object.keys(model.rollouts.get(name)?.target.release.bundles ?? {});
  return [...new Set([...targeted, ...held])];
}

function applicationView(sight: Sight): ApplicationView {
  const { name, model, context, nowMs, document } = sight;
  const state = model.rollouts.get(name);
  return {
    name,
    ...declared(state, document),
    ...target(state),
    ...standing(sight),
    warnings: context.warnings.filter((warning) => warning.application === name),
    approvalNeeded: approvalNeeded(state),
    rollout: rolloutView(state, nowMs),
  };
}

function declared(
  state: RolloutState | undefined,
  document: Application | undefined,
): Pick<ApplicationView, 'path' | 'rolloutStrategy' | 'dependsOn'> {
  const { path = '', rolloutStrategy, dependsOn } = document ?? {};
  return {
    path,
    rolloutStrategy: rolloutStrategy ?? state?.target.strategy.name ?? '',
    ...(dependsOn ? { dependsOn } : {}),
  };
}

function target(state: RolloutState | undefined): Pick<ApplicationView, 'release' | 'revision'> {
  if (!state) return { release: null, revision: null };
  const { digest, revision } = state.target.release;
  return { release: digest, revision };
}

/** Application -> clusters that it is assigned to. */
function heldClusters(model: FleetModel): ReadonlyMap<string, string[]> {
  const held = new Map<string, string[]>();
  for (const [cluster, ofCluster] of model.assigned) {
    for (const [application, { placed }] of ofCluster) {
      if (!placed) continue;
      const clusters = held.get(application);
      if (clusters) clusters.push(cluster);
      else held.set(application, [cluster]);
    }
  }
  return held;
}

function worst<Value>(order: readonly Value[], values: readonly Value[], whenNone: Value): Value {
  const seen = new Set(values);
  return order.find((value) => seen.has(value)) ?? whenNone;
}

/** `GET /v1/rollouts`: of all applications, newest first. */
export function rolloutViews(model: FleetModel, nowMs: number): RolloutView[] {
  return [...model.rollouts.values()]
    .flatMap((state) => rolloutHistory(state, nowMs))
    .sort((left, right) => right.startedAtMs - left.startedAtMs);
}

/** `GET /v1/drift`: present drift first, then the newest healed. */
export function driftViews(model: FleetModel): DriftView[] {
  return [...model.applications.values()]
    .flatMap((ofCluster) => [...ofCluster.values()])
    .flatMap(({ status }) =>
      status.drift.map((drift) => ({ ...drift, cluster: status.cluster, application: status.application })),
    )
    .sort((left, right) => whenOf(right) - whenOf(left));
}

function whenOf(drift: DriftView): number {
  return drift.healedAtMs ?? Number.MAX_SAFE_INTEGER;
}

function clusterNames(model: FleetModel, context: ViewContext): string[] {
  return [...new Set([...context.clusters.map(({ name }) => name), ...model.agents.keys()])].sort();
}
