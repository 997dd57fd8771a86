import { draftOf, jsonEqual, objectAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { refOf } from '../cluster-client.ts';
import type { InsideClient } from '../inside.ts';
import { controlled } from './claiming.ts';
import { controllerReference, nameHash } from './owned.ts';

const resource = 'controllerrevisions.apps';

/** The label by which pods of stateful and daemon sets say of which revision they are. */
export const revisionLabel = 'controller-revision-hash';

/** A revision of a workload's template. */
export interface Revision {
  /** Name of the ControllerRevision, `web-7d9f…`. */
  readonly name: string;
  readonly hash: string;
  readonly template: JsonObject;
}

/** The revision of a workload's present template, recorded as a ControllerRevision; old ones beyond the limit go. */
export function presentRevision(
  client: InsideClient,
  owner: KubeObject,
  inUse: ReadonlySet<string>,
): Revision {
  const template = draftOf(objectAt(owner, 'spec', 'template') ?? {});
  const known = controlled(client, owner, resource).sort((a, b) => numberOf(a) - numberOf(b));
  const data = { spec: { template: { ...template, $patch: 'replace' } } };
  const same = known.find((one) => jsonEqual(one['data'], data));
  const newest = numberOf(known.at(-1));
  if (same !== undefined) {
    if (numberOf(same) < newest) {
      client.change(refOf(resource, same), (draft) => void (draft['revision'] = newest + 1));
    }
    return revisionOf(same, template);
  }
  const { name = '', namespace = '' } = owner.metadata;
  const hash = nameHash(template);
  const made = client.create(resource, {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels: { [revisionLabel]: hash },
      ownerReferences: [controllerReference(owner)],
    },
    data,
    revision: newest + 1,
  });
  forgetOld(
    client,
    owner,
    known.filter((one) => !inUse.has(hashOf(one))),
  );
  return revisionOf(made, template);
}

function forgetOld(client: InsideClient, owner: KubeObject, unused: readonly KubeObject[]): void {
  const limit = objectAt(owner, 'spec')?.['revisionHistoryLimit'];
  const kept = typeof limit === 'number' ? limit : 10;
  for (const one of unused.slice(0, Math.max(0, unused.length - kept))) client.remove(refOf(resource, one));
}

function revisionOf(stored: KubeObject, template: JsonObject): Revision {
  return { name: stored.metadata.name ?? '', hash: hashOf(stored), template };
}

function hashOf(stored: KubeObject): string {
  return stored.metadata.labels?.[revisionLabel] ?? '';
}

function numberOf(stored: KubeObject | undefined): number {
  const number = stored?.['revision'];
  return typeof number === 'number' ? number : 0;
}
