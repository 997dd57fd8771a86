import { auditHeld, auditRemovals } from './agents.ts';
import { auditAssignments } from './assignments.ts';
import { auditEnd } from './end.ts';
import type { CaseFile, Violation } from './facts.ts';
import { auditGates } from './gates.ts';
import { auditTerms } from './terms.ts';
import { auditLives, auditWords } from './words.ts';

/**
 * Holds everything that was seen of a run against what Meridian promises. It shares no rule with the hub and the agent: what it
 * reads are bytes of the stream, Secrets of clusters and what the author of the commits meant. Gives violations by their time.
 */
export function audit(file: CaseFile, endedAtMs: number): Violation[] {
  return [
    ...auditTerms(file),
    ...auditAssignments(file),
    ...auditGates(file),
    ...auditHeld(file),
    ...auditRemovals(file),
    ...auditWords(file),
    ...auditLives(file),
    ...auditEnd(file, endedAtMs),
    ...file.mishaps,
  ].sort((left, right) => left.atMs - right.atMs);
}
