import { fewOf, fewTexts } from './few.ts';
import { gatesText } from './gates/stage-gates.ts';
import { isMoving, presentStage } from './moving.ts';
import { countOf } from './plan.ts';
import type { ClusterProgress, Moving, RolloutState, StageProgress } from './state.ts';

/**
 * What the present stage waits for, with the times that go on: `stage canary (1 of 3) waits: 3 of 5 clusters are healthy,
 * us-west-2 has moved for 4m of 15m`. Undefined when nothing moves.
 */
export function progressText(state: RolloutState, nowMs: number): string | undefined {
  const stage = presentStage(state);
  if (!stage || !isMoving(state)) return undefined;
  const place = `stage ${stage.name} (${state.stage + 1} of ${state.stages.length})`;
  if (state.paused) return `${place} stands still, for ${state.paused.author} paused the rollout`;
  return `${place} ${doing(state, stage, nowMs)}`;
}

function doing(state: Moving, stage: StageProgress, nowMs: number): string {
  const healthy = stage.clusters.filter(({ phase }) => phase === 'healthy').length;
  const sum = `${healthy} of ${countOf(stage.clusters.length, 'cluster')} ${healthy === 1 ? 'is' : 'are'} healthy`;
  if (stage.phase === 'waiting') {
    const gates = gatesText(stage, 'before');
    return gates === '' ? `waits: ${sum}${clausesOf(state, stage, nowMs)}` : `waits: ${gates}`;
  }
  const gates = gatesText(stage, 'after');
  const more = gates === '' ? '' : `; ${gates}`;
  if (stage.phase === 'soaking' && stage.soakSinceMs !== undefined)
    return `soaks for ${timeText(nowMs - stage.soakSinceMs)} of ${timeText(stage.soakMs)}: ${sum}${more}`;
  if (stage.phase === 'gated') return `waits: ${sum}${more}`;
  return `waits: ${sum}${clausesOf(state, stage, nowMs)}`;
}

function clausesOf(state: Moving, { clusters }: StageProgress, nowMs: number): string {
  const moving = clusters.filter(({ phase }) => phase === 'assigned');
  const clauses = [
    ...fewTexts(moving, (cluster) => movesText(state, cluster, nowMs)),
    ...failedText(clusters),
    ...waitText(clusters),
  ];
  return clauses.length === 0 ? '' : `, ${clauses.join(', ')}`;
}

/** A cluster that lost its health has what is left of its stage, which may be more than a deadline. */
function movesText({ target }: Moving, cluster: ClusterProgress, nowMs: number): string {
  const wholeMs = target.strategy.progressDeadlineMs;
  const leftMs = (cluster.deadlineAtMs ?? nowMs) - nowMs;
  if (cluster.evidence || leftMs > wholeMs)
    return `${cluster.name} is not healthy any more and has ${timeText(leftMs)} left`;
  return `${cluster.name} has moved for ${timeText(wholeMs - leftMs)} of ${timeText(wholeMs)}`;
}

function waitText(clusters: readonly ClusterProgress[]): string[] {
  const waiting = clusters.filter(({ phase }) => phase === 'waiting');
  const byMessage = [...Map.groupBy(waiting, ({ message }) => message || 'waits for a free place')];
  return fewTexts(byMessage, ([message, of]) => `${fewOf(of.map(({ name }) => name))} ${message}`);
}

function failedText(clusters: readonly ClusterProgress[]): string[] {
  const names = clusters.filter(({ phase }) => phase === 'failed').map(({ name }) => name);
  return names.length === 0 ? [] : [`${fewOf(names)} failed`];
}

/** A length of time in its two largest units: `45s`, `4m`, `4m 10s`, `2h 5m`, `3d 4h`. */
export function timeText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const units = [
    ['d', Math.floor(seconds / 86_400)],
    ['h', Math.floor(seconds / 3_600) % 24],
    ['m', Math.floor(seconds / 60) % 60],
    ['s', seconds % 60],
  ] as const;
  const first = units.findIndex(([, count]) => count > 0);
  if (first < 0) return '0s';
  const shown = units.slice(first, first + 2).filter(([, count]) => count > 0);
  return shown.map(([unit, count]) => `${count}${unit}`).join(' ');
}
