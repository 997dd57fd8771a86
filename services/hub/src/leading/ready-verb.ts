import type { GateApproved, KeptRelease, RolloutState, VerbRequested } from '@meridian/rollout';
import { FaultError } from '@meridian/runtime';
import type { ReadyVerb, VerbCommand } from './commands.ts';
import type { LedgerBook } from './ledger-book.ts';
import type { RevisionDesk } from './revision-desk.ts';

/** How long a release of the past may take to be rendered again. */
const pastTimeoutMs = 60_000;

/** What a person's word is made ready with. */
export interface ReadyPorts {
  readonly book: LedgerBook;
  readonly desk: Pick<RevisionDesk, 'made' | 'past' | 'authors'>;
}

/**
 * Finds out what a rollout has to know of a person's word: what git says now, the release to go back to, or who wrote what is
 * approved where nobody knew that before. That may take
 * a while, so it is done beside the leader's turns, and the rollout looks again whether the word still makes sense. Throws
 * FaultError `not_found` or `conflict` when there is no such release, and as `RevisionDesk.past` does.
 */
export async function readyVerb(
  { book, desk }: ReadyPorts,
  asked: VerbCommand,
  signal: AbortSignal,
): Promise<ReadyVerb> {
  const { application } = asked;
  const state = book.rollouts.get(application)?.state;
  if (!state) throw new FaultError('not_found', `there is no rollout of ${application}`, { retry: 'never' });
  return { application, asked, event: await eventOf({ state, desk }, asked, signal) };
}

interface Sight {
  readonly state: RolloutState;
  readonly desk: ReadyPorts['desk'];
}

async function eventOf(
  { state, desk }: Sight,
  asked: VerbCommand,
  signal: AbortSignal,
): Promise<VerbRequested> {
  const { application, verb, release, author, reason, to } = asked;
  const who = { release, author, reason };
  if (verb === 'start') {
    const made = await desk.made(application, signal);
    if (!made)
      throw conflict(
        `git says nothing of ${application} that can be started; see "meridian app ${application}"`,
      );
    return { kind: 'startRequested', ...who, made };
  }
  if (verb === 'approve' || verb === 'reject')
    return { ...(await atGate({ state, desk }, verb, { asked, signal })), ...who };
  if (verb !== 'rollback') return { kind: `${verb}Requested`, ...who };
  const kept = keptRelease(state, to);
  if (state.lastGood?.release.digest === kept.digest)
    return { kind: 'rollbackRequested', ...who, to: state.lastGood };
  const within = AbortSignal.any([signal, AbortSignal.timeout(pastTimeoutMs)]);
  return { kind: 'rollbackRequested', ...who, ...(await desk.past(kept, application, within)) };
}

type Said = Pick<GateApproved, 'roles' | 'identities' | 'gate'>;

/** A word at a gate. Of an approval: with who wrote the release, where the rollout was planned when git did not say that. */
async function atGate(
  { state, desk }: Sight,
  verb: 'approve' | 'reject',
  { asked, signal }: { readonly asked: VerbCommand; readonly signal: AbortSignal },
): Promise<({ readonly kind: 'gateRejected' } & Said) | (Pick<GateApproved, 'kind' | 'authors'> & Said)> {
  const { roles, identities, gate, release } = asked;
  const said = { roles, identities, ...(gate === undefined ? {} : { gate }) };
  if (verb === 'reject') return { kind: 'gateRejected', ...said };
  const isKnown = state.target.authors !== undefined || state.target.release.digest !== release;
  const authors = isKnown ? undefined : await desk.authors(state, signal);
  return { kind: 'gateApproved', ...said, ...(authors ? { authors } : {}) };
}

/** What of a rollout says where it may go back to. */
export interface Rollbackable extends Pick<RolloutState, 'application' | 'kept' | 'phase'> {
  readonly target: { readonly release: { readonly digest: string }; readonly back?: object };
}

/**
 * The release that a rollback goes to: the one named by `to`, or the newest that completed before the present one did. What
 * the fleet has left is never chosen by itself; a rollback that was given up goes on to where it went.
 */
export function keptRelease(
  { application, kept, target, phase }: Rollbackable,
  to: string | undefined,
): KeptRelease {
  const present = kept.findIndex(({ digest }) => digest === target.release.digest);
  const wasGivenUp = phase === 'aborted' && target.back !== undefined;
  const found = kept.find(({ digest, leftAtMs }, index) => {
    if (to !== undefined) return digest === to;
    return wasGivenUp ? index === present : index > present && leftAtMs === undefined;
  });
  if (found) return found;
  const which = to === undefined ? 'a release before the present one' : `release ${to}`;
  throw conflict(`${which} of ${application} is not among the ${kept.length} that completed and are kept`);
}

function conflict(message: string): FaultError {
  return new FaultError('conflict', message, { retry: 'never' });
}
