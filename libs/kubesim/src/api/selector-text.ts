import { isObject, itemsAt, memberOf, objectAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';

const operators: Readonly<Record<string, string>> = { In: 'in', NotIn: 'notin' };

/** A label selector as text, sorted by key, as the API shows it in scales: `app=inference,tier in (a,b)`. */
export function selectorText(selector: JsonObject): string {
  const equal = Object.entries(objectAt(selector, 'matchLabels') ?? {}).map(
    ([key, value]) => [key, `${key}=${typeof value === 'string' ? value : ''}`] as const,
  );
  const others = itemsAt(selector, 'matchExpressions').map((expression) => {
    const key = textAt(expression, 'key') ?? '';
    return [key, isObject(expression) ? expressionText(expression, key) : ''] as const;
  });
  const sorted = [...equal, ...others].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted.map(([, text]) => text).join(',');
}

function expressionText(expression: JsonObject, key: string): string {
  const operator = textAt(expression, 'operator') ?? '';
  if (operator === 'Exists') return key;
  if (operator === 'DoesNotExist') return `!${key}`;
  const values = itemsAt(expression, 'values').map(String).sort().join(',');
  return `${key} ${memberOf(operators, operator) ?? operator} (${values})`;
}
