import { advance, assigned, stageBound } from './advance.ts';
import type { AdvanceContext } from './advance.ts';
import type { Decision, DeletionsApproved } from './events.ts';
import { fewOf } from './few.ts';
import { isMoving, presentStage } from './moving.ts';
import { countOf } from './plan.ts';
import { leavesOf, refusals, refusalText } from './refusals.ts';
import { resumed } from './retry.ts';
import type { Leave, RolloutState, Word } from './state.ts';
import { assign, eventEffect, releaseText, withCluster, withStage } from './step.ts';
import type { Step } from './step.ts';
import { listText, stoppedAnew } from './stopped.ts';
import { already, unchanged } from './unchanged.ts';

/**
 * Clusters that refuse no more than the person saw get leave for it; the others keep what they have, and the answer says so.
 * Those that nothing stops are assigned again at once; of the others the state remembers the leave. It is for that one
 * assignment: nothing of it is left for a later generation.
 */
export function approvedRefusals(
  state: RolloutState,
  event: DeletionsApproved,
  context: AdvanceContext,
): Decision {
  const refused = Object.entries(refusals(state)).filter(([name]) => !state.placed[name]?.leave);
  if (refused.length === 0) return already(state, leaveText(state, context.nowMs) ?? state.reason);
  const seen = event.deletions ?? {};
  const granted = refused.filter(([cluster, count]) => count <= (seen[cluster] ?? 0));
  const left = refused.flatMap(([cluster, count]) => leftText(cluster, count, seen[cluster]));
  if (granted.length === 0) return unchanged(state, fewOf(left, '; '));
  const { author, reason } = event;
  const names = granted.map(([cluster]) => cluster);
  const waiting = withLeave(state, granted, { author, reason, atMs: context.nowMs });
  const clauses = granted.map(([cluster, count]) => `${countOf(count, 'deletion')} in ${cluster}`);
  const message = [
    `${author} approved ${fewOf(clauses, ' and ')} for ${releaseText(state.target.release)}: ${reason}`,
    ...(left.length > 0 ? [fewOf(left, '; ')] : []),
  ].join('; ');
  const answer = [message, ...waitsText(waiting, names, context.nowMs)].join('; ');
  const told = eventEffect(state.target, 'deletions.approved', answer, { atMs: context.nowMs });
  return { ...carriedOut({ state: waiting, effects: [told] }, { context, message }), reason: answer };
}

/**
 * Carries out leaves that nothing stops any more, after whatever was decided: another hold, a resume, time. The very same
 * decision when there are none.
 */
export function withDueLeaves(decision: Decision, context: AdvanceContext): Decision {
  const { next: state } = decision;
  const due = state ? dueLeaves(state, context.nowMs) : [];
  if (!state || due.length === 0) return decision;
  const clauses = due.map(({ cluster, count, leave }) => {
    return `the ${countOf(count, 'deletion')} in ${cluster} that ${leave.author} approved`;
  });
  const message = `nothing stops ${fewOf(clauses, ' and ')} any more for ${releaseText(state.target.release)}`;
  const told = eventEffect(state.target, 'deletions.begun', message, { atMs: context.nowMs });
  return carriedOut({ state, effects: [...decision.effects, told] }, { context, message });
}

/** What leaves wait for: `3 deletions in a approved by lena; waits: a held by omar (incident)`. Undefined while none waits. */
export function leaveText(state: RolloutState, nowMs: number): string | undefined {
  const leaves = [...leavesOf(state)];
  if (leaves.length === 0) return undefined;
  const authors = [...new Set(leaves.map(([, { author }]) => author))];
  const clauses = leaves.map(([cluster, { deletions }]) => `${countOf(deletions, 'deletion')} in ${cluster}`);
  const names = leaves.map(([cluster]) => cluster);
  return [`${fewOf(clauses, ' and ')} approved by ${fewOf(authors)}`, ...waitsText(state, names, nowMs)].join(
    '; ',
  );
}

