import { draftOf, jsonEqual, numberAt, objectAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { refOf } from '../cluster-client.ts';
import type { InsideClient } from '../inside.ts';
import { claim } from './claiming.ts';
import { controllerReference, nameHash } from './owned.ts';

const resource = 'controllerrevisions.apps';

/** Where a pod of a stateful or daemon set says of which revision it is. */
export const revisionLabel = 'controller-revision-hash';

/** Where the revisions of stateful sets have their hash. */
export const setHashLabel = 'controller.kubernetes.io/hash';

/** A revision of a workload's template. */
export interface Revision {
  /** Name of the ControllerRevision, `web-7d9f…`. */
  readonly name: string;
  readonly hash: string;
  readonly template: JsonObject;
}

/** The revisions of a workload. */
export interface Revisions {
  /** That of the present template. */
  readonly update: Revision;
  /** All of them, oldest first. */
  readonly all: readonly Revision[];
}

/**
 * The revisions of a workload's template. The present one is recorded as a ControllerRevision, and is the newest again when
 * an older template returns (pkg/controller/history).
 */
export function revisionsOf(client: InsideClient, owner: KubeObject, hashLabel: string): Revisions {
  const template = draftOf(objectAt(owner, 'spec', 'template') ?? {});
  const known = claim(client, owner, resource).sort((a, b) => numberOf(a) - numberOf(b));
  const data = { spec: { template: { ...template, $patch: 'replace' } } };
  const same = known.find((one) => jsonEqual(one['data'], data));
  const newest = numberOf(known.at(-1));
  const read = (stored: KubeObject) => revisionOf(stored, hashLabel);
  if (same === undefined) {
    const made = client.create(resource, recordOf(owner, { data, hashLabel, number: newest + 1 }));
    return { update: read(made), all: [...known.map(read), read(made)] };
  }
  if (numberOf(same) < newest) {
    client.change(refOf(resource, same), (draft) => void (draft['revision'] = newest + 1));
  }
  return { update: read(same), all: [...known.filter((one) => one !== same), same].map(read) };
}

function recordOf(
  owner: KubeObject,
  { data, hashLabel, number }: { data: JsonObject; hashLabel: string; number: number },
): KubeObject {
  const { name = '', namespace = '', annotations } = owner.metadata;
  const labels = objectAt(owner, 'spec', 'template', 'metadata', 'labels') ?? {};
  const hash = nameHash(data);
  return draftOf<KubeObject>({
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      ...Object.fromEntries(annotations === undefined ? [] : [['annotations', annotations]]),
      ...Object.fromEntries([['labels', { ...labels, [hashLabel]: hash }]]),
      ownerReferences: [controllerReference(owner)],
    },
    data,
    revision: number,
  });
}

/** Deletes the oldest revisions that are not used, beyond the limit of the workload. */
export function forgetRevisions(client: InsideClient, owner: KubeObject, unused: readonly Revision[]): void {
  const kept = numberAt(owner, 'spec', 'revisionHistoryLimit') ?? 10;
  const namespace = owner.metadata.namespace ?? '';
  for (const { name } of unused.slice(0, Math.max(0, unused.length - kept))) {
    client.remove({ resource, namespace, name });
  }
}

function revisionOf(stored: KubeObject, hashLabel: string): Revision {
  const template = draftOf(objectAt(stored, 'data', 'spec', 'template') ?? {});
  delete template['$patch'];
  const { name = '', labels } = stored.metadata;
  return { name, hash: labels?.[hashLabel] ?? '', template };
}

function numberOf(stored: KubeObject | undefined): number {
  return numberAt(stored, 'revision') ?? 0;
}
