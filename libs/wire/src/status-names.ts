import type { CheckReport, Drift, FleetEvent, Health, SyncState } from '@meridian/fleet';
import * as wire from './gen/meridian/v1/link.ts';

/** Health on the wire -> health. */
export const healthNames: { readonly [wire: number]: Health } = {
  [wire.Health.HEALTH_HEALTHY]: 'Healthy',
  [wire.Health.HEALTH_PROGRESSING]: 'Progressing',
  [wire.Health.HEALTH_DEGRADED]: 'Degraded',
  [wire.Health.HEALTH_SUSPENDED]: 'Suspended',
  [wire.Health.HEALTH_MISSING]: 'Missing',
  [wire.Health.HEALTH_UNKNOWN]: 'Unknown',
};

/** Health -> health on the wire. */
export const wireHealth: { readonly [name in Health]: wire.Health } = {
  Healthy: wire.Health.HEALTH_HEALTHY,
  Progressing: wire.Health.HEALTH_PROGRESSING,
  Degraded: wire.Health.HEALTH_DEGRADED,
  Suspended: wire.Health.HEALTH_SUSPENDED,
  Missing: wire.Health.HEALTH_MISSING,
  Unknown: wire.Health.HEALTH_UNKNOWN,
};

/** Sync state on the wire -> sync state. */
export const syncNames: { readonly [wire: number]: SyncState } = {
  [wire.SyncState.SYNC_STATE_SYNCED]: 'Synced',
  [wire.SyncState.SYNC_STATE_OUT_OF_SYNC]: 'OutOfSync',
  [wire.SyncState.SYNC_STATE_APPLYING]: 'Applying',
  [wire.SyncState.SYNC_STATE_FAILED]: 'Failed',
};

/** Sync state -> sync state on the wire. */
export const wireSync: { readonly [name in SyncState]: wire.SyncState } = {
  Synced: wire.SyncState.SYNC_STATE_SYNCED,
  OutOfSync: wire.SyncState.SYNC_STATE_OUT_OF_SYNC,
  Applying: wire.SyncState.SYNC_STATE_APPLYING,
  Failed: wire.SyncState.SYNC_STATE_FAILED,
};

/** Change on the wire -> change. */
export const changeNames: { readonly [wire: number]: Drift['change'] } = {
  [wire.DriftChange.DRIFT_CHANGE_MODIFIED]: 'modified',
  [wire.DriftChange.DRIFT_CHANGE_DELETED]: 'deleted',
};

/** Change -> change on the wire. */
export const wireChange: { readonly [name in Drift['change']]: wire.DriftChange } = {
  modified: wire.DriftChange.DRIFT_CHANGE_MODIFIED,
  deleted: wire.DriftChange.DRIFT_CHANGE_DELETED,
};

/** Level on the wire -> level. */
export const levelNames: { readonly [wire: number]: FleetEvent['level'] } = {
  [wire.EventLevel.EVENT_LEVEL_INFO]: 'info',
  [wire.EventLevel.EVENT_LEVEL_WARNING]: 'warning',
  [wire.EventLevel.EVENT_LEVEL_ERROR]: 'error',
};

/** Level -> level on the wire. */
export const wireLevel: { readonly [name in FleetEvent['level']]: wire.EventLevel } = {
  info: wire.EventLevel.EVENT_LEVEL_INFO,
  warning: wire.EventLevel.EVENT_LEVEL_WARNING,
  error: wire.EventLevel.EVENT_LEVEL_ERROR,
};

/** Phase of a check on the wire -> phase. */
export const checkPhaseNames: { readonly [wire: number]: CheckReport['phase'] } = {
  [wire.CheckPhase.CHECK_PHASE_PENDING]: 'pending',
  [wire.CheckPhase.CHECK_PHASE_RUNNING]: 'running',
  [wire.CheckPhase.CHECK_PHASE_MEASURED]: 'measured',
  [wire.CheckPhase.CHECK_PHASE_SUCCEEDED]: 'succeeded',
  [wire.CheckPhase.CHECK_PHASE_FAILED]: 'failed',
};

/** Phase of a check -> phase on the wire. */
export const wireCheckPhase: { readonly [name in CheckReport['phase']]: wire.CheckPhase } = {
  pending: wire.CheckPhase.CHECK_PHASE_PENDING,
  running: wire.CheckPhase.CHECK_PHASE_RUNNING,
  measured: wire.CheckPhase.CHECK_PHASE_MEASURED,
  succeeded: wire.CheckPhase.CHECK_PHASE_SUCCEEDED,
  failed: wire.CheckPhase.CHECK_PHASE_FAILED,
};
