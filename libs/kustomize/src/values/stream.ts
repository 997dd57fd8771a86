import type { Plain } from './plain.ts';
import { yamlText } from './write.ts';

/** Finished objects as `kustomize build` prints them: one YAML document each, parted by `---`. */
export function yamlOf(objects: readonly { readonly fields: Plain }[]): string {
  return objects.map(({ fields }) => yamlText(fields)).join('---\n');
}
