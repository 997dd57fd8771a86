import { FaultError, errorText } from '@meridian/runtime';
import type { ApplicationRecord, InventoryEntry, Log, SaveResult, StateStore } from '../ports.ts';
import type { ClusterStore } from './cluster-store.ts';
import type { DiskStore } from './disk-store.ts';
import { laterOf } from './record.ts';

/** How long one save or load may take; a cluster that hangs must not stop an agent that has a disk. */
const patienceMs = 5_000;

/**
 * Keeps every record on disk and in the cluster. A save counts when one of the two has it; both are waited for, so that
 * losing either afterwards loses nothing. A cluster copy that is later than ours means another agent took over: refused.
 */
export function openTwinStore(disk: DiskStore, cluster: ClusterStore, log: Log): StateStore {
  return {
    async load(signal) {
      const [onDisk, inCluster] = await Promise.all([disk.load(), loadCluster(cluster, signal, log)]);
      const records = new Map<string, ApplicationRecord>();
      for (const record of [...onDisk, ...(inCluster ?? [])]) {
        const later = laterOf(records.get(record.application), record);
        if (later) records.set(record.application, later);
      }
      return { records: [...records.values()], complete: inCluster !== undefined };
    },
    async save(record, signal) {
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
      const [onDisk, inCluster] = await Promise.allSettled([
        disk.save(record),
        cluster.save(record, bounded),
      ]);
      return judgeSave(onDisk, inCluster);
    },
  };
}

async function loadCluster(
  cluster: ClusterStore,
  signal: AbortSignal,
  log: Log,
): Promise<readonly ApplicationRecord[] | undefined> {
  try {
    return await cluster.load(AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]));
  } catch (error) {
    log.warn({ error: errorText(error) }, 'state in the cluster cannot be read; the copy on disk is used');
    return undefined;
  }
}

function judgeSave(
  onDisk: PromiseSettledResult<void>,
  inCluster: PromiseSettledResult<readonly InventoryEntry[]>,
): SaveResult {
  const problems: string[] = [];
  if (onDisk.status === 'rejected') problems.push(`disk: ${errorText(onDisk.reason)}`);
  if (inCluster.status === 'rejected') {
    if (isConflict(inCluster.reason)) return { ok: false, reason: errorText(inCluster.reason) };
    problems.push(`cluster: ${errorText(inCluster.reason)}`);
  }
  if (problems.length === 2) return { ok: false, reason: problems.join('; ') };
  return { ok: true, problems, others: inCluster.status === 'fulfilled' ? inCluster.value : [] };
}

const isConflict = (error: unknown): boolean => error instanceof FaultError && error.code === 'conflict';