function withLeave(
  state: RolloutState,
  granted: readonly (readonly [string, number])[],
  word: Word,
): RolloutState {
  const given = granted.flatMap(([cluster, deletions]) => {
    const placed = state.placed[cluster];
    return placed ? [[cluster, { ...placed, leave: { ...word, deletions } }] as const] : [];
  });
  return { ...state, placed: { ...state.placed, ...Object.fromEntries(given) } };
}

function waitsText(state: RolloutState, clusters: readonly string[], nowMs: number): string[] {
  const stopped = clusters.flatMap((cluster) => stoppedAnew(state, cluster, nowMs) ?? []);
  return stopped.length > 0 ? [`waits: ${listText(stopped)}`] : [];
}

interface Due {
  readonly cluster: string;
  /** How many objects the cluster refuses to delete now. */
  readonly count: number;
  readonly leave: Leave;
}

function dueLeaves(state: RolloutState, nowMs: number): Due[] {
  const refused = refusals(state);
  return [...leavesOf(state)].flatMap(([cluster, leave]) =>
    stoppedAnew(state, cluster, nowMs) ? [] : [{ cluster, count: refused[cluster] ?? 0, leave }],
  );
}

/** Assigns again what is due. A rollout that halted over one of these clusters goes on. */
function carriedOut(
  { state, effects }: Step,
  { context, message }: { readonly context: AdvanceContext; readonly message: string },
): Decision {
  const due = dueLeaves(state, context.nowMs);
  if (due.length === 0) return { next: state, effects, reason: message };
  const names = due.map(({ cluster }) => cluster);
  let step: Step = { state: inMotion(state, names, { nowMs: context.nowMs, message }), effects };
  for (const { cluster, count } of due) step = assignedAgain(step, { cluster, count, nowMs: context.nowMs });
  const { state: moved } = step;
  const next = isMoving(moved) ? advance({ state: moved, effects: step.effects }, context) : step;
  return { next: next.state, effects: next.effects, reason: message };
}

function leftText(cluster: string, count: number, seen: number | undefined): string[] {
  if (count <= (seen ?? 0)) return [];
  const refuses = refusalText({ [cluster]: count });
  if (seen === undefined) return [`${refuses} and the approval names no number for it`];
  return [`${refuses} now, more than the ${seen} that were approved; approve again`];
}

/** A rollout that halted over one of these clusters goes on in its stage; one that halted over others, or is over, stays so. */
function inMotion(
  state: RolloutState,
  names: readonly string[],
  { nowMs, message }: { readonly nowMs: number; readonly message: string },
): RolloutState {
  if (isMoving(state)) return { ...state, reason: message };
  if (state.phase !== 'halted') return state;
  const unfinished = presentStage(state)?.clusters.filter(({ phase }) => phase !== 'healthy') ?? [];
  const isHeldUp = unfinished.some(({ name }) => names.includes(name));
  return isHeldUp ? resumed({ ...state, reason: message }, nowMs) : state;
}

/** In the present stage the cluster has to prove its health anew; what passed an earlier gate stays as it was then. */
function assignedAgain(
  step: Step,
  { cluster, count, nowMs }: { readonly cluster: string; readonly count: number; readonly nowMs: number },
): Step {
  const again = assign(step, cluster, 0, count);
  const { state, effects } = again;
  if (!isMoving(state) && state.phase !== 'halted') return again;
  const stage = presentStage(state);
  if (!stage?.clusters.some(({ name }) => name === cluster)) return again;
  const changed = {
    ...assigned(state, cluster, nowMs),
    message: `assigned generation ${state.placed[cluster]?.generation ?? 0} with leave for ${countOf(count, 'deletion')}`,
  };
  const bounded = { ...stage, boundAtMs: stageBound(state, stage, nowMs) };
  return { state: withStage(state, state.stage, withCluster(bounded, changed)), effects };
}
