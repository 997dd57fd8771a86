import { auditHeld, auditRemovals } from './agents.ts';
import { auditAssignments } from './assignments.ts';
import { auditEnd } from './end.ts';
import type { CaseFile, Violation } from './facts.ts';
import { auditGates } from './gates.ts';
import { auditKept } from './kept.ts';
import { auditPromotions } from './promotions.ts';
import { withPruned } from './pruned.ts';
import { auditTerms } from './terms.ts';
import { auditLives, auditWords } from './words.ts';

/**
 * Holds everything that was seen of a run against what Meridian promises. It shares no rule with the hub and the agent: what it
 * reads are bytes of the stream, Secrets of clusters and what the author of the commits meant. Gives violations by their time.
 */
export function audit(seen: CaseFile, endedAtMs: number): Violation[] {
  const file = { ...seen, ledger: withPruned(seen.ledger) };
  return [
    ...auditTerms(file),
    ...auditAssignments(file),
    ...auditGates(file),
    ...auditPromotions(file),
    ...auditHeld(file),
    ...auditRemovals(file),
    ...auditKept(seen),
    ...auditWords(file),
    ...auditLives(file),
    ...auditEnd(file, endedAtMs),
    ...file.mishaps,
  ].sort((left, right) => left.atMs - right.atMs);
}
