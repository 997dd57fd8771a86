import type { Assignment } from '@meridian/fleet';

/** An assignment for unit tests in which nothing matters but that it is one. */
export const sampleAssignment: Assignment = {
  cluster: 'one',
  application: 'web',
  release: 'r',
  revision: 'r',
  generation: 1,
  term: 1,
  incarnation: 'first',
  issuedAtMs: 0,
  expiresAtMs: 0,
  prune: true,
  selfHeal: true,
  createNamespace: false,
  namespace: 'ml',
  allowedDeletions: 0,
};
