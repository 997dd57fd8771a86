import type { Assignment } from '@meridian/fleet';
import { keyText } from '@meridian/manifests';
import type { DriftPolicy, KubeObject, Phase } from '@meridian/manifests';
import { keptObject } from '../assignments/prepare.ts';
import type { DesiredObject } from '../assignments/prepare.ts';
import { HookBook } from '../hooks/hook-book.ts';
import { hookRecordFor } from '../hooks/hook-record.ts';
import type { ApplicationRecord, HookRecord, InventoryEntry } from '../ports.ts';
import { hasNamespaceStill } from './application-namespace.ts';
import { isStopped, limitOf, unjudged } from './held-limits.ts';
import type { HeldLimits } from './held-limits.ts';
import { ObjectBook } from './object-book.ts';
import { planApplyStages } from './stages.ts';
import type { ApplyStage } from './stages.ts';
import { kindsIn } from './watched-kinds.ts';
import type { NamedKind } from './watched-kinds.ts';

/** Why objects that are not desired any more were left where they are. */
export interface PruneNote {
  readonly text: string;
  /** How many objects would go; only when they stay because that is more than the assignment allows. */
  readonly refusedDeletions?: number;
  /** They stay because they are more than the limits of this cluster let one assignment delete. */
  readonly isGuarded?: boolean;
  /** Some of them are to be taken over by another application, which has not happened yet. */
  readonly isPromise?: true;
  /** What is kept because the hub says that another application will want it; told although nothing is wrong. */
  readonly waits?: string;
  /** Monotonic time of the next look: a person may have deleted or marked what was refused, an heir have taken what was promised. */
  readonly againAtMs?: number;
}

/** The assignment that an application works on, with what is known of its objects. */
export interface Held {
  /** As it was saved last, or will be saved next. */
  record: ApplicationRecord;
  readonly assignment: Assignment;
  /** What shall be in the cluster and stay there. */
  readonly desired: readonly DesiredObject[];
  /** The kinds of what is kept and of the hooks that run now. */
  readonly kinds: readonly NamedKind[];
  /** Everything that the bundle names, by `keyText`: also hooks, and what it says to leave alone. */
  readonly named: ReadonlySet<string>;
  readonly stages: readonly ApplyStage[];
  /** The stages of all phases that have hooks. */
  readonly hookStages: readonly ApplyStage[];
  /** What is to run when the application is withdrawn; the bundle that has it is not assigned any more by then. */
  readonly endHooks: readonly KubeObject[];
  /** One for each desired object, by `keyText`. */
  readonly books: ReadonlyMap<string, ObjectBook>;
  /** One for each hook, by `keyText`. */
  readonly hookBooks: ReadonlyMap<string, HookBook>;
  /** Monotonic time at which hooks are to be looked at without being woken. */
  hooksAtMs: number | undefined;
  /** Monotonic time before which no hook that has failed is repeated. */
  hookRetryAtMs: number | undefined;
  /** A person has stopped the application for now: nothing is written or deleted. */
  isPaused: boolean;
  /** What the limits of this cluster keep it from. */
  readonly limits: HeldLimits;
  /** Set until what was found at start has been compared with what should be. */
  isFresh: boolean;
  /** The namespace was seen or made by this process. */
  hasNamespace: boolean;
  /** Monotonic time of the next look whether kinds that were missing are served by now; undefined when none is. */
  kindsAtMs: number | undefined;
  /** How often it was looked in vain. */
  kindLooks: number;
  /** An object was prepared for a namespace, and the cluster says that its kind lives in none. */
  isMisprepared: boolean;
  /** The stage after whose gate the next one waits. */
  blockedAt: number | undefined;
  /** Why objects that are not desired any more are still there. */
  pruneNote: PruneNote | undefined;
  pruneErrors: readonly string[];
  /** Monotonic time before which nothing is pruned, for another application may be about to want it; 0 once it has come. */
  pruneAtMs: number | undefined;
  /** Why the last turn ended early. */
  turnError: string | undefined;
}

const endPhases: ReadonlySet<Phase> = new Set(['PreDelete', 'PostDelete']);

/**
 * Puts an assignment in the place of the one before; what is known of objects that stay desired is kept. `prepared` is the
 * whole bundle or, when the application is withdrawn, the hooks for its end.
 */
