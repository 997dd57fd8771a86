import { ApiError } from '../../errors/api-error.ts';
import { draftOf, isObject, itemsAt, numberAt, objectAt, textAt, textsAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { refOf } from '../cluster-client.ts';
import type { ObjectRef } from '../cluster-client.ts';
import type { InsideClient } from '../inside.ts';
import { isForeign, isStale, wantedOwners } from './claim-retention.ts';
import { podFromTemplate } from './pod-control.ts';
import { revisionLabel } from './revisions.ts';
import type { Revision } from './revisions.ts';

const claimResource = 'persistentvolumeclaims';

/** The number at the end of a pod's name, -1 when there is none. */
export function ordinalOf(pod: KubeObject): number {
  return Number(/-(\d+)$/.exec(pod.metadata.name ?? '')?.[1] ?? -1);
}

/** Creates the pod of a number, after the claims that it needs, and tells so. */
export function createStatefulPod(
  client: InsideClient,
  set: KubeObject,
  { revision, ordinal }: { readonly revision: Revision; readonly ordinal: number },
): void {
  const pod = statefulPod(set, revision, ordinal);
  // Claims that go with an earlier pod of this number have to be gone first.
  if (claimsOf(client, set, pod).some((claim) => isStale(claim, set, pod))) return;
  tell(client, set, { verb: 'Create', pod }, () => {
    createClaims(client, set, pod);
    keepClaims(client, set, client.create('pods', pod));
  });
}

/** Deletes a pod and tells so; one that is on its way out already is left alone. */
export function deleteStatefulPod(client: InsideClient, set: KubeObject, pod: KubeObject): void {
  if (pod.metadata.deletionTimestamp !== undefined) return;
  const { uid = '' } = pod.metadata;
  tell(client, set, { verb: 'Delete', pod }, () => client.remove(refOf('pods', pod), { uid }));
}

/** Makes the claims of a pod that are not there from before. Throws ApiError when one of those is on its way out. */
export function createClaims(client: InsideClient, set: KubeObject, pod: KubeObject): void {
  for (const template of claimTemplates(set)) {
    const name = claimName(template, pod);
    const present = client.get(claimRef(set, name));
    if (present?.metadata.deletionTimestamp !== undefined) {
      throw new ApiError(`pvc ${name} is being deleted`, { code: 409 });
    }
    if (present !== undefined) continue;
    client.create(claimResource, claimOf(set, template, name));
    const about = `Pod ${pod.metadata.name ?? ''} in StatefulSet ${set.metadata.name ?? ''}`;
    const message = `Create Claim ${name} ${about} success`;
    client.record(set, { type: 'Normal', reason: 'SuccessfulCreate', message });
  }
}

/** Has the claims of a pod belong to whom the retention policy of the set says. @returns whether that changed anything. */
export function keepClaims(client: InsideClient, set: KubeObject, pod: KubeObject): boolean {
  const isSurplus = !isWanted(set, ordinalOf(pod));
  let isChanged = false;
  for (const claim of claimsOf(client, set, pod)) {
    const claimed = { claim, set, pod, isSurplus };
    const wanted = wantedOwners(claimed);
    const isNew = textAt(pod, 'status', 'phase') === 'Pending';
    if ((isNew || wanted !== undefined) && isForeign(claimed)) warnOfForeign(client, set, claim);
    if (wanted === undefined) continue;
    isChanged = true;
    client.change(refOf(claimResource, claim), ({ metadata }) => {
      if (wanted.length > 0) metadata['ownerReferences'] = wanted;
      else delete metadata['ownerReferences'];
    });
  }
  return isChanged;
}

/** Has the claims of a running pod belong to whom the policy says, and tells when that was not so. */
export function renewClaims(client: InsideClient, set: KubeObject, pod: KubeObject): void {
  if (keepClaims(client, set, pod)) tell(client, set, { verb: 'Update', pod }, () => undefined);
}

/** The first number of the pods that a set wants, and the one after the last. */
export function rangeOf(set: KubeObject): readonly [start: number, end: number] {
  const start = numberAt(set, 'spec', 'ordinals', 'start') ?? 0;
  return [start, start + (numberAt(set, 'spec', 'replicas') ?? 1)];
}

/** Whether a set wants a pod of a number. */
export function isWanted(set: KubeObject, ordinal: number): boolean {
  const [start, end] = rangeOf(set);
  return ordinal >= start && ordinal < end;
}

function claimsOf(client: InsideClient, set: KubeObject, pod: KubeObject): KubeObject[] {
  return claimTemplates(set).flatMap((template) => client.get(claimRef(set, claimName(template, pod))) ?? []);
}

function claimRef({ metadata: { namespace = '' } }: KubeObject, name: string): ObjectRef {
  return { resource: claimResource, namespace, name };
}

function warnOfForeign(client: InsideClient, set: KubeObject, claim: KubeObject): void {
  const message =
    `PersistentVolumeClaim ${claim.metadata.name ?? ''} has a conflicting OwnerReference that acts as a manging controller, ` +
    'the retention policy is ignored for this claim';
  client.record(set, { type: 'Warning', reason: 'ConflictingController', message });
}

function tell(
  client: InsideClient,
  set: KubeObject,
  { verb, pod }: { readonly verb: string; readonly pod: KubeObject },
  act: () => void,
): void {
  const what = `${verb} Pod ${pod.metadata.name ?? ''} in StatefulSet ${set.metadata.name ?? ''}`;
  try {
    act();
  } catch (error) {
    if (error instanceof ApiError) {
      const message = `${what} failed error: ${error.message}`;
      client.record(set, { type: 'Warning', reason: `Failed${verb}`, message });
    }
    throw error;
  }
  client.record(set, { type: 'Normal', reason: `Successful${verb}`, message: `${what} successful` });
}

function statefulPod(set: KubeObject, revision: Revision, ordinal: number): KubeObject {
  const name = `${set.metadata.name ?? ''}-${String(ordinal)}`;
  const pod = draftOf(podFromTemplate(set, revision.template, { name }));
  pod.metadata.generateName = `${set.metadata.name ?? ''}-`;
  pod.metadata.labels = {
    ...pod.metadata.labels,
    [revisionLabel]: revision.name,
    'apps.kubernetes.io/pod-index': String(ordinal),
    'statefulset.kubernetes.io/pod-name': name,
  };
  const spec = objectAt(pod, 'spec') ?? {};
  spec['hostname'] = name;
  const service = textAt(set, 'spec', 'serviceName');
  if (service !== undefined && service !== '') spec['subdomain'] = service;
  const claims = claimTemplates(set);
  const given = itemsAt(spec, 'volumes').filter(
    (one) => !claims.some((claim) => textAt(claim, 'metadata', 'name') === textAt(one, 'name')),
  );
  const volumes: Json[] = claims.map((claim) => ({
    name: textAt(claim, 'metadata', 'name') ?? '',
    persistentVolumeClaim: { claimName: claimName(claim, pod) },
  }));
  if (volumes.length + given.length > 0) spec['volumes'] = [...volumes, ...given];
  return pod;
}

function claimTemplates(set: KubeObject): JsonObject[] {
  return itemsAt(set, 'spec', 'volumeClaimTemplates').filter(isObject);
}

function claimName(template: JsonObject, pod: KubeObject): string {
  return `${textAt(template, 'metadata', 'name') ?? ''}-${pod.metadata.name ?? ''}`;
}

function claimOf(set: KubeObject, template: JsonObject, name: string): KubeObject {
  const given = objectAt(template, 'metadata') ?? {};
  const labels = { ...textsAt(given, 'labels'), ...textsAt(set, 'spec', 'selector', 'matchLabels') };
  const namespace = set.metadata.namespace ?? '';
  return draftOf<KubeObject>({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { ...given, name, namespace, labels },
    spec: template['spec'] ?? {},
  });
}
