import { FaultError } from '@meridian/runtime';
import { holdScopes, longestHoldMs, longestPauseMs, rolloutVerbs } from '@meridian/fleet';
import type { HoldScope, RolloutVerb } from '@meridian/fleet';
import type { DeletionsApproved, VerbRequested } from '@meridian/rollout';
import { z } from 'zod';

const word = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
const who = { application: word, author: z.string().min(1).max(200) };
const person = { ...who, release: z.string().min(1).max(200), reason: z.string().max(2_000) };
const words = z.array(z.string().min(1).max(200)).max(64);
const inCluster = { ...who, cluster: word, reason: z.string().min(1).max(2_000) };
const deletions = z.record(word, z.int().positive());
const held = {
  scope: z.enum(holdScopes),
  // The fleet has no name.
  name: z.union([word, z.literal('')]),
  author: z.string().min(1).max(200),
  reason: z.string().min(1).max(2_000),
};
const commandShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('approveDeletions'), ...person, deletions: deletions.exactOptional() }),
  z.object({
    kind: z.literal('askRollout'),
    ...person,
    reason: z.string().min(1).max(2_000),
    verb: z.enum(rolloutVerbs),
    // A replica of an earlier version sends neither.
    roles: words.default([]),
    identities: words.default([]),
    to: z.string().min(1).max(200).exactOptional(),
    gate: word.exactOptional(),
  }),
  z.object({ kind: z.literal('pause'), ...inCluster, forMs: z.int().min(1_000).max(longestPauseMs) }),
  z.object({ kind: z.literal('resume'), ...inCluster }),
  z.object({
    kind: z.literal('hold'),
    ...held,
    forMs: z.int().min(1_000).max(longestHoldMs).exactOptional(),
  }),
  z.object({ kind: z.literal('releaseHold'), ...held }),
]);

/** An approval of deletions in the rollout of one application. */
export interface ApprovalCommand {
  readonly application: string;
  readonly event: DeletionsApproved;
}

/** Something a person asks of the rollout of one application. */
export interface VerbCommand {
  readonly application: string;
  readonly verb: RolloutVerb;
  /** Digest of the release that the person means; of a start: of the one that git says. */
  readonly release: string;
  readonly author: string;
  readonly reason: string;
  /** Of the author, as the tokens file of the replica that was asked says. */
  readonly roles: readonly string[];
  /** Mail addresses and names by which git knows the author. */
  readonly identities: readonly string[];
  /** Of a rollback: digest of a release that completed; the last one before the present one when left out. */
  readonly to?: string;
  /** Of a word at a gate: its name; the only one that is open when left out. */
  readonly gate?: string;
}

/** What a person asks of a rollout, with all that the rollout has to know of it. */
export interface ReadyVerb {
  readonly application: string;
  readonly event: VerbRequested;
  readonly asked: VerbCommand;
}

/** A stop of one application in one cluster, or its end. */
export interface PauseCommand {
  readonly application: string;
  readonly cluster: string;
  readonly author: string;
  readonly reason: string;
  /** Undefined: what is paused goes on. */
  readonly forMs: number | undefined;
}

/** A hold that a person places, or its end. */
export interface HoldCommand {
  readonly kind: 'hold' | 'releaseHold';
  readonly scope: HoldScope;
  readonly name: string;
  readonly author: string;
  readonly reason: string;
  /** Of a hold with an end: how long from now. */
  readonly forMs?: number;
}

/** Something a person asks the leader to do. */
export type AnyCommand = ApprovalCommand | VerbCommand | PauseCommand | HoldCommand;

/** The same once the leader can take it in its turn. */
export type Command = ApprovalCommand | ReadyVerb | PauseCommand | HoldCommand;

/** Reads a command from the bus. Throws FaultError `invalid` that says what is wrong with it. */
export function parseCommand(json: unknown): AnyCommand {
  const read = commandShape.safeParse(json);
  if (!read.success) {
    throw new FaultError('invalid', `not a command: ${z.prettifyError(read.error)}`, { retry: 'never' });
  }
  const command = read.data;
  if (command.kind === 'hold' || command.kind === 'releaseHold') return command;
  if (command.kind === 'pause' || command.kind === 'resume') {
    const { kind: _, ...rest } = command;
    return { ...rest, forMs: command.kind === 'pause' ? command.forMs : undefined };
  }
  if (command.kind === 'askRollout') {
    const { kind: _, ...rest } = command;
    return rest;
  }
  const { application, kind: _, ...rest } = command;
  return { application, event: { ...rest, kind: 'deletionsApproved' } };
}