export function holdAssignment(
  record: ApplicationRecord,
  assignment: Assignment,
  prepared: readonly DesiredObject[],
  before: Held | undefined,
): Held {
  const desired = prepared.filter(({ hook, options }) => !hook && !options.isLeftAlone);
  const hooks = prepared.filter(({ hook }) => hook);
  const applied = prepared.filter(({ hook, options }) => hook || !options.isLeftAlone);
  const isEnd = assignment.bundle === undefined;
  const hookStages = planApplyStages(
    hooks,
    isEnd ? ['PreDelete', 'PostDelete'] : ['PreSync', 'Sync', 'PostSync', 'SyncFail'],
  );
  return {
    record,
    assignment,
    desired,
    kinds: kindsIn([...desired, ...hookStages.flatMap((stage) => stage.hooks)]),
    named: new Set(prepared.map(({ id }) => id)),
    stages: planApplyStages(applied, isEnd ? ['PreDelete'] : ['PreSync', 'Sync', 'PostSync']),
    hookStages,
    endHooks: hooks.filter(({ hook }) => hook?.phases.some((phase) => endPhases.has(phase))).map(keptObject),
    books: booksFor(desired, record, before),
    hookBooks: new Map(hooks.map((hook) => [hook.id, hookBookFor(hook, before?.hookBooks.get(hook.id))])),
    hooksAtMs: undefined,
    ...carriedOver(assignment, before),
    kindsAtMs: undefined,
    kindLooks: 0,
    isMisprepared: false,
    limits: unjudged(before?.limits),
    blockedAt: undefined,
    pruneNote: undefined,
    pruneErrors: [],
    pruneAtMs: undefined,
    turnError: undefined,
  };
}

type CarriedOver = Pick<Held, 'hookRetryAtMs' | 'isPaused' | 'isFresh' | 'hasNamespace'>;

/** What stays as it was under the assignment before. */
function carriedOver(assignment: Assignment, before: Held | undefined): CarriedOver {
  if (!before) return { hookRetryAtMs: undefined, isPaused: false, isFresh: false, hasNamespace: false };
  const { isPaused, isFresh, hookRetryAtMs } = before;
  return {
    isPaused,
    isFresh,
    // The same bundle under another generation is no reason to hurry.
    hookRetryAtMs: before.assignment.bundle === assignment.bundle ? hookRetryAtMs : undefined,
    hasNamespace: hasNamespaceStill(before, assignment),
  };
}

/** How the hooks of the assignment have gone so far. */
export function hooksOf({ record, assignment }: Held): HookRecord {
  return hookRecordFor(assignment, record.hooks);
}

function booksFor(
  desired: readonly DesiredObject[],
  { inventory }: ApplicationRecord,
  before: Held | undefined,
): Held['books'] {
  const books = new Map(desired.map((one) => [one.id, bookFor(one, before?.books.get(one.id))]));
  if (before) return books;
  const ended = new Map(inventory.map((entry) => [keyText(entry), entry.ended]));
  for (const { id, hash } of desired) if (ended.get(id) === hash) books.get(id)?.knowEnd(hash);
  return books;
}

/** What is known of an object, without what the assignment before could not do with it. */
function bookFor({ entry, options, judging }: DesiredObject, known: ObjectBook | undefined): ObjectBook {
  known?.forgetError();
  const { group, kind, namespace, name } = entry;
  const book = known ?? new ObjectBook({ group, kind, namespace, name });
  book.judgeBy(judging);
  if (options.drift === 'ignore') book.ignoreDrift();
  else if (options.write === 'once') book.heedDeletionOnly();
  else book.heedDrift();
  return book;
}

function hookBookFor({ judging }: DesiredObject, known: HookBook | undefined): HookBook {
  const book = known ?? new HookBook();
  book.judgeBy(judging);
  return book;
}

/** The book of a desired object. */
export function bookOf(held: Held, { id }: DesiredObject): ObjectBook {
  const book = held.books.get(id);
  if (!book) throw new TypeError(`object ${id} has no book`);
  return book;
}

/** Objects of the inventory that the bundle does not name any more, in apply order. */
export function leftovers(held: Held): readonly InventoryEntry[] {
  return held.record.inventory.filter((entry) => !held.named.has(keyText(entry)));
}

/**
 * What is done about drift of an object now: its own annotation decides, else whether its application is healed. While
 * nothing may be written, what would be corrected is reported.
 */
export function driftPolicyOf(held: Held, { options }: DesiredObject): DriftPolicy {
  const policy = options.drift ?? (held.assignment.selfHeal ? 'correct' : 'report');
  return isStopped(held) && policy === 'correct' ? 'report' : policy;
}

/** Whether the object is not healed, was applied before and may only be looked at. */
export function isReportOnly(held: Held, desired: DesiredObject): boolean {
  const isLimited = limitOf(held, desired) !== undefined;
  return (isLimited || driftPolicyOf(held, desired) !== 'correct') && held.record.appliedAtMs !== undefined;
}

/** Whether the object has not been written with this content yet and shall be. */
export function isUnwritten(held: Held, desired: DesiredObject): boolean {
  const book = bookOf(held, desired);
  const { applied } = book;
  if (book.isOver(desired)) return false;
  return applied ? applied.desired.hash !== desired.hash : !isReportOnly(held, desired);
}

/** Whether everything of the assignment is written without an error. */
export function isAllWritten(held: Held): boolean {
  return held.desired.every(
    (desired) =>
      !isUnwritten(held, desired) &&
      bookOf(held, desired).error === undefined &&
      !held.limits.refused.has(desired.id),
  );
}

export { objectName } from './object-name.ts';
