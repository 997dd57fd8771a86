import type { Assignment } from '@meridian/fleet';
import type { StatusObserved } from '@meridian/rollout';
import type { LedgerBook, StoredAssignment } from './ledger-book.ts';
import type { Writer } from './records.ts';
import type { SeenTerm, StatusMemory } from './status-memory.ts';

/** What it takes to see whom a writer's signature would reach; the time is the hub's. */
interface Seen {
  readonly statuses: Pick<StatusMemory, 'termOf' | 'observed'>;
  readonly writer: Writer;
  readonly nowMs: number;
}

/**
 * Assignments of reported clusters (by application) that their agents refuse, since they have seen a greater term, or the same
 * term of another ledger, or a later one of the same, and that would be taken with the writer's signature. The ledger was lost
 * or put back: whoever led before agents were heard of wrote them with a term that was too low, or they are of a former leader.
 */
export function outranked(
  book: LedgerBook,
  reports: ReadonlyMap<string, Iterable<string>>,
  { statuses, writer, nowMs }: Seen,
): StoredAssignment[] {
  return [...reports].flatMap(([application, clusters]) =>
    [...clusters].flatMap((cluster) => {
      const stored = book.assignments.get(cluster)?.get(application);
      const seen = statuses.termOf(application, cluster);
      if (!stored || !seen || seen.term >= writer.term) return [];
      const { assignment } = stored;
      const isRefused =
        isBelow(assignment, seen) ||
        isDeaf(assignment, statuses.observed(application, cluster, nowMs), writer);
      return isRefused ? [stored] : [];
    }),
  );
}

/** Whether an agent that has the generation says nothing of a check that a former leader asked it for: it has a later signature than that. */
function isDeaf(
  { generation, term, checks = [] }: Assignment,
  report: StatusObserved | undefined,
  writer: Writer,
): boolean {
  if (term >= writer.term || report?.generation !== generation) return false;
  return checks.some(({ id }) => !report.checks?.some((one) => one.id === id));
}

function isBelow({ term, incarnation }: Assignment, seen: SeenTerm): boolean {
  const isSame = seen.incarnation === undefined || seen.incarnation === incarnation;
  return term < seen.term || (term === seen.term && !isSame);
}
