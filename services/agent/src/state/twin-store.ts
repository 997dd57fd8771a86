import { FaultError, errorText } from '@meridian/runtime';
import type {
  ApplicationRecord,
  InventoryEntry,
  KeptRecord,
  Log,
  SaveResult,
  StatePlace,
  StateStore,
} from '../ports.ts';
import { statePlaces } from '../ports.ts';
import type { ClusterStore } from './cluster-store.ts';
import type { DiskStore } from './disk-store.ts';
import { isOfCluster, movedRecord } from './cluster-bound.ts';
import { isLater, laterOf } from './record.ts';

/** How long one save may take; a cluster that hangs must not stop an agent that has a disk. */
const saveMs = 5_000;

/** How long the first load may take, and the longest: state of many applications takes its time, so it gets more each time. */
const loadMs = { first: 5_000, cap: 120_000 };

/** What the store is made of. */
export interface TwinStoreConfig {
  readonly disk: DiskStore;
  readonly cluster: ClusterStore;
  /** Asks the cluster who it is. Throws FaultError. */
  readonly clusterUid: (signal: AbortSignal) => Promise<string>;
  readonly log: Log;
}

/**
 * Keeps every record on disk and in the cluster. A save counts when one of the two has it; both are waited for, so that
 * losing either afterwards loses nothing. A cluster copy that is later than ours means another agent took over: refused.
 */
export function openTwinStore({ disk, cluster, clusterUid, log }: TwinStoreConfig): StateStore {
  let uid: string | undefined;
  const saveIn = async (place: StatePlace, record: ApplicationRecord, signal: AbortSignal) => {
    if (place === 'cluster') return cluster.save(record, signal);
    await disk.save(record);
    return [];
  };
  let patienceMs = loadMs.first;
  return {
    async load(signal) {
      const waitMs = patienceMs;
      patienceMs = Math.min(loadMs.cap, patienceMs * 2);
      const here = await within(waitMs, signal, clusterUid);
      uid = here;
      const [onDisk, inCluster] = await Promise.all([
        disk.load(),
        within(waitMs, signal, (asked) => cluster.load(asked)),
      ]);
      const foreign = [...onDisk, ...inCluster].filter((record) => !isOfCluster(record, here));
      for (const record of foreign)
        log.warn(
          {
            application: record.application,
            reason: `kept for cluster ${record.clusterUid ?? ''}, this is ${here}`,
          },
          'kept state is of another cluster; its inventory is not used',
        );
      return merge(byName(onDisk), byName(inCluster), here);
    },
    async save(given, places, signal) {
      const record = uid === undefined ? given : { ...given, clusterUid: uid };
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(saveMs)]);
      const results = await Promise.allSettled(places.map((place) => saveIn(place, record, bounded)));
      return judgeSave(places, results);
    },
  };
}

async function within<T>(
  patienceMs: number,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const patience = AbortSignal.timeout(patienceMs);
  try {
    return await ask(AbortSignal.any([signal, patience]));
  } catch (cause) {
    if (signal.aborted || !patience.aborted) throw cause;
    throw new FaultError('timeout', `the cluster did not answer within ${patienceMs / 1_000} s`, {
      retry: 'later',
      cause,
    });
  }
}

type ByName = ReadonlyMap<string, ApplicationRecord>;

const byName = (records: readonly ApplicationRecord[]): ByName =>
  new Map(records.map((record) => [record.application, record]));

/** A copy of another cluster counts only where there is none of this one. */
function merge(disk: ByName, cluster: ByName, uid: string): readonly KeptRecord[] {
  const copies = { disk, cluster };
  const names = new Set([...disk.keys(), ...cluster.keys()]);
  return [...names].flatMap((name) => {
    const here = (copy: ApplicationRecord | undefined) => (copy && isOfCluster(copy, uid) ? copy : undefined);
    const later = laterOf(disk.get(name), cluster.get(name));
    const record =
      laterOf(here(disk.get(name)), here(cluster.get(name))) ?? (later && movedRecord(later, uid));
    if (!record) return [];
    const isMissing = (place: StatePlace) => {
      const copy = copies[place].get(name);
      return copy === undefined || !isOfCluster(copy, uid) || isLater(record, copy);
    };
    return { record, missing: statePlaces.filter(isMissing) };
  });
}

function judgeSave(
  places: readonly StatePlace[],
  results: readonly PromiseSettledResult<readonly InventoryEntry[]>[],
): SaveResult {
  const problems = results.flatMap((result, index) => {
    const place = places[index];
    return result.status === 'rejected' && place ? { place, error: result.reason as unknown } : [];
  });
  const conflict = problems.find(({ error }) => isConflict(error));
  if (conflict) return { ok: false, reason: errorText(conflict.error) };
  const reasons = problems.map(({ place, error }) => ({ place, reason: errorText(error) }));
  if (reasons.length === places.length)
    return { ok: false, reason: reasons.map(({ place, reason }) => `${place}: ${reason}`).join('; ') };
  const others = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  return { ok: true, problems: reasons, others };
}

const isConflict = (error: unknown): boolean => error instanceof FaultError && error.code === 'conflict';
