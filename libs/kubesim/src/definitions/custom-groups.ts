import { createHash } from 'node:crypto';
import { isObject, objectAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { isTrue } from './conditions.ts';
import { versionsOf } from './internal-spec.ts';
import { compareVersions } from './version-order.ts';

/** A resource of a custom kind in one version, as discovery tells it in either of its forms. */
export interface CustomEntry {
  readonly name: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly hash: string;
  readonly names: JsonObject;
  readonly subresources: readonly ('status' | 'scale')[];
}

/** A group of custom kinds with its versions, the preferred one first. */
export interface CustomGroup {
  readonly name: string;
  readonly versions: readonly { readonly name: string; readonly entries: readonly CustomEntry[] }[];
}

/** The groups that definitions make, by name; each has the versions that some established definition of it serves. */
export function customGroups(definitions: readonly KubeObject[]): readonly CustomGroup[] {
  const byGroup = new Map<string, Map<string, CustomEntry[]>>();
  for (const definition of definitions.filter((one) => isTrue(one, 'Established'))) {
    const group = textAt(definition, 'spec', 'group') ?? '';
    for (const version of versionsOf(definition['spec']).filter(({ served }) => served === true)) {
      const versions = byGroup.get(group) ?? new Map<string, CustomEntry[]>();
      const name = textAt(version, 'name') ?? '';
      versions.set(name, [...(versions.get(name) ?? []), entryOf(definition, version)]);
      byGroup.set(group, versions);
    }
  }
  return [...byGroup]
    .map(([name, versions]) => ({
      name,
      versions: [...versions]
        .sort(([a], [b]) => compareVersions(b, a))
        .map(([version, entries]) => ({ name: version, entries })),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const reading = ['delete', 'deletecollection', 'get', 'list'];

function entryOf(definition: KubeObject, version: JsonObject): CustomEntry {
  const names = objectAt(definition, 'status', 'acceptedNames') ?? {};
  const writing = isTrue(definition, 'Terminating') ? [] : ['patch', 'create', 'update'];
  return {
    name: textAt(names, 'plural') ?? '',
    singular: textAt(names, 'singular') ?? '',
    kind: textAt(names, 'kind') ?? '',
    namespaced: textAt(definition, 'spec', 'scope') === 'Namespaced',
    verbs: [...reading, ...writing, 'watch'],
    hash: storageHash(definition),
    names,
    subresources: (['status', 'scale'] as const).filter((name) =>
      isObject(objectAt(version, 'subresources')?.[name]),
    ),
  };
}

/** Tells clients whether objects of two resources are stored alike; nothing when the storage version is not served. */
function storageHash(definition: KubeObject): string {
  const stored = versionsOf(definition['spec']).find(({ storage }) => storage === true);
  if (stored?.['served'] !== true) return '';
  const [group = '', kind = ''] = [
    textAt(definition, 'spec', 'group'),
    textAt(definition, 'spec', 'names', 'kind'),
  ];
  const text = `${group}/${textAt(stored, 'name') ?? ''}/${kind}`;
  return createHash('sha256').update(text).digest().subarray(0, 8).toString('base64');
}
