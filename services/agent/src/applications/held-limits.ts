import type { DesiredObject } from '../assignments/prepare.ts';
import type { LocalLimits } from '../limits/local-limits.ts';
import type { EngineContext } from './context.ts';
import { objectName } from './object-name.ts';
import type { Held } from './held.ts';

/** What the limits of this cluster keep an application from. */
export interface HeldLimits {
  /** The limits that `refused` was judged by; undefined before the first time. */
  revision: number | undefined;
  /** Why nothing at all is written now. */
  stopped: string | undefined;
  /** Why an object or hook of the bundle may not be written, by `keyText`. */
  refused: ReadonlyMap<string, string>;
  /** The same as sentences that name the objects. */
  errors: readonly string[];
  /** Why the namespace of the application cannot be made or given labels. */
  namespace: string | undefined;
  /** Objects that left the bundle and may not be deleted, one sentence each. */
  deletions: readonly string[];
  /** How many objects wait for the change rate. */
  waiting: number;
  /** Monotonic time at which the next of them may be written. */
  waitUntilMs: number | undefined;
}

/** Limits that are not judged yet; a freeze holds on, and the namespace is asked about only when limits change. */
export function unjudged(before: HeldLimits | undefined): HeldLimits {
  return {
    revision: undefined,
    stopped: before?.stopped,
    refused: new Map(),
    errors: [],
    namespace: before?.namespace,
    deletions: [],
    waiting: 0,
    waitUntilMs: undefined,
  };
}

/** Whether nothing may be written for now: a person has paused the application, or frozen the cluster. */
export function isStopped({ isPaused, limits }: Pick<Held, 'isPaused' | 'limits'>): boolean {
  return isPaused || limits.stopped !== undefined;
}

/** Why the limits of this cluster do not let an object be written; undefined when they do. */
export function limitOf(
  { limits }: Pick<Held, 'limits'>,
  { id }: Pick<DesiredObject, 'id'>,
): string | undefined {
  return limits.refused.get(id);
}

/**
 * Takes the limits as they are now; gives whether other objects are refused than before. `nowMs` is monotonic. What a limit
 * forbids stays in the cluster as it is: it is named by the bundle, so that nothing prunes it.
 */
export function takeLimits(held: Held, local: LocalLimits, nowMs: number): boolean {
  const { limits } = held;
  const stopped = local.stopped();
  if (stopped !== undefined && limits.stopped === undefined) forgetTries(held);
  limits.stopped = stopped;
  // A time that has come rings no more, whether or not the turn gets as far as what waited for it.
  if ((limits.waitUntilMs ?? Infinity) <= nowMs) limits.waitUntilMs = undefined;
  if (limits.revision === local.revision) return false;
  const before = limits.refused;
  limits.revision = local.revision;
  const refused = refusedOf(held, local);
  limits.refused = new Map(refused.map(({ one: { id }, why }) => [id, why]));
  limits.errors = refused.map(({ one: { entry }, why }) => `${objectName(entry)}: ${why}`);
  for (const id of limits.refused.keys()) held.books.get(id)?.forgetError();
  // All of it is asked anew under other limits.
  if (limits.namespace !== undefined) held.hasNamespace = false;
  limits.namespace = undefined;
  limits.deletions = [];
  held.pruneNote = undefined;
  return [...limits.refused].some(([id, why]) => before.get(id) !== why);
}

interface Refused {
  readonly one: DesiredObject;
  readonly why: string;
}

function refusedOf({ desired, hookStages }: Held, { rules }: LocalLimits): readonly Refused[] {
  // A hook of several phases is one object.
  const all = new Set([...desired, ...hookStages.flatMap(({ hooks }) => hooks)]);
  return [...all].flatMap((one) => {
    const why = rules.refusal(one.object);
    return why === undefined ? [] : [{ one, why }];
  });
}

/** Everything of an application that the limits refuse, one sentence each. */
export function limitErrors({
  limits: { errors, namespace, deletions },
}: Pick<Held, 'limits'>): readonly string[] {
  return [...(namespace === undefined ? [] : [namespace]), ...errors, ...deletions];
}

/** A freeze that began amid a turn made calls fail; that is no fault of the objects. */
function forgetTries(held: Held): void {
  held.pruneErrors = [];
  held.turnError = undefined;
}

/** Takes a permit to write, or delete, one object now; without one the application wakes when it is its turn. */
export function takePermit(
  { clock, limits: { pace } }: Pick<EngineContext, 'clock' | 'limits'>,
  held: Held,
  share: 'writes' | 'deletions',
): boolean {
  const { application } = held.assignment;
  const nowMs = clock.monotonicMs();
  if (pace.take(share, application, nowMs)) return true;
  const atMs = pace.nextAtMs(share, application, nowMs);
  held.limits.waiting += 1;
  held.limits.waitUntilMs = Math.min(held.limits.waitUntilMs ?? Infinity, atMs);
  return false;
}

/** At the start of a turn: everything that waits asks again. */
export function beginAsking({ limits }: Held): void {
  limits.waiting = 0;
  limits.waitUntilMs = undefined;
}
