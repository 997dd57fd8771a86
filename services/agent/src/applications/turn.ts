import type { DesiredObject } from '../assignments/prepare.ts';
import { isAlteredDue } from './altered-objects.ts';
import { ensureNamespace, isNamespaceGiven } from './application-namespace.ts';
import { createAutoscalers } from './autoscalers.ts';
import type { Autoscalers } from './autoscalers.ts';
import { actingFor } from './acting.ts';
import type { EngineContext } from './context.ts';
import { beginAsking, isStopped, limitOf } from './held-limits.ts';
import { lookFirst } from './first-look.ts';
import { nextHeal } from './heal-guard.ts';
import { inspectObject } from './inspect-object.ts';
import { areHooksOver, runFailHooks, runLastHooks, wantsHookTurn } from '../hooks/hook-turn.ts';
import { isFreeze } from '../limits/limited-kube.ts';
import { runHooks } from '../hooks/run-hooks.ts';
import { tidyHooks } from '../hooks/tidy-hooks.ts';
import type { HookRecord } from '../ports.ts';
import { bookOf, driftPolicyOf, isAllWritten, isReportOnly, isUnwritten, leftovers } from './held.ts';
import type { Held } from './held.ts';
import { beginKindLook, planKindLook } from './missing-kinds.ts';
import type { ObjectBook, Seen } from './object-book.ts';
import { giveAway } from './hand-over.ts';
import { beginLook, isPruneDue, prune } from './prune.ts';
import { rejudge } from './rejudge.ts';
import type { ApplyStage } from './stages.ts';
import { unsettledAt } from './verdicts.ts';
import { writeObjects } from './write-objects.ts';

/** How one turn is run. */
export interface TurnOptions {
  readonly signal: AbortSignal;
  /** A newer assignment waits; the turn ends at the next stage. */
  readonly isSuperseded: () => boolean;
  /** Whether objects that failed before may be tried again now. */
  readonly mayRetry: boolean;
  /** How hooks went as it was kept last. */
  readonly savedHooks: HookRecord | undefined;
  readonly onSeen: (book: ObjectBook, seen: Seen) => void;
}

/** One turn under way. */
interface Turn extends TurnOptions {
  readonly autoscalers: Autoscalers;
  /** Whether objects whose kinds were missing are tried. */
  readonly looksAtKinds: boolean;
}

/** Whether a turn would do nothing. */
export function isIdle(
  held: Held,
  nowMs: number,
  { mayRetry, savedHooks }: Pick<TurnOptions, 'mayRetry' | 'savedHooks'>,
): boolean {
  if (isStopped(held)) return !held.isFresh;
  // Another application may be waiting for something that left the bundle.
  if (mayRetry && leftovers(held).length > 0) return false;
  if (held.isFresh || held.record.appliedAtMs === undefined || isPruneDue(held, nowMs, mayRetry))
    return false;
  if (wantsHookTurn(held, savedHooks) || (isNamespaceGiven(held) && !held.hasNamespace)) return false;
  return held.desired.every((desired) => {
    const book = bookOf(held, desired);
    if (limitOf(held, desired) !== undefined) return true;
    if (book.error !== undefined && !mayRetry) return true;
    return !isUnwritten(held, desired) && !mustHeal(held, desired, nowMs) && book.error === undefined;
  });
}

/**
 * One step towards the assignment: heal what drifted, write what is new stage by stage, prune at the end. Never waits for
 * health: a stage that is not settled ends the turn, and the watch wakes the application again. During a pause it only looks.
 */
export async function runTurn(agent: EngineContext, held: Held, given: TurnOptions): Promise<void> {
  try {
    await takeTurn(agent, held, given);
  } catch (error) {
    // A freeze that began amid a turn ends it, and is no error of the application.
    if (!isFreeze(error)) throw error;
  }
}

async function takeTurn(agent: EngineContext, held: Held, given: TurnOptions): Promise<void> {
  const context = await beginActing(agent, held, given);
  if (isStopped(held)) return;
  beginAsking(held);
  const options = begin(context, held, given);
  giveAway(context, held);
  const looksAgain = beginLook(held, context.clock.monotonicMs());
  await ensureNamespace({ agent, acting: context }, held, options.signal);
  await rejudge(context, held, options);
  await healDrift(context, held, options);
  await tidyHooks(context, held, options);
  const isReached = await writeStages(context, held, options);
  planKindLook(held, context);
  if (!isReached || !isAllWritten(held) || !areHooksOver(held)) return runFailHooks(context, held, options);
  return completeTurn(context, held, { ...options, looksAgain });
}

