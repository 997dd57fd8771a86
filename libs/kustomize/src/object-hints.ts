import type { LocatedError } from '@meridian/fleet';
import { optionsOf, readHook } from '@meridian/manifests';
import type { KubeObject } from '@meridian/manifests';
import type { LocatedKubeObject } from './kube-objects.ts';

/**
 * Whether an object belongs into a bundle: it is kept in the cluster, or a hook of some phase. Tests of charts and what Helm
 * does around a rollback run in none: a rollback of Meridian applies an older bundle.
 */
export function runsSometime(object: KubeObject): boolean {
  const { hook } = readHook(object);
  return !hook || hook.phases.length > 0;
}

/** Annotations that tell the agent something and cannot be read, so that it will not do what their author meant. */
export function annotationWarnings({ object, origin }: LocatedKubeObject): readonly LocatedError[] {
  if (object.metadata.annotations === undefined) return [];
  const problems = [...readHook(object).problems, ...optionsOf(object).problems];
  return problems.map((problem) => ({
    ...origin,
    field: 'metadata.annotations',
    message: `${object.kind} ${object.metadata.name}: ${problem}`,
  }));
}
