import type { Json, KubeObject } from '@meridian/manifests';

/** What a definition of custom objects says; one version `v1` that takes anything unless told. */
export interface DefinitionOptions {
  readonly group: string;
  readonly kind: string;
  readonly scope?: 'Namespaced' | 'Cluster';
  readonly versions?: readonly { readonly name: string; readonly storage: boolean; readonly schema: Json }[];
  readonly conversion?: Json;
}

const anything: Json = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** A CustomResourceDefinition for bundles; the plural is the kind with an s. */
export function definition({
  group,
  kind,
  scope = 'Namespaced',
  versions = [{ name: 'v1', storage: true, schema: anything }],
  conversion,
}: DefinitionOptions): KubeObject {
  const singular = kind.toLowerCase();
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${singular}s.${group}` },
    spec: {
      group,
      scope,
      names: { plural: `${singular}s`, singular, kind, listKind: `${kind}List` },
      versions: versions.map(({ name, storage, schema }) => ({
        name,
        storage,
        served: true,
        schema: { openAPIV3Schema: schema },
      })),
      ...(conversion === undefined ? {} : { conversion }),
    },
  };
}
