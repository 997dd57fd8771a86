import type { Application, Cluster, LocatedError } from '@meridian/fleet';
import { joinPath, pathProblem, type FileTree } from './tree.ts';

/** The directory to build for a cluster, or why there is none; `isOwn` when it is named after the cluster. */
export type ResolvedOverlay =
  { readonly root: string; readonly isOwn: boolean } | { readonly errors: readonly LocatedError[] };

/**
 * The first overlay of the application's search order that exists, with `{cluster.name}` and `{LABEL}` replaced from
 * the cluster. Every pattern must be resolvable, also those behind the first that exists: a cluster without the
 * label would otherwise change its overlay silently when a directory is renamed.
 */
export function resolveOverlay(tree: FileTree, application: Application, cluster: Cluster): ResolvedOverlay {
  const candidates = candidatesOf(application, cluster);
  if ('errors' in candidates) return candidates;
  const { roots } = candidates;
  const index = roots.findIndex((each) => tree.list(each) !== undefined);
  const root = roots[index];
  if (root === undefined) return { errors: [noOverlay(tree, application, cluster, roots)] };
  return { root, isOwn: application.overlays[index]?.includes('{cluster.name}') === true };
}

/** The directories of the search order, in this order. */
function candidatesOf(
  application: Application,
  cluster: Cluster,
): { readonly roots: readonly string[] } | { readonly errors: readonly LocatedError[] } {
  const errors: LocatedError[] = [];
  const roots: string[] = [];
  for (const [index, pattern] of application.overlays.entries()) {
    const place = { file: application.path, field: `spec.source.overlays[${index}]`, cluster: cluster.name };
    const filled = fillPattern(pattern, cluster);
    if ('problem' in filled) errors.push({ ...place, message: filled.problem, fix: filled.fix });
    else {
      const root =
        pathProblem(filled.path) === undefined ? joinPath(application.path, filled.path) : undefined;
      const inside = root === application.path || root?.startsWith(`${application.path}/`) === true;
      if (root !== undefined && inside) roots.push(root);
      else
        errors.push({
          ...place,
          message: `the overlay ${filled.path} is outside ${application.path}`,
          fix: 'name a directory below it',
        });
    }
  }
  return errors.length > 0 ? { errors } : { roots };
}

function noOverlay(
  tree: FileTree,
  application: Application,
  cluster: Cluster,
  roots: readonly string[],
): LocatedError {
  const unreadable = roots.map((root) => tree.unreadable?.(root)).find((reason) => reason !== undefined);
  return {
    file: application.path,
    field: 'spec.source.overlays',
    cluster: cluster.name,
    message:
      unreadable ??
      `${application.name} has no overlay for ${cluster.name}: none of ${roots.join(', ')} exists`,
    fix: `add ${roots[0] ?? application.path} or correct spec.source.overlays`,
  };
}

type Filled = { readonly path: string } | { readonly problem: string; readonly fix: string };

/** A pattern with `{cluster.name}` and `{LABEL}` replaced from a cluster, or why that cannot be done. `noun` is what it is a pattern of. */
export function fillPattern(pattern: string, cluster: Cluster, noun = 'overlay'): Filled {
  let refused: Filled | undefined;
  const path = pattern.replace(/\{([^{}]*)\}/g, (whole, name: string) => {
    const value = variable(name, cluster);
    if (typeof value === 'string') return value;
    refused ??= value;
    return whole;
  });
  if (refused) return refused;
  return /[{}]/.test(path)
    ? { problem: `the ${noun} ${pattern} has an unpaired brace`, fix: 'write {LABEL}' }
    : { path };
}

/** A value becomes one step of a path, so it must be a single plain one. */
const safeStep = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,251}[A-Za-z0-9])?$/;

function variable(name: string, cluster: Cluster): string | { problem: string; fix: string } {
  const value =
    name === 'cluster.name'
      ? cluster.name
      : Object.hasOwn(cluster.labels, name)
        ? cluster.labels[name]
        : undefined;
  if (value === undefined) {
    const labels = Object.keys(cluster.labels).sort().join(', ');
    return {
      problem: `the cluster ${cluster.name} has no label ${JSON.stringify(name)}`,
      fix: `add the label, or use one of cluster.name, ${labels}`,
    };
  }
  if (safeStep.test(value)) return value;
  return {
    problem: `the label ${name} of ${cluster.name} is no single path step: ${JSON.stringify(value)}`,
    fix: 'use letters, digits, -, _ and .',
  };
}
