import type { Body } from './session.ts';

/** A change of an object, said in words for the title of a case. */
export interface Mutation {
  readonly kind: string;
  readonly words: string;
  readonly change: (object: Body) => void;
}

/** Sets the value at a dotted path (`spec.ports.0.port`), making objects on the way; undefined removes it. */
export function set(object: Body, path: string, value: unknown): void {
  const names = path.split('.');
  const last = names.pop() ?? '';
  let current = object;
  for (const name of names) current = current[name] ??= {};
  if (value === undefined) delete current[last];
  else current[last] = structuredClone(value);
}

/** A mutation that sets one path. */
export function setting(kind: string, path: string, value: unknown): Mutation {
  const shown = value === undefined ? 'nothing' : JSON.stringify(value);
  return {
    kind,
    words: `${kind} with ${shown.length > 60 ? `${shown.slice(0, 57)}...` : shown} at ${path}`,
    change: (object) => set(object, path, value),
  };
}
