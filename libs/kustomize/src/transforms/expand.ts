/** What `$(NAME)` stands for: the value as text, or undefined to leave it as it is written. */
export type Expansion = (name: string) => string | undefined;

/** A text that is one reference and nothing else, such as `$(PORT)`: its value keeps its type. */
export function soleReference(text: string): string | undefined {
  if (!text.startsWith('$(')) return undefined;
  const end = text.indexOf(')');
  return end === text.length - 1 ? text.slice(2, end) : undefined;
}

/**
 * A text with its references expanded (filters/refvar/expand.go): `$(NAME)` is replaced, `$$` is one dollar sign that starts
 * no reference, and everything else stays. What a value holds is not expanded again.
 */
export function expanded(text: string, expansion: Expansion): string {
  const parts: string[] = [];
  let done = 0;
  for (let at = text.indexOf('$'); at >= 0 && at + 1 < text.length; at = text.indexOf('$', done)) {
    parts.push(text.slice(done, at));
    const reference = referenceAt(text, at + 1);
    if (reference === undefined) {
      parts.push(text[at + 1] === '$' ? '$' : text.slice(at, at + 2));
      done = at + 2;
    } else {
      parts.push(expansion(reference) ?? `$(${reference})`);
      done = at + reference.length + 3;
    }
  }
  return parts.join('') + text.slice(done);
}

function referenceAt(text: string, at: number): string | undefined {
  if (text[at] !== '(') return undefined;
  const end = text.indexOf(')', at);
  return end < 0 ? undefined : text.slice(at + 1, end);
}
