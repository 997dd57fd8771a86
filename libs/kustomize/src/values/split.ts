import type { TextPart } from '@meridian/manifests';

/** The parts of a file of resources; or the line that kustomize refuses and why. */
export type SplitText =
  { readonly parts: readonly TextPart[] } | { readonly refusedAt: number; readonly message: string };

/** Spaces are what Go takes for spaces: U+0085 is one for it, a byte order mark is none. */
const nothingOrComment = /^(?:[^\S\ufeff]|\u0085)*(?:#|$)/;

/**
 * The parts into which kustomize cuts a file of resources, to read the first document of each of them (kyaml
 * splitDocuments): it cuts at lines that start with `---`. The last line is none if it does not end.
 */
export function splitDocuments(text: string): SplitText {
  const parts: TextPart[] = [];
  let from = 0;
  // Most files hold one document; looking for a plain text costs a hundredth of going through matches.
  for (const separator of text.includes('\n---') ? text.matchAll(/\n---[^\n]*\n/g) : []) {
    if (!nothingOrComment.test(separator[0].slice(4, -1))) {
      return {
        refusedAt: text.slice(0, separator.index + 1).split('\n').length,
        message: 'a line that starts with --- may hold a comment and nothing else',
      };
    }
    parts.push({ from, to: separator.index + 1 });
    from = separator.index + separator[0].length;
  }
  parts.push({ from, to: text.length });
  return { parts };
}
