import { notFoundError } from '../errors/api-error.ts';
import { draftOf, jsonEqual } from '../json.ts';
import { apiTime, draftForWrite } from '../kube-object.ts';
import type { KubeObject } from '../kube-object.ts';
import { builtInDefaults } from '../kinds/defaults/built-in-defaults.ts';
import type { ClusterParts } from '../cluster/cluster-parts.ts';
import { readBack } from '../cluster/read-back.ts';
import type { Registry } from '../cluster/registry.ts';
import type { Remover, RemoveOptions } from '../cluster/remover.ts';
import type { Target } from '../cluster/target.ts';
import type { Writer } from '../cluster/writer.ts';
import type { Resource } from '../schema/resource.ts';
import { setDefaults } from '../schema/set-defaults.ts';

/** What names an object to a client: group and plural (`deployments.apps`), and where it is. */
export interface ObjectRef {
  readonly resource: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
}

/** A cluster as its own parts see it. */
export interface ClusterCore extends ClusterParts {
  readonly writer: Writer;
  readonly remover: Remover;
}

/**
 * The door of controllers, scheduler and kubelet to the same write path as HTTP: defaults, admission, validation, ownership of
 * fields and storage. Objects are in the storage version and must not be changed. Refused writes throw ApiError.
 */
export class ClusterClient {
  readonly #core: ClusterCore;
  readonly #manager: string;

  constructor(core: ClusterCore, manager: string) {
    this.#core = core;
    this.#manager = manager;
  }

  nowMs(): number {
    return this.#core.nowMs();
  }

  /** The present time as the API writes it. */
  now(): string {
    return apiTime(this.#core.nowMs());
  }

  /** What the cluster serves. */
  get registry(): Registry {
    return this.#core.registry;
  }

  get(ref: ObjectRef): KubeObject | undefined {
    return this.#core.store.get(ref);
  }

  /** Objects of a resource in the order of namespace and name; all namespaces unless one is told. */
  list(resource: string, namespace?: string): readonly KubeObject[] {
    return this.#core.store.list(resource, namespace);
  }

  /** Creates an object where its metadata says. Its defaults are filled in. */
  create(resource: string, object: KubeObject): KubeObject {
    const served = this.#resource(resource);
    const draft = draftOf(object);
    this.#fillDefaults(draft, served);
    const { name = '', namespace = '' } = draft.metadata;
    const target = { resource: served, namespace, name, subresource: '' };
    return this.#core.writer.create(target, draft, this.#options());
  }

  /**
   * Changes the object that is there now, or one of its subresources; a change to the same writes nothing.
   * @returns what is stored then. Throws 404 when there is none.
   */
  change(ref: ObjectRef, edit: (draft: KubeObject) => void, subresource = ''): KubeObject {
    const resource = this.#resource(ref.resource);
    const target: Target = { ...ref, resource, subresource };
    const stored = this.get(ref);
    if (stored === undefined) throw notFoundError(resource, ref.name);
    const draft = draftForWrite(stored, subresource);
    edit(draft);
    if (subresource === '' && !resource.custom) setDefaults(draft, resource.schema, builtInDefaults);
    // Controllers mostly find that all is well: whose fields are whose is only worth knowing of a change.
    if (jsonEqual(draft, stored)) return stored;
    const from = (live: KubeObject) => this.#core.writer.own(target, draft, live, this.#options());
    return this.#core.writer.update(target, { from }, this.#options()).object;
  }

  /** Changes an object past the rules of its kind, for what the server itself does, such as binding a pod. What stays as it is is not written. */
  force(ref: ObjectRef, edit: (live: KubeObject) => KubeObject): void {
    const live = this.get(ref);
    if (live === undefined) throw notFoundError(this.#resource(ref.resource), ref.name);
    const edited = edit(live);
    if (jsonEqual(edited, live)) return;
    const { custom, schema } = this.#resource(ref.resource);
    const next = readBack(edited, custom ? undefined : schema, live);
    this.#core.store.commit(ref, next, live.metadata.resourceVersion ?? '');
  }

  /** Deletes an object; one that is gone already is no error. */
  remove(ref: ObjectRef, options: Omit<RemoveOptions, 'dryRun'> = {}): void {
    if (this.get(ref) === undefined) return;
    const target = { ...ref, resource: this.#resource(ref.resource), subresource: '' };
    this.#core.remover.remove(target, { ...options, dryRun: false });
  }

  /** Takes an object out of the store, whatever its finalizers and grace say: the last step of a deletion. */
  erase(ref: ObjectRef): void {
    const live = this.get(ref);
    if (live !== undefined) this.#core.store.commit(ref, undefined, live.metadata.resourceVersion ?? '');
  }

  #fillDefaults(draft: KubeObject, resource: Resource): void {
    if (!resource.custom) setDefaults(draft, resource.schema, builtInDefaults);
    this.#core.registry.rulesOf(resource).setDefaults?.(draft);
  }

  #resource(name: string): Resource {
    const found = this.#core.registry.findStored(name);
    if (found === undefined) throw new Error(`the cluster does not serve ${name}`);
    const { group, version, name: plural } = found.storage;
    return this.#core.registry.find(group, version, plural) ?? found;
  }

  #options() {
    return { manager: this.#manager, dryRun: false };
  }
}

/** The reference of a stored object. */
export function refOf(resource: string, { metadata }: KubeObject): ObjectRef {
  return { resource, namespace: metadata.namespace ?? '', name: metadata.name ?? '' };
}
