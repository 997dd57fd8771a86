import { FaultError } from '@meridian/runtime';
import type { DeletionsApproved, RetryRequested } from '@meridian/rollout';
import { z } from 'zod';

const word = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
const person = {
  application: word,
  release: z.string().min(1).max(200),
  author: z.string().min(1).max(200),
  reason: z.string().max(2_000),
};
const deletions = z.record(word, z.int().positive());
const commandShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('approveDeletions'), ...person, deletions: deletions.exactOptional() }),
  z.object({ kind: z.literal('retryRollout'), ...person }),
]);

/** Something a person asks the leader to do to one application. */
export interface Command {
  readonly application: string;
  readonly event: DeletionsApproved | RetryRequested;
}

/** Reads a command from the bus. Throws FaultError `invalid` that says what is wrong with it. */
export function parseCommand(json: unknown): Command {
  const read = commandShape.safeParse(json);
  if (!read.success) {
    throw new FaultError('invalid', `not a command: ${z.prettifyError(read.error)}`, { retry: 'never' });
  }
  return { application: read.data.application, event: eventOf(read.data) };
}

function eventOf(command: z.infer<typeof commandShape>): Command['event'] {
  const { kind: _, application: __, ...rest } = command;
  return command.kind === 'approveDeletions'
    ? { ...rest, kind: 'deletionsApproved' }
    : { ...rest, kind: 'retryRequested' };
}
