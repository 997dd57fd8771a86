import { isObject, itemsAt, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { controllerReference } from './owned.ts';

/** A claim, the set whose template it is of, and the pod that uses it. */
export interface Claimed {
  readonly claim: KubeObject;
  readonly set: KubeObject;
  readonly pod: KubeObject;
  /** Whether the set does not want a pod of this number any more. */
  readonly isSurplus: boolean;
}

/** Whether a claim is still that of an earlier pod of the same name: it goes with that pod, and another has to wait for that. */
export function isStale(claim: KubeObject, set: KubeObject, pod: KubeObject): boolean {
  return policyOf(set).whenScaled === 'Delete' && isOfAnother(claim, pod);
}

/** Whether somebody else controls a claim that the policy of its set is about, so that the policy is not followed. */
export function isForeign({ claim, set, pod }: Claimed): boolean {
  const { whenScaled, whenDeleted } = policyOf(set);
  if (whenScaled !== 'Delete' && whenDeleted !== 'Delete') return false;
  const isOwn = (ref: JsonObject) => ref['uid'] === set.metadata.uid || ref['uid'] === pod.metadata.uid;
  return referencesOf(claim).some(
    (ref) => !isOwn(ref) && (ref['controller'] === true || names(ref, set) || names(ref, pod)),
  );
}

/**
 * The owners of a claim as the retention policy of its set wants them (pkg/controller/statefulset updateClaimOwnerRefForSetAndPod):
 * the set for claims that go with it, the pod for those of a pod that is scaled away.
 * @returns undefined when they are so already, or belong to a set or pod of the same name that is gone.
 */
export function wantedOwners(claimed: Claimed): JsonObject[] | undefined {
  const { claim, set, pod, isSurplus } = claimed;
  if (isOfAnother(claim, set) || isOfAnother(claim, pod)) return undefined;
  const { whenScaled, whenDeleted } = policyOf(set);
  const leaves = !isForeign(claimed);
  const byPod = leaves && whenScaled === 'Delete' && isSurplus;
  const bySet = leaves && whenDeleted === 'Delete' && !byPod;
  const references = referencesOf(claim);
  const isRight = [
    [set, bySet],
    [pod, byPod],
  ] as const;
  if (isRight.every(([owner, wanted]) => isControlled(references, owner) === wanted)) return undefined;
  const others = references.filter((ref) => !names(ref, set) && !names(ref, pod));
  return [
    ...others,
    ...(bySet ? [controllerReference(set)] : []),
    ...(byPod ? [controllerReference(pod)] : []),
  ];
}

function policyOf(set: KubeObject) {
  const policy = objectAt(set, 'spec', 'persistentVolumeClaimRetentionPolicy');
  return { whenScaled: textAt(policy, 'whenScaled'), whenDeleted: textAt(policy, 'whenDeleted') };
}

function referencesOf(claim: KubeObject): readonly JsonObject[] {
  return itemsAt(claim, 'metadata', 'ownerReferences').filter(isObject);
}

function names(reference: JsonObject, { apiVersion, kind, metadata }: KubeObject): boolean {
  const said = [reference['apiVersion'], reference['kind'], reference['name']];
  return [apiVersion, kind, metadata.name].every((part, index) => part === said[index]);
}

function isOfAnother(claim: KubeObject, owner: KubeObject): boolean {
  const named = referencesOf(claim).find((reference) => names(reference, owner));
  return named !== undefined && named['uid'] !== owner.metadata.uid;
}

/** Undefined when the owner is named without being the controller, which is never right. */
function isControlled(references: readonly JsonObject[], owner: KubeObject): boolean | undefined {
  const own = references.filter(({ uid }) => uid === owner.metadata.uid);
  if (own.length === 0) return false;
  return own.every(({ controller }) => controller === true) ? true : undefined;
}
