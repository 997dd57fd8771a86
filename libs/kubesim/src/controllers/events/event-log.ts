import { ApiError } from '../../errors/api-error.ts';
import type { JsonObject } from '../../json.ts';
import { numberAt, textAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { StoreEvent } from '../../store/store.ts';
import { ClusterClient } from '../cluster-client.ts';
import type { ClusterCore } from '../cluster-client.ts';
import type { Controller } from '../controller.ts';
import { EventCorrelator } from './event-correlator.ts';

/** Something that happened to an object, in the words that `kubectl describe` shows. */
export interface Happening {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** What the scheduler did, by which its events are told from those of older recorders. */
  readonly action?: string;
}

/** Tells what happened to an object. Never throws: an event that cannot be written is lost. */
export type RecordEvent = (about: KubeObject, happening: Happening) => void;

/** What may be chosen about events. */
export interface EventLogOptions {
  /** How long an event is kept after it happened last. */
  readonly ttlMs?: number;
  /** How many events a cluster keeps; the oldest go first. */
  readonly most?: number;
}

const resource = 'events';

/** Records the events of a cluster and forgets them after a while (kube-apiserver --event-ttl). */
export class EventLog implements Controller {
  readonly manager = 'kube-apiserver';
  readonly #core: ClusterCore;
  readonly #client: ClusterClient;
  readonly #ttlMs: number;
  readonly #most: number;
  /** When each event goes, by path; the one that goes first comes first. */
  readonly #goesAtMs = new Map<string, number>();
  #made = 0;

  constructor(core: ClusterCore, { ttlMs = 15 * 60_000, most = 1_000 }: EventLogOptions = {}) {
    this.#core = core;
    this.#client = new ClusterClient(core, this.manager);
    this.#ttlMs = ttlMs;
    this.#most = most;
  }

  /** The recorder of a component, such as `deployment-controller`. */
  recorder(component: string): RecordEvent {
    const correlator = new EventCorrelator();
    const client = new ClusterClient(this.#core, managers[component] ?? 'kube-controller-manager');
    return (about, happening) => {
      const { namespace = 'default', name = '' } = about.metadata;
      const told = correlator.observe(about, happening, this.#client.nowMs());
      if (told === undefined) return;
      try {
        const known = told.name === undefined ? undefined : this.#refOf(namespace, told.name);
        if (known !== undefined && this.#client.get(known) !== undefined) {
          client.change(known, (draft) => void Object.assign(draft, again(draft, told.message, client)));
          return;
        }
        const made = `${name}.${this.#stamp()}`;
        const event = eventOf(about, { ...happening, message: told.message }, { component, client });
        client.create(resource, { ...event, metadata: { name: made, namespace } });
        told.named(made);
      } catch (error) {
        // A namespace on its way out takes no events.
        if (!(error instanceof ApiError)) throw error;
      }
    };
  }

  keysOf({ type, key }: StoreEvent): readonly string[] {
    if (key.resource !== resource) return [];
    const path = `${key.namespace}/${key.name}`;
    this.#goesAtMs.delete(path);
    if (type !== 'DELETED') this.#goesAtMs.set(path, this.#client.nowMs() + this.#ttlMs);
    const isFirst = this.#goesAtMs.size === 1 && type !== 'DELETED';
    return isFirst || this.#goesAtMs.size > this.#most ? ['old'] : [];
  }

  reconcile(): number | undefined {
    const nowMs = this.#client.nowMs();
    for (const [path, atMs] of this.#goesAtMs) {
      if (atMs > nowMs && this.#goesAtMs.size <= this.#most) return atMs - nowMs;
      this.#goesAtMs.delete(path);
      const slash = path.indexOf('/');
      this.#client.erase(this.#refOf(path.slice(0, slash), path.slice(slash + 1)));
    }
    return undefined;
  }

  #refOf(namespace: string, name: string) {
    return { resource, namespace, name };
  }

  /** Sixteen hexadecimal digits, as Go writes the nanoseconds of a time. */
  #stamp(): string {
    this.#made += 1;
    return (BigInt(this.#client.nowMs()) * 1_000_000n + BigInt(this.#made % 1_000_000)).toString(16);
  }
}

const managers: Readonly<Record<string, string>> = {
  'default-scheduler': 'kube-scheduler',
  kubelet: 'kubelet',
};

function again(event: KubeObject, message: string, client: ClusterClient): JsonObject {
  const count = typeof event['count'] === 'number' ? event['count'] + 1 : 2;
  // Events of the newer recorder count in a series.
  if (textAt(event, 'action') === undefined) return { count, message, lastTimestamp: client.now() };
  const told = numberAt(event, 'series', 'count') ?? 1;
  return { series: { count: told + 1, lastObservedTime: microTime(client.nowMs()) } };
}

function eventOf(
  about: KubeObject,
  { action, type, reason, message }: Happening,
  { component, client }: { component: string; client: ClusterClient },
): KubeObject {
  const { name = '', namespace = '', uid = '', resourceVersion = '' } = about.metadata;
  const { apiVersion, kind } = about;
  const now = client.now();
  const times =
    action === undefined
      ? {
          ...{ source: { component }, count: 1, firstTimestamp: now, lastTimestamp: now },
          ...{ eventTime: null, reportingComponent: component, reportingInstance: '' },
        }
      : {
          ...{ source: {}, firstTimestamp: null, lastTimestamp: null, action },
          ...{ eventTime: microTime(client.nowMs()), reportingComponent: component },
          reportingInstance: `${component}-simulated`,
        };
  return {
    ...{ apiVersion: 'v1', kind: 'Event', metadata: {} },
    involvedObject: {
      ...{ apiVersion, kind, name, uid, resourceVersion },
      ...(namespace === '' ? {} : { namespace }),
    },
    ...{ type, reason, message },
    ...times,
  };
}

function microTime(nowMs: number): string {
  return new Date(nowMs).toISOString().replace(/\.(\d{3})Z$/, '.$1000Z');
}
