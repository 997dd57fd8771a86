import type { ImageTag } from '../transforms/image-name.ts';
import type { imageShape } from './kustomization-fields.ts';
import type { Shaped } from './shape.ts';

/** An entry of `images` as the transformer takes it; without a name it fits the image without one. */
export function imageTagOf(fields: Shaped<typeof imageShape>): ImageTag {
  return { ...fields, name: fields.name ?? '' };
}
