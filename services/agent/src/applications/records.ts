import type { Assignment, HighWaterMark, SignedEnvelope } from '@meridian/fleet';
import { keyText } from '@meridian/manifests';
import type { Known } from '../assignments/acceptance.ts';
import { keptObject } from '../assignments/prepare.ts';
import type { DesiredObject } from '../assignments/prepare.ts';
import type { ApplicationRecord, HookRecord, InventoryEntry } from '../ports.ts';
import { hookRecordFor } from '../hooks/hook-record.ts';
import type { Held } from './held.ts';
import { journalFor, sameInventory, settledInventory, withoutWrongGuesses } from './inventory.ts';
import type { Kept } from './inventory.ts';

/** A verified assignment with its proven bundle, packed; undefined when the application is withdrawn. */
export interface Offer {
  readonly assignment: Assignment;
  readonly envelope: SignedEnvelope;
  readonly bundle: Uint8Array | undefined;
  readonly traceparent: string | undefined;
}

/** What is kept, as the next assignment is compared with it; undefined before the first. */
export function knownOf(record: ApplicationRecord | undefined, held: Held | undefined): Known | undefined {
  return record && { mark: record.mark, content: held?.assignment };
}

/** Where an assignment stands in order. */
export function markOf({ incarnation, term, generation }: Assignment): HighWaterMark {
  return { incarnation, term, generation };
}

/**
 * The record to keep before an offer is applied: it has the old objects and the new ones. `prepared` is everything that may
 * be made, hooks too.
 */
export function journalRecord(
  { assignment, envelope, bundle, traceparent }: Offer,
  prepared: readonly DesiredObject[],
  before: ApplicationRecord | undefined,
): ApplicationRecord {
  return {
    application: assignment.application,
    writes: (before?.writes ?? 0) + 1,
    mark: markOf(assignment),
    envelope,
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(bundle === undefined ? {} : { bundle }),
    inventory: journalFor(
      withoutWrongGuesses(before?.inventory ?? [], prepared),
      prepared.filter(({ options }) => !options.isLeftAlone),
    ),
    ...hooksOfJournal(assignment, prepared, before?.hooks),
    ...(before?.drift ? { drift: before.drift } : {}),
  };
}

function hooksOfJournal(
  assignment: Assignment,
  prepared: readonly DesiredObject[],
  before: HookRecord | undefined,
): Pick<ApplicationRecord, 'hooks' | 'endHooks'> {
  const hooks = hookRecordFor(assignment, before);
  const isEnd = assignment.bundle === undefined && prepared.length > 0;
  return {
    // Also before the first run: its mark has the generation, and a run is found again under a later one.
    ...(prepared.some(({ hook }) => hook) ? { hooks } : {}),
    ...(isEnd ? { endHooks: prepared.map(keptObject) } : {}),
  };
}

/** The record with objects that another agent of this cluster has made; a later one, for no copy has them all by then. */
export function withOthers(record: ApplicationRecord, others: readonly InventoryEntry[]): ApplicationRecord {
  if (others.length === 0) return record;
  return { ...record, writes: record.writes + 1, inventory: [...others, ...record.inventory] };
}

/**
 * The record to keep after a turn: how its hooks went, what drift was seen and, once everything was applied, the UIDs of now. Undefined when
 * `saved` says the same already.
 */
export function settledRecord(
  held: Held,
  saved: ApplicationRecord | undefined,
): ApplicationRecord | undefined {
  const hasNews = held.record.hooks !== saved?.hooks || held.record.drift !== saved?.drift;
  const known = new Map(held.record.inventory.map((entry) => [keyText(entry), entry]));
  const keptOf = (id: string): Kept => {
    const { applied, ended } = held.books.get(id) ?? {};
    return {
      uid: applied?.uid ?? held.hookBooks.get(id)?.object?.uid ?? known.get(id)?.uid ?? '',
      ...(ended === undefined ? {} : { ended }),
    };
  };
  if (held.record.appliedAtMs === undefined) return unsettledRecord(held, hasNews, keptOf);
  const present = [...held.desired, ...hooksIn(held)];
  const ids = new Set(present.map(({ id }) => id));
  // What left the bundle, and what the bundle says to leave alone: both may be there still.
  const left = held.record.inventory.filter((entry) => !ids.has(keyText(entry)));
  const inventory = settledInventory(left, present, keptOf);
  const isSame = saved?.appliedAtMs === held.record.appliedAtMs && sameInventory(saved.inventory, inventory);
  if (isSame && !hasNews) return undefined;
  return { ...held.record, inventory, writes: held.record.writes + 1 };
}

/** The record before everything was applied: its inventory stays the journal, but for objects that have ended. */
function unsettledRecord(
  { record }: Held,
  hasNews: boolean,
  keptOf: (id: string) => Kept,
): ApplicationRecord | undefined {
  const inventory = record.inventory.map((entry) => {
    const { ended } = keptOf(keyText(entry));
    return ended === undefined ? entry : { ...entry, ended };
  });
  if (!hasNews && sameInventory(record.inventory, inventory)) return undefined;
  return { ...record, inventory, writes: record.writes + 1 };
}

/** Every hook once, whatever phases it runs in. */
function hooksIn({ hookStages }: Held): readonly DesiredObject[] {
  const hooks = hookStages.flatMap((stage) => stage.hooks);
  return [...new Map(hooks.map((hook) => [hook.id, hook])).values()];
}
