import type { Moves } from '@meridian/fleet';

/** What is known when it is decided which objects of an assignment move. */
export interface MoveFacts {
  /** Names of what the application may have in the cluster and its new bundle does not have. */
  readonly dropped: readonly string[];
  /** What the assignment before said. */
  readonly before: Moves | undefined;
  /** The other application that wants an object by the newest that is known of it and has not got it yet, `preferred` if it does. */
  readonly wantedBy: (name: string, preferred: string | undefined) => string | undefined;
  /** Whether it cannot be told now what an application wants. */
  readonly isOpen: (application: string) => boolean;
  /** An application of the cluster that this very commit has broken, or that is still rendered: it may want what is dropped. */
  readonly suspect: string | undefined;
  /** Nothing of the fleet repo has been read yet. */
  readonly isBlind: boolean;
  /** Whether another application of the cluster wants anything that it has not got yet: asked when not all could be named. */
  readonly othersWait: () => boolean;
}

/** Characters of names in one assignment: about a thousand objects. An agent takes 256 KiB of base64 for all of it. */
const mostNamed = 64 * 1024;

/**
 * Which objects no agent may delete for an assignment, because another application wants them or may want them; undefined when
 * there are none. What was said before stays said while nobody can tell, and no longer.
 */
export function planMoves(facts: MoveFacts): Moves | undefined {
  const takers = candidates(facts).flatMap(([name, heir]) => {
    const taker = takerOf(name, heir, facts);
    return taker === undefined ? [] : [{ name, taker }];
  });
  if (takers.length === 0) return mayHideMore(facts) ? { to: {}, isPartial: true } : undefined;
  const to: { [application: string]: string[] } = {};
  const unclear: string[] = [];
  const named = withinRoom(takers);
  for (const { name, taker } of named) {
    if (taker === 'unknown') unclear.push(name);
    else (to[taker.application] ??= []).push(name);
  }
  // What could not be named before is not known any more.
  const isPartial = named.length < takers.length || facts.before?.isPartial === true;
  return { to, ...(unclear.length > 0 ? { unclear } : {}), ...(isPartial ? { isPartial } : {}) };
}

/** Whether something may still move of what could not be named: whatever others wait for may be it. */
function mayHideMore({ before, suspect, isBlind, othersWait }: MoveFacts): boolean {
  return before?.isPartial === true && (isBlind || suspect !== undefined || othersWait());
}

function withinRoom<T extends { readonly name: string }>(takers: readonly T[]): readonly T[] {
  let room = mostNamed;
  return takers.filter(({ name }) => (room -= name.length) >= 0);
}

/** Everything that may move, with the application that was named for it before, by name. */
function candidates({ dropped, before }: MoveFacts): readonly (readonly [string, string | undefined])[] {
  const heirs = new Map<string, string | undefined>();
  for (const name of [...dropped, ...(before?.unclear ?? [])]) heirs.set(name, undefined);
  for (const [application, names] of Object.entries(before?.to ?? {}))
    for (const name of names) heirs.set(name, application);
  return [...heirs].sort(([left], [right]) => (left < right ? -1 : 1));
}

/** Whether two assignments say the same of what moves. */
export function sameMoves(left: Moves | undefined, right: Moves | undefined): boolean {
  return textOf(left) === textOf(right);
}

function textOf(moves: Moves | undefined): string {
  if (!moves) return '';
  const to = Object.entries(moves.to).sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify([to, moves.unclear ?? [], moves.isPartial ?? false]);
}

type Taker = { readonly application: string } | 'unknown';

function takerOf(name: string, heir: string | undefined, facts: MoveFacts): Taker | undefined {
  const wanting = facts.wantedBy(name, heir);
  if (wanting !== undefined) return { application: wanting };
  if (heir !== undefined) return facts.isOpen(heir) ? { application: heir } : undefined;
  if (facts.suspect !== undefined) return { application: facts.suspect };
  return facts.isBlind ? 'unknown' : undefined;
}
