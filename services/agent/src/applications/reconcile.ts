import { withSpan } from '@meridian/telemetry';
import type { EngineContext } from './context.ts';
import type { Held } from './held.ts';
import { runTurn } from './turn.ts';
import type { TurnOptions } from './turn.ts';

/** Takes one turn with what is held, traced and measured. Gives whether everything of it is in place for the first time. */
export async function reconcile(context: EngineContext, held: Held, options: TurnOptions): Promise<boolean> {
  const { clock, metrics, tracer } = context;
  const startedMs = clock.monotonicMs();
  const wasApplied = held.record.appliedAtMs !== undefined;
  const { application, release, generation } = held.assignment;
  const attributes = { application, release, generation };
  // Heals long after the commit are no part of its trace.
  const span = wasApplied ? { attributes } : { attributes, parent: held.record.traceparent };
  await withSpan(tracer, 'agent.reconcile', span, () => runTurn(context, held, options));
  metrics.reconciled(application, (clock.monotonicMs() - startedMs) / 1_000);
  return !wasApplied && held.record.appliedAtMs !== undefined;
}
