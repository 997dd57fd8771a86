export { backoffMs, jitterMs } from './backoff.ts';
export type { BackoffPolicy } from './backoff.ts';
