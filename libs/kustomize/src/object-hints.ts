import type { LocatedError } from '@meridian/fleet';
import { optionsOf, readHook } from '@meridian/manifests';
import type { LocatedKubeObject } from './kube-objects.ts';

/** Annotations that tell the agent something and cannot be read, so that it will not do what their author meant. */
export function annotationWarnings({ object, origin }: LocatedKubeObject): readonly LocatedError[] {
  if (object.metadata.annotations === undefined && object.metadata.labels === undefined) return [];
  const problems = [...readHook(object).problems, ...optionsOf(object).problems];
  return problems.map((problem) => ({
    ...origin,
    field: 'metadata.annotations',
    message: `${object.kind} ${object.metadata.name}: ${problem}`,
  }));
}
