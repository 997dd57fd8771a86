import { FaultError, errorText } from '@meridian/runtime';
import type {
  ApplicationRecord,
  InventoryEntry,
  KeptRecord,
  SaveResult,
  StatePlace,
  StateStore,
} from '../ports.ts';
import { statePlaces } from '../ports.ts';
import type { ClusterStore } from './cluster-store.ts';
import type { DiskStore } from './disk-store.ts';
import { isLater, laterOf } from './record.ts';

/** How long one save may take; a cluster that hangs must not stop an agent that has a disk. */
const saveMs = 5_000;

/** How long the first load may take, and the longest: state of many applications takes its time, so it gets more each time. */
const loadMs = { first: 5_000, cap: 120_000 };

/**
 * Keeps every record on disk and in the cluster. A save counts when one of the two has it; both are waited for, so that
 * losing either afterwards loses nothing. A cluster copy that is later than ours means another agent took over: refused.
 */
export function openTwinStore(disk: DiskStore, cluster: ClusterStore): StateStore {
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
      const [onDisk, inCluster] = await Promise.all([disk.load(), loadCluster(cluster, waitMs, signal)]);
      return merge(byName(onDisk), byName(inCluster));
    },
    async save(record, places, signal) {
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(saveMs)]);
      const results = await Promise.allSettled(places.map((place) => saveIn(place, record, bounded)));
      return judgeSave(places, results);
    },
  };
}

async function loadCluster(
  cluster: ClusterStore,
  patienceMs: number,
  signal: AbortSignal,
): Promise<readonly ApplicationRecord[]> {
  const patience = AbortSignal.timeout(patienceMs);
  try {
    return await cluster.load(AbortSignal.any([signal, patience]));
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

function merge(disk: ByName, cluster: ByName): readonly KeptRecord[] {
  const copies = { disk, cluster };
  const names = new Set([...disk.keys(), ...cluster.keys()]);
  return [...names].flatMap((name) => {
    const record = laterOf(disk.get(name), cluster.get(name));
    if (!record) return [];
    const isMissing = (place: StatePlace) => {
      const copy = copies[place].get(name);
      return copy === undefined || isLater(record, copy);
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
