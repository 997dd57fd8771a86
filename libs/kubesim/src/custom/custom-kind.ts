import type { CustomResource } from '../cluster/registry.ts';
import { itemsAt, numberAt, textAt } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { customColumns } from '../printers/custom-columns.ts';
import type { AdditionalColumn, FilledColumn } from '../printers/custom-columns.ts';
import type { Resource, Subresource } from '../schema/resource.ts';
import { customKindRules } from './custom-kind-rules.ts';
import { versionsOf } from './custom-version.ts';
import type { CustomVersion } from './custom-version.ts';

/**
 * A version of the kind that a custom resource definition defines: what discovery says of it, how its objects are typed,
 * checked and printed. Throws when the definition has no such version.
 */
export function customKind(
  definition: KubeObject,
  version: string,
): CustomResource & { readonly columns: readonly FilledColumn[] } {
  const versions = versionsOf(definition);
  const found = versions.find(({ name }) => name === version);
  if (found === undefined) throw new Error(`${definition.metadata.name ?? ''} has no version ${version}`);
  return {
    resource: resourceOf(definition, found, versions),
    rules: customKindRules(found, versions),
    columns: customColumns(itemsAt(found.given, 'additionalPrinterColumns').flatMap(columnOf)),
  };
}

const verbs: Resource['verbs'] = [
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'create',
  'update',
  'watch',
];

function resourceOf(
  definition: KubeObject,
  version: CustomVersion,
  versions: readonly CustomVersion[],
): Resource {
  const group = textAt(definition, 'spec', 'group') ?? '';
  const name = textAt(definition, 'spec', 'names', 'plural') ?? '';
  const { kind } = version;
  const storage = versions.find(({ isStorage }) => isStorage) ?? version;
  return {
    group,
    version: version.name,
    kind,
    name,
    singular: textAt(definition, 'spec', 'names', 'singular') ?? kind.toLowerCase(),
    listKind: textAt(definition, 'spec', 'names', 'listKind') ?? `${kind}List`,
    shortNames: textsAt(definition, 'shortNames'),
    categories: textsAt(definition, 'categories'),
    namespaced: textAt(definition, 'spec', 'scope') === 'Namespaced',
    verbs,
    subresources: subresourcesOf(version, group),
    storage: { group, version: storage.name, name },
    schema: version.type,
    custom: true,
    selectable: version.selectable,
  };
}

function textsAt(definition: KubeObject, field: string): string[] {
  return itemsAt(definition, 'spec', 'names', field).filter((item) => typeof item === 'string');
}

function subresourcesOf({ name, kind, hasStatus, scale }: CustomVersion, group: string): Subresource[] {
  const ofObject = ['get', 'patch', 'update'];
  const status = { name: 'status', group, version: name, kind, verbs: ofObject };
  const scaled = { name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ofObject };
  return [...(hasStatus ? [status] : []), ...(scale === undefined ? [] : [scaled])];
}

function columnOf(given: KubeObject[string]): AdditionalColumn[] {
  const [name, type, jsonPath] = ['name', 'type', 'jsonPath'].map((field) => textAt(given, field));
  if (name === undefined || type === undefined || jsonPath === undefined) return [];
  const format = textAt(given, 'format');
  const description = textAt(given, 'description');
  const priority = numberAt(given, 'priority');
  return [
    {
      name,
      type,
      jsonPath,
      ...(format === undefined ? {} : { format }),
      ...(description === undefined ? {} : { description }),
      ...(priority === undefined ? {} : { priority }),
    },
  ];
}
