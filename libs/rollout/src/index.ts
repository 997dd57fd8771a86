export { decodeState, encodeState } from './codec.ts';
export { decide } from './decide.ts';
export { deletionAllowance, restStage } from './plan.ts';
export type {
  Approval,
  AssignEffect,
  ClusterProgress,
  Completed,
  Decision,
  Deletions,
  DeletionsApproved,
  EndedRollout,
  Evidence,
  Halted,
  Placed,
  Policy,
  Progressing,
  ReleaseMade,
  RetryRequested,
  RolloutEffect,
  RolloutEvent,
  RolloutState,
  StageProgress,
  StatusObserved,
  Target,
  Tick,
  Waiting,
} from './state.ts';
export { presentAssignments, releaseText, shortDigest } from './step.ts';
export { approvalNeeded, rolloutHistory, rolloutView, wakeAtMs } from './view.ts';
