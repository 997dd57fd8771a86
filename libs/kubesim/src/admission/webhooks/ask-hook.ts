import { randomUUID } from 'node:crypto';
import type { Registry } from '../../cluster/registry.ts';
import type { Resource } from '../../schema/resource.ts';
import type { Review } from '../review.ts';
import { readAnswer, reviewObject } from './admission-review.ts';
import type { ReviewAnswer } from './admission-review.ts';
import { callHook, HookFailure } from './call-hook.ts';
import type { ServiceAddresses } from './call-hook.ts';
import type { Hook } from './configured-hooks.ts';
import { inVersion } from './seen-object.ts';
import { deniedError, dryRunError, failedError } from './refusals.ts';

/** What asking a webhook needs of the cluster. */
export interface AskContext {
  readonly registry: Registry;
  readonly services: ServiceAddresses;
}

/**
 * Asks a webhook about a write. @returns its answer, undefined when it could not be asked and need not be. Rejects with an
 * ApiError when it denied the write, or could not be asked and must be.
 */
export async function askHook(
  hook: Hook,
  review: Review,
  resource: Resource,
  context: AskContext,
): Promise<ReviewAnswer | undefined> {
  const quiet = ['None', 'NoneOnDryRun'].includes(hook.sideEffects);
  if (review.dryRun && !quiet) throw dryRunError(hook.name);
  try {
    const answer = await answerOf(hook, review, resource, context);
    answer.warnings.forEach(review.warn);
    if (!answer.allowed) throw deniedError(hook.name, answer.status);
    return answer;
  } catch (error) {
    if (!(error instanceof HookFailure)) throw error;
    if (hook.failsOpen) return undefined;
    throw failedError(hook.name, error.message);
  }
}

async function answerOf(
  hook: Hook,
  review: Review,
  resource: Resource,
  { registry, services }: AskContext,
): Promise<ReviewAnswer> {
  const uid = randomUUID();
  const version = hook.reviewVersions.find((one) => one === 'v1' || one === 'v1beta1') ?? 'v1';
  const object = inVersion(review.object, resource, review, registry);
  const old = inVersion(review.old, resource, review, registry);
  const sent = reviewObject({ review, resource, object, old }, uid, version);
  const { client, timeoutSeconds } = hook;
  const received = await callHook({ client, timeoutSeconds, review: sent, version, services });
  const answer = readAnswer(received, { uid, version, mutating: review.phase === 'mutating' });
  if (typeof answer !== 'string') return answer;
  throw new HookFailure(`received invalid webhook response: ${answer}`);
}
