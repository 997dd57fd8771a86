import type { Clock } from '@meridian/runtime';
import type { FleetReader } from './ports.ts';
import type { SentEvent } from './server-sent-events.ts';

/** One thing of the fleet as a stream tells it. */
export interface FleetItem extends SentEvent {
  readonly event: 'fleet' | 'cluster' | 'application' | 'rollout' | 'gone';
  /** Names the thing among its kind. */
  readonly name: string;
  /** The application a rollout is of. */
  readonly application?: string;
}

/** Tells listeners what changed; the work is done once for all of them. */
export interface FleetChanges {
  /** Everything, now. */
  snapshot(): readonly FleetItem[];
  /** Calls back with each later change until the signal aborts. */
  listen(listener: (item: FleetItem) => void, signal: AbortSignal): void;
  /** Looks at the fleet after changes, and every second for what only time changes, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

const mergeMs = 100;
const lookMs = 1_000;
/** What grows with time alone; a thing in which nothing else differs has not changed. */
const ageFields = new Set(['ageMs', 'observedAtMs', 'fetchedAtMs', 'sourceReadAtMs', 'progress']);

/** The changes of a fleet that `reader` reads. */
export function fleetChanges(reader: FleetReader, clock: Clock): FleetChanges {
  const listeners = new Set<(item: FleetItem) => void>();
  let known = new Map<string, string>();

  const look = () => {
    const items = itemsOf(reader);
    const next = contentsOf(items);
    for (const item of items) if (known.get(keyOf(item)) !== next.get(keyOf(item))) tell(item);
    for (const key of known.keys()) if (!next.has(key)) tell(goneItem(key));
    known = next;
  };
  const tell = (item: FleetItem) => {
    for (const listener of listeners) listener(item);
  };

  return {
    snapshot: () => itemsOf(reader),
    listen(listener, signal) {
      if (signal.aborted) return;
      // The first listener after a pause: what changed meanwhile is in its snapshot.
      if (listeners.size === 0) known = contentsOf(itemsOf(reader));
      listeners.add(listener);
      signal.addEventListener('abort', () => listeners.delete(listener), { once: true });
    },
    async run(signal) {
      let bell = new AbortController();
      let tookMs = 0;
      const ring = () => bell.abort();
      reader.onChange(ring, signal);
      signal.addEventListener('abort', ring, { once: true });
      while (!signal.aborted) {
        await clock.wait(lookMs, bell.signal);
        bell = new AbortController();
        if (listeners.size === 0) continue;
        // A large fleet that changes all the time may cost a tenth of the machine, not all of it.
        await clock.wait(Math.max(mergeMs, 10 * tookMs), signal);
        const startedMs = clock.monotonicMs();
        look();
        tookMs = clock.monotonicMs() - startedMs;
      }
    },
  };
}

function itemsOf(reader: FleetReader): FleetItem[] {
  return [
    { event: 'fleet', name: 'fleet', data: reader.fleet() },
    ...reader.clusters().map((data): FleetItem => ({ event: 'cluster', name: data.name, data })),
    ...reader.applications().map((data): FleetItem => ({ event: 'application', name: data.name, data })),
    ...reader
      .rollouts()
      .map((data): FleetItem => ({ event: 'rollout', name: data.id, application: data.application, data })),
  ];
}

function goneItem(key: string): FleetItem {
  const [kind, name = ''] = key.split(' ');
  return { event: 'gone', name, data: { kind, name } };
}

function keyOf({ event, name }: FleetItem): string {
  return `${event} ${name}`;
}

function contentsOf(items: readonly FleetItem[]): Map<string, string> {
  const withoutAges = (field: string, value: unknown) => (ageFields.has(field) ? undefined : value);
  return new Map(items.map((item) => [keyOf(item), JSON.stringify(item.data, withoutAges)]));
}
