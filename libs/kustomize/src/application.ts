import type { Application, Bundle, Cluster, LocatedError } from '@meridian/fleet';
import {
  canonicalJson,
  groupOf,
  isClusterScoped,
  keyOf,
  keyText,
  objectProblem,
  orderObjects,
  sha256Digest,
  utf8Bytes,
  waveProblem,
  type Json,
  type KubeObject,
} from '@meridian/manifests';
import { buildSource } from './directory.ts';
import { resolveOverlay } from './overlay.ts';
import type { FileTree } from './tree.ts';

/** What is rendered, and for whom. */
export interface ApplicationRequest {
  readonly tree: FileTree;
  readonly application: Application;
  readonly cluster: Cluster;
}

/** A bundle with the canonical JSON it is named by, or everything that keeps it from being made. */
export type ResolvedApplication =
  | { readonly bundle: Bundle; readonly digest: string; readonly bytes: Uint8Array }
  | { readonly errors: readonly LocatedError[] };

/** Namespaces that belong to Kubernetes and to Meridian itself; an application that reaches there is refused. */
const reservedNamespaces: ReadonlySet<string> = new Set(['kube-system', 'meridian-system']);

/** A larger bundle is refused, because agents would refuse to read it. */
const mostBytes = 32 * 1024 * 1024;

/**
 * Renders an application for a cluster: overlay, build, default namespace, checks, order, canonical JSON, digest.
 * Pure, so that hub, CLI, CI and agent get the same digest from the same tree.
 */
export function resolveApplication({ tree, application, cluster }: ApplicationRequest): ResolvedApplication {
  const overlay = resolveOverlay(tree, application, cluster);
  if ('errors' in overlay) return overlay;
  const built = buildSource(tree, overlay.root);
  const withCluster = (errors: readonly LocatedError[]): ResolvedApplication => ({
    errors: errors.map((error) => ({ ...error, cluster: cluster.name })),
  });
  if ('errors' in built) return withCluster(built.errors);
  const broken = built.objects.flatMap((object) => formProblem(object, overlay.root));
  if (broken.length > 0) return withCluster(broken);
  const objects = built.objects.map((object) => inNamespace(object, application.namespace, built.objects));
  const errors = [
    ...objects.flatMap((object) => placeProblem(object, overlay.root)),
    ...duplicates(objects, overlay.root),
  ];
  if (errors.length > 0) return withCluster(errors);
  const bundle: Bundle = {
    application: application.name,
    cluster: cluster.name,
    objects: orderObjects(objects),
  };
  const bytes = utf8Bytes(canonicalJson(bundle));
  if (bytes.length <= mostBytes) return { bundle, digest: sha256Digest(bytes), bytes };
  return withCluster([
    {
      file: overlay.root,
      message: `the bundle is larger than ${mostBytes} bytes`,
      fix: 'split the application',
    },
  ]);
}

function formProblem(object: KubeObject, root: string): LocatedError[] {
  const problem = objectProblem(object as unknown as Json);
  if (!problem) return [];
  const message = `${nameText(object)}: ${problem.message}`;
  return [{ file: root, field: problem.step.join('.'), message, fix: problem.fix }];
}

/** Works for objects whose form is not proven yet. */
function nameText(object: KubeObject): string {
  const { kind, metadata } = object as { readonly kind?: Json; readonly metadata?: { readonly name?: Json } };
  return [kind, metadata?.name].filter((part) => typeof part === 'string').join(' ');
}

/** A namespaced object without a namespace gets the application's; a cluster-scoped one has none. */
function inNamespace(object: KubeObject, namespace: string, all: readonly KubeObject[]): KubeObject {
  if (isOutsideNamespaces(object, all)) {
    const { namespace: _, ...metadata } = object.metadata;
    return { ...object, metadata };
  }
  if (object.metadata.namespace) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}

/** A custom resource whose definition is in the same bundle has the scope it says. */
function isOutsideNamespaces(object: KubeObject, all: readonly KubeObject[]): boolean {
  const group = groupOf(object.apiVersion);
  if (isClusterScoped(group, object.kind)) return true;
  return all.some((each) => {
    if (each.kind !== 'CustomResourceDefinition') return false;
    const spec = each['spec'] as
      { readonly group?: Json; readonly scope?: Json; readonly names?: { readonly kind?: Json } } | undefined;
    return spec?.group === group && spec.names?.kind === object.kind && spec.scope === 'Cluster';
  });
}

function placeProblem(object: KubeObject, root: string): LocatedError[] {
  const errors: LocatedError[] = [];
  const { name, namespace } = object.metadata;
  const reserved = object.kind === 'Namespace' && groupOf(object.apiVersion) === '' ? name : namespace;
  if (reserved !== undefined && reservedNamespaces.has(reserved)) {
    const message = `${nameText(object)} is in the namespace ${reserved}, which no application may change`;
    errors.push({ file: root, field: 'metadata.namespace', message, fix: 'choose another namespace' });
  }
  const wave = waveProblem(object);
  if (wave !== undefined)
    errors.push({
      file: root,
      field: 'metadata.annotations',
      message: `${nameText(object)}: ${wave}`,
      fix: 'write a whole number such as "-1"',
    });
  return errors;
}

function duplicates(objects: readonly KubeObject[], root: string): LocatedError[] {
  const seen = new Set<string>();
  return objects.flatMap((object) => {
    const key = keyText(keyOf(object));
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    const place = object.metadata.namespace === undefined ? '' : ` in ${object.metadata.namespace}`;
    return [
      { file: root, message: `${nameText(object)}${place} is rendered twice`, fix: 'remove one of the two' },
    ];
  });
}
