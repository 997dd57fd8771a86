import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { metadataInOrder } from '../schema/go-order.ts';

/** Annotations that are fields of the server's own type, which partial metadata is made from. */
const fields: Readonly<Record<string, readonly string[]>> = {
  'daemonsets.apps': ['deprecated.daemonset.template.generation'],
};

/** An object of a group resource, in its storage version, as PartialObjectMetadata, which tables hold too. */
export function partialMetadata({ metadata }: KubeObject, resource: string): JsonObject {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: metadataInOrder(shownMetadata(metadata, resource)),
  };
}

function shownMetadata(metadata: KubeObject['metadata'], resource: string): JsonObject {
  const hidden = fields[resource];
  const { annotations, ...rest } = metadata;
  if (hidden === undefined || annotations === undefined) return metadata;
  const shown = Object.entries(annotations).filter(([key]) => !hidden.includes(key));
  return shown.length === 0 ? rest : { ...rest, annotations: Object.fromEntries(shown) };
}
