import type { HookDeletePolicy, Phase } from '@meridian/manifests';
import { FaultError, errorText } from '@meridian/runtime';
import type { EngineContext } from '../applications/context.ts';
import { takePermit } from '../applications/held-limits.ts';
import { hooksOf } from '../applications/held.ts';
import type { Held } from '../applications/held.ts';
import type { ApplyStage } from '../applications/stages.ts';
import type { DesiredObject } from '../assignments/prepare.ts';
import type { HookRecord } from '../ports.ts';
import type { HookObject } from './hook-book.ts';
import { runMark, runOf } from './hook-record.ts';

/** How long after a deletion that was refused it is tried again. */
const againMs = 10_000;

interface Finished {
  readonly hook: DesiredObject;
  readonly uid: string;
}

/**
 * Objects of hooks that their delete policies want gone. What has succeeded goes when all of its phase has, as in Helm
 * (pkg/action/hooks.go): a later hook may need the ServiceAccount of an earlier one. How a run ended must be kept before its
 * object goes, for nobody could tell afterwards.
 */
export function finishedHooks(held: Held, saved: HookRecord | undefined): readonly Finished[] {
  return held.hookStages.flatMap(({ phase, hooks }) =>
    hooks.flatMap((hook) => {
      const policy = policyOf(held, { hook, phase });
      const isWanted = policy !== undefined && hook.hook?.deletePolicies.includes(policy) === true;
      const object = isWanted ? objectOfRun(held, hook, phase) : undefined;
      return object && isRunKept(held, saved, { hook, phase }) ? [{ hook, uid: object.uid }] : [];
    }),
  );
}

function objectOfRun(held: Held, hook: DesiredObject, phase: Phase): HookObject | undefined {
  const object = held.hookBooks.get(hook.id)?.object;
  const run = runOf(hooksOf(held), hook.id, phase);
  return run && object?.mark === runMark(hooksOf(held), run) ? object : undefined;
}

interface HookIn {
  readonly hook: DesiredObject;
  readonly phase: Phase;
}

function isRunKept(held: Held, saved: HookRecord | undefined, { hook, phase }: HookIn): boolean {
  const run = runOf(hooksOf(held), hook.id, phase);
  const kept = saved && runOf(saved, hook.id, phase);
  return kept !== undefined && kept.attempt === run?.attempt && kept.state === run.state;
}

function policyOf(held: Held, { hook, phase }: HookIn): HookDeletePolicy | undefined {
  if (runOf(hooksOf(held), hook.id, phase)?.state === 'failed') return 'HookFailed';
  return isPhaseOver(held, held.hookStages, phase) ? 'HookSucceeded' : undefined;
}

/** Whether every hook of a phase has succeeded. */
export function isPhaseOver(held: Held, stages: readonly ApplyStage[], phase: Phase): boolean {
  return stages
    .filter((stage) => stage.phase === phase)
    .every(({ hooks }) => hooks.every(({ id }) => runOf(hooksOf(held), id, phase)?.state === 'succeeded'));
}

/** Deletes what `finishedHooks` names. What cannot be deleted now is named again. */
export async function tidyHooks(
  context: EngineContext,
  held: Held,
  { savedHooks, signal }: { readonly savedHooks: HookRecord | undefined; readonly signal: AbortSignal },
): Promise<void> {
  await Promise.all(
    finishedHooks(held, savedHooks).map(async ({ hook, uid }) => {
      if (!takePermit(context, held, 'deletions')) return;
      try {
        await context.limiter.run(() => context.kube.remove(hook.entry, uid, signal));
      } catch (error) {
        if (signal.aborted || !(error instanceof FaultError)) throw error;
        held.hooksAtMs = context.clock.monotonicMs() + againMs;
        context.log.warn(
          { object: hook.id, error: errorText(error) },
          'the object of a hook cannot be deleted',
        );
      }
    }),
  );
}
