import { applicationLabel, openTwinStore } from '@meridian/agent';
import type {
  ApplicationRecord,
  ClusterStore,
  DesiredObject,
  DiskStore,
  Log,
  PruneContext,
} from '@meridian/agent';
import { groupOf, keyText } from '@meridian/manifests';
import type { KubeObject } from '@meridian/manifests';
import { FaultError } from '@meridian/runtime';
import { noAnswer } from './clock.ts';
import type { Network } from './network.ts';
import type { Process, Schedule } from './schedule.ts';
import type { SimulatedJob } from './systems.ts';

/** An object that is in a cluster. */
export interface LiveObject {
  readonly object: KubeObject;
  readonly hash: string;
  readonly sinceMs: number;
}

/** What outlives the agent: the objects of its cluster, its disk, and its Secrets. */
export class SimulatedCluster {
  readonly name: string;
  readonly objects = new Map<string, LiveObject>();
  readonly disk = new Map<string, ApplicationRecord>();
  readonly secrets = new Map<string, ApplicationRecord>();
  /** Jobs of checks, by their applications and runs. */
  readonly jobs = new Map<string, SimulatedJob>();
  /** Until then its workloads are in trouble, whatever they run. */
  sickUntilMs = 0;
  /** Until then its administrator wants nothing to be written. */
  frozenUntilMs = 0;
  /** Its bundles are too large for Secrets. */
  readonly hasLargeBundles: boolean;
  /** The disk takes nothing until then. */
  diskFullUntilMs = 0;
  #uids = 0;

  constructor(name: string, { hasLargeBundles }: { readonly hasLargeBundles: boolean }) {
    this.name = name;
    this.hasLargeBundles = hasLargeBundles;
  }

  /** Makes an object what it shall be. */
  apply(desired: DesiredObject, nowMs: number): void {
    const known = this.objects.get(desired.id)?.object.metadata.uid;
    this.#uids += known === undefined ? 1 : 0;
    const uid = known ?? `${this.name}-${this.#uids}`;
    const object = { ...desired.object, metadata: { ...desired.object.metadata, uid } };
    this.objects.set(desired.id, { object, hash: desired.hash, sinceMs: nowMs });
  }

  /** The ids of an application's objects. */
  objectsOf(application: string): string[] {
    return [...this.objects]
      .filter(([, { object }]) => object.metadata.labels?.[applicationLabel] === application)
      .map(([id]) => id);
  }
}

/** How one agent reaches its cluster. */
export interface ClusterPort {
  apply(desired: DesiredObject): Promise<void>;
  readonly kube: PruneContext['kube'];
  readonly store: ReturnType<typeof openTwinStore>;
}

/** Is told of what an agent really changes. */
export interface ClusterWitness {
  applied(application: string, id: string): void;
  removed(application: string, id: string): void;
}

/** Opens a cluster for an agent process. Every call may fail before or after it took effect. */
export function openCluster(
  cluster: SimulatedCluster,
  { schedule, network }: { readonly schedule: Schedule; readonly network: Network },
  {
    process,
    witness,
    log,
  }: { readonly process: Process; readonly witness: ClusterWitness; readonly log: Log },
): ClusterPort {
  const ask = <T>(serve: () => T) =>
    network.askAtOnce(process, 'kube', { serve, timeoutMs: 4_000, fault: () => noAnswer('the API server') });
  const disk: DiskStore = {
    load: () => ask(() => [...cluster.disk.values()]),
    save: async (record) => {
      if (cluster.diskFullUntilMs > schedule.nowMs)
        throw new FaultError('exhausted', 'the disk is full', { retry: 'later' });
      cluster.disk.set(record.application, record);
    },
  };
  const secrets: ClusterStore = {
    load: () => ask(() => [...cluster.secrets.values()]),
    save: (record) =>
      ask(() => {
        cluster.secrets.set(record.application, cluster.hasLargeBundles ? withoutBundle(record) : record);
        return [];
      }),
  };
  return {
    apply: (desired) =>
      ask(() => {
        witness.applied(ownerOf(desired.object), desired.id);
        cluster.apply(desired, schedule.nowMs);
      }),
    kube: {
      get: (ref) => ask(() => cluster.objects.get(idOf(ref))?.object),
      remove: (ref, uid) =>
        ask(() => {
          const id = idOf(ref);
          const live = cluster.objects.get(id);
          if (!live) return 'absent';
          if (live.object.metadata.uid !== uid)
            throw new FaultError('conflict', `${id} has another uid`, { retry: 'later' });
          witness.removed(ownerOf(live.object), id);
          cluster.objects.delete(id);
          return 'removed';
        }),
    },
    store: openTwinStore({ disk, cluster: secrets, clusterUid: async () => cluster.name, log }),
  };
}

/** As a Secret keeps what does not fit. */
function withoutBundle({ bundle: _, ...record }: ApplicationRecord): ApplicationRecord {
  return record;
}

function idOf({ apiVersion, kind, namespace, name }: Parameters<PruneContext['kube']['get']>[0]): string {
  return keyText({ group: groupOf(apiVersion), kind, namespace, name });
}

function ownerOf({ metadata }: KubeObject): string {
  return metadata.labels?.[applicationLabel] ?? '';
}
