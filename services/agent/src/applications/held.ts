import type { Assignment } from '@meridian/fleet';
import { keyText } from '@meridian/manifests';
import type { DesiredObject } from '../assignments/bundle.ts';
import type { ApplicationRecord, InventoryEntry, KindRef } from '../ports.ts';
import { ObjectBook } from './object-book.ts';
import { planApplyStages } from './stages.ts';
import type { ApplyStage } from './stages.ts';

/** Why objects that are not desired any more were left where they are. */
export interface PruneNote {
  readonly text: string;
  /** How many objects would go; only when they stay because that is more than the assignment allows. */
  readonly refusedDeletions?: number;
  /** Monotonic time of the next look, for a person may have deleted or marked them; only when they were refused. */
  readonly againAtMs?: number;
}

/** The assignment that an application works on, with what is known of its objects. */
export interface Held {
  /** As it was saved last, or will be saved next. */
  record: ApplicationRecord;
  readonly assignment: Assignment;
  readonly desired: readonly DesiredObject[];
  readonly stages: readonly ApplyStage[];
  /** One for each desired object, by `keyText`. */
  readonly books: ReadonlyMap<string, ObjectBook>;
  /** Set until what was found at start has been compared with what should be. */
  isFresh: boolean;
  /** The namespace was seen or made by this process. */
  hasNamespace: boolean;
  /** The stage after whose gate the next one waits. */
  blockedAt: number | undefined;
  /** Why objects that are not desired any more are still there. */
  pruneNote: PruneNote | undefined;
  pruneErrors: readonly string[];
  /** Why the last turn ended early. */
  turnError: string | undefined;
}

/** Puts an assignment in the place of the one before; what is known of objects that stay desired is kept. */
export function holdAssignment(
  record: ApplicationRecord,
  assignment: Assignment,
  desired: readonly DesiredObject[],
  before: Held | undefined,
): Held {
  const books = new Map(desired.map(({ id, entry }) => [id, before?.books.get(id) ?? newBook(entry)]));
  return {
    record,
    assignment,
    desired,
    stages: planApplyStages(desired),
    books,
    isFresh: before?.isFresh ?? false,
    hasNamespace: before?.assignment.namespace === assignment.namespace && before.hasNamespace,
    blockedAt: undefined,
    pruneNote: undefined,
    pruneErrors: [],
    turnError: undefined,
  };
}

function newBook({ group, kind, namespace, name }: InventoryEntry): ObjectBook {
  return new ObjectBook({ group, kind, namespace, name });
}

/** The book of a desired object. */
export function bookOf(held: Held, { id }: DesiredObject): ObjectBook {
  const book = held.books.get(id);
  if (!book) throw new TypeError(`object ${id} has no book`);
  return book;
}

/** Objects of the inventory that are not desired any more, in apply order. */
export function leftovers(held: Held): readonly InventoryEntry[] {
  return held.record.inventory.filter((entry) => !held.books.has(keyText(entry)));
}

/** Whether an application that is not healed was applied before and may only be looked at. */
export function isReportOnly(held: Held): boolean {
  return !held.assignment.selfHeal && held.record.appliedAtMs !== undefined;
}

/** Whether the object has not been written with this content yet and shall be. */
export function isUnwritten(held: Held, desired: DesiredObject): boolean {
  const { applied } = bookOf(held, desired);
  return applied ? applied.desired.hash !== desired.hash : !isReportOnly(held);
}

/** Whether everything of the assignment is written without an error. */
export function isAllWritten(held: Held): boolean {
  return held.desired.every(
    (desired) => !isUnwritten(held, desired) && bookOf(held, desired).error === undefined,
  );
}

/**
 * The kinds of an application that can be watched by now. Kinds that a CustomResourceDefinition brings are watched once an
 * object of them was made: asking before would only start the watcher's long wait for missing kinds.
 */
export function watchedKinds(held: Held): readonly KindRef[] {
  const made = new Set(
    held.record.inventory
      .filter(({ uid }) => uid !== '')
      .map(({ apiVersion, kind }) => `${apiVersion} ${kind}`),
  );
  return held.desired
    .filter((desired) => {
      const { apiVersion, kind } = desired.object;
      const { group } = desired.entry;
      const isBuiltIn = !group.includes('.') || group.endsWith('.k8s.io');
      return isBuiltIn || bookOf(held, desired).applied !== undefined || made.has(`${apiVersion} ${kind}`);
    })
    .map(({ object: { apiVersion, kind } }) => ({ apiVersion, kind }));
}

/** An object as people write it: `Deployment ml/server`. */
export function objectName({
  kind,
  namespace,
  name,
}: {
  kind: string;
  namespace: string;
  name: string;
}): string {
  return namespace === '' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}
