import type { ApplicationView, ClusterView, FleetView, PlacementView } from '@meridian/fleet';
import { callHttp } from './call-http.ts';

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
  const headers = { authorization: `Bearer ${token}` };
  const { status, text } = await callHttp({ url, headers, withinMs: 3_000, signal });
  if (status !== 200) throw new Error(`${url}: HTTP status ${status}`);
  return answerFromWire<T>(JSON.parse(text));
}

/** The hub of the same checkout wrote this answer, so its shape is taken as it is. */
function answerFromWire<T>(value: unknown): T {
  return value as T;
}

/** What a fleet must have reached to be called well. */
export interface Goal {
  /** Newest commit of the fleet repo. */
  readonly revision: string;
  /** Only what agents said after this counts: NATS keeps what they said before the last stop. */
  readonly sinceMs: number;
}

/** Everything that is not yet as it should be, one sentence each; empty when the goal is reached. */
export function unfinished(picture: FleetPicture, goal: Goal): string[] {
  const { fleet, clusters, applications } = picture;
  const { source } = fleet;
  const reason = source.message === '' ? '' : `: ${source.message}`;
  return [
    ...(source.revision === goal.revision
      ? []
      : [`the hub has not read commit ${goal.revision.slice(0, 7)} yet${reason}`]),
    ...(fleet.hub.leader === null ? ['no hub leads yet'] : []),
    ...(applications.length === 0 ? ['no application is known yet'] : []),
    ...clusters
      .filter((cluster) => !cluster.connected)
      .map((cluster) => `${cluster.name}: its agent is not connected`),
    ...fleet.problems.map(problemText),
    ...applications.flatMap((application) => unfinishedPlacements(application, goal.sinceMs)),
    ...applications.flatMap(({ name, approvalNeeded }) =>
      approvalNeeded === null ? [] : [`${name} waits for an approval: ${approvalNeeded.reason}`],
    ),
  ];
}

function problemText({ file, line, message }: FleetView['problems'][number]): string {
  return `${file}${line === undefined ? '' : `:${line}`}: ${message}`;
}

function unfinishedPlacements(application: ApplicationView, sinceMs: number): string[] {
  return application.placements.flatMap((placement) => {
    const state = placementState(placement, sinceMs);
    if (state === undefined) return [];
    const reason = placement.message || placement.status?.message || '';
    return [`${application.name} in ${placement.cluster}: ${state}${reason === '' ? '' : `, ${reason}`}`];
  });
}

/** What is not well about a placement; undefined when nothing is. */
function placementState({ sync, health, status }: PlacementView, sinceMs: number): string | undefined {
  if (status === null || status.observedAtMs < sinceMs) return 'not reported yet';
  if (status.stale) return 'STALE';
  return sync === 'Synced' && health === 'Healthy' ? undefined : `${sync}, ${health}`;
}

/** How many placements are well, of how many. */
export function placementCounts(
  { applications }: FleetPicture,
  sinceMs: number,
): { readonly well: number; readonly total: number } {
  const placements = applications.flatMap((application) => application.placements);
  return {
    total: placements.length,
    well: placements.filter((placement) => placementState(placement, sinceMs) === undefined).length,
  };
}
