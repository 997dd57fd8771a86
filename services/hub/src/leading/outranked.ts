import type { Assignment } from '@meridian/fleet';
import type { LedgerBook, StoredAssignment } from './ledger-book.ts';
import type { Writer } from './records.ts';
import type { SeenTerm, StatusMemory } from './status-memory.ts';

/**
 * Assignments of reported clusters (by application) that their agents refuse, since they have seen a greater term, or the same
 * term of another ledger, and that would be taken with the writer's signature. The ledger was lost or put back: whoever led
 * before agents were heard of wrote them with a term that was too low.
 */
export function outranked(
  book: LedgerBook,
  reports: ReadonlyMap<string, Iterable<string>>,
  { statuses, writer }: { readonly statuses: Pick<StatusMemory, 'termOf'>; readonly writer: Writer },
): StoredAssignment[] {
  return [...reports].flatMap(([application, clusters]) =>
    [...clusters].flatMap((cluster) => {
      const stored = book.assignments.get(cluster)?.get(application);
      const seen = statuses.termOf(application, cluster);
      if (!stored || !seen || seen.term >= writer.term) return [];
      return isBelow(stored.assignment, seen) ? [stored] : [];
    }),
  );
}

function isBelow({ term, incarnation }: Assignment, seen: SeenTerm): boolean {
  const isSame = seen.incarnation === undefined || seen.incarnation === incarnation;
  return term < seen.term || (term === seen.term && !isSame);
}
