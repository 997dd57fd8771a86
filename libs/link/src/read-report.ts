import type { ApplicationStatus, FleetEvent } from '@meridian/fleet';
import {
  applicationStatusFromWire,
  fleetEventFromWire,
  heartbeatFromWire,
  helloFromWire,
  snapshotFromWire,
} from '@meridian/wire';
import type { AttachRequest, Heartbeat, Hello, Parsed, Snapshot } from '@meridian/wire';

/** A checked message of an agent. */
export type Report =
  | { readonly kind: 'hello'; readonly hello: Hello }
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly kind: 'application'; readonly application: ApplicationStatus }
  | { readonly kind: 'event'; readonly event: FleetEvent }
  | { readonly kind: 'heartbeat'; readonly heartbeat: Heartbeat };

/** Reads a message of the agent of `cluster`. One that names another cluster is refused with `foreign_cluster`. */
export function readReport({ message }: AttachRequest, cluster: string): Parsed<Report> {
  switch (message?.$case) {
    case undefined:
      return { ok: false, refusal: { code: 'missing', field: 'message', message: 'message: is missing' } };
    case 'hello':
      return map(owned(helloFromWire(message.value), cluster), (hello) => ({ kind: 'hello', hello }));
    case 'snapshot':
      return map(ownedSnapshot(snapshotFromWire(message.value), cluster), (snapshot) => ({
        kind: 'snapshot',
        snapshot,
      }));
    case 'application':
      return map(owned(applicationStatusFromWire(message.value), cluster), (application) => ({
        kind: 'application',
        application,
      }));
    case 'event':
      return map(owned(withCluster(fleetEventFromWire(message.value), cluster), cluster), (event) => ({
        kind: 'event',
        event,
      }));
    case 'heartbeat':
      return map(heartbeatFromWire(message.value), (heartbeat) => ({ kind: 'heartbeat', heartbeat }));
  }
}

function map<T, R>(parsed: Parsed<T>, make: (value: T) => R): Parsed<R> {
  return parsed.ok ? { ok: true, value: make(parsed.value) } : parsed;
}

function owned<T extends { readonly cluster: string }>(parsed: Parsed<T>, cluster: string): Parsed<T> {
  if (!parsed.ok || parsed.value.cluster === cluster) return parsed;
  const message = `cluster: ${parsed.value.cluster} was named by the agent of ${cluster}`;
  return { ok: false, refusal: { code: 'foreign_cluster', field: 'cluster', message } };
}

/** An agent's event is about its cluster unless it says otherwise. */
function withCluster(
  parsed: Parsed<FleetEvent>,
  cluster: string,
): Parsed<FleetEvent & { readonly cluster: string }> {
  return map(parsed, (event) => ({ ...event, cluster: event.cluster ?? cluster }));
}

function ownedSnapshot(parsed: Parsed<Snapshot>, cluster: string): Parsed<Snapshot> {
  if (!parsed.ok) return parsed;
  const foreign = parsed.value.applications.find((status) => status.cluster !== cluster);
  if (!foreign) return parsed;
  const refused = owned({ ok: true, value: foreign }, cluster);
  return refused.ok ? parsed : refused;
}
