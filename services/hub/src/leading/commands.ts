import { FaultError } from '@meridian/runtime';
import { longestPauseMs } from '@meridian/fleet';
import type { DeletionsApproved, RetryRequested } from '@meridian/rollout';
import { z } from 'zod';

const word = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
const who = { application: word, author: z.string().min(1).max(200) };
const person = { ...who, release: z.string().min(1).max(200), reason: z.string().max(2_000) };
const inCluster = { ...who, cluster: word, reason: z.string().min(1).max(2_000) };
const deletions = z.record(word, z.int().positive());
const commandShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('approveDeletions'), ...person, deletions: deletions.exactOptional() }),
  z.object({ kind: z.literal('retryRollout'), ...person }),
  z.object({ kind: z.literal('pause'), ...inCluster, forMs: z.int().min(1_000).max(longestPauseMs) }),
  z.object({ kind: z.literal('resume'), ...inCluster }),
]);

/** A decision about the rollout of one application. */
export interface RolloutCommand {
  readonly application: string;
  readonly event: DeletionsApproved | RetryRequested;
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

/** Something a person asks the leader to do to one application. */
export type Command = RolloutCommand | PauseCommand;

/** Reads a command from the bus. Throws FaultError `invalid` that says what is wrong with it. */
export function parseCommand(json: unknown): Command {
  const read = commandShape.safeParse(json);
  if (!read.success) {
    throw new FaultError('invalid', `not a command: ${z.prettifyError(read.error)}`, { retry: 'never' });
  }
  const command = read.data;
  if (command.kind === 'pause' || command.kind === 'resume') {
    const { kind: _, ...rest } = command;
    return { ...rest, forMs: command.kind === 'pause' ? command.forMs : undefined };
  }
  return { application: command.application, event: eventOf(command) };
}

type RolloutWords = Extract<z.infer<typeof commandShape>, { kind: 'approveDeletions' | 'retryRollout' }>;

function eventOf(command: RolloutWords): RolloutCommand['event'] {
  const { kind: _, application: __, ...rest } = command;
  return command.kind === 'approveDeletions'
    ? { ...rest, kind: 'deletionsApproved' }
    : { ...rest, kind: 'retryRequested' };
}
