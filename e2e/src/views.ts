import type { ApplicationView, DriftView, FleetView, RolloutView } from '@meridian/fleet';
import { until } from '@meridian/testkit';
import type { Fleet } from '@meridian/testkit';

/** Waits until an application is Synced and Healthy at a revision in every cluster it is placed in. */
export function reached(
  fleet: Fleet,
  application: string,
  revision: string,
  timeoutMs = 120_000,
): Promise<ApplicationView> {
  return until(
    `${application} healthy everywhere at ${revision}`,
    async () => {
      const view = await fleet.api<ApplicationView>(`/v1/applications/${application}`);
      const there = view.placements.every(
        (placement) =>
          placement.sync === 'Synced' &&
          placement.health === 'Healthy' &&
          placement.status?.revision === revision &&
          !placement.status.stale,
      );
      return there && view.placements.length > 0 ? view : undefined;
    },
    timeoutMs,
  );
}

/** Waits until every application is Synced, Healthy and no status is stale. */
export function allHealthy(fleet: Fleet, timeoutMs = 180_000): Promise<FleetView> {
  return until(
    'the whole fleet synced and healthy',
    async () => {
      const view = await fleet.api<FleetView>('/v1/fleet');
      const { total, synced, healthy } = view.applications;
      const fresh = view.clusters.connected === view.clusters.total && view.clusters.stale === 0;
      return total > 0 && synced === total && healthy === total && fresh ? view : undefined;
    },
    timeoutMs,
  );
}

/** The newest rollout of an application for a revision, once there is one. */
export function rolloutOf(
  fleet: Fleet,
  application: string,
  revision: string,
  timeoutMs = 60_000,
): Promise<RolloutView> {
  return until(
    `a rollout of ${application} to ${revision}`,
    async () =>
      (await fleet.api<RolloutView[]>('/v1/rollouts')).find(
        (rollout) => rollout.application === application && rollout.revision === revision,
      ),
    timeoutMs,
  );
}

/** Drift of one object, present or healed, newest first. */
export async function driftOf(
  fleet: Fleet,
  cluster: string,
  kind: string,
  name: string,
): Promise<DriftView[]> {
  const drift = await fleet.api<DriftView[]>('/v1/drift');
  return drift.filter(
    (entry) => entry.cluster === cluster && entry.key.kind === kind && entry.key.name === name,
  );
}

/** Generations that each cluster of an application is assigned now. */
export async function generationsOf(fleet: Fleet, application: string): Promise<Record<string, number>> {
  const view = await fleet.api<ApplicationView>(`/v1/applications/${application}`);
  return Object.fromEntries(
    view.placements.map((placement) => [placement.cluster, placement.assigned?.generation ?? 0]),
  );
}
