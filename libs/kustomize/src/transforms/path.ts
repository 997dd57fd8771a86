import { forbiddenKeys } from '@meridian/manifests';

/**
 * The steps of a path with a delimiter; a backslash before a delimiter keeps it in the step, and one at the very start is
 * passed over (kyaml utils.PathSplitter).
 */
export function splitPath(path: string, delimiter: string): string[] {
  const parts = path.split(delimiter);
  if (parts.length > 1 && parts[0] === '') parts.shift();
  const steps: string[] = [];
  for (const part of parts) {
    const last = steps.at(-1);
    if (last?.endsWith('\\') === true) steps[steps.length - 1] = `${last.slice(0, -1)}${delimiter}${part}`;
    else steps.push(part);
  }
  return steps;
}

/**
 * {@link splitPath} for the field paths of replacements: what stands in brackets is one step. `[name=a.b]` selects items
 * and keeps its brackets, `[a.b]` is a key and loses them (kyaml utils.SmarterPathSplitter).
 */
export function splitFieldPath(path: string): string[] {
  const parts = splitPath(path, '.');
  const steps: string[] = [];
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index] ?? '';
    if (!part.startsWith('[') || part.endsWith(']')) {
      steps.push(part);
      continue;
    }
    const end = parts.findIndex((each, at) => at > index && each.endsWith(']'));
    const last = end < 0 ? parts.length - 1 : end;
    const bracketed = parts.slice(index, last + 1).join('.');
    steps.push(bracketed.includes('=') ? bracketed : bracketed.replace(/^[[\]]+|[[\]]+$/g, ''));
    index = last;
  }
  return steps;
}

/** How one step of a path finds its way. */
export type Step =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'last' }
  | { readonly kind: 'every' }
  | { readonly kind: 'items'; readonly field: string; readonly value: string }
  | { readonly kind: 'broken'; readonly step: string };

/** What a step means: `*`, `0`, `-`, `[name=nginx]`, `[=text]` or a key. Keys that JavaScript gives a meaning are broken. */
export function stepOf(step: string): Step {
  if (forbiddenKeys.has(step)) return { kind: 'broken', step };
  if (step === '*') return { kind: 'every' };
  if (step === '-') return { kind: 'last' };
  if (/^[+-]?[0-9]+$/.test(step)) {
    const index = Number(step);
    return index >= 0 ? { kind: 'index', index } : { kind: 'broken', step };
  }
  if (!step.startsWith('[') || !step.endsWith(']')) return { kind: 'key', key: step };
  const sign = step.indexOf('=');
  return sign < 0 || forbiddenKeys.has(step.slice(1, sign))
    ? { kind: 'broken', step }
    : { kind: 'items', field: step.slice(1, sign), value: step.slice(sign + 1, -1) };
}
