import { assignmentsIn, pairOf } from './facts.ts';
import type { AssignFact, CaseFile, HeldFact, RemovalFact, Violation } from './facts.ts';

/** Clocks of two watches may be that far apart. */
const slackMs = 3_000;

/**
 * I3 and I4 for what agents keep in their clusters: term and generation never go back, also when the ledger was lost, and
 * whatever is held was in the ledger.
 */
export function auditHeld({ ledger, held }: Pick<CaseFile, 'ledger' | 'held'>): Violation[] {
  const written = new Set(assignmentsIn(ledger).map(({ body }) => nameOf(body)));
  const last = new Map<string, HeldFact>();
  return held.flatMap((fact) => {
    const before = last.get(pairOf(fact));
    last.set(pairOf(fact), fact);
    const found: Violation[] = [];
    const say = (invariant: string, message: string) =>
      void found.push({ invariant, atMs: fact.atMs, message: `${pairOf(fact)} ${message}` });
    if (!written.has(nameOf(fact)))
      say('I4', `holds generation ${fact.generation}, which was never in the ledger`);
    if (before && fact.generation < before.generation)
      say('I3', `went from generation ${before.generation} back to ${fact.generation}`);
    if (before && fact.term < before.term) say('I3', `went from term ${before.term} back to ${fact.term}`);
    return found;
  });
}

function nameOf(one: Pick<HeldFact, 'incarnation' | 'release' | 'generation' | 'cluster' | 'application'>) {
  return [one.cluster, one.application, one.generation, one.release, one.incarnation].join(' ');
}

/** I7: an object goes only when a good revision that its cluster was given then is without it. */
export function auditRemovals(file: Pick<CaseFile, 'ledger' | 'held' | 'removals' | 'commits'>): Violation[] {
  const assignments = assignmentsIn(file.ledger);
  return file.removals.flatMap((removal) => {
    const allowing = assignments.filter((fact) => couldBeApplied(fact, removal, file.held));
    const isMeant = allowing.some(({ body }) => {
      const content = file.commits.get(body.revision)?.get(body.application)?.content;
      return content !== undefined && !content.has(removal.object);
    });
    if (isMeant) return [];
    const message = `${removal.object} went from ${pairOf(removal)} although no revision that was assigned is without it`;
    return [{ invariant: 'I7', atMs: removal.atMs, message }];
  });
}

/** Whether an agent may have been at an assignment when an object went: it was written by then, and not passed over long ago. */
function couldBeApplied(
  { atMs, body }: AssignFact,
  removal: RemovalFact,
  held: readonly HeldFact[],
): boolean {
  if (pairOf(body) !== pairOf(removal) || atMs > removal.atMs + slackMs) return false;
  const before = held.findLast((one) => pairOf(one) === pairOf(removal) && one.atMs < removal.atMs - slackMs);
  return body.generation >= (before?.generation ?? 0);
}
