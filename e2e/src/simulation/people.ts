import type { Random } from './random.ts';

/** Somebody who commits or operates, as the hub's tokens file knows them. */
export interface Person {
  readonly name: string;
  /** The names of their tokens. */
  readonly tokens: readonly string[];
  readonly roles: readonly string[];
  /** Who they are in git. */
  readonly identities: readonly string[];
}

/** The others never commit, and there are enough of them for every gate. */
const committers = ['ada', 'bob', 'cleo'] as const;

const rolesOf: { readonly [name: string]: readonly string[] } = {
  ada: [],
  bob: ['sre'],
  cleo: ['sre', 'lead'],
  dan: ['sre'],
  eve: ['sre', 'lead'],
  finn: ['lead'],
  gil: ['sre', 'lead'],
  hal: [],
  ida: [],
};

/** Everybody. Some have a second token under another name. */
export const people: readonly Person[] = Object.entries(rolesOf).map(([name, roles], at) => ({
  name,
  tokens: at % 2 === 0 ? [name, `${name}-laptop`] : [name],
  roles,
  identities: [`${name}@example.com`, name.toUpperCase()],
}));

/** Whose token has a name; undefined for nobody's. */
export function personOf(token: string): Person | undefined {
  return people.find(({ tokens }) => tokens.includes(token));
}

/** Whether somebody may be an author. */
export function isCommitter(name: string): boolean {
  return committers.some((one) => one === name);
}

/** Who writes the next commit. */
export function someCommitter(random: Random): string {
  return random.pick(committers);
}
