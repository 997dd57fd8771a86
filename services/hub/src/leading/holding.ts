import { isHeldAt, isPausedAt } from '@meridian/fleet';
import type { FleetEvent, Freeze, Hold, HoldScope } from '@meridian/fleet';
import type { RolloutState } from '@meridian/rollout';
import { FaultError } from '@meridian/runtime';
import { z } from 'zod';
import type { HoldCommand } from './commands.ts';
import type { LedgerBook } from './ledger-book.ts';

/** What the ledger holds of one hold: the hold, or who ended it. */
export const holdRecordShape = z.object({
  scope: z.enum(['fleet', 'project', 'application', 'cluster']),
  name: z.string(),
  author: z.string(),
  reason: z.string(),
  sinceMs: z.number(),
  untilMs: z.number().exactOptional(),
  released: z.object({ author: z.string(), reason: z.string(), atMs: z.number() }).exactOptional(),
});

/** A hold as it is in the ledger. */
export type HoldRecord = z.infer<typeof holdRecordShape>;

/** The key of a hold in the book. */
export function holdKey({ scope, name }: { readonly scope: HoldScope; readonly name: string }): string {
  return `${scope}/${name}`;
}

/** What a person's word makes of a hold. */
export interface HoldChange {
  readonly record: HoldRecord;
  readonly event: FleetEvent;
}

/**
 * The hold that a command places, or its end. A hold that is there already is replaced. Throws FaultError: `invalid` when the
 * fleet has a name or anything else has none, `conflict` when there is nothing to release.
 */
export function decideHold(book: LedgerBook, command: HoldCommand, nowMs: number): HoldChange {
  const { kind, scope, name } = command;
  if ((scope === 'fleet') !== (name === ''))
    throw new FaultError(
      'invalid',
      `a hold of ${scope === 'fleet' ? 'the fleet has no' : `a ${scope} has a`} name`,
      {
        retry: 'never',
      },
    );
  return kind === 'hold' ? placed(command, nowMs) : released(book, command, nowMs);
}

function placed(command: HoldCommand, nowMs: number): HoldChange {
  const { scope, name, author, reason, forMs } = command;
  const until = forMs === undefined ? {} : { untilMs: nowMs + forMs };
  const end = until.untilMs === undefined ? '' : ` until ${new Date(until.untilMs).toISOString()}`;
  const message = `${author} holds ${whatText(command)}${end}: ${reason}`;
  const record = { scope, name, author, reason, sinceMs: nowMs, ...until };
  return { record, event: { ...about(command, nowMs), level: 'warning', type: 'hold.placed', message } };
}

function released(book: LedgerBook, command: HoldCommand, nowMs: number): HoldChange {
  const { author, reason } = command;
  const before = book.holds.get(holdKey(command));
  if (!before || !isHeldAt(before, nowMs))
    throw new FaultError('conflict', `nobody holds ${whatText(command)}`, { retry: 'never' });
  const message = `${author} released ${whatText(command)}: ${reason}`;
  const record = { ...before, released: { author, reason, atMs: nowMs } };
  return { record, event: { ...about(command, nowMs), level: 'info', type: 'hold.released', message } };
}

function whatText({ scope, name }: HoldCommand): string {
  return scope === 'fleet' ? 'the fleet' : `${scope} ${name}`;
}

function about(
  { scope, name }: HoldCommand,
  atMs: number,
): Pick<FleetEvent, 'atMs' | 'application' | 'cluster'> {
  if (scope === 'application') return { atMs, application: name };
  return scope === 'cluster' ? { atMs, cluster: name } : { atMs };
}

/** What an agent that writes nothing says of it, by cluster. */
export type Freezes = ReadonlyMap<string, Freeze>;

/** Whose pushes are asked about. */
export interface HeldApplication {
  readonly application: string;
  readonly project: string | undefined;
  /** Those that it runs in or is to run in. */
  readonly clusters: ReadonlySet<string>;
}

/**
 * Everything that holds pushes of an application now, or to its clusters: holds of persons, the application paused in a
 * cluster, and agents that stand still. In an order that is always the same.
 */
export function holdsOf(
  book: LedgerBook,
  { application, project, clusters }: HeldApplication,
  { freezes, nowMs }: { readonly freezes: Freezes; readonly nowMs: number },
): Hold[] {
  const isMeant: { readonly [scope in HoldScope]: (name: string) => boolean } = {
    fleet: () => true,
    project: (name) => name === project,
    application: (name) => name === application,
    cluster: (name) => clusters.has(name),
  };
  const persons = [...book.holds.values()].filter(({ scope, name }) => isMeant[scope](name));
  const inside = ([cluster]: readonly [string, unknown]) => clusters.has(cluster);
  const pauses = [...(book.pauses.get(application) ?? [])].filter(inside).flatMap(([name, pause]) => {
    return isPausedAt(pause, nowMs) ? [{ scope: 'pause' as const, name, ...pause }] : [];
  });
  const frozen = [...freezes].filter(inside).map(([name, freeze]) => freezeHold(name, freeze));
  return [...persons, ...pauses, ...frozen]
    .filter((hold) => isHeldAt(hold, nowMs))
    .sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
}

const heldByState = new WeakMap<RolloutState, HeldApplication>();

/** The application of a rollout with every cluster that it is about. States are replaced and never changed, so it is remembered for each. */
export function heldBy(state: RolloutState): HeldApplication {
  const before = heldByState.get(state);
  if (before) return before;
  const { application, target, placed, stages } = state;
  const clusters = new Set(Object.keys(placed));
  for (const stage of stages) for (const { name } of stage.clusters) clusters.add(name);
  const held = { application, project: target.project, clusters };
  heldByState.set(state, held);
  return held;
}

/** The agent does not say since when; its rollouts need not know. */
function freezeHold(name: string, { author, reason, untilMs }: Freeze): Hold {
  const until = untilMs === undefined ? {} : { untilMs };
  return { scope: 'freeze', name, author, reason, sinceMs: 0, ...until };
}

function orderOf({ scope, name }: Hold): string {
  return `${scope} ${name}`;
}
