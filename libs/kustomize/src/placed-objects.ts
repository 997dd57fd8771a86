import type { LocatedError } from '@meridian/fleet';
import {
  groupOf,
  isClusterScoped,
  isForHelmAlone,
  keyOf,
  keyText,
  notTextIn,
  waveProblem,
  type Json,
  type KubeObject,
} from '@meridian/manifests';
import { keepText } from './kept-texts.ts';
import type { LocatedKubeObject } from './kube-objects.ts';

/** An object as it gets into a bundle, and what speaks against that. */
export interface PlacedObject extends LocatedKubeObject {
  /** Equal for objects that a cluster takes for the same. */
  readonly key: string;
  readonly problems: readonly LocatedError[];
}

interface Kept {
  readonly namespace: string;
  readonly isOutside: boolean;
  readonly placed: PlacedObject;
}

const kept = new WeakMap<LocatedKubeObject, Kept>();

/**
 * The objects that a bundle holds, those without a namespace in the application's. An object that is in the next build again
 * is placed once, and its canonical JSON is kept from then on.
 */
export function placedObjects(
  objects: readonly LocatedKubeObject[],
  namespace: string,
): readonly PlacedObject[] {
  const clusterScoped = clusterScopedIn(objects);
  return objects.flatMap((each) => {
    const { apiVersion, kind } = each.object;
    const isOutside =
      isClusterScoped(groupOf(apiVersion), kind) || clusterScoped.has(`${groupOf(apiVersion)}/${kind}`);
    const known = kept.get(each);
    if (known?.namespace === namespace && known.isOutside === isOutside) {
      keepText(known.placed.object);
      return [known.placed];
    }
    if (isForHelmAlone(each.object)) return [];
    const placed = placedObject(each, namespace, isOutside);
    kept.set(each, { namespace, isOutside, placed });
    return [placed];
  });
}

function placedObject(
  { object, origin }: LocatedKubeObject,
  namespace: string,
  isOutside: boolean,
): PlacedObject {
  const placed = isOutside ? withoutNamespace(object) : inNamespace(object, namespace);
  return {
    object: placed,
    origin,
    key: keyText(keyOf(placed)),
    problems: problemsOf({ object: placed, origin }),
  };
}

function withoutNamespace(object: KubeObject): KubeObject {
  if (object.metadata.namespace === undefined) return object;
  const { namespace: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function inNamespace(object: KubeObject, namespace: string): KubeObject {
  if (object.metadata.namespace) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}

/** A custom resource whose definition is in the same bundle has the scope it says. */
function clusterScopedIn(objects: readonly LocatedKubeObject[]): ReadonlySet<string> {
  return new Set(
    objects.flatMap(({ object }) => {
      if (object.kind !== 'CustomResourceDefinition') return [];
      const spec = object['spec'] as
        | { readonly group?: Json; readonly scope?: Json; readonly names?: { readonly kind?: Json } }
        | undefined;
      const { group, scope, names } = spec ?? {};
      const isWhole = typeof group === 'string' && typeof names?.kind === 'string';
      return isWhole && scope === 'Cluster' ? [`${group}/${names.kind}`] : [];
    }),
  );
}

/** Namespaces that belong to Kubernetes and to Meridian itself; an application that reaches there is refused. */
const reservedNamespaces: ReadonlySet<string> = new Set(['kube-system', 'meridian-system']);

function problemsOf({ object, origin }: LocatedKubeObject): LocatedError[] {
  const errors: LocatedError[] = [];
  const { name, namespace } = object.metadata;
  const reserved = object.kind === 'Namespace' && groupOf(object.apiVersion) === '' ? name : namespace;
  if (reserved !== undefined && reservedNamespaces.has(reserved)) {
    const message = `${nameText(object)} is in the namespace ${reserved}, which no application may change`;
    errors.push({ ...origin, field: 'metadata.namespace', message, fix: 'choose another namespace' });
  }
  const wave = waveProblem(object);
  if (wave !== undefined)
    errors.push({
      ...origin,
      field: 'metadata.annotations',
      message: `${nameText(object)}: ${wave}`,
      fix: 'write a whole number such as "-1"',
    });
  const value = notTextIn(object);
  if (value)
    errors.push({
      ...origin,
      field: value.field,
      message: `${nameText(object)}: ${value.field} is ${value.is}, and values of a Secret are texts`,
      fix: 'write it in quotes',
    });
  return errors;
}

/** An object as people read it. */
export function nameText({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.name}`;
}
