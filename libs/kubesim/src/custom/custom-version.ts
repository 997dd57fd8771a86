import { isObject, itemsAt, objectAt, textAt, valueAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { apiVersionOf } from '../kube-object.ts';
import type { KubeObject } from '../kube-object.ts';
import { openCatalog } from '../schema/catalog.ts';
import type { Schema } from '../schema/schema.ts';
import { readCustomSchema } from './custom-schema.ts';
import type { CustomSchema } from './custom-schema.ts';
import { typedSchema } from './typed-schema.ts';
import type { ScalePaths } from './values/scale-errors.ts';

/** One version of a custom kind, as its definition says it. */
export interface CustomVersion {
  readonly name: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly isStorage: boolean;
  readonly isNamespaced: boolean;
  readonly schema: CustomSchema;
  /** The type by which objects are merged and owned. */
  readonly type: Schema;
  readonly hasStatus: boolean;
  readonly scale: ScalePaths | undefined;
  readonly selectable: readonly string[];
  /** What the definition says, for those parts that are only passed on. */
  readonly given: JsonObject;
}

/** All versions of a definition, served or not. */
export function versionsOf(definition: KubeObject): CustomVersion[] {
  const group = textAt(definition, 'spec', 'group') ?? '';
  const kind = textAt(definition, 'spec', 'names', 'kind') ?? '';
  const isNamespaced = textAt(definition, 'spec', 'scope') === 'Namespaced';
  return itemsAt(definition, 'spec', 'versions')
    .filter(isObject)
    .map((given) => versionOf(given, { group, kind, isNamespaced }));
}

function versionOf(
  given: JsonObject,
  { group, kind, isNamespaced }: Pick<CustomVersion, 'kind' | 'isNamespaced'> & { readonly group: string },
): CustomVersion {
  const name = textAt(given, 'name') ?? '';
  const schema = readCustomSchema(valueAt(given, 'schema', 'openAPIV3Schema'));
  return {
    name,
    apiVersion: apiVersionOf(group, name),
    kind,
    isStorage: given['storage'] === true,
    isNamespaced,
    schema,
    type: typedSchema(schema, { kind, metadata: metadataType() }),
    hasStatus: objectAt(given, 'subresources', 'status') !== undefined,
    scale: scaleOf(objectAt(given, 'subresources', 'scale')),
    selectable: itemsAt(given, 'selectableFields').map(pathOfField),
    given,
  };
}

function scaleOf(given: JsonObject | undefined): ScalePaths | undefined {
  if (given === undefined) return undefined;
  return {
    specReplicas: textAt(given, 'specReplicasPath') ?? '',
    statusReplicas: textAt(given, 'statusReplicasPath') ?? '',
    labelSelector: textAt(given, 'labelSelectorPath'),
  };
}

function pathOfField(field: Json): string {
  return (textAt(field, 'jsonPath') ?? '').replace(/^\./, '');
}

/** The type of `metadata`, the same for all kinds. */
export function metadataType(): Schema {
  const schema = openCatalog().schemaOf({ group: '', version: 'v1', kind: 'ConfigMap' });
  const field = schema?.kind === 'object' ? schema.fields.get('metadata') : undefined;
  if (field === undefined) throw new Error('the catalog has no type of metadata');
  return field.schema;
}
