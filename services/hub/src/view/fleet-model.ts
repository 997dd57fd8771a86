import type { AgentStatus, ApplicationStatus, Hold, Pause } from '@meridian/fleet';
import type { RolloutState } from '@meridian/rollout';

/** What the ledger assigns to one (cluster, application). */
export interface Assigned {
  readonly release: string;
  readonly revision: string;
  readonly generation: number;
  readonly term: number;
  /** False when the application is withdrawn from the cluster. */
  readonly placed: boolean;
  readonly pause?: Pause;
}

/** A status as a hub stored it; `session` and `sequence` order two statuses of one agent. */
export interface Heard<Status> {
  readonly status: Status;
  readonly session: string;
  readonly sequence: number;
  /** When it was stored: the clock that all hub replicas share. */
  readonly heardAtMs: number;
}

/** By cluster, then application. What one cluster reports copies its own part alone. */
export type OfPlacements<Value> = ReadonlyMap<string, ReadonlyMap<string, Value>>;

/** Everything the views are made from. A replica rebuilds it from JetStream; it holds one entry per cluster and application. */
export interface FleetModel {
  readonly claim: { readonly term: number; readonly holder: string } | undefined;
  readonly rollouts: ReadonlyMap<string, RolloutState>;
  readonly assigned: OfPlacements<Assigned>;
  readonly agents: ReadonlyMap<string, Heard<AgentStatus>>;
  readonly applications: OfPlacements<Heard<ApplicationStatus>>;
  /** What persons hold; some may have come to their end. */
  readonly holds: ReadonlyMap<string, Hold>;
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
  | { readonly kind: 'hold'; readonly key: string; readonly hold: Hold | undefined }
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
  holds: new Map(),
};

/** The model after one change; see `foldChanges`. */
export function foldChange(model: FleetModel, change: ModelChange): FleetModel {
  return foldChanges(model, [change]);
}

/**
 * The model after some changes; the very same object when none of them says anything new. The order of arrival does not
 * matter: terms and generations never go back, and of two statuses of one agent the later one stays. A map is copied
 * once for all changes, so that a replay of many thousand is not quadratic.
 */
export function foldChanges(model: FleetModel, changes: readonly ModelChange[]): FleetModel {
  const draft = draftOf(model);
  for (const change of changes) foldInto(draft, change);
  return draft.result();
}

interface Draft {
  claim: FleetModel['claim'];
  readonly rollouts: DraftMap<RolloutState>;
  readonly assigned: DraftMaps<Assigned>;
  readonly agents: DraftMap<Heard<AgentStatus>>;
  readonly applications: DraftMaps<Heard<ApplicationStatus>>;
  readonly holds: DraftMap<Hold>;
  result(): FleetModel;
}

function draftOf(model: FleetModel): Draft {
  const draft: Draft = {
    claim: model.claim,
    rollouts: new DraftMap(model.rollouts),
    assigned: new DraftMaps(model.assigned),
    agents: new DraftMap(model.agents),
    applications: new DraftMaps(model.applications),
    holds: new DraftMap(model.holds),
    result() {
      const next = {
        claim: draft.claim,
        rollouts: draft.rollouts.result(),
        assigned: draft.assigned.result(),
        agents: draft.agents.result(),
        applications: draft.applications.result(),
        holds: draft.holds.result(),
      };
      return isSame(model, next) ? model : next;
    },
  };
  return draft;
}

function isSame(before: FleetModel, next: FleetModel): boolean {
  return (
    next.claim === before.claim &&
    next.rollouts === before.rollouts &&
    next.assigned === before.assigned &&
    next.agents === before.agents &&
    next.applications === before.applications &&
    next.holds === before.holds
  );
}

/** A map that is copied when it is first written to. */
class DraftMap<Value> {
  private readonly before: ReadonlyMap<string, Value>;
  private copy: Map<string, Value> | undefined;

  constructor(before: ReadonlyMap<string, Value>) {
    this.before = before;
  }

  get(key: string): Value | undefined {
    return (this.copy ?? this.before).get(key);
  }

  set(key: string, value: Value): void {
    this.copy ??= new Map(this.before);
    this.copy.set(key, value);
  }

  delete(key: string): void {
    if (this.get(key) === undefined) return;
    this.copy ??= new Map(this.before);
    this.copy.delete(key);
  }

  put(key: string, value: Value | undefined): void {
    if (value === undefined) this.delete(key);
    else this.set(key, value);
  }

  result(): ReadonlyMap<string, Value> {
    return this.copy ?? this.before;
  }
}

/** Maps by cluster, each of which is copied when it is first written to. */
class DraftMaps<Value> {
  private readonly before: OfPlacements<Value>;
  private readonly drafts = new Map<string, DraftMap<Value>>();

  constructor(before: OfPlacements<Value>) {
    this.before = before;
  }

  of(cluster: string): DraftMap<Value> {
    const known = this.drafts.get(cluster);
    if (known) return known;
    const draft = new DraftMap(this.before.get(cluster) ?? new Map<string, Value>());
    this.drafts.set(cluster, draft);
    return draft;
  }

  result(): OfPlacements<Value> {
    const maps = new DraftMap(this.before);
    for (const [cluster, draft] of this.drafts) {
      const map = draft.result();
      if (map.size === 0) maps.delete(cluster);
      else if (map !== this.before.get(cluster)) maps.set(cluster, map);
    }
    return maps.result();
  }
}

function foldInto(draft: Draft, change: ModelChange): void {
  switch (change.kind) {
    case 'claimed':
      if (!isOlder(change.term, draft.claim?.term))
        draft.claim = { term: change.term, holder: change.holder };
      return;
    case 'rollout':
      return draft.rollouts.set(change.state.application, change.state);
    case 'assigned':
      return assign(draft, change);
    case 'hold':
      return draft.holds.put(change.key, change.hold);
    case 'agent':
      return hear(draft.agents, change.cluster, change.heard);
    case 'application':
      return hear(draft.applications.of(change.cluster), change.application, change.heard);
  }
}

function assign(draft: Draft, { cluster, application, assigned }: ModelChange & { kind: 'assigned' }): void {
  const ofCluster = draft.assigned.of(cluster);
  const isPast = isOlder(assigned.generation, ofCluster.get(application)?.generation);
  if (!isPast) ofCluster.set(application, assigned);
}

function isOlder(value: number, held: number | undefined): boolean {
  return held !== undefined && value < held;
}

function hear<Status>(map: DraftMap<Heard<Status>>, key: string, heard: Heard<Status> | undefined): void {
  if (!heard) return map.delete(key);
  const before = map.get(key);
  if (!before || !isLater(before, heard)) map.set(key, heard);
}

function isLater(held: Heard<unknown>, other: Heard<unknown>): boolean {
  return held.session === other.session ? held.sequence > other.sequence : held.heardAtMs > other.heardAtMs;
}
