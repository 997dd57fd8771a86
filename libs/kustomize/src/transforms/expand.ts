import { utf8Bytes } from '@meridian/manifests';
import { wrappedBase64 } from '../generators/objects.ts';
import { longestText } from '../values/longest-text.ts';
import { FieldError } from './field-spec.ts';

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
 * no reference, and everything else stays. What a value holds is not expanded again. Throws FieldError when that makes a text
 * longer than a build may hold.
 */
export function expanded(text: string, expansion: Expansion): string {
  const parts: Part[] = [];
  const lastEnd = text.lastIndexOf(')');
  let done = 0;
  let grown = text.length;
  for (let at = text.indexOf('$'); at >= 0 && at + 1 < text.length; at = text.indexOf('$', done)) {
    parts.push(text.slice(done, at));
    const reference = at < lastEnd ? referenceAt(text, at + 1) : undefined;
    if (reference === undefined) {
      const next = String.fromCodePoint(text.codePointAt(at + 1) ?? 0);
      parts.push(...unchanged(next));
      done = at + 1 + next.length;
    } else {
      const value = expansion(reference) ?? `$(${reference})`;
      grown += value.length;
      if (grown > longestText)
        throw new FieldError(`its vars make a text of more than ${longestText} characters`);
      parts.push(value);
      done = at + reference.length + 3;
    }
  }
  return joined([...parts, text.slice(done)]);
}

type Part = string | Uint8Array;

function referenceAt(text: string, at: number): string | undefined {
  if (text[at] !== '(') return undefined;
  const end = text.indexOf(')', at);
  return end < 0 ? undefined : text.slice(at + 1, end);
}

/** A dollar sign that starts nothing, and the character behind it, whose first byte kustomize takes for a character. */
function unchanged(next: string): readonly Part[] {
  if (next === '$') return ['$'];
  const bytes = utf8Bytes(next);
  if (bytes.length === 1) return [`$${next}`];
  return ['$', String.fromCodePoint(bytes[0] ?? 0), bytes.slice(1)];
}

/** What is no UTF-8 any more ends as base64. */
function joined(parts: readonly Part[]): string {
  if (parts.every((part) => typeof part === 'string')) return parts.join('');
  const all = parts.map((part) => (typeof part === 'string' ? utf8Bytes(part) : part));
  const bytes = new Uint8Array(all.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of all) {
    bytes.set(part, at);
    at += part.length;
  }
  return wrappedBase64(bytes);
}
