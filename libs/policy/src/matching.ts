import { matchesSelector } from '@meridian/fleet';
import type { Policy, ResourceRule } from '@meridian/fleet';
import { groupOf } from '@meridian/manifests';
import type { KubeObject } from '@meridian/manifests';

/** Whether a policy is about an object, as far as its kind, name and labels say. */
export function isAbout({ rules, exceptions, objectSelector }: Policy, object: KubeObject): boolean {
  return (
    rules.some((rule) => fits(rule, object)) &&
    !exceptions.some((rule) => fits(rule, object)) &&
    matchesSelector(objectSelector, labelsOf(object))
  );
}

function fits({ kinds, apiGroups, apiVersions, resourceNames }: ResourceRule, object: KubeObject): boolean {
  const { apiVersion, kind, metadata } = object;
  return (
    isIn(kinds, kind) &&
    isIn(apiGroups, groupOf(apiVersion)) &&
    isIn(apiVersions, apiVersion.slice(apiVersion.indexOf('/') + 1)) &&
    isIn(resourceNames, metadata.name)
  );
}

function isIn(allowed: readonly string[], value: string): boolean {
  return allowed.includes('*') || allowed.includes(value);
}

function labelsOf({ metadata }: KubeObject): { readonly [key: string]: string } {
  const { labels } = metadata;
  return labels ?? {};
}
