/**
 * Names of the fields of log lines and span attributes. One name per thing, so that a search for a cluster or a release
 * finds every line of hub and agent about it.
 */
export const fieldNames = {
  application: 'application',
  cluster: 'cluster',
  code: 'code',
  digest: 'digest',
  durationMs: 'durationMs',
  error: 'error',
  file: 'file',
  fix: 'fix',
  generation: 'generation',
  holder: 'holder',
  incarnation: 'incarnation',
  object: 'object',
  part: 'part',
  peer: 'peer',
  reason: 'reason',
  release: 'release',
  revision: 'revision',
  rollout: 'rollout',
  sequence: 'sequence',
  session: 'session',
  stage: 'stage',
  subject: 'subject',
  term: 'term',
  traceId: 'traceId',
  url: 'url',
} as const;
