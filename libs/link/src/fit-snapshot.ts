import type { ApplicationStatus } from '@meridian/fleet';
import { AttachRequest, applicationStatusToWire, snapshotToWire } from '@meridian/wire';
import type { Snapshot } from '@meridian/wire';

/** Room for one message, under the hub's limit of 1 MB with space for the frame and the other fields. */
const roomBytes = 900_000;

/** A snapshot that fits into one message, and the statuses whose objects and drift must follow on their own. */
export function fitSnapshot(snapshot: Snapshot): {
  readonly snapshot: Snapshot;
  readonly following: readonly ApplicationStatus[];
} {
  const whole = { snapshot, following: [] };
  if (sizeOf({ $case: 'snapshot', value: snapshotToWire(snapshot) }) <= roomBytes) return whole;
  const following: ApplicationStatus[] = [];
  let used = snapshot.applications.map(withoutDetails).reduce((sum, status) => sum + statusBytes(status), 0);
  const applications = snapshot.applications.map((status) => {
    const more = statusBytes(status) - statusBytes(withoutDetails(status));
    if (used + more <= roomBytes) {
      used += more;
      return status;
    }
    following.push(status);
    return withoutDetails(status);
  });
  return { snapshot: { ...snapshot, applications }, following };
}

/** The status with as many objects, the first ones, and as much drift as fits into one message. */
export function fitStatus(status: ApplicationStatus): ApplicationStatus {
  let fitted = status;
  while (statusBytes(fitted) > roomBytes && fitted.objects.length + fitted.drift.length > 0) {
    fitted = { ...fitted, objects: half(fitted.objects), drift: half(fitted.drift) };
  }
  return fitted;
}

function half<T>(list: readonly T[]): readonly T[] {
  return list.slice(0, Math.floor(list.length / 2));
}

function withoutDetails(status: ApplicationStatus): ApplicationStatus {
  return { ...status, objects: [], drift: [] };
}

function statusBytes(status: ApplicationStatus): number {
  return sizeOf({ $case: 'application', value: applicationStatusToWire(status) });
}

function sizeOf(message: AttachRequest['message']): number {
  return AttachRequest.encode({ sequence: 0n, traceparent: '', message }).finish().length;
}
