import { checkLimits } from '@meridian/fleet';
import type { Assignment, Check, CheckReport } from '@meridian/fleet';
import { canonicalJson, sha256Digest } from '@meridian/manifests';

/** One check of the present assignment, and how far it is. */
export interface CheckState {
  readonly check: Check;
  /** Names the check as this generation asks for it; another content or generation is another run, which starts from nothing. */
  readonly run: string;
  readonly report: CheckReport;
  /** Monotonic time of the next look; Infinity once it has come to its end. */
  readonly dueAtMs: number;
  /** Monotonic time at which its Job was first seen to run. */
  readonly runningSinceMs: number | undefined;
}

/** What a look at a check has given. */
export type CheckResult =
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'running'; readonly message: string }
  | { readonly kind: 'ended'; readonly phase: 'succeeded' | 'failed'; readonly message: string }
  /** Nothing is known, and why; it is looked at again after `againMs`, or when it would be anyway. */
  | { readonly kind: 'nothing'; readonly message: string; readonly againMs?: number };

/** The present in both clocks, and a number in [0, 1). */
export interface CheckTime {
  readonly nowMs: number;
  readonly monotonicMs: number;
  readonly random: number;
}

/** The longest time over which first looks are spread, so that many agents that are given a check together do not ask together. */
const firstSpreadMs = 10_000;

/** By how much of an interval the next look may be late, for the same reason. */
const spread = 0.1;

/** How soon a Job is looked at again: at first often, and then a tenth of the time that it runs already. */
const jobLook = { leastMs: 2_000, mostMs: 10_000, share: 0.1, waitingMs: 5_000 };

/** The states of the checks of an assignment; what the one before asked for in the same way goes on. `left` are those that it does not. */
export function takeChecks(
  before: readonly CheckState[],
  { generation, checks = [] }: Pick<Assignment, 'generation' | 'checks'>,
  time: CheckTime,
): { readonly states: readonly CheckState[]; readonly left: readonly CheckState[] } {
  const known = new Map(before.map((state) => [state.run, state]));
  const states = checks.map((check) => {
    const run = runOf(check, generation);
    return known.get(run) ?? begunState(check, run, time);
  });
  const runs = new Set(states.map(({ run }) => run));
  return { states, left: before.filter(({ run }) => !runs.has(run)) };
}

/** The same check at the same generation is one run, whoever signs it and however often. */
export function runOf(check: Check, generation: number): string {
  return sha256Digest(canonicalJson({ check, generation })).slice('sha256:'.length, 'sha256:'.length + 16);
}

function begunState(check: Check, run: string, { monotonicMs, random }: CheckTime): CheckState {
  const waitMs = check.kind === 'metric' ? random * Math.min(check.intervalMs, firstSpreadMs) : 0;
  return {
    check,
    run,
    report: { id: check.id, phase: 'pending', observedAtMs: 0, message: 'it was not looked at yet' },
    dueAtMs: monotonicMs + waitMs,
    runningSinceMs: undefined,
  };
}

/** The state after a look that began at `time`. */
export function lookedAt(state: CheckState, result: CheckResult, time: CheckTime): CheckState {
  if (state.dueAtMs === Infinity) return state;
  const runningSinceMs = result.kind === 'running' ? (state.runningSinceMs ?? time.monotonicMs) : undefined;
  return {
    ...state,
    report: reportOf(state, result, time.nowMs),
    dueAtMs: time.monotonicMs + pauseMs(state, result, time),
    runningSinceMs,
  };
}

/** Every measure is news; all else when something has changed, so that looking is not telling. */
function reportOf({ check, report }: CheckState, result: CheckResult, nowMs: number): CheckReport {
  const phase = phaseOf(result);
  const message = result.kind === 'value' ? '' : clip(result.message);
  const isSame = phase === report.phase && message === report.message;
  if (isSame && phase !== 'measured') return report;
  return {
    id: check.id,
    phase,
    ...(result.kind === 'value' ? { value: result.value } : {}),
    observedAtMs: nowMs,
    message,
  };
}

function phaseOf(result: CheckResult): CheckReport['phase'] {
  switch (result.kind) {
    case 'value':
      return 'measured';
    case 'running':
      return 'running';
    case 'ended':
      return result.phase;
    case 'nothing':
      return 'pending';
  }
}

function pauseMs({ check, runningSinceMs }: CheckState, result: CheckResult, time: CheckTime): number {
  if (result.kind === 'ended') return Infinity;
  if (result.kind === 'nothing' && result.againMs !== undefined) return result.againMs;
  if (check.kind === 'metric') return check.intervalMs * (1 + spread * time.random);
  const ranMs = time.monotonicMs - (runningSinceMs ?? time.monotonicMs);
  return result.kind === 'running'
    ? Math.min(jobLook.mostMs, Math.max(jobLook.leastMs, jobLook.share * ranMs))
    : jobLook.waitingMs;
}

const clip = (text: string): string =>
  text.length <= checkLimits.messageChars
    ? text
    : `${text.slice(0, checkLimits.messageChars - 1).toWellFormed()}…`;
