/** Titles of cases that kubesim does not answer as a real API server does yet. A case that it answers must not be listed. */
export const knownGaps: ReadonlySet<string> = new Set([
  // Go's job shares one map of labels with its template when it took them over, which JSON does not tell from equal ones.
  'stored: Job with the same labels as its pods, updated without change',
  // The grammar of cel-go words its syntax errors in its own way.
  'definition: with a rule that is no CEL',
]);
