import type { KubeObject } from '../kube-object.ts';
import { ClusterClient } from './cluster-client.ts';
import type { ClusterCore } from './cluster-client.ts';
import type { EventLog, RecordEvent } from './events/event-log.ts';
import type { OwnerIndex } from './owner-index.ts';

/** What the controllers of a cluster share. */
export interface Inside {
  readonly core: ClusterCore;
  /** Who belongs to whom; knows every change before a controller hears of it. */
  readonly owners: OwnerIndex;
  readonly events: EventLog;
}

/** The client of a controller, which finds dependents without looking at everything and tells what happened. */
export class InsideClient extends ClusterClient {
  readonly record: RecordEvent;
  readonly #owners: OwnerIndex;

  /** @param component By which its events are told apart, such as `job-controller`. */
  constructor({ core, owners, events }: Inside, manager: string, component: string) {
    super(core, manager);
    this.#owners = owners;
    this.record = events.recorder(component);
  }

  /** Objects of a resource that name an owner. */
  dependents(resource: string, { metadata: { uid = '' } }: KubeObject): KubeObject[] {
    return this.#found(this.#owners.dependentsOf(uid), resource);
  }

  /** Objects of a resource in a namespace that nobody controls. */
  orphans(resource: string, namespace: string): KubeObject[] {
    return this.#found(this.#owners.orphansOf(resource, namespace), resource);
  }

  #found(uids: readonly string[], resource: string): KubeObject[] {
    return uids.flatMap((uid) => {
      const key = this.#owners.find(uid);
      const object = key?.resource === resource ? this.get(key) : undefined;
      return object === undefined ? [] : [object];
    });
  }
}
