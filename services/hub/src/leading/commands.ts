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
const commandShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('approveDeletions'), ...person }),
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
  const { kind, application, ...rest } = read.data;
  return {
    application,
    event: { kind: kind === 'approveDeletions' ? 'deletionsApproved' : 'retryRequested', ...rest },
  };
}
