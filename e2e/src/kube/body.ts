/** A JSON object that a case sends or reads. Its shape is what is tested, so nothing is known of it. */
export type Body = { [name: string]: unknown };

/** Sets the value at a dotted path (`spec.ports.0.port`), making objects on the way; undefined removes it. */
export function set(object: Body, path: string, value: unknown): void {
  const names = path.split('.');
  const last = names.pop() ?? '';
  let current = object;
  for (const name of names) {
    const child = current[name];
    const next = isBody(child) ? child : {};
    current[name] = next;
    current = next;
  }
  if (value === undefined) delete current[last];
  else current[last] = structuredClone(value);
}

/** The value at a dotted path, undefined as soon as something on the way is missing. */
export function at(object: unknown, path: string): unknown {
  let current = object;
  for (const name of path.split('.')) current = isBody(current) ? current[name] : undefined;
  return current;
}

/** The text at a dotted path. Throws when there is none: the case cannot go on without it. */
export function textAt(object: unknown, path: string): string {
  const found = at(object, path);
  if (typeof found === 'string') return found;
  throw new Error(`no text at ${path} of ${JSON.stringify(object)}`);
}

/** The object at a dotted path; an empty one when there is none. */
export function bodyAt(object: unknown, path: string): Body {
  const found = at(object, path);
  return isBody(found) ? found : {};
}

/** The items at a dotted path; none when there is no list. */
export function itemsAt(object: unknown, path: string): unknown[] {
  const found = at(object, path);
  return Array.isArray(found) ? found : [];
}

/** Whether a value has members. Lists count as objects with their places as names. */
export function isBody(value: unknown): value is Body {
  return typeof value === 'object' && value !== null;
}
