import type { ApplicationStatus } from '@meridian/fleet';
import { heartbeatToWire, readHeartbeat } from './agent-status.ts';
import type { Heartbeat } from './agent-status.ts';
import { applicationStatusToWire, readApplicationStatus } from './application-status.ts';
import { FieldChecks } from './field-checks.ts';
import type { Parsed } from './field-checks.ts';
import type * as wire from './gen/meridian/v1/link.ts';
import { wireLimits } from './limits.ts';

/** Everything an agent knows. An application that is not in it does not run in that cluster. */
export interface Snapshot {
  readonly applications: readonly ApplicationStatus[];
  readonly heartbeat: Heartbeat;
}

const noHeartbeat: wire.Heartbeat = {
  observedAtMs: 0n,
  sourceConnected: false,
  sourceReadAtMs: 0n,
  limits: undefined,
};

/** A snapshot for the wire. */
export function snapshotToWire(snapshot: Snapshot): wire.Snapshot {
  return {
    applications: snapshot.applications.map(applicationStatusToWire),
    heartbeat: heartbeatToWire(snapshot.heartbeat),
  };
}

/** A snapshot from a peer, checked; every application is in it at most once. */
export function snapshotFromWire(message: wire.Snapshot): Parsed<Snapshot> {
  const checks = new FieldChecks();
  const seen = new Set<string>();
  const applications = checks.list(
    'applications',
    message.applications,
    wireLimits.applications,
    (status, index) => {
      const at = `applications[${index}].`;
      if (seen.has(status.application))
        checks.refuse('bad_name', `${at}application`, 'is in the snapshot twice');
      seen.add(status.application);
      return readApplicationStatus(checks, at, status);
    },
  );
  const heartbeat = readHeartbeat(
    checks,
    'heartbeat.',
    checks.present('heartbeat', message.heartbeat, noHeartbeat),
  );
  return checks.result({ applications, heartbeat });
}
