import { apiVersionOf, kindOf } from '../kube-object.ts';
import type { KubeObject } from '../kube-object.ts';
import type { KindRules } from '../kinds/kind-rules.ts';
import { fieldSetOfPaths } from '../merge/field-set.ts';
import type { FieldSet } from '../merge/field-set.ts';
import type { Resource } from '../schema/resource.ts';
import type { Schema } from '../schema/schema.ts';
import type { Registry } from './registry.ts';

/** The fields that the strategy resets in a request, which nobody comes to own by it. */
export function resetFieldsOf(rules: KindRules, subresource: string): FieldSet | undefined {
  const paths = rules.resetFields?.[subresource];
  return paths === undefined ? undefined : fieldSetOfPaths(paths);
}

/** The type of a kind in each of its versions. */
export function schemasOf(
  resource: Resource,
  registry: Registry,
): (apiVersion: string) => Schema | undefined {
  const { custom } = registry.rulesOf(resource);
  return custom?.schemaIn ?? ((apiVersion) => registry.schemaOf(kindOf(apiVersion, resource.kind)));
}

/** How to see an object of a kind in another of its versions; undefined for kinds of one version. */
export function withFieldsOf(
  resource: Resource,
  rules: KindRules,
): ((object: KubeObject, apiVersion: string) => KubeObject | undefined) | undefined {
  const { versions, custom } = rules;
  if (custom !== undefined) return custom.inVersion;
  if (versions === undefined) return undefined;
  const stored = apiVersionOf(resource.storage.group, resource.storage.version);
  return (object, apiVersion) => {
    if (object.apiVersion === apiVersion) return object;
    const hub = versions[object.apiVersion]?.toStorage(object) ?? object;
    return apiVersion === stored ? hub : (versions[apiVersion]?.fromStorage(hub) ?? { ...hub, apiVersion });
  };
}
