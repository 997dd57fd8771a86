import type { AgentStatus, ApplicationStatus } from '@meridian/fleet';
import type { RolloutState } from '@meridian/rollout';

/** What the ledger assigns to one (cluster, application). */
export interface Assigned {
  readonly release: string;
  readonly revision: string;
  readonly generation: number;
  readonly term: number;
  /** False when the application is withdrawn from the cluster. */
  readonly placed: boolean;
}

/** A status as a hub stored it; `session` and `sequence` order two statuses of one agent. */
export interface Heard<Status> {
  readonly status: Status;
  readonly session: string;
  readonly sequence: number;
  /** When it was stored: the clock that all hub replicas share. */
  readonly heardAtMs: number;
}

/** Everything the views are made from. A replica rebuilds it from JetStream; it holds one entry per cluster and application. */
export interface FleetModel {
  readonly claim: { readonly term: number; readonly holder: string } | undefined;
  readonly rollouts: ReadonlyMap<string, RolloutState>;
  readonly assigned: ReadonlyMap<string, Assigned>;
  readonly agents: ReadonlyMap<string, Heard<AgentStatus>>;
  readonly applications: ReadonlyMap<string, Heard<ApplicationStatus>>;
}

/** One thing read from the ledger or from the status board, already parsed. */
export type ModelChange =
  | { readonly kind: 'claimed'; readonly term: number; readonly holder: string }
  | { readonly kind: 'rollout'; readonly state: RolloutState }
  | {
      readonly kind: 'assigned';
      readonly cluster: string;
      readonly application: string;
      readonly assigned: Assigned;
    }
  | { readonly kind: 'agent'; readonly cluster: string; readonly heard: Heard<AgentStatus> | undefined }
  | {
      readonly kind: 'application';
      readonly cluster: string;
      readonly application: string;
      readonly heard: Heard<ApplicationStatus> | undefined;
    };

/** A model that has heard nothing yet. */
export const emptyModel: FleetModel = {
  claim: undefined,
  rollouts: new Map(),
  assigned: new Map(),
  agents: new Map(),
  applications: new Map(),
};

/** The key of one application in one cluster. */
export function placementKey(cluster: string, application: string): string {
  return `${cluster}/${application}`;
}

/**
 * The model after a change. The order of arrival does not matter: terms and generations never go back, and of two
 * statuses of one agent the later one stays.
 */
export function foldChange(model: FleetModel, change: ModelChange): FleetModel {
  switch (change.kind) {
    case 'claimed':
      return isOlder(change.term, model.claim?.term)
        ? model
        : { ...model, claim: { term: change.term, holder: change.holder } };
    case 'rollout':
      return { ...model, rollouts: withEntry(model.rollouts, change.state.application, change.state) };
    case 'assigned':
      return { ...model, assigned: withAssigned(model.assigned, change) };
    case 'agent':
      return { ...model, agents: withHeard(model.agents, change.cluster, change.heard) };
    case 'application': {
      const key = placementKey(change.cluster, change.application);
      return { ...model, applications: withHeard(model.applications, key, change.heard) };
    }
  }
}

function isOlder(value: number, held: number | undefined): boolean {
  return held !== undefined && value < held;
}

function withAssigned(
  map: FleetModel['assigned'],
  { cluster, application, assigned }: Extract<ModelChange, { kind: 'assigned' }>,
): FleetModel['assigned'] {
  const key = placementKey(cluster, application);
  return isOlder(assigned.generation, map.get(key)?.generation) ? map : withEntry(map, key, assigned);
}

function withEntry<Value>(
  map: ReadonlyMap<string, Value>,
  key: string,
  value: Value,
): ReadonlyMap<string, Value> {
  return new Map(map).set(key, value);
}

function withHeard<Status>(
  map: ReadonlyMap<string, Heard<Status>>,
  key: string,
  heard: Heard<Status> | undefined,
): ReadonlyMap<string, Heard<Status>> {
  const before = map.get(key);
  if (!heard) {
    const rest = new Map(map);
    rest.delete(key);
    return rest;
  }
  return before && isLater(before, heard) ? map : withEntry(map, key, heard);
}

function isLater(held: Heard<unknown>, other: Heard<unknown>): boolean {
  return held.session === other.session ? held.sequence > other.sequence : held.heardAtMs > other.heardAtMs;
}
