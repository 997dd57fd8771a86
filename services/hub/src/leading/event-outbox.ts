import type { FleetEvent } from '@meridian/fleet';
import { createWake, errorText } from '@meridian/runtime';

/** Publishes events in order and off the leader's way. They are for people: losing one loses no state. */
export interface EventOutbox {
  put(events: readonly FleetEvent[]): void;
  /** Publishes until the signal aborts, then what is left, in at most a second. */
  run(signal: AbortSignal): Promise<void>;
}

const mostWaiting = 5_000;
const idleMs = 60_000;
const lastWordsMs = 1_000;

/** An outbox over a publisher. At most 5,000 events wait; the oldest are dropped. */
export function createEventOutbox(
  publish: (event: FleetEvent) => Promise<void>,
  log: { warn(fields: object, message: string): void },
): EventOutbox {
  const wake = createWake();
  let waiting: FleetEvent[] = [];
  const flush = async (signal?: AbortSignal) => {
    while (waiting.length > 0 && signal?.aborted !== true) {
      const [event] = waiting;
      waiting = waiting.slice(1);
      if (!event) continue;
      try {
        await publish(event);
      } catch (error) {
        log.warn({ error: errorText(error), event: event.type }, 'an event could not be published');
      }
    }
  };
  return {
    put(events) {
      waiting = [...waiting, ...events].slice(-mostWaiting);
      wake.ring();
    },
    async run(signal) {
      while (!signal.aborted) {
        await flush(signal);
        await wake.next(idleMs, signal);
      }
      await flush(AbortSignal.timeout(lastWordsMs));
    },
  };
}
