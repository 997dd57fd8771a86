import type { Assignment, DeletionLimits } from '@meridian/fleet';
import { deletionsMost } from '../limits/describe.ts';
import type { LocalLimits } from '../limits/local-limits.ts';
import type { InventoryEntry } from '../ports.ts';
import type { Held } from './held.ts';
import { objectName } from './object-name.ts';

const shown = 3;

/**
 * Why the limits of this cluster let none of these objects be deleted: they are more than one assignment may take, with what
 * it has taken before; undefined when they may go. Only a person who can change the limits can approve more.
 */
export function guardText(
  { deletions }: Pick<LocalLimits, 'deletions'>,
  { assignment, record }: Pick<Held, 'assignment' | 'record'>,
  going: readonly InventoryEntry[],
): string | undefined {
  if (!deletions || going.length === 0 || isApproved(deletions, assignment)) return undefined;
  const { removed = 0, inventory } = record;
  const taken = going.length + removed;
  const all = inventory.length + removed;
  if (isWithin(deletions, taken, all)) return undefined;
  const { application, release } = assignment;
  const names = `${going.slice(0, shown).map(objectName).join(', ')}${going.length > shown ? ' …' : ''}`;
  const before = removed > 0 ? `, after ${removed} that went before,` : '';
  return (
    `${taken} of ${all} objects would be deleted (${names})${before} but the limits of this cluster let one assignment delete at ` +
    `most ${deletionsMost(deletions)}; its administrator may approve it in the limits of the agent with deletions.approved: ` +
    `[{ application: ${application}, release: '${release}' }]`
  );
}

function isApproved({ approved }: DeletionLimits, { application, release }: Assignment): boolean {
  return approved.some((one) => one.application === application && one.release === release);
}

function isWithin(
  { objects = Infinity, percent = 100 }: DeletionLimits,
  taken: number,
  all: number,
): boolean {
  return taken <= objects && taken * 100 <= all * percent;
}
