import type { KubeObject } from '../object.ts';

/** The text of an annotation; undefined when the object has none of this name. */
export function annotationOf(object: KubeObject, name: string): string | undefined {
  const { annotations } = object.metadata;
  return annotations && Object.hasOwn(annotations, name) ? annotations[name] : undefined;
}

/** A list in an annotation, parted by commas, without the empty words. */
export function wordsOf(object: KubeObject, name: string): readonly string[] {
  const text = annotationOf(object, name) ?? '';
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** How a text of a user is shown in a message: quoted, and never long. */
export const shown = (text: string): string => JSON.stringify(text.slice(0, 40));

const flux = 'kustomize.toolkit.fluxcd.io';

/** A word for Flux's kustomize-controller, which takes it from an annotation as well as from a label. */
export function fluxWord(object: KubeObject, name: string): string | undefined {
  const { labels } = object.metadata;
  const key = `${flux}/${name}`;
  return annotationOf(object, key) ?? (labels && Object.hasOwn(labels, key) ? labels[key] : undefined);
}
