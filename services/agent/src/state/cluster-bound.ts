import type { ApplicationRecord } from '../ports.ts';

/** Whether a record was kept for the cluster with this UID. One that does not say is from before UIDs were kept. */
export const isOfCluster = ({ clusterUid }: ApplicationRecord, uid: string): boolean =>
  clusterUid === undefined || clusterUid === uid;

/**
 * What a record of another cluster is worth in the one with this UID: where the application stands and what it shall be, to be
 * applied as for the first time. Its objects are not here, whatever has their names, and its hooks have not run here.
 */
export function movedRecord(
  {
    inventory: _inventory,
    appliedAtMs: _appliedAtMs,
    hooks: _hooks,
    removed: _removed,
    drift: _drift,
    ...kept
  }: ApplicationRecord,
  uid: string,
): ApplicationRecord {
  return { ...kept, clusterUid: uid, inventory: [], writes: kept.writes + 1 };
}
