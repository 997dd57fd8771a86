import type { Behavior, Resource } from '../resources/resource.ts';
import { isFields, scalarTextAt, valueAt } from '../values/value.ts';

const prefix = 'internal.config.kubernetes.io/';

/**
 * The resource with what its file says in annotations that kustomize keeps for itself: it reads them as if it had written
 * them (utils.PrevIds, Resource.NeedHashSuffix). Hardly any file has them.
 */
export function withWrittenNotes(resource: Resource): Resource {
  const annotations = valueAt(resource.fields, ['metadata', 'annotations']);
  if (!isFields(annotations) || !Object.keys(annotations).some((key) => key.startsWith(prefix)))
    return resource;
  const textOf = (name: string): string => scalarTextAt(annotations, [prefix + name]);
  const listOf = (name: string): readonly string[] => (textOf(name) === '' ? [] : textOf(name).split(','));
  const [names, namespaces, kinds] = [
    listOf('previousNames'),
    listOf('previousNamespaces'),
    listOf('previousKinds'),
  ];
  const isWhole = names.length === namespaces.length && names.length === kinds.length;
  return {
    ...resource,
    past: isWhole
      ? names.map((name, index) => ({ name, namespace: namespaces[index] ?? '', kind: kinds[index] ?? '' }))
      : [],
    prefixes: listOf('prefixes'),
    suffixes: listOf('suffixes'),
    behavior: behaviorOf(textOf('generatorBehavior')),
    hashed: textOf('needsHashSuffix') === 'enabled',
  };
}

function behaviorOf(text: string): Behavior {
  if (text === '') return 'none';
  return text === 'create' || text === 'merge' || text === 'replace' ? text : 'unspecified';
}
