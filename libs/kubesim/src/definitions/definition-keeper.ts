import { ClusterClient } from '../controllers/cluster-client.ts';
import type { ClusterCore, ObjectRef } from '../controllers/cluster-client.ts';
import { customKind } from '../custom/custom-kind.ts';
import { isObject, jsonEqual, textAt } from '../json.ts';
import type { Json } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { groupResource } from '../schema/resource.ts';
import type { StoreEvent } from '../store/store.ts';
import { acceptNames, hasItsNames } from './accept-names.ts';
import { approvalCondition } from './approval.ts';
import { bundleProblem } from './ca-bundle.ts';
import { findCondition, isTrue, setCondition } from './conditions.ts';
import type { Condition, ConditionType } from './conditions.ts';
import { deprecationOf } from './deprecation.ts';
import { versionsOf } from './internal-spec.ts';
import { cleanup, definitionsResource } from './names.ts';

/**
 * Keeps the definitions of a cluster: gives them their names, has the registry serve what they define, and empties those that
 * are being deleted. A real server has a controller for each of these, which are part of it; so this runs within the commits
 * of every cluster, with controllers or without.
 */
export class DefinitionKeeper {
  readonly #core: ClusterCore;
  readonly #client: ClusterClient;
  /** What is served of each definition, by its name. */
  readonly #served = new Map<string, Json>();

  constructor(core: ClusterCore) {
    this.#core = core;
    this.#client = new ClusterClient(core, 'kube-apiserver');
  }

  /** Serves the definitions that are there, and from now on each one that comes. */
  start(): void {
    for (const { metadata } of this.#client.list(definitionsResource)) this.#reconcile(metadata.name ?? '');
    this.#core.store.subscribe((event) => this.#see(event));
  }

  #see({ type, key, object }: StoreEvent): void {
    if (key.resource === definitionsResource) {
      this.#reconcile(key.name);
      this.#reconcileOthers(object);
    } else if (type === 'DELETED' && this.#served.has(key.resource)) {
      // A definition is named as its objects are stored; it may wait for the last of them. One that is gone already is served
      // until that is told too, so that those who watch hear of all its objects.
      if (this.#client.get(refTo(key.resource)) !== undefined) this.#reconcile(key.resource);
    }
  }

  /** Names that a definition gave up or never had may be had by the others of its group now. */
  #reconcileOthers(changed: KubeObject): void {
    const group = textAt(changed, 'spec', 'group');
    for (const other of this.#client.list(definitionsResource)) {
      const isOther = other.metadata.name !== changed.metadata.name;
      if (isOther && textAt(other, 'spec', 'group') === group && !hasItsNames(other)) {
        this.#reconcile(other.metadata.name ?? '');
      }
    }
  }