/** Everything is written: what left the bundle goes, and what runs at the end of the application runs. */
async function completeTurn(
  context: EngineContext,
  held: Held,
  options: Turn & { readonly looksAgain: boolean },
): Promise<void> {
  if (held.record.appliedAtMs === undefined) {
    held.record = { ...held.record, appliedAtMs: context.clock.nowMs() };
  }
  if (options.looksAgain || isPruneDue(held, context.clock.monotonicMs(), options.mayRetry))
    await prune(context, held, options.signal);
  await runLastHooks(context, held, options);
}

/** Gives the context of whoever writes; at the first turn, after what was found has been compared with what should be. */
async function beginActing(agent: EngineContext, held: Held, options: TurnOptions): Promise<EngineContext> {
  if (held.isFresh) await lookFirst(agent, held, options);
  const context = actingFor(agent, held.assignment);
  if (held.isFresh) await inspectFirst(context, held, options);
  return context;
}

function begin(context: EngineContext, held: Held, given: TurnOptions): Turn {
  const looksAtKinds = beginKindLook(held, context) || given.mayRetry;
  return { ...given, looksAtKinds, autoscalers: createAutoscalers(context, held, given.signal) };
}

async function inspectFirst(context: EngineContext, held: Held, options: TurnOptions): Promise<void> {
  const looked = held.desired.filter((desired) => isReportOnly(held, desired));
  const ends = await Promise.all(
    looked.map((desired) => inspectObject(context, held, { ...options, desired })),
  );
  // Under the next assignment the look goes on: what stands is not to be written then either.
  held.isFresh = options.isSuperseded() || !ends.every((isLooked) => isLooked);
}

/** Whether the object is to be written again as it is: its drift is ours to heal, or what admission alters may have ended. */
function mustHeal(held: Held, desired: DesiredObject, nowMs: number): boolean {
  const { heals } = bookOf(held, desired);
  const isDue = hasHealableDrift(held, desired) && nextHeal(heals, nowMs).atMs <= nowMs;
  return isDue || isAlteredDue(held, desired, nowMs);
}

function hasHealableDrift(held: Held, desired: DesiredObject): boolean {
  const { drift, applied } = bookOf(held, desired);
  if (drift === undefined || applied === undefined || limitOf(held, desired) !== undefined) return false;
  return driftPolicyOf(held, desired) === 'correct';
}

/** When the next heal that has to wait may be done, in monotonic milliseconds; undefined when none waits. */
export function nextHealAt(held: Held, nowMs: number): number | undefined {
  const times = held.desired
    .filter((desired) => hasHealableDrift(held, desired) && bookOf(held, desired).error === undefined)
    .map((desired) => nextHeal(bookOf(held, desired).heals, nowMs).atMs);
  return times.length === 0 ? undefined : Math.min(...times);
}

async function healDrift(context: EngineContext, held: Held, options: Turn): Promise<void> {
  const nowMs = context.clock.monotonicMs();
  const heals = held.desired.flatMap((desired) => {
    const book = bookOf(held, desired);
    const waits = book.error !== undefined && !options.mayRetry;
    if (waits || !book.applied || !mustHeal(held, desired, nowMs)) return [];
    // The wave of the new content may not have come yet: then what was applied before is brought back.
    return { ...options, book, content: book.applied.desired };
  });
  await writeObjects(context, held, heals);
}

/** Whether the last stage was reached. */
async function writeStages(context: EngineContext, held: Held, options: Turn): Promise<boolean> {
  held.blockedAt = undefined;
  for (const [index, stage] of held.stages.entries()) {
    if (options.isSuperseded() || options.signal.aborted) return false;
    await writeStage(context, held, { ...options, stage });
    if (held.record.appliedAtMs === undefined) await runHooks(context, held, { ...options, ...stage });
    if (!stage.gate || held.record.appliedAtMs !== undefined) continue;
    if (unsettledAt(held, index) === undefined) continue;
    held.blockedAt = index;
    return false;
  }
  return true;
}

async function writeStage(
  context: EngineContext,
  held: Held,
  options: Turn & { readonly stage: ApplyStage },
): Promise<void> {
  const due = options.stage.objects.filter((desired) => {
    const { error, lacksKind } = bookOf(held, desired);
    if (limitOf(held, desired) !== undefined) return false;
    const mayTry = lacksKind ? options.looksAtKinds : error === undefined || options.mayRetry;
    return isUnwritten(held, desired) && mayTry;
  });
  await writeObjects(
    context,
    held,
    due.map((content) => ({ ...options, book: bookOf(held, content), content })),
  );
}
