import { goQuote } from '@meridian/cel';
import { ApiError, alreadyExistsError, internalServerError, notFoundError } from '../errors/api-error.ts';
import { required } from '../errors/field-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import { admitted, reviewOf, validated } from '../admission/admitted.ts';
import type { Reviewed } from '../admission/review.ts';
import { chargedQuotas } from '../admission/quotas.ts';
import { validateAdmission } from '../admission/validate.ts';
import { draftOf, reusing } from '../json.ts';
import { apiVersionOf, draftForWrite, kindOf } from '../kube-object.ts';
import type { KubeObject } from '../kube-object.ts';
import type { KindRules, RuleContext } from '../kinds/kind-rules.ts';
import { tellingsOf, validateMetadata, validateMetadataUpdate } from '../kinds/metadata.ts';
import { keepTimes, recordUpdate } from '../merge/managed-fields.ts';
import type { Resource } from '../schema/resource.ts';
import { withNamesInOrder } from '../schema/go-order.ts';
import type { Schema } from '../schema/schema.ts';
import type { Store, StoreKey } from '../store/store.ts';
import { fillMetadata, keepMetadata, wipeMetadata, refuseInvalid, ruleContext, storeKey } from './prepare.ts';
import type { ClusterParts } from './cluster-parts.ts';
import { heldDraft, readBack, withRevision } from './read-back.ts';
import { resetFieldsOf, schemasOf, withFieldsOf } from './served-version.ts';
import { storeQuotas } from './store-quotas.ts';
import { modifiedMeanwhile, uidMismatch } from './target.ts';
import type { Target, WriteOptions } from './target.ts';

/** An update in the making: the object as the client wants it, from the one that is there, both in the served version. */
export interface Update {
  /** Gives the wanted object, ownership of fields included. Throws ApiError. */
  readonly from: (live: KubeObject) => KubeObject;
  /** Gives the object to create when there is none; without it such an update is 404. */
  readonly create?: () => KubeObject;
}

/** What an update came to. */
export interface Updated {
  readonly object: KubeObject;
  readonly created: boolean;
}

/** A real server goes on until the time of the request is up; by then it has tried about as often. */
const mostAttempts = 100;

/** The one way into the store for creates and updates: admission, strategy, validation, then the commit. Only webhooks can pause it. */
export class Writer {
  readonly #parts: ClusterParts;
  /** Objects that the next update stores anew; a restart forgets them. */
  readonly #lackDefaults = new WeakSet<KubeObject>();

  constructor(parts: ClusterParts) {
    this.#parts = parts;
  }

  /** Creates an object, given in the served version with its defaults. @returns it in the served version. */
  create(target: Target, given: KubeObject, options: WriteOptions): KubeObject {
    return this.#parts.reviewer.passNow(this.#create(target, given, options));
  }

  /** Creates an object as `create` does, and waits for the webhooks that have to be asked. */
  createReviewed(target: Target, given: KubeObject, options: WriteOptions): Promise<KubeObject> {
    return this.#parts.reviewer.pass(this.#create(target, given, options));
  }

  /** Updates an object, or creates it when the update says how. @returns it in the served version. */
  update(target: Target, update: Update, options: WriteOptions): Updated {
    return this.#parts.reviewer.passNow(this.#update(target, update, options));
  }

  /**
   * Updates an object as `update` does, and waits for webhooks; when it was changed meanwhile it begins again with what is there, and
   * is refused with 409 when that does not end.
   */
  updateReviewed(target: Target, update: Update, options: WriteOptions): Promise<Updated> {
    return this.#parts.reviewer.pass(this.#update(target, update, options));
  }

