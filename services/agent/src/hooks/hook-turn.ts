import type { EngineContext } from '../applications/context.ts';
import { bookOf, hooksOf, leftovers } from '../applications/held.ts';
import type { Held } from '../applications/held.ts';
import { takerOf } from '../applications/moves.ts';
import type { ApplyStage } from '../applications/stages.ts';
import type { HookRecord, HookRun } from '../ports.ts';
import { runOf } from './hook-record.ts';
import { hookName, runHooks } from './run-hooks.ts';
import { finishedHooks, isPhaseOver } from './tidy-hooks.ts';

/** How stages of hooks alone are run. */
export interface HookStagesOptions {
  readonly signal: AbortSignal;
  readonly isSuperseded: () => boolean;
}

/** Runs stages that have nothing but hooks, one after another; gives whether all have succeeded. */
export async function runHookStages(
  context: EngineContext,
  held: Held,
  { stages, ...options }: HookStagesOptions & { readonly stages: readonly ApplyStage[] },
): Promise<boolean> {
  for (const { phase, hooks } of stages) {
    if (options.isSuperseded() || options.signal.aborted) return false;
    await runHooks(context, held, { ...options, hooks, phase });
    if (!hooks.every(({ id }) => runOf(hooksOf(held), id, phase)?.state === 'succeeded')) return false;
  }
  return true;
}

/**
 * Runs the hooks for a failed sync once a hook of the sync has failed or the server has refused an object for good. What
 * fails in them changes nothing: the sync is tried again as without them.
 */
export async function runFailHooks(
  context: EngineContext,
  held: Held,
  options: HookStagesOptions,
): Promise<void> {
  const stages = held.hookStages.filter(({ phase }) => phase === 'SyncFail');
  if (stages.length === 0 || !hasFailed(held)) return;
  await runHookStages(context, held, { ...options, stages });
}

function hasFailed(held: Held): boolean {
  const isRefused = held.desired.some((desired) => bookOf(held, desired).isRefused);
  return (
    isRefused || hooksOf(held).runs.some(({ phase, state }) => phase !== 'SyncFail' && state === 'failed')
  );
}

/** Whether all hooks that a sync, or the first part of an end, waits for have succeeded. */
export function areHooksOver(held: Held): boolean {
  return held.stages.every(({ phase, hooks }) =>
    hooks.every(({ id }) => runOf(hooksOf(held), id, phase)?.state === 'succeeded'),
  );
}

/** Whether the application is withdrawn and its last hooks are still to run. */
export function isEndOpen(held: Held): boolean {
  if (held.assignment.bundle !== undefined) return false;
  const phases = ['PreDelete', 'PostDelete'] as const;
  return phases.some((phase) => !isPhaseOver(held, held.hookStages, phase));
}

/**
 * Runs the hooks for the time after everything else of a withdrawn application is gone. What moves elsewhere is not its any more;
 * what is kept because that is not known yet may still be to go.
 */
export async function runLastHooks(
  context: EngineContext,
  held: Held,
  options: HookStagesOptions,
): Promise<void> {
  if (!isEndOpen(held)) return;
  const takers = leftovers(held).map((entry) => takerOf(held.assignment.moves, entry));
  if (takers.some((taker) => taker === undefined || taker === 'unknown')) return;
  const stages = held.hookStages.filter(({ phase }) => phase === 'PostDelete');
  await runHookStages(context, held, { ...options, stages });
}

/** When hooks are to be looked at without being woken, in monotonic milliseconds: one is cleared away, or one is to be repeated. */
export function nextHooksAt(held: Held): number | undefined {
  const retryAtMs = failedHooks(held).length > 0 ? held.hookRetryAtMs : undefined;
  const times = [held.hooksAtMs, retryAtMs].filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Hooks that have failed and are tried again, each as one sentence; those for a failed sync among them. */
export function failedHooks(held: Held): readonly string[] {
  if (held.record.appliedAtMs !== undefined && !isEndOpen(held)) return [];
  return runsOf(held, 'failed').map(({ text, run }) => {
    const attempts = run.attempt > 1 ? ` (attempt ${run.attempt})` : '';
    return `${text} failed${attempts}: ${run.reason}`;
  });
}

/** The first hook that runs now, as one sentence. */
export function runningHook(held: Held): string | undefined {
  const [first] = runsOf(held, 'running');
  return first && `${first.text} runs: ${first.run.reason}`;
}

function runsOf(
  held: Held,
  state: HookRun['state'],
): readonly { readonly text: string; readonly run: HookRun }[] {
  return held.hookStages.flatMap(({ phase, hooks }) =>
    hooks.flatMap((hook) => {
      const run = runOf(hooksOf(held), hook.id, phase);
      return run?.state === state ? [{ text: hookName(hook, phase), run }] : [];
    }),
  );
}

/** Whether a turn has to do with hooks although everything is applied. */
export function wantsHookTurn(held: Held, saved: HookRecord | undefined): boolean {
  return isEndOpen(held) || finishedHooks(held, saved).length > 0;
}
