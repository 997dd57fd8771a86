import type { Assignment, Moves, Pause, SignedEnvelope } from '@meridian/fleet';
import type { LedgerRecord } from '@meridian/ledger';
import type { Approval, AssignEffect, ReissueEffect, RolloutState } from '@meridian/rollout';
import type { PauseCommand, VerbCommand } from './commands.ts';
import type { HoldRecord } from './holding.ts';
import { packState } from './stored-state.ts';
import { leaderSubjects } from './subjects.ts';

/** Puts the hub's signature to an assignment. */
export type SignAssignment = (assignment: Assignment) => SignedEnvelope;

/** Who writes: all that an assignment says of its writer. */
export interface Writer {
  readonly shard: string;
  readonly term: number;
  readonly incarnation: string;
  readonly sign: SignAssignment;
}

/** How long an assignment is good for without a fresh signature; the leader signs anew at half of it. */
export const assignmentLifeMs = 7 * 24 * 3_600_000;

const traceHeaders = (traceparent: string | undefined) =>
  traceparent === undefined ? {} : { headers: { traceparent } };

/** The record of a rollout's whole state. The trace of the commit rides along for later stages. */
export function rolloutRecord(
  shard: string,
  state: RolloutState,
  traceparent: string | undefined,
): LedgerRecord {
  const subject = leaderSubjects.rollout(shard, state.application);
  return { subject, body: packState(state), ...traceHeaders(traceparent) };
}

/** An assignment as this writer makes it now. What a person has paused stays paused, whatever is assigned. */
export function assignmentOf(
  writer: Writer,
  effect: AssignEffect & { readonly pause?: Pause | undefined; readonly moves?: Moves | undefined },
  nowMs: number,
): Assignment {
  const { policy, pause, moves } = effect;
  return {
    cluster: effect.cluster,
    application: effect.application,
    release: effect.release,
    revision: effect.revision,
    ...(effect.bundle === undefined ? {} : { bundle: effect.bundle }),
    generation: effect.generation,
    allowedDeletions: effect.allowedDeletions,
    prune: policy.prune,
    selfHeal: policy.selfHeal,
    createNamespace: policy.createNamespace,
    namespace: policy.namespace,
    ...(policy.fieldManagers ? { fieldManagers: policy.fieldManagers } : {}),
    ...(pause === undefined ? {} : { pause }),
    ...(moves === undefined ? {} : { moves }),
    ...(policy.rules ? { rules: policy.rules } : {}),
    ...signedNow(writer, nowMs),
  };
}

/** The same assignment at the same generation, by the present leader and for another life. */
export function renewed(writer: Writer, assignment: Assignment, nowMs: number): Assignment {
  // Agents take the one of two signatures that lasts longer for the later one.
  return { ...assignment, ...signedNow(writer, Math.max(nowMs, assignment.issuedAtMs + 1)) };
}

/** The same assignment once more, at a higher generation and with the deletions that this one allows. */
export function reissued(
  writer: Writer,
  assignment: Assignment,
  { generation, allowedDeletions }: ReissueEffect,
  nowMs: number,
): Assignment {
  return renewed(writer, { ...assignment, generation, allowedDeletions }, nowMs);
}

/** The assignment that says something else of what moves, or nothing. */
export function withMoves(assignment: Assignment, moves: Moves | undefined): Assignment {
  const { moves: _, ...rest } = assignment;
  return moves === undefined ? rest : { ...rest, moves };
}

/** The signed record of an assignment. */
export function assignmentRecord(
  writer: Writer,
  assignment: Assignment,
  traceparent: string | undefined,
): LedgerRecord {
  const subject = leaderSubjects.assign(writer.shard, assignment.cluster, assignment.application);
  return {
    subject,
    body: JSON.stringify(writer.sign(assignment)),
    ...traceHeaders(traceparent),
  };
}

/** The record of a person's consent, with the numbers that the person saw. */
export function approvalRecord(shard: string, application: string, approval: Approval): LedgerRecord {
  return { subject: leaderSubjects.approval(shard, application), body: JSON.stringify(approval) };
}

/** The record of a hold, or of its end, with who and why. */
export function holdRecord(shard: string, record: HoldRecord): LedgerRecord {
  return { subject: leaderSubjects.hold(shard, record.scope, record.name), body: JSON.stringify(record) };
}

/** The record of what a person asked of a rollout, with who and why. */
export function verbRecord(
  shard: string,
  { application, roles: _, identities: __, ...asked }: VerbCommand,
  atMs: number,
): LedgerRecord {
  return { subject: leaderSubjects.verb(shard, application), body: JSON.stringify({ ...asked, atMs }) };
}

/** The record of a person's pause, or of its end, with who and why. */
export function pauseRecord(
  shard: string,
  { application, cluster, author, reason, forMs }: PauseCommand,
  atMs: number,
): LedgerRecord {
  const untilMs = forMs === undefined ? atMs : atMs + forMs;
  return {
    subject: leaderSubjects.pause(shard, cluster, application),
    body: JSON.stringify({ author, reason, atMs, untilMs }),
  };
}

/** Which applications a cluster was ever given. A list only: what it omits is never deleted. */
export function indexRecord(shard: string, cluster: string, applications: readonly string[]): LedgerRecord {
  return { subject: leaderSubjects.index(shard, cluster), body: JSON.stringify({ applications }) };
}

function signedNow({ term, incarnation }: Writer, nowMs: number) {
  return { term, incarnation, issuedAtMs: nowMs, expiresAtMs: nowMs + assignmentLifeMs };
}