  *#create(target: Target, given: KubeObject, options: WriteOptions): Reviewed<KubeObject> {
    const { resource, namespace } = target;
    // It is the store that refuses this, and what is only tried never comes to it.
    if (!options.dryRun && (given.metadata.resourceVersion ?? '') !== '') throw resourceVersionSet();
    const served = draftOf(given);
    wipeMetadata(served.metadata, resource.namespaced ? namespace : '');
    return yield* this.#insert(target, this.#owned(target, served, undefined, options), options);
  }

  *#update(target: Target, update: Update, options: WriteOptions): Reviewed<Updated> {
    const { resource, namespace, name } = target;
    const key = storeKey(resource, namespace, name);
    const rules = this.#parts.registry.rulesOf(resource);
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      const stored = this.#parts.store.get(key);
      if (stored === undefined) {
        if (update.create === undefined) throw notFoundError(resource, name);
        return { object: yield* this.#createInstead(target, update.create(), options), created: true };
      }
      const wanted = draftForWrite(update.from(fromStorage(stored, resource, rules)), target.subresource);
      const written = yield* this.#replace({ target, key, rules, options }, wanted, stored);
      if (written !== undefined) return { object: fromStorage(written, resource, rules), created: false };
    }
    throw modifiedMeanwhile(target);
  }

  /** Records whose fields a write of the whole object touches. Both objects are in the served version. */
  own(target: Target, updated: KubeObject, live: KubeObject | undefined, options: WriteOptions): KubeObject {
    return this.#owned(target, updated, live, options);
  }

  *#createInstead(target: Target, given: KubeObject, options: WriteOptions): Reviewed<KubeObject> {
    const served = draftOf(given);
    const { resource, namespace } = target;
    wipeMetadata(served.metadata, resource.namespaced ? namespace : '');
    return yield* this.#insert(target, served, options);
  }

  *#insert(target: Target, served: KubeObject, options: WriteOptions): Reviewed<KubeObject> {
    const { resource } = target;
    const rules = this.#parts.registry.rulesOf(resource);
    const context = ruleContext(this.#parts, resource, options);
    const review = reviewOf({ ...target, name: served.metadata.name ?? '' }, options, undefined);
    const draft = yield* admitted(review, toStorage(served, resource, rules), context);
    fillMetadata(draft.metadata, this.#parts.nowMs());
    const name = draft.metadata.name ?? '';
    refuseInvalid(told(resource, draft, rules), name, rules.allocate?.(draft, undefined, context) ?? []);
    rules.prepareForCreate?.(draft, context);
    const wanted = this.#checked(target, draft, options, context);
    const admission = { draft: wanted, old: undefined, target, context };
    validateAdmission(admission);
    yield* validated(review, wanted);
    const charged = chargedQuotas(admission);
    const key = storeKey(resource, draft.metadata.namespace ?? '', name);
    refuseTaken(resource, name, this.#parts.store.get(key));
    this.#charge(charged);
    if (options.dryRun) return fromStorage(asStored(wanted, rules), resource, rules);
    return fromStorage(this.#storeNew(key, asStored(wanted, rules), rules), resource, rules);
  }

  /** Checks a new draft. @returns what is read back of it. Throws 422. */
  #checked({ resource }: Target, draft: KubeObject, options: WriteOptions, context: RuleContext): KubeObject {
    const rules = this.#parts.registry.rulesOf(resource);
    const schema = this.#storageSchema(resource);
    const { held, isStored } = heldDraft(draft, schema);
    refuseInvalid(told(resource, draft, rules), draft.metadata.name ?? '', [
      ...validateMetadata(held, rules.name, resource.namespaced, rules.finalizers),
      ...(rules.validateCreate?.(held, context) ?? []),
    ]);
    warnOf(rules, options, held, undefined);
    return isStored ? held : readBack(held, schema);
  }

  #storeNew(key: StoreKey, object: KubeObject, rules: KindRules): KubeObject {
    const created = commit(this.#parts.store, key, withRevision(object, rules), '');
    if (rules.lacksDefaults?.(created) === true) this.#lackDefaults.add(created);
    return created;
  }

  /** @returns what is stored then; undefined when the object was changed while webhooks were awaited. */
  *#replace(replacing: Replacing, wanted: KubeObject, stored: KubeObject): Reviewed<KubeObject | undefined> {
    const { target, key, rules, options } = replacing;
    const context = ruleContext(this.#parts, target.resource, options);
    const before = rules.custom?.fromStorage(stored) ?? stored;
    const review = reviewOf(target, options, before);
    const draft = yield* admitted(review, toStorage(wanted, target.resource, rules), context);
    if (this.#parts.store.get(key) !== stored) return undefined;
    checkPreconditions(target, draft, stored, rules);
    keepMetadata(draft.metadata, stored.metadata);
    draft.metadata.resourceVersion = stored.metadata.resourceVersion ?? '';
    draft.metadata.generation = stored.metadata.generation ?? 0;
    allocateAgain(replacing, { draft, stored: before, context });
    const errors = applyStrategy(replacing, { draft, stored: before, context });
    refuseInvalid(told(target.resource, draft, rules), target.name, errors);
    if (target.subresource === '') warnOf(rules, options, draft, before);
    const next = readBack(draft, this.#storageSchema(target.resource), stored);
    const admission = { draft: next, old: before, target, context };
    validateAdmission(admission);
    yield* validated(review, next);
    if (this.#parts.store.get(key) !== stored) return undefined;
    this.#charge(chargedQuotas(admission));
    return options.dryRun ? asStored(next, rules) : this.#store(replacing, next, stored);
  }

  #store({ key, rules }: Replacing, draft: KubeObject, stored: KubeObject): KubeObject {
    const version = stored.metadata.resourceVersion ?? '';
    if (isFinished(draft, stored)) {
      commit(this.#parts.store, key, undefined, version);
      return asStored(draft, rules);
    }
    const kept = reusing(keepTimes(stored, asStored(draft, rules)), stored);
    return kept === stored && !this.#lackDefaults.has(stored)
      ? stored
      : commit(this.#parts.store, key, kept, version);
  }

  #charge(quotas: readonly KubeObject[]): void {
    const options = { manager: 'kube-apiserver', dryRun: false };
    storeQuotas(this.#parts, quotas, (target, updated, live) => this.#owned(target, updated, live, options));
  }

  /** The Go type of what is stored; custom kinds have none. */
  #storageSchema(resource: Resource): Schema | undefined {
    if (resource.custom) return undefined;
    const { group, version, name } = resource.storage;
    return this.#parts.registry.find(group, version, name)?.schema ?? resource.schema;
  }

  #owned(
    target: Target,
    updated: KubeObject,
    live: KubeObject | undefined,
    options: WriteOptions,
  ): KubeObject {
    const { resource, subresource } = target;
    return recordUpdate({
      live,
      updated,
      manager: options.manager,
      subresource,
      schema: resource.schema,
      isFixed: !resource.custom,
      apiVersion: apiVersionOf(resource.group, resource.version),
      resetFields: resetFieldsOf(this.#parts.registry.rulesOf(resource), subresource),
      nowMs: this.#parts.nowMs(),
      convert: withFieldsOf(resource, this.#parts.registry.rulesOf(resource)),
      schemaOf: schemasOf(resource, this.#parts.registry),
    });
  }
}

interface Replacing {
  readonly target: Target;
  readonly key: StoreKey;
  readonly rules: KindRules;
  readonly options: WriteOptions;
}

function warnOf(
  rules: KindRules,
  { warn }: WriteOptions,
  object: KubeObject,
  old: KubeObject | undefined,
): void {
  if (warn !== undefined) rules.warnings?.(object, old).forEach(warn);
}

/** Gives an updated object what the cluster shares out; writes of its status need nothing. */
function allocateAgain(
  { target, rules }: Replacing,
  { draft, stored, context }: { draft: KubeObject; stored: KubeObject; context: RuleContext },
): void {
  if (target.subresource !== '') return;
  refuseInvalid(target.resource, target.name, rules.allocate?.(draft, stored, context) ?? []);
}

/** What the kind's strategy for the object or its status makes of an update. @returns what is wrong with it. */
function applyStrategy(
  { target, rules }: Replacing,
  { draft, stored, context }: { draft: KubeObject; stored: KubeObject; context: RuleContext },
): FieldError[] {
  const { subresource } = target;
  const own = subresource === 'status' ? rules.status : rules.subresources?.[subresource];
  const strategy = own ?? rules;
  strategy.prepareForUpdate?.(draft, stored, context);
  if (draft.metadata.generation === 0) delete draft.metadata.generation;
  const found = strategy.validateUpdate?.(draft, stored, context) ?? [];
  const told = tellingsOf(target.resource.kind, subresource === '' && rules.custom === undefined);
  return [...validateMetadataUpdate(draft, stored, rules.finalizers, told), ...found];
}

/** What refusals name: the stored kind, while an object of a custom kind says itself what it is. */
function told(
  resource: Resource,
  draft: KubeObject,
  { custom }: KindRules,
): Pick<Resource, 'group' | 'kind'> {
  const { storage, kind } = resource;
  return custom === undefined ? { group: storage.group, kind } : kindOf(draft.apiVersion, draft.kind);
}

/** A checked draft as it is stored: those of custom kinds stay in the version of the request until then. */
function asStored(draft: KubeObject, { custom }: KindRules): KubeObject {
  return custom === undefined ? draft : withNamesInOrder(custom.toStorage(draft));
}

/** An object of the storage version in a served version; the same object when they are one. */
export function fromStorage(object: KubeObject, resource: Resource, rules: KindRules): KubeObject {
  if (rules.custom !== undefined) return withNamesInOrder(rules.custom.fromStorage(object));
  const apiVersion = apiVersionOf(resource.group, resource.version);
  if (object.apiVersion === apiVersion) return object;
  const converted = rules.versions?.[apiVersion]?.fromStorage(object);
  return converted === undefined ? { ...object, apiVersion } : readBack(converted, resource.schema);
}

/** A draft of a served version in the storage version. */
export function toStorage(draft: KubeObject, resource: Resource, rules: KindRules): KubeObject {
  const { group, version } = resource.storage;
  const apiVersion = apiVersionOf(group, version);
  if (draft.apiVersion === apiVersion || rules.custom !== undefined) return draft;
  return rules.versions?.[draft.apiVersion]?.toStorage(draft) ?? { ...draft, apiVersion };
}

/** Changes the store at once after it was read: nobody can have come between. */
export function commit(
  store: Store,
  key: StoreKey,
  object: KubeObject | undefined,
  expected: string,
): KubeObject {
  const event = store.commit(key, object, expected);
  if (event === 'conflict') throw internalServerError('the store changed within one request');
  return event.object;
}

function refuseUnreadable(resourceVersion: string): void {
  if (/^\d*$/.test(resourceVersion)) return;
  throw new ApiError(`strconv.ParseUint: parsing ${goQuote(resourceVersion)}: invalid syntax`, { code: 500 });
}

function refuseTaken(resource: Resource, name: string, present: KubeObject | undefined): void {
  if (present === undefined) return;
  const taken = alreadyExistsError(resource, name);
  if (present.metadata.deletionTimestamp === undefined) throw taken;
  throw new ApiError(`object is being deleted: ${taken.message}`, taken.facts);
}

function checkPreconditions(target: Target, wanted: KubeObject, stored: KubeObject, rules: KindRules): void {
  const { resource, name } = target;
  const { uid = '', resourceVersion = '' } = wanted.metadata;
  const found = stored.metadata.uid ?? '';
  if (uid !== '' && uid !== found) throw uidMismatch(target, { expected: uid, found });
  refuseUnreadable(resourceVersion);
  if (resourceVersion === '' && !rules.allowsUnconditionalUpdate) {
    refuseInvalid({ group: resource.group, kind: resource.name }, name, [unconditional()]);
  }
  if (resourceVersion !== '' && resourceVersion !== stored.metadata.resourceVersion) {
    throw modifiedMeanwhile(target);
  }
}

function unconditional() {
  return {
    ...required('metadata.resourceVersion'),
    type: 'FieldValueInvalid',
    shown: '0',
    detail: 'must be specified for an update',
  } as const;
}

/** An object that is being deleted goes when its last finalizer does. */
function isFinished(draft: KubeObject, stored: KubeObject): boolean {
  if (draft.metadata.deletionTimestamp === undefined) return false;
  const held = (object: KubeObject) => (object.metadata.finalizers ?? []).length > 0;
  return held(stored) && !held(draft) && (draft.metadata['deletionGracePeriodSeconds'] ?? 0) === 0;
}

function resourceVersionSet(): Error {
  return new ApiError('resourceVersion should not be set on objects to be created', { code: 500 });
}
