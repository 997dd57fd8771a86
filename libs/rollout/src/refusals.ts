import { fewOf } from './few.ts';
import { countOf } from './plan.ts';
import type { StatusObserved } from './events.ts';
import type { Deletions, Leave, Placed, RolloutState, Target } from './state.ts';
import { eventEffect, releaseText } from './step.ts';
import type { Step } from './step.ts';

/**
 * The clusters that refuse to delete what the target wants gone, with the number of objects. A cluster that still has its
 * turn before it is not among them: it will be told something else first.
 */
export function refusals(state: RolloutState): Deletions {
  const known = ofState.get(state);
  if (known) return known;
  const found = refusalsOf(state);
  ofState.set(state, found);
  return found;
}

/** Views and reasons ask several times of each state, and a state never changes. */
const ofState = new WeakMap<RolloutState, Deletions>();

function refusalsOf(state: RolloutState): Deletions {
  const refusing = Object.entries(state.placed).flatMap(([name, { release, refused }]): [string, number][] =>
    refused !== undefined && release === state.target.release.digest ? [[name, refused]] : [],
  );
  if (refusing.length === 0 || state.phase === 'waiting') return {};
  const waiting = new Set(
    state.stages.flatMap(({ clusters }) =>
      clusters.flatMap(({ name, phase }) => (phase === 'waiting' ? [name] : [])),
    ),
  );
  return Object.fromEntries(
    refusing.filter(([name]) => !waiting.has(name)).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** The leaves that wait until nothing stops their clusters, by cluster. */
export function leavesOf(state: RolloutState): ReadonlyMap<string, Leave> {
  const names = Object.keys(refusals(state));
  return new Map(
    names.flatMap((name): [string, Leave][] => {
      const leave = state.placed[name]?.leave;
      return leave ? [[name, leave]] : [];
    }),
  );
}

/** What clusters refuse to delete and no person has given leave for yet. */
export function unapproved(state: RolloutState): Deletions {
  const leaves = leavesOf(state);
  return Object.fromEntries(Object.entries(refusals(state)).filter(([name]) => !leaves.has(name)));
}

/** `a refuses to delete 3 objects, b refuses to delete 1 object`. */
export function refusalText(refused: Deletions): string {
  return fewOf(
    Object.entries(refused).map(
      ([cluster, count]) => `${cluster} refuses to delete ${countOf(count, 'object')}`,
    ),
  );
}

/** Why and what to do, in one sentence; undefined while nothing needs a leave that is not given. */
export function refusalReason(state: RolloutState): string | undefined {
  const text = refusalText(unapproved(state));
  return text === ''
    ? undefined
    : `${text} for ${releaseText(state.target.release)}; an approval of these deletions is needed`;
}

/** Whether a report says that its agent deletes less than it should. It cannot be healthy then, whatever else it says. */
export function isRefusing({ refusedDeletions }: StatusObserved): boolean {
  return refusedDeletions !== undefined && refusedDeletions > 0;
}

/**
 * Takes in what a report of the present generation says of refused deletions. Pruning comes last, so a report of an agent
 * that has not come that far leaves the number before it, and a stale one proves nothing.
 */
export function withRefusal(state: RolloutState, event: StatusObserved): RolloutState {
  const placed = state.placed[event.cluster];
  if (!placed || event.stale || event.generation !== placed.generation || event.release !== placed.release)
    return state;
  const refused = refusedNow(event, placed);
  if (refused === placed.refused) return state;
  const { refused: _, leave, ...kept } = placed;
  // A leave is for the number that was seen: for more, or once nothing is refused, there is none.
  const isCovered = leave !== undefined && (refused ?? Infinity) <= leave.deletions;
  const next: Placed = {
    ...kept,
    ...(refused === undefined ? {} : { refused }),
    ...(isCovered ? { leave } : {}),
  };
  return { ...state, placed: { ...state.placed, [event.cluster]: next } };
}

function refusedNow(event: StatusObserved, placed: Placed): number | undefined {
  if (isRefusing(event))
    return Number.isSafeInteger(event.refusedDeletions) ? event.refusedDeletions : placed.refused;
  return event.sync === 'Synced' || event.sync === 'OutOfSync' ? undefined : placed.refused;
}

/** Tells people of deletions that are refused now and were not before, or of more than before. */
export function tellRefusals(before: RolloutState, step: Step, atMs: number): Step {
  if (step.state.placed === before.placed) return step;
  const known = refusals(before);
  const news = Object.entries(unapproved(step.state)).filter(([name, count]) => count > (known[name] ?? 0));
  const events = news.map(([cluster, count]) =>
    eventEffect(step.state.target, 'rollout.approval.needed', neededText(step.state.target, cluster, count), {
      atMs,
      level: 'warning',
      cluster,
    }),
  );
  return { state: step.state, effects: [...events, ...step.effects] };
}

function neededText({ release }: Target, cluster: string, count: number): string {
  return `${refusalText({ [cluster]: count })} for ${releaseText(release)}; an approval of these deletions is needed`;
}
