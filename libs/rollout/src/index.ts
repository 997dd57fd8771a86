export { decodeState, encodeState } from './codec.ts';
export { decide } from './decide.ts';
export { checksNeeded, questionsDue } from './gates/checks.ts';
export type { WebhookQuestion } from './gates/checks.ts';
export { isAtGate, needsAuthors } from './gates/gate-of.ts';
export { hasNewNumbersOnly } from './gates/numbers-only.ts';
export { dependencyHolds } from './dependencies.ts';
export type { Depended } from './dependencies.ts';
export { isMoving, isOver, presentStage } from './moving.ts';
export { deletionAllowance, restStage } from './plan.ts';
export type {
  AssignEffect,
  Decision,
  DeletionsApproved,
  GateAnswered,
  GateApproved,
  HoldsChanged,
  LookAgainEffect,
  ReissueEffect,
  ReleaseMade,
  RollbackRequested,
  RolloutEffect,
  RolloutEvent,
  StatusObserved,
  Tick,
  VerbRequested,
} from './events.ts';
export type {
  Approval,
  ClusterProgress,
  Completed,
  Deletions,
  EndedRollout,
  Evidence,
  GateProgress,
  GoodRelease,
  Halted,
  KeptRelease,
  Moving,
  Pin,
  Placed,
  Policy,
  RolloutState,
  StageProgress,
  Target,
  Waiting,
} from './state.ts';
export { earlierAssignments, presentAssignments, releaseText, shortDigest } from './step.ts';
export { approvalNeeded, rolloutHistory, rolloutView, wakeAtMs } from './view.ts';
