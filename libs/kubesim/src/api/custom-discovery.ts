import type { CustomEntry, CustomGroup } from '../definitions/custom-groups.ts';
import type { Json, JsonObject } from '../json.ts';

const subresourceVerbs = ['get', 'patch', 'update'];

/** A group as `/apis` lists it. */
export function listedGroup({ name, versions }: CustomGroup): JsonObject {
  const listed = versions.map((version) => ({
    groupVersion: `${name}/${version.name}`,
    version: version.name,
  }));
  return { name, versions: listed, preferredVersion: listed[0] };
}

/** The answer to `/apis/GROUP`. */
export function groupDocument(group: CustomGroup): JsonObject {
  return { kind: 'APIGroup', apiVersion: 'v1', ...listedGroup(group) };
}

/** The answer to `/apis/GROUP/VERSION`, undefined when no kind of the group has that version. */
export function versionDocument(group: CustomGroup, version: string): JsonObject | undefined {
  const entries = group.versions.find(({ name }) => name === version)?.entries;
  if (entries === undefined) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: `${group.name}/${version}`,
    resources: entries.flatMap(listedResources),
  };
}

function listedResources(entry: CustomEntry): JsonObject[] {
  const { name, singular, kind, namespaced, verbs, hash, subresources } = entry;
  const own: JsonObject = { name, singularName: singular, namespaced, kind, verbs: [...verbs] };
  return [
    { ...own, ...namesOf(entry), ...(hash === '' ? {} : { storageVersionHash: hash }) },
    ...subresources.map((subresource) => ({
      name: `${name}/${subresource}`,
      singularName: '',
      namespaced,
      ...(subresource === 'scale' ? scaleKind : { kind }),
      verbs: subresourceVerbs,
    })),
  ];
}

const scaleKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

function namesOf({ names: { shortNames, categories } }: CustomEntry): JsonObject {
  return {
    ...(shortNames === undefined ? {} : { shortNames }),
    ...(categories === undefined ? {} : { categories }),
  };
}

/** A group in aggregated discovery. */
export function aggregatedGroup({ name: group, versions }: CustomGroup): JsonObject {
  return {
    metadata: { name: group },
    versions: versions.map(({ name: version, entries }) => ({
      version,
      resources: entries
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map((entry) => aggregatedResource(entry, { group, version })),
      freshness: 'Current',
    })),
  };
}

function aggregatedResource(
  entry: CustomEntry,
  served: { readonly group: string; readonly version: string },
): Json {
  const { name, singular, kind, namespaced, verbs, subresources } = entry;
  const responseKind = { ...served, kind };
  return {
    resource: name,
    responseKind,
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: [...verbs],
    ...namesOf(entry),
    ...(subresources.length === 0
      ? {}
      : {
          subresources: subresources.map((subresource) => ({
            subresource,
            responseKind: subresource === 'scale' ? scaleKind : responseKind,
            verbs: subresourceVerbs,
          })),
        }),
  };
}
