import { dump } from 'js-yaml';

/** How `toYaml` writes. */
export interface ToYamlOptions {
  /** Sort the keys of every mapping; otherwise they keep their order. */
  readonly sortKeys?: boolean;
}

/**
 * Objects as YAML documents divided by `---`, as kubectl reads them. Strings that any YAML version would take for
 * something else are quoted. No objects give an empty text.
 */
export function toYaml(objects: readonly unknown[], options: ToYamlOptions = {}): string {
  return objects
    .map((object) =>
      dump(object, { noRefs: true, lineWidth: -1, seqNoIndent: true, sortKeys: options.sortKeys ?? false }),
    )
    .join('---\n');
}
