import type { ClusterProgress, Completed, Moving, RolloutState, StageProgress, Word } from './state.ts';

/** Whether a rollout is under way, forwards or back. */
export function isMoving(state: RolloutState): state is Moving {
  return state.phase === 'progressing' || state.phase === 'rollingBack';
}

/** The pause that a rollout stands still by, or will once it has begun. */
export function pausedBy(state: RolloutState): Word | undefined {
  return isMoving(state) || state.phase === 'waiting' ? state.paused : undefined;
}

/** Whether every stage of a rollout passed, forwards or back. */
export function isOver(state: RolloutState): state is Completed {
  return state.phase === 'completed' || state.phase === 'rolledBack';
}

/** The stage that a rollout is in; undefined when it has not begun or every stage passed. */
export function presentStage(state: RolloutState): StageProgress | undefined {
  return 'stage' in state ? state.stages[state.stage] : undefined;
}

/** Every cluster of a rollout that has failed, in the order of the stages. */
export function failedClusters(state: Pick<RolloutState, 'stages'>): ClusterProgress[] {
  return state.stages.flatMap((stage) => stage.clusters).filter((cluster) => cluster.phase === 'failed');
}
