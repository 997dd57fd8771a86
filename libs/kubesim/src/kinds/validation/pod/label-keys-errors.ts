import { labelKeyProblems } from '@meridian/cel';
import { forbidden, invalid } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { itemsAt, objectAt, textAt } from '../../../json.ts';
import type { JsonObject } from '../../../json.ts';
import { formed, wordsOf } from './forms.ts';

/**
 * What is wrong with the keys whose values a pod must share, or must not share, with others
 * (ValidateMatchLabelKeysAndMismatchLabelKeys of pkg/apis/core/validation).
 */
export function labelKeysErrors(term: JsonObject, path: string): FieldError[] {
  const [matching, different] = [keysOf(term, 'matchLabelKeys'), keysOf(term, 'mismatchLabelKeys')];
  const selector = objectAt(term, 'labelSelector');
  return [
    ...formErrors(matching, `${path}.matchLabelKeys`, selector),
    ...formErrors(different, `${path}.mismatchLabelKeys`, selector),
    ...repeatedErrors(matching, path, selector),
    ...matching.flatMap((key, index) => {
      if (!different.includes(key)) return [];
      const why = 'exists in both matchLabelKeys and mismatchLabelKeys';
      return [invalid(`${path}.matchLabelKeys[${String(index)}]`, key, why)];
    }),
  ];
}

function keysOf(term: JsonObject, field: string): string[] {
  return wordsOf(term, field);
}

function formErrors(keys: readonly string[], path: string, selector: JsonObject | undefined): FieldError[] {
  if (keys.length === 0) return [];
  if (selector === undefined) {
    return [forbidden(path, 'must not be specified when labelSelector is not set')];
  }
  return keys.flatMap((key, index) => formed(key, `${path}[${String(index)}]`, labelKeyProblems));
}

/** A key that the selector names twice: what the pod's own value adds counts as one. */
function repeatedErrors(
  keys: readonly string[],
  path: string,
  selector: JsonObject | undefined,
): FieldError[] {
  const seen = new Set(Object.keys(objectAt(selector, 'matchLabels') ?? {}));
  return itemsAt(selector, 'matchExpressions').flatMap((expression) => {
    const key = textAt(expression, 'key') ?? '';
    const again = keys.includes(key) && seen.has(key);
    seen.add(key);
    const at = `${path}[${String(keys.lastIndexOf(key))}]`;
    return again ? [invalid(at, key, 'exists in both matchLabelKeys and labelSelector')] : [];
  });
}
