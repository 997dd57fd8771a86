import type { KubeObject } from '../kube-object.ts';
import type { PastRefusal, Store, StoreEvent, StoreKey, StoredObject } from './store.ts';

/** What may be chosen about a store in memory. */
export interface MemoryStoreOptions {
  /** How many changes stay readable for lists of the past and for watches that come back; 1,000 unless told. */
  readonly keepChanges?: number;
  /** What it starts with; nothing unless told. */
  readonly restored?: RestoredState;
  /** Called when it is closed. */
  readonly onClose?: () => void;
}

/** The state of a store at a revision; what happened before is forgotten. */
export interface RestoredState {
  readonly revision: number;
  readonly objects: readonly StoredObject[];
}

/** A new store that lives in memory only. */
export function createStore(options: MemoryStoreOptions = {}): Store {
  return new MemoryStore(options);
}

class MemoryStore implements Store {
  #revision: number;
  readonly #onClose: () => void;
  readonly #collections = new Map<string, Collection>();
  readonly #history: History;
  readonly #listeners = new Set<(event: StoreEvent) => void>();
  readonly #undelivered: StoreEvent[] = [];
  #delivering = false;

  constructor({ keepChanges = 1_000, restored, onClose = () => undefined }: MemoryStoreOptions) {
    this.#revision = restored?.revision ?? 1;
    this.#history = new History(this.#revision, keepChanges);
    this.#onClose = onClose;
    for (const { key, object } of restored?.objects ?? []) {
      this.#collectionOf(key.resource).put(pathOf(key), object);
    }
  }

  get revision(): number {
    return this.#revision;
  }

  get compactedRevision(): number {
    return this.#history.compactedRevision;
  }

  get(key: StoreKey): KubeObject | undefined {
    return this.#collections.get(key.resource)?.objects.get(pathOf(key));
  }

  list(resource: string, namespace?: string): readonly KubeObject[] {
    return this.#collections.get(resource)?.list(namespace) ?? [];
  }

  listAt(
    at: { readonly resource: string; readonly namespace?: string },
    revision: number,
  ): readonly KubeObject[] | PastRefusal {
    const since = this.changesSince(at.resource, revision);
    if (typeof since === 'string') return since;
    const past = new Collection(this.#collections.get(at.resource)?.objects);
    for (const change of since.toReversed()) past.put(pathOf(change.key), change.previous);
    return past.list(at.namespace);
  }

  commit(key: StoreKey, object: KubeObject | undefined, expected: string): StoreEvent | 'conflict' {
    const previous = this.get(key);
    if ((previous?.metadata.resourceVersion ?? '') !== expected) return 'conflict';
    const written = object ?? previous;
    if (written === undefined) return 'conflict';
    this.#revision += 1;
    const event: StoreEvent = {
      type: object === undefined ? 'DELETED' : previous === undefined ? 'ADDED' : 'MODIFIED',
      revision: this.#revision,
      key,
      object: atRevision(written, this.#revision),
      ...(previous === undefined ? {} : { previous }),
    };
    this.#collectionOf(key.resource).put(pathOf(key), object === undefined ? undefined : event.object);
    this.#history.append(event);
    this.#deliver(event);
    return event;
  }

  changesSince(resource: string, revision: number): readonly StoreEvent[] | PastRefusal {
    if (revision > this.#revision) return 'future';
    if (revision < this.compactedRevision) return 'compacted';
    return this.#history.after(revision).filter((change) => change.key.resource === resource);
  }

  subscribe(listener: (event: StoreEvent) => void): () => void {
    // Wrapped, so that a listener that subscribes twice is called twice and stops one at a time.
    const entry = (event: StoreEvent) => listener(event);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  compact(revision: number): void {
    this.#history.forget(Math.min(revision, this.#revision));
  }

  everything(): readonly StoredObject[] {
    return [...this.#collections].flatMap(([resource, collection]) =>
      collection.list(undefined).map((object) => {
        const { namespace = '', name = '' } = object.metadata;
        return { key: { resource, namespace, name }, object };
      }),
    );
  }

  count(): number {
    let count = 0;
    for (const collection of this.#collections.values()) count += collection.objects.size;
    return count;
  }

  close(): Promise<void> {
    this.#listeners.clear();
    this.#onClose();
    return Promise.resolve();
  }

  #collectionOf(resource: string): Collection {
    let collection = this.#collections.get(resource);
    if (collection === undefined) {
      collection = new Collection();
      this.#collections.set(resource, collection);
    }
    return collection;
  }

  /**
   * A listener may commit: its change is told to all after the one that it was told of, so that nobody sees them swapped. Throws the
   * first thing that a listener threw, after all were told: nobody misses a change because of somebody else.
   */
  #deliver(event: StoreEvent): void {
    this.#undelivered.push(event);
    if (this.#delivering) return;
    this.#delivering = true;
    const thrown: unknown[] = [];
    for (let next = this.#undelivered.shift(); next !== undefined; next = this.#undelivered.shift()) {
      for (const listener of [...this.#listeners]) {
        try {
          listener(next);
        } catch (error) {
          thrown.push(error);
        }
      }
    }
    this.#delivering = false;
    if (thrown.length > 0) throw thrown[0];
  }
}

/** Objects of one resource, and their order, which is found again only after one came or went. */
class Collection {
  readonly objects: Map<string, KubeObject>;
  #order: readonly string[] | undefined;

  constructor(objects: ReadonlyMap<string, KubeObject> = new Map()) {
    this.objects = new Map(objects);
  }

  put(path: string, object: KubeObject | undefined): void {
    if (object === undefined || !this.objects.has(path)) this.#order = undefined;
    if (object === undefined) this.objects.delete(path);
    else this.objects.set(path, object);
  }

  list(namespace: string | undefined): readonly KubeObject[] {
    this.#order ??= [...this.objects.keys()].sort();
    const prefix = namespace === undefined ? '' : `${namespace}/`;
    const listed: KubeObject[] = [];
    for (let index = firstAtOrAfter(this.#order, prefix); index < this.#order.length; index += 1) {
      const path = this.#order[index] ?? '';
      if (!path.startsWith(prefix)) break;
      const object = this.objects.get(path);
      if (object !== undefined) listed.push(object);
    }
    return listed;
  }
}

/** The latest changes, oldest first. Each has the revision after the one before, so a revision is a place. */
class History {
  compactedRevision: number;
  #changes: StoreEvent[] = [];
  readonly #keep: number;

  constructor(compactedRevision: number, keep: number) {
    this.compactedRevision = compactedRevision;
    this.#keep = keep;
  }

  append(change: StoreEvent): void {
    this.#changes.push(change);
    // Dropped a quarter at a time: moving all of them at each commit would cost more than the commit.
    if (this.#changes.length > this.#keep * 1.25) this.forget(change.revision - this.#keep);
  }

  after(revision: number): readonly StoreEvent[] {
    return this.#changes.slice(revision - this.compactedRevision);
  }

  forget(revision: number): void {
    if (revision <= this.compactedRevision) return;
    this.#changes = this.#changes.slice(revision - this.compactedRevision);
    this.compactedRevision = revision;
  }
}

/**
 * The part of an etcd key that orders objects. Namespace and name are compared as one text, as etcd does: the namespace
 * `a-b` comes before `a`, because a dash comes before a slash.
 */
function pathOf(key: StoreKey): string {
  return key.namespace === '' ? key.name : `${key.namespace}/${key.name}`;
}

function atRevision(object: KubeObject, revision: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
}

function firstAtOrAfter(sorted: readonly string[], text: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
