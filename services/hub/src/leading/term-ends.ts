import { errorText, FaultError } from '@meridian/runtime';
import { FencedError } from './pen.ts';

/** Where the ends of a term are told. */
export interface EndsTold {
  readonly log: { warn(fields: object, message: string): void };
  readonly metrics: { readonly fenced: { inc(): void } };
}

/**
 * Tells how the work of a term ended. Being fenced and faults of the outside world end a term, and work that was called off with
 * it ends by that; anything else is a bug: it is thrown and stops the service.
 */
export function reportEnds(
  outcomes: readonly PromiseSettledResult<void>[],
  { log, metrics }: EndsTold,
  { signal, stopping }: { readonly signal: AbortSignal; readonly stopping: boolean },
): void {
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled' || isCalledOff(outcome.reason, signal)) continue;
    const reason: unknown = outcome.reason;
    if (reason instanceof FencedError) metrics.fenced.inc();
    else if (!(reason instanceof FaultError)) throw reason;
    if (!stopping) log.warn({ error: errorText(reason) }, 'a term of leading ended by a fault');
  }
}

/** Whether work ended because its term did: `throwIfAborted` throws the reason itself, Node's own functions an AbortError. */
function isCalledOff(reason: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  return reason === signal.reason || (reason instanceof Error && reason.name === 'AbortError');
}
