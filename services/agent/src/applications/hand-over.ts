import { keyText } from '@meridian/manifests';
import type { InventoryEntry } from '../ports.ts';
import type { PruneContext } from './context.ts';
import { leftovers, objectName } from './held.ts';
import type { Held } from './held.ts';

/**
 * Gives what left the bundle to the applications that want it now, before anything else is done: an application that waits for
 * something of another one never comes to the end of its turn, and two that swap objects would wait for each other for ever.
 */
export function giveAway(context: PruneContext, held: Held): void {
  handOver(context, held, leftovers(held));
}

/**
 * Gives objects to the applications that want them now, in place of deleting them: they take them over as they are. Until
 * their label says that this has happened they stay in our inventory: killed before that, or no longer wanted by then,
 * they are ours to give or to delete. `unread` when somebody may want one of them and does not know yet.
 */
export function handOver(
  context: PruneContext,
  held: Held,
  entries: readonly InventoryEntry[],
): 'unread' | 'given' | 'nothing' {
  const { application, revision } = held.assignment;
  const heirs = entries.map((entry) => ({ entry, heir: context.heirOf(keyText(entry), application) }));
  const given = heirs.flatMap(({ entry, heir }) => (heir && heir !== 'unread' ? [{ entry, heir }] : []));
  for (const { entry, heir } of given) {
    if (!context.claims.handOver(keyText(entry), application, heir.application)) continue;
    const message = `handed ${objectName(entry)} over to application ${heir.application}`;
    context.log.info({ application, object: objectName(entry), reason: message }, 'handed an object over');
    context.tell({ level: 'info', type: 'object.handed-over', application, revision, message });
    heir.take();
  }
  if (heirs.some(({ heir }) => heir === 'unread')) return 'unread';
  return given.length > 0 ? 'given' : 'nothing';
}

/** Whether another application is to take the object over. */
export function isPromised(context: PruneContext, held: Held, entry: InventoryEntry): boolean {
  return context.heirOf(keyText(entry), held.assignment.application) !== undefined;
}
