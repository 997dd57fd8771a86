import type { ApplicationStatus, FleetEvent } from '@meridian/fleet';

/** One thing to tell the hub. */
export type Outgoing =
  | { readonly kind: 'application'; readonly status: ApplicationStatus; readonly traceparent: string }
  | { readonly kind: 'event'; readonly event: FleetEvent; readonly traceparent: string };

/** What an agent has to tell: the newest status per application, and the newest events. Never blocks, never grows without a bound. */
export interface Outbox {
  /** Replaces an unsent status of the same application; it keeps its place in the order. */
  application(status: ApplicationStatus, traceparent?: string): void;
  /** Queues an event; when the queue is full the oldest goes. */
  event(event: FleetEvent, traceparent?: string): void;
  /** Asks for a heartbeat now, because what it says has changed. Asking again before it is sent adds nothing. */
  heartbeat(): void;
  /** How many events were dropped because the queue was full. */
  droppedEvents(): number;
}

/** The link's side of an outbox. */
export interface OpenOutbox extends Outbox {
  /** The next thing to send on the present stream; undefined when there is none. */
  take(sequence: bigint): Outgoing | undefined;
  /** Whether a heartbeat was asked for since the last call. */
  takeHeartbeat(): boolean;
  /** The hub has stored everything up to `sequence`. */
  acked(sequence: bigint): void;
  /** A new stream begins with a snapshot: what it says is not said again; events that were not acknowledged are. */
  restart(snapshot: readonly ApplicationStatus[]): void;
  /** Calls back when there is something to send. */
  onChange(listener: () => void): void;
}

interface QueuedEvent {
  readonly outgoing: Outgoing;
  /** Sequence it was sent with on the present stream; undefined when it was not sent. */
  sentAs: bigint | undefined;
}

/** An empty outbox that keeps at most `maxEvents` unacknowledged events, 500 unless told. */
export function createOutbox(maxEvents = 500): OpenOutbox {
  const applications = new Map<string, Outgoing & { kind: 'application' }>();
  let events: QueuedEvent[] = [];
  let dropped = 0;
  let heartbeatWanted = false;
  let changed: () => void = () => undefined;
  return {
    application(status, traceparent = '') {
      applications.set(status.application, { kind: 'application', status, traceparent });
      changed();
    },
    event(event, traceparent = '') {
      events.push({ outgoing: { kind: 'event', event, traceparent }, sentAs: undefined });
      if (events.length > maxEvents) {
        events.shift();
        dropped += 1;
      }
      changed();
    },
    heartbeat() {
      heartbeatWanted = true;
      changed();
    },
    droppedEvents: () => dropped,
    takeHeartbeat() {
      const wanted = heartbeatWanted;
      heartbeatWanted = false;
      return wanted;
    },
    take(sequence) {
      for (const [name, outgoing] of applications) {
        applications.delete(name);
        return outgoing;
      }
      const next = events.find((event) => event.sentAs === undefined);
      if (next) next.sentAs = sequence;
      return next?.outgoing;
    },
    acked(sequence) {
      events = events.filter((event) => event.sentAs === undefined || event.sentAs > sequence);
    },
    restart(snapshot) {
      for (const status of snapshot) {
        const queued = applications.get(status.application);
        if (queued && queued.status.observedAtMs <= status.observedAtMs)
          applications.delete(status.application);
      }
      for (const event of events) event.sentAs = undefined;
    },
    onChange(listener) {
      changed = listener;
    },
  };
}
