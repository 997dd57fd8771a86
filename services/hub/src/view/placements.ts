import { isPausedAt } from '@meridian/fleet';
import type { Age, AgentStatus, ApplicationStatus, Health, PlacementView, SyncState } from '@meridian/fleet';
import type { Assigned, FleetModel, Heard } from './fleet-model.ts';

/**
 * A status is stale when its agent has missed two heartbeats of five seconds, the second by two seconds: what is not known any
 * more is shown so within 15 s, the time until somebody asks included.
 */
export const staleAfterMs = 12_000;

/** Whether an agent was heard lately enough to be believed. */
export function isConnected(model: FleetModel, cluster: string, nowMs: number): boolean {
  const agent = model.agents.get(cluster);
  return agent !== undefined && nowMs - agent.heardAtMs <= staleAfterMs;
}

/** The agent's own status with its age; null before it was first heard. */
export function agentStatus(model: FleetModel, cluster: string, nowMs: number): (AgentStatus & Age) | null {
  const agent = model.agents.get(cluster);
  return agent ? { ...agent.status, ...age(agent.heardAtMs, nowMs) } : null;
}

/** One application in one cluster: what is assigned, what was reported, and what of it can be believed now. */
export function placementView(
  model: FleetModel,
  cluster: string,
  application: string,
  nowMs: number,
): PlacementView {
  const { assigned, heard } = placementOf(model, cluster, application);
  const status = heard ? { ...heard.status, ...age(affirmedAtMs(model, cluster, heard), nowMs) } : null;
  return {
    cluster,
    assigned: assigned?.placed
      ? {
          release: assigned.release,
          revision: assigned.revision,
          generation: assigned.generation,
          term: assigned.term,
        }
      : null,
    status,
    ...(assigned?.pause && isPausedAt(assigned.pause, nowMs) ? { pause: assigned.pause } : {}),
    ...believed(assigned, status),
  };
}

/** What of one application in one cluster can be believed now: the part of its view that a summary of a large fleet needs. */
export function placementBelief(
  model: FleetModel,
  cluster: string,
  application: string,
  nowMs: number,
): Belief {
  const { assigned, heard } = placementOf(model, cluster, application);
  if (!heard) return believed(assigned, undefined);
  const { generation, term, sync, health, message } = heard.status;
  const { ageMs, stale } = age(affirmedAtMs(model, cluster, heard), nowMs);
  return believed(assigned, { generation, term, sync, health, message, ageMs, stale });
}

function placementOf(model: FleetModel, cluster: string, application: string) {
  return {
    assigned: model.assigned.get(cluster)?.get(application),
    heard: model.applications.get(cluster)?.get(application),
  };
}

/** A heartbeat says that everything its session reported still holds, so it refreshes the statuses of that session. */
function affirmedAtMs(model: FleetModel, cluster: string, heard: Heard<ApplicationStatus>): number {
  const agent = model.agents.get(cluster);
  return agent?.session === heard.session ? Math.max(agent.heardAtMs, heard.heardAtMs) : heard.heardAtMs;
}

function age(observedAtMs: number, nowMs: number): Age {
  const ageMs = Math.max(0, nowMs - observedAtMs);
  return { observedAtMs, ageMs, stale: ageMs > staleAfterMs };
}

/** How an application in a cluster stands as far as anybody knows, and why. */
export interface Belief {
  readonly sync: SyncState | 'Unknown';
  readonly health: Health;
  readonly message: string;
}

type Reported = Pick<ApplicationStatus, 'generation' | 'term' | 'sync' | 'health' | 'message'> &
  Pick<Age, 'ageMs' | 'stale'>;

function believed(assigned: Assigned | undefined, status: Reported | null | undefined): Belief {
  if (!assigned?.placed) return { sync: 'Unknown', health: 'Missing', message: 'nothing is assigned yet' };
  if (!status) return { sync: 'Unknown', health: 'Unknown', message: 'the agent has not reported yet' };
  if (status.stale) {
    return {
      sync: 'Unknown',
      health: 'Unknown',
      message: `stale: last heard ${Math.round(status.ageMs / 1_000)} s ago`,
    };
  }
  if (status.generation < assigned.generation) {
    return {
      sync: 'OutOfSync',
      health: status.health,
      message: `generation ${assigned.generation} is assigned, the agent has ${status.generation}`,
    };
  }
  if (status.generation > assigned.generation || status.term > assigned.term) {
    // A lie, or a ledger that forgot: either way it proves nothing about what is assigned.
    return {
      sync: 'Unknown',
      health: 'Unknown',
      message: `the agent reports generation ${status.generation} of term ${status.term}, which the ledger has not issued`,
    };
  }
  return { sync: status.sync, health: status.health, message: status.message };
}
