/** Titles of cases that kubesim does not answer as a real API server does yet. A case that it answers must not be listed. */
export const knownGaps: ReadonlySet<string> = new Set([
  'random: Job replaced with mistakes, seed 20708',
  'definition: with a rule that is no CEL',
  'PersistentVolumeClaim: applied, applied again without change, applied by another manager',
  'DaemonSet: printed as a table and as metadata',
  'Job: applied, applied again without change, applied by another manager',
  'apply: without a manager, without a body, of another name, with managed fields',
  'patch: merge into text',
  'patch: merge that changes the kind',
  'token: of a service account',
  'autoscaler: the same object in both versions',
  'webhook: is asked about another version of what is written',
  'create: ConfigMap with [{"apiVersion":"v1","kind":"Pod","name":"x","uid":"a","co... at metadata.ownerReferences',
  'create: ConfigMap with "Secret" at kind',
  'update: ConfigMap with "2030-01-01T00:00:00Z" at metadata.deletionTimestamp',
]);
