import { forbiddenKeys } from '@meridian/manifests';
import { splitPath, stepOf } from './path.ts';

/** One step of a field spec's path. */
export type PathStep =
  | { readonly kind: 'field'; readonly name: string; readonly isList: boolean }
  /** Nothing but blanks: kustomize stays where it is. */
  | { readonly kind: 'stay' }
  /** A step that no mapping has. */
  | { readonly kind: 'wrong'; readonly message: string };

/** Steps beyond this many are refused: no Kubernetes object is that deep. */
const longestPath = 100;

/** The steps of a path as kustomize walks them. A step that it takes for a place in a list is no field of a mapping. */
export function pathSteps(path: string): readonly PathStep[] {
  const parts = splitPath(path, '/');
  if (parts.length > longestPath)
    return [{ kind: 'wrong', message: `the path has more than ${longestPath} steps` }];
  return parts.map((part) => {
    const isList = part.endsWith('[]');
    const written = isList ? part.slice(0, -2) : part;
    if (written === '') return { kind: 'wrong', message: 'the path has an empty step' };
    const name = written.trim();
    if (name === '') return { kind: 'stay' };
    if (forbiddenKeys.has(name)) return { kind: 'wrong', message: `the step ${name} cannot be used` };
    if (stepOf(name).kind !== 'key')
      return { kind: 'wrong', message: `the step ${name} is an item of a list, not a field` };
    return { kind: 'field', name, isList };
  });
}
