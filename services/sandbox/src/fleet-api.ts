import type { ApplicationView, ClusterView, FleetView } from '@meridian/fleet';

/** What the sandbox asks of its own fleet. */
export interface FleetPicture {
  readonly fleet: FleetView;
  readonly clusters: readonly ClusterView[];
  readonly applications: readonly ApplicationView[];
}

/** Where the hubs answer, and the token they know. */
export interface FleetAccess {
  readonly urls: readonly string[];
  readonly token: string;
}

/** Asks the first hub that answers; undefined when none does. */
export async function readFleet(access: FleetAccess, signal: AbortSignal): Promise<FleetPicture | undefined> {
  for (const url of access.urls) {
    try {
      const [fleet, clusters, applications] = await Promise.all([
        ask<FleetView>(`${url}/v1/fleet`, access.token, signal),
        ask<ClusterView[]>(`${url}/v1/clusters`, access.token, signal),
        ask<ApplicationView[]>(`${url}/v1/applications`, access.token, signal),
      ]);
      return { fleet, clusters, applications };
    } catch {
      signal.throwIfAborted();
    }
  }
  return undefined;
}

async function ask<T>(url: string, token: string, signal: AbortSignal): Promise<T> {
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.any([signal, AbortSignal.timeout(3_000)]),
  });
  if (!response.ok) throw new Error(`${url}: HTTP status ${response.status}`);
  return answerFromWire<T>(await response.json());
}

/** The hub of the same checkout wrote this answer, so its shape is taken as it is. */
function answerFromWire<T>(value: unknown): T {
  return value as T;
}

/** Everything that is not yet as it should be, one sentence each; empty when all is synced and healthy at `revision`. */
export function unfinished({ fleet, clusters, applications }: FleetPicture, revision: string): string[] {
  const { source } = fleet;
  const general = [
    ...(source.revision === revision
      ? []
      : [
          `the hub has not read commit ${revision.slice(0, 7)} yet${source.message === '' ? '' : `: ${source.message}`}`,
        ]),
    ...(fleet.hub.leader === null ? ['no hub leads yet'] : []),
    ...(applications.length === 0 ? ['no application is known yet'] : []),
    ...clusters
      .filter((cluster) => !cluster.connected)
      .map((cluster) => `${cluster.name}: its agent is not connected`),
    ...fleet.problems.map(
      (problem) =>
        `${problem.file}${problem.line === undefined ? '' : `:${problem.line}`}: ${problem.message}`,
    ),
  ];
  return [...general, ...applications.flatMap(unfinishedPlacements)];
}

function unfinishedPlacements(application: ApplicationView): string[] {
  const waiting =
    application.approvalNeeded === null
      ? []
      : [`${application.name} waits for an approval: ${application.approvalNeeded.reason}`];
  const open = application.placements
    .filter(
      ({ sync, health, status }) =>
        sync !== 'Synced' || health !== 'Healthy' || status === null || status.stale,
    )
    .map(({ cluster, sync, health, status, message }) => {
      const state = status?.stale === true ? 'STALE' : `${sync}, ${health}`;
      const reason = message || status?.message || '';
      return `${application.name} in ${cluster}: ${state}${reason === '' ? '' : `, ${reason}`}`;
    });
  return [...waiting, ...open];
}

/** How many placements are well, of how many. */
export function placementCounts({ applications }: FleetPicture): {
  readonly well: number;
  readonly total: number;
} {
  const total = applications.reduce((sum, application) => sum + application.placements.length, 0);
  return {
    total,
    well:
      total -
      applications.reduce(
        (sum, application) => sum + unfinishedPlacements({ ...application, approvalNeeded: null }).length,
        0,
      ),
  };
}
