import type { Assignment, HighWaterMark, SignedEnvelope } from '@meridian/fleet';
import { keyText } from '@meridian/manifests';
import type { DesiredObject } from '../assignments/bundle.ts';
import type { ApplicationRecord, InventoryEntry } from '../ports.ts';
import { leftovers } from './held.ts';
import type { Held } from './held.ts';
import { journalFor, sameInventory, settledInventory } from './inventory.ts';

/** A verified assignment with its proven bundle, packed; undefined when the application is withdrawn. */
export interface Offer {
  readonly assignment: Assignment;
  readonly envelope: SignedEnvelope;
  readonly bundle: Uint8Array | undefined;
  readonly traceparent: string | undefined;
}

/** Where an assignment stands in order. */
export function markOf({ incarnation, term, generation }: Assignment): HighWaterMark {
  return { incarnation, term, generation };
}

/** The record to keep before an offer is applied: it has the old objects and the new ones. */
export function journalRecord(
  { assignment, envelope, bundle, traceparent }: Offer,
  desired: readonly DesiredObject[],
  before: ApplicationRecord | undefined,
): ApplicationRecord {
  return {
    application: assignment.application,
    writes: (before?.writes ?? 0) + 1,
    mark: markOf(assignment),
    envelope,
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(bundle === undefined ? {} : { bundle }),
    inventory: journalFor(before?.inventory ?? [], desired),
  };
}

/** The record with objects that another agent of this cluster has made; a later one, for no copy has them all by then. */
export function withOthers(record: ApplicationRecord, others: readonly InventoryEntry[]): ApplicationRecord {
  if (others.length === 0) return record;
  return { ...record, writes: record.writes + 1, inventory: [...others, ...record.inventory] };
}

/** The record to keep after everything was applied, with the UIDs of now; undefined when `saved` says the same already. */
export function settledRecord(
  held: Held,
  saved: ApplicationRecord | undefined,
): ApplicationRecord | undefined {
  if (held.record.appliedAtMs === undefined) return undefined;
  const known = new Map(held.record.inventory.map((entry) => [keyText(entry), entry.uid]));
  const uidOf = (id: string) => held.books.get(id)?.applied?.uid ?? known.get(id);
  const inventory = settledInventory(leftovers(held), held.desired, uidOf);
  if (saved?.appliedAtMs === held.record.appliedAtMs && sameInventory(saved.inventory, inventory))
    return undefined;
  return { ...held.record, inventory, writes: held.record.writes + 1 };
}
