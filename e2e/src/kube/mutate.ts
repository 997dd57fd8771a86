import { set } from './body.ts';
import type { Body } from './body.ts';
import { objectPath, sampleOf } from './objects.ts';
import type { ContractCase, Session } from './session.ts';

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

/** A case that makes the sample of a kind with a mutation. */
export function creating(mutation: Mutation): ContractCase {
  return {
    title: `create: ${mutation.words}`,
    async run(session: Session) {
      const sample = sampleOf(mutation.kind);
      const object = sample.make(session.namespace);
      mutation.change(object);
      await session.ask('POST', sample.path, object);
    },
  };
}

/** A case that makes the sample of a kind, replaces it by itself with a mutation, and reads what came of it. */
export function updating(mutation: Mutation): ContractCase {
  return {
    title: `update: ${mutation.words}`,
    async run(session: Session) {
      const sample = sampleOf(mutation.kind);
      const made = await session.prepare('POST', sample.path, sample.make(session.namespace));
      const path = objectPath(sample, made.body);
      mutation.change(made.body);
      await session.ask('PUT', path, made.body);
      await session.ask('GET', path);
    },
  };
}
