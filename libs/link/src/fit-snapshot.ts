import type { ApplicationStatus } from '@meridian/fleet';
import { AttachRequest, applicationStatusToWire, snapshotToWire, wireLimits } from '@meridian/wire';
import type { Snapshot } from '@meridian/wire';
import { statusCuts } from './status-cuts.ts';

/** Room for one message, under the hub's limit of 1 MB with space for the frame and the other fields. */
const roomBytes = 900_000;

/** A snapshot that fits into one message, and the statuses of which it says less: they must follow on their own. */
export function fitSnapshot(snapshot: Snapshot): {
  readonly snapshot: Snapshot;
  readonly following: readonly ApplicationStatus[];
} {
  const fitted = { ...snapshot, applications: snapshot.applications.map(fitStatus) };
  if (sizeOf({ $case: 'snapshot', value: snapshotToWire(fitted) }) <= roomBytes)
    return { snapshot: fitted, following: [] };
  const following: ApplicationStatus[] = [];
  let used = fitted.applications.reduce((sum, status) => sum + statusBytes(verdictOf(status)), 0);
  const applications = fitted.applications.map((status) => {
    const verdict = verdictOf(status);
    const room = roomBytes - used + statusBytes(verdict);
    const said = [status, withoutLists(status)].find((one) => statusBytes(one) <= room) ?? verdict;
    used += statusBytes(said) - statusBytes(verdict);
    if (said !== status) following.push(status);
    return said;
  });
  return { snapshot: { ...snapshot, applications }, following };
}

/** The status, or as much of it as fits into one message. */
export function fitStatus(status: ApplicationStatus): ApplicationStatus {
  let fitted = status;
  for (const cut of statusCuts(status)) {
    fitted = cut;
    // A longer list of objects the wire would cut without a word.
    if (cut.objects.length <= wireLimits.objects && statusBytes(cut) <= roomBytes) break;
  }
  return fitted;
}

function withoutLists(status: ApplicationStatus): ApplicationStatus {
  return { ...status, objects: [], drift: [] };
}

/** The least that can be said of an application, some 400 bytes. */
function verdictOf(status: ApplicationStatus): ApplicationStatus {
  return { ...withoutLists(status), message: '' };
}

function statusBytes(status: ApplicationStatus): number {
  return sizeOf({ $case: 'application', value: applicationStatusToWire(status) });
}

function sizeOf(message: AttachRequest['message']): number {
  return AttachRequest.encode({ sequence: 0n, traceparent: '', message }).finish().length;
}
