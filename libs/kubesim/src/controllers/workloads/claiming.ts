import { itemsAt, jsonEqual, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { StoreEvent } from '../../store/store.ts';
import { refOf } from '../cluster-client.ts';
import { namespacedKey } from '../controller.ts';
import type { InsideClient } from '../inside.ts';
import { takesLabels } from '../selecting.ts';
import { controllerOf, controllerReference } from './owned.ts';

/** A kind of workload and what it controls. */
export interface WorkloadKind {
  /** Resource of the workload, `replicasets.apps`. */
  readonly resource: string;
  readonly kind: string;
  /** Resources of what it controls. */
  readonly dependents: ReadonlySet<string>;
}

/** Keys of the workloads that a change is about: one itself, who controls or controlled a dependent, who may adopt it. */
export function workloadKeys(
  client: InsideClient,
  event: StoreEvent,
  workload: WorkloadKind,
): readonly string[] {
  const { type, key, object, previous } = event;
  if (key.resource === workload.resource)
    return type === 'DELETED' ? [] : [namespacedKey(key.namespace, key.name)];
  if (!workload.dependents.has(key.resource)) return [];
  const owners = [object, ...(previous === undefined ? [] : [previous])].map(controllerOf);
  const names = owners.flatMap((owner) =>
    owner?.['kind'] === workload.kind ? (textAt(owner, 'name') ?? []) : [],
  );
  const found = new Set([...names, ...adopters(client, event, workload)]);
  return [...found].map((name) => namespacedKey(key.namespace, name));
}

/** Names of the workloads that may adopt an object that nobody controls. */
function adopters(
  client: InsideClient,
  { type, key, object, previous }: StoreEvent,
  { resource }: WorkloadKind,
): string[] {
  if (type === 'DELETED' || controllerOf(object) !== undefined || !isNews(object, previous)) return [];
  return client
    .list(resource, key.namespace)
    .filter((one) => takesLabels(selectorOf(one), object.metadata.labels))
    .map(({ metadata: { name = '' } }) => name);
}

/** Whether an orphan is new, has new labels or lost its controller. */
function isNews(object: KubeObject, previous: KubeObject | undefined): boolean {
  return (
    previous === undefined ||
    controllerOf(previous) !== undefined ||
    !jsonEqual(object.metadata.labels, previous.metadata.labels)
  );
}

/** The selector of a workload; that of a replication controller is a plain set of labels. */
export function selectorOf(workload: KubeObject): JsonObject | undefined {
  const selector = objectAt(workload, 'spec', 'selector');
  const isPlain = workload.kind === 'ReplicationController' && selector !== undefined;
  return isPlain ? { matchLabels: selector } : selector;
}

/** Dependents of a resource that an owner controls. */
export function controlled(client: InsideClient, owner: KubeObject, resource: string): KubeObject[] {
  const { uid } = owner.metadata;
  return client.dependents(resource, owner).filter((one) => controllerOf(one)?.['uid'] === uid);
}

/**
 * Takes control of what nobody controls and the owner's selector takes, and lets go what it takes no more
 * (pkg/controller/controller_ref_manager.go).
 * @returns what the owner controls then.
 */
export function claim(client: InsideClient, owner: KubeObject, resource: string): KubeObject[] {
  const selector = selectorOf(owner);
  const mine: KubeObject[] = [];
  for (const one of controlled(client, owner, resource)) {
    if (takesLabels(selector, one.metadata.labels)) mine.push(one);
    else release(client, owner, { resource, object: one });
  }
  for (const one of client.orphans(resource, owner.metadata.namespace ?? '')) {
    const wanted = one.metadata.deletionTimestamp === undefined && takesLabels(selector, one.metadata.labels);
    if (wanted) mine.push(adopt(client, owner, { resource, object: one }));
  }
  return mine;
}

interface Claimed {
  readonly resource: string;
  readonly object: KubeObject;
}

function adopt(client: InsideClient, owner: KubeObject, { resource, object }: Claimed): KubeObject {
  return client.change(refOf(resource, object), ({ metadata }) => {
    metadata['ownerReferences'] = [...itemsAt(metadata, 'ownerReferences'), controllerReference(owner)];
  });
}

function release(client: InsideClient, owner: KubeObject, { resource, object }: Claimed): void {
  client.change(refOf(resource, object), ({ metadata }) => {
    const kept = itemsAt(metadata, 'ownerReferences').filter(
      (one) => textAt(one, 'uid') !== owner.metadata.uid,
    );
    if (kept.length > 0) metadata['ownerReferences'] = kept;
    else delete metadata['ownerReferences'];
  });
}
