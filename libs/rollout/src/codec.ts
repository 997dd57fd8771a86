import type { RolloutState } from './state.ts';

const phases: readonly unknown[] = [
  'progressing',
  'rollingBack',
  'waiting',
  'completed',
  'rolledBack',
  'halted',
  'aborted',
];

/** The state as the ledger stores it. */
export function encodeState(state: RolloutState): string {
  return JSON.stringify(state);
}

/** Reads a stored state back. A refusal says what is wrong with it; a newer version is refused, never guessed at. */
export function decodeState(text: string): { ok: true; state: RolloutState } | { ok: false; reason: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, reason: 'the stored rollout is not JSON' };
  }
  if (!isRecord(value)) return { ok: false, reason: 'the stored rollout is not an object' };
  const version = value['version'];
  if (version !== 1 && version !== 2 && version !== 3)
    return {
      ok: false,
      reason: `the stored rollout has version ${String(version)}; this hub reads 1 to 3`,
    };
  const missing = missingField(value);
  if (missing) return { ok: false, reason: `the stored rollout has no usable ${missing}` };
  return { ok: true, state: stateFromWire(version === 1 ? upgraded(value) : value) };
}

/** A state of version 1, which knew nothing to go back to: a rollout that completed is good, as it would be now. */
function upgraded(value: Record<string, unknown>): Record<string, unknown> {
  const next = { ...value, version: 2, kept: [] };
  const target = value['target'];
  if (value['phase'] === 'waiting') return { ...next, needs: 'approval' };
  if (value['phase'] !== 'completed' || !isRecord(target) || !isRecord(target['release'])) return next;
  const { release, policy, number } = target;
  const { digest, revision } = target['release'];
  const kept = [{ digest, revision, number, completedAtMs: value['endedAtMs'] }];
  return { ...next, lastGood: { release, policy }, kept };
}

function missingField(value: Record<string, unknown>): string | undefined {
  if (!phases.includes(value['phase'])) return 'phase';
  if (typeof value['application'] !== 'string') return 'application';
  if (!Array.isArray(value['stages'])) return 'stages';
  if (!isRecord(value['placed'])) return 'placed';
  const target = value['target'];
  return isRecord(target) && isRecord(target['release']) ? undefined : 'target';
}

/** Only a fenced leader writes these records, so the fields that `missingField` proves are proof enough of the rest. */
function stateFromWire(value: Record<string, unknown>): RolloutState {
  return value as unknown as RolloutState;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
