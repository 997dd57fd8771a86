import { dump, SCALAR_STYLE, visit } from 'js-yaml';
import type { Document } from 'js-yaml';
import { resolvePlain } from './scalar.ts';

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
      dump(object, {
        noRefs: true,
        lineWidth: -1,
        seqNoIndent: true,
        sortKeys: options.sortKeys ?? false,
        transform: quoteWhatGoReads,
      }),
    )
    .join('---\n');
}

const stringTag = 'tag:yaml.org,2002:str';

/** go-yaml, which kubectl reads with, takes more for numbers than js-yaml writes quotes around: `0X1F`, `0B1`. */
function quoteWhatGoReads(documents: Document[]): void {
  visit(documents, (node) => {
    if (node.kind !== 'scalar' || node.tag !== stringTag || node.style !== SCALAR_STYLE.PLAIN) return;
    const meaning = resolvePlain(node.value);
    if (!('value' in meaning) || meaning.value !== node.value) node.style = SCALAR_STYLE.SINGLE_QUOTED;
  });
}