  /** One step; what it writes comes back as an event and leads to the next. */
  #reconcile(name: string): void {
    const definition = this.#client.get(refTo(name));
    this.#serve(name, definition);
    if (definition === undefined) return;
    const steps = [
      () => this.#empty(definition),
      () => this.#name(definition),
      () => this.#establish(definition),
    ];
    if (!steps.some((step) => step())) this.#approve(definition);
  }

  #serve(name: string, definition: KubeObject | undefined): void {
    const served = definition === undefined || this.#isBuiltIn(name) ? undefined : servedOf(definition);
    if (jsonEqual(this.#served.get(name), served)) return;
    if (served === undefined) this.#served.delete(name);
    else this.#served.set(name, served);
    this.#core.registry.setCustom(
      name,
      definition === undefined || served === undefined ? [] : kindsOf(definition),
    );
  }

  /** Built-in kinds cannot be defined anew: a definition of one is there and does nothing, least of all to their objects. */
  #isBuiltIn(name: string): boolean {
    return this.#core.registry.catalog.resources.some((resource) => groupResource(resource) === name);
  }

  /** Deletes the objects of a definition that is being deleted, and lets it go when they are gone. @returns whether it is. */
  #empty(definition: KubeObject): boolean {
    const { metadata } = definition;
    if (metadata.deletionTimestamp === undefined) return false;
    if (metadata.finalizers?.includes(cleanup) !== true) return true;
    if (textAt(findCondition(definition, 'Terminating'), 'reason') === 'InstanceDeletionPending') {
      this.#write(definition, 'Terminating', {
        status: 'True',
        reason: 'InstanceDeletionInProgress',
        message: 'CustomResource deletion is in progress',
      });
      return true;
    }
    if (!isTrue(definition, 'Established'))
      this.#letGo(definition, 'NeverEstablished', 'resource was never established');
    else if (this.#removeAll(definition)) {
      this.#letGo(definition, 'InstanceDeletionCompleted', 'removed all instances');
    }
    return true;
  }

  /** @returns whether none is left. */
  #removeAll(definition: KubeObject): boolean {
    const name = definition.metadata.name ?? '';
    if (this.#isBuiltIn(name)) return true;
    const stored = versionsOf(definition['spec']).find(({ storage }) => storage === true);
    const { resource } = customKind(definition, textAt(stored, 'name') ?? '');
    for (const { metadata } of this.#client.list(name)) {
      if (metadata.deletionTimestamp !== undefined) continue;
      const target = {
        resource,
        namespace: metadata.namespace ?? '',
        name: metadata.name ?? '',
        subresource: '',
      };
      // The server does this itself: webhooks are not asked.
      this.#core.remover.remove(target, { dryRun: false, isReviewed: true });
    }
    return this.#client.list(name).length === 0;
  }

  #letGo(definition: KubeObject, reason: string, message: string): void {
    const condition: Condition = { status: 'False', reason, message };
    const edit = (draft: KubeObject) => {
      setCondition(draft, 'Terminating', { condition, nowMs: this.#client.nowMs() });
      draft.metadata.finalizers = (draft.metadata.finalizers ?? []).filter((one) => one !== cleanup);
    };
    this.#change(definition, edit);
  }

  /** @returns whether the definition got other names or words about them. */
  #name(definition: KubeObject): boolean {
    if (hasItsNames(definition)) return false;
    const all = this.#client.list(definitionsResource);
    const { names, condition } = acceptNames(definition, all);
    const before = findCondition(definition, 'NamesAccepted');
    const isSame =
      before !== undefined && Object.entries(condition).every(([name, value]) => before[name] === value);
    if (isSame && jsonEqual(names, statusOf(definition)['acceptedNames'])) return false;
    this.#change(definition, (draft) => {
      const nowMs = this.#client.nowMs();
      draft['status'] = { ...statusOf(draft), acceptedNames: names };
      setCondition(draft, 'NamesAccepted', { condition, nowMs });
      const established = installing(definition, condition);
      if (established !== undefined) setCondition(draft, 'Established', { condition: established, nowMs });
    });
    return true;
  }

  /** @returns whether something was written. */
  #establish(definition: KubeObject): boolean {
    if (!isTrue(definition, 'NamesAccepted') || isTrue(definition, 'Established')) return false;
    const bundle = textAt(definition, 'spec', 'conversion', 'webhook', 'clientConfig', 'caBundle') ?? '';
    const isReadable = bundle === '' || bundleProblem(bundle) === undefined;
    return this.#write(definition, 'Established', isReadable ? established : unreadable);
  }

  #approve(definition: KubeObject): void {
    const condition = approvalCondition(definition);
    if (condition !== undefined) this.#write(definition, 'KubernetesAPIApprovalPolicyConformant', condition);
  }

  /** @returns whether the condition was another before. */
  #write(definition: KubeObject, type: ConditionType, condition: Condition): boolean {
    const before = findCondition(definition, type);
    if (before !== undefined && Object.entries(condition).every(([name, value]) => before[name] === value)) {
      return false;
    }
    this.#change(definition, (draft) =>
      setCondition(draft, type, { condition, nowMs: this.#client.nowMs() }),
    );
    return true;
  }

  #change(definition: KubeObject, edit: (draft: KubeObject) => void): void {
    this.#client.change(refTo(definition.metadata.name ?? ''), edit, 'status');
  }
}

const established: Condition = {
  status: 'True',
  reason: 'InitialNamesAccepted',
  message: 'the initial names have been accepted',
};

const unreadable: Condition = {
  status: 'False',
  reason: 'InvalidCABundle',
  message: 'The conversion webhook CABundle is invalid',
};

/** What is said of a definition that is not established yet, when its names have been looked at. */
function installing(definition: KubeObject, names: Condition): Condition | undefined {
  if (isTrue(definition, 'Established')) return undefined;
  if (names.status === 'True') {
    return { status: 'False', reason: 'Installing', message: 'the initial names have been accepted' };
  }
  if (findCondition(definition, 'Established') !== undefined) return undefined;
  return { status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
}

/** Everything that what is served depends on, undefined when nothing is served. */
function servedOf(definition: KubeObject): Json | undefined {
  if (!isTrue(definition, 'NamesAccepted') && !isTrue(definition, 'Established')) return undefined;
  return [
    definition.metadata.uid ?? '',
    definition['spec'] ?? null,
    statusOf(definition)['acceptedNames'] ?? null,
  ];
}

function kindsOf(definition: KubeObject) {
  return versionsOf(definition['spec'])
    .filter(({ served }) => served === true)
    .map((version) => {
      const warning = deprecationOf(definition, version);
      const kind = customKind(definition, textAt(version, 'name') ?? '');
      return warning === undefined ? kind : { ...kind, warning };
    });
}

function statusOf({ status }: KubeObject) {
  return isObject(status) ? status : {};
}

function refTo(name: string): ObjectRef {
  return { resource: definitionsResource, namespace: '', name };
}
