import { isObject, objectAt } from '../json.ts';
import type { JsonObject } from '../json.ts';

/** Where a path leads in a schema, or why it leads nowhere. */
export type FieldPath =
  | { readonly ok: true; readonly names: readonly string[]; readonly schema: JsonObject | undefined }
  | { readonly ok: false; readonly problem: string };

/** Follows a path such as `.spec.model` or `.labels['a.b']` through a schema; brackets only where they are allowed. */
export function followPath(path: string, schema: JsonObject, allowsBrackets: boolean): FieldPath {
  const tokens = tokensOf(path);
  const names: string[] = [];
  let current: JsonObject | undefined = schema;
  for (let token = tokens.shift(); token !== undefined; token = tokens.shift()) {
    const step = stepOf(token, tokens, allowsBrackets);
    if (!step.ok) return step;
    const next = memberOf(current, step.name);
    if (next === undefined) return { ok: false, problem: 'does not refer to a valid field' };
    names.push(step.name);
    current = next.schema;
    if (step.closes) {
      const end = tokens.shift();
      if (end === undefined) return { ok: false, problem: endWords };
      if (end !== ']') return { ok: false, problem: `expected ] but got ${end}` };
    }
  }
  return { ok: true, names, schema: current };
}

const endWords = 'unexpected end of JSON path';

type Step =
  | { readonly ok: true; readonly name: string; readonly closes: boolean }
  | { readonly ok: false; readonly problem: string };

function stepOf(token: string, rest: string[], allowsBrackets: boolean): Step {
  if (token !== '.' && token !== '[') return { ok: false, problem: `expected [ or . but got: ${token}` };
  if (token === '[' && !allowsBrackets) return { ok: false, problem: 'array notation is not allowed' };
  const name = rest.shift();
  if (name === undefined) return { ok: false, problem: endWords };
  if (token === '.') return { ok: true, name, closes: false };
  const quoted = /^'(.*)'$/s.exec(name)?.[1];
  if (quoted === undefined) return { ok: false, problem: `expected single quoted string but got ${name}` };
  return { ok: true, name: quoted.replace(/\\(.)/g, '$1'), closes: true };
}

/** Parts of a path: dots, brackets, and what stands between them; a quoted name may hold either. */
function tokensOf(path: string): string[] {
  return path.match(/'(?:[^\\']|\\.)*'|[.[\]]|[^.[\]]+/gs) ?? [];
}

function memberOf(
  schema: JsonObject | undefined,
  name: string,
): { readonly schema: JsonObject | undefined } | undefined {
  const properties = objectAt(schema, 'properties');
  if (properties !== undefined) {
    const found = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return isObject(found) ? { schema: found } : undefined;
  }
  const additional = schema?.['additionalProperties'];
  return additional === undefined ? undefined : { schema: isObject(additional) ? additional : undefined };
}
