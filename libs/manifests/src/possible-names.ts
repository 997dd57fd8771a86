import { keyText } from './object.ts';
import { isClusterScoped } from './scope.ts';

/**
 * Every name that an agent may know an object of a bundle by, as `keyText`: what names no namespace is put into that of its
 * application, and of a kind that only the cluster knows nobody can tell here whether it lives in namespaces at all.
 */
export function possibleNames(key: string, namespace: string): readonly string[] {
  const [group = '', kind = '', inside = '', ...rest] = key.split('/');
  const named = (at: string) => keyText({ group, kind, namespace: at, name: rest.join('/') });
  if (isClusterScoped(group, kind)) return [named('')];
  const isBuiltIn = !group.includes('.') || group.endsWith('.k8s.io');
  const full = named(inside === '' ? namespace : inside);
  return isBuiltIn ? [full] : [full, named('')];
}

/** The names of all objects of a bundle. */
export function namesIn(keys: readonly string[], namespace: string): ReadonlySet<string> {
  return new Set(keys.flatMap((key) => possibleNames(key, namespace)));
}
