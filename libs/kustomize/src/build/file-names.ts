import { effectiveNamespace, noNamespace, parseApiVersion, type Id } from '../resources/id.ts';

/**
 * The names that `kustomize build -o DIR` gives to the files of finished objects (build/writer.go, the same in 5.5 and 5.8): group,
 * version, kind and name in small letters, behind the namespace when the objects are in more than one.
 */
export function fileNamesOf(objects: readonly object[]): string[] {
  const ids = objects.map(idOfObject);
  const namespaces = new Set(ids.map(effectiveNamespace));
  namespaces.delete(noNamespace);
  return ids.map((id) => {
    const { group, version, kind, name } = id;
    const type = [group, version, kind].filter((part) => part !== '').join('_');
    const namespace = effectiveNamespace(id);
    const isParted = namespaces.size > 1 && namespace !== noNamespace;
    return `${isParted ? `${namespace}_` : ''}${type}_${name}.yaml`.toLowerCase();
  });
}

function idOfObject(object: object): Id {
  const metadata = valueIn(object, 'metadata');
  const named = typeof metadata === 'object' && metadata !== null ? metadata : {};
  return {
    ...parseApiVersion(textIn(object, 'apiVersion')),
    kind: textIn(object, 'kind'),
    name: textIn(named, 'name'),
    namespace: textIn(named, 'namespace'),
  };
}

function textIn(object: object, key: string): string {
  const value = valueIn(object, key);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function valueIn(object: object, key: string): unknown {
  return Object.getOwnPropertyDescriptor(object, key)?.value;
}
