import { set } from './body.ts';
import type { Body } from './body.ts';

/** A change of an object, said in words for the title of a case. */
export interface Mutation {
  readonly kind: string;
  readonly words: string;
  readonly change: (object: Body) => void;
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
