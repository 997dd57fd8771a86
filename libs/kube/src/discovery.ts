import { isJsonObject } from '@meridian/manifests';
import type { Json, JsonObject } from '@meridian/manifests';
import { textOf } from './from-wire.ts';

/** A kind that a cluster serves. */
export interface KubeKind {
  readonly apiVersion: string;
  readonly kind: string;
  /** The name in paths, for example `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

/** All kinds that a cluster serves. */
export interface Discovery {
  find(apiVersion: string, kind: string): KubeKind | undefined;
  /** Every kind in every version, the preferred version of each group first. */
  all(): readonly KubeKind[];
}

/** Makes a Discovery of kinds. */
export function discoveryOf(kinds: readonly KubeKind[]): Discovery {
  const byName = new Map<string, KubeKind>();
  for (const kind of kinds) {
    const name = `${kind.apiVersion} ${kind.kind}`;
    if (!byName.has(name)) byName.set(name, kind);
  }
  return { find: (apiVersion, kind) => byName.get(`${apiVersion} ${kind}`), all: () => kinds };
}

/** The Accept header that asks for all groups in one answer (KEP-3352). */
export const aggregatedAccept =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,' +
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

/** Whether an answer is an aggregated discovery, which old servers do not send. */
export function isAggregated(answer: JsonObject): boolean {
  return answer['kind'] === 'APIGroupDiscoveryList';
}

/** The kinds in an APIGroupDiscoveryList. */
export function kindsOfAggregated(answer: JsonObject): KubeKind[] {
  return objects(answer['items']).flatMap((group) => {
    const groupName = textOf(metadataOf(group)['name']);
    return objects(group['versions']).flatMap((version) => {
      const apiVersion = joinVersion(groupName, textOf(version['version']));
      return objects(version['resources']).flatMap((resource) => aggregatedKind(apiVersion, resource));
    });
  });
}

function aggregatedKind(apiVersion: string, resource: JsonObject): KubeKind[] {
  const responseKind = resource['responseKind'];
  const kind = isJsonObject(responseKind) ? textOf(responseKind['kind']) : '';
  if (kind === '') return [];
  return [
    {
      apiVersion,
      kind,
      plural: textOf(resource['resource']),
      namespaced: resource['scope'] === 'Namespaced',
      verbs: texts(resource['verbs']),
    },
  ];
}

/** The group versions in an APIGroupList, the preferred one of each group first. */
export function versionsOfGroups(answer: JsonObject): string[] {
  return objects(answer['groups']).flatMap((group) => {
    const preferred = isJsonObject(group['preferredVersion'])
      ? textOf(group['preferredVersion']['groupVersion'])
      : '';
    const all = objects(group['versions']).map((version) => textOf(version['groupVersion']));
    return [preferred, ...all.filter((version) => version !== preferred)].filter((version) => version !== '');
  });
}

/** The kinds in an APIResourceList; subresources such as `pods/log` are no kinds of their own. */
export function kindsOfResources(answer: JsonObject, apiVersion: string): KubeKind[] {
  return objects(answer['resources'])
    .filter((resource) => !textOf(resource['name']).includes('/'))
    .map((resource) => ({
      apiVersion,
      kind: textOf(resource['kind']),
      plural: textOf(resource['name']),
      namespaced: resource['namespaced'] === true,
      verbs: texts(resource['verbs']),
    }));
}

function metadataOf(value: JsonObject): JsonObject {
  return isJsonObject(value['metadata']) ? value['metadata'] : {};
}

function joinVersion(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

function objects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter((item: Json): item is JsonObject => isJsonObject(item)) : [];
}

function texts(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item: Json): item is string => typeof item === 'string') : [];
}
