import type { ApplicationRecord } from '../ports.ts';
import { prepareContent } from './content.ts';
import type { EngineContext } from './context.ts';
import { holdAssignment } from './held.ts';
import type { Held } from './held.ts';
import { withoutWrongGuesses } from './inventory.ts';

/** What was kept, ready to be worked on; undefined when it cannot be applied. Throws FaultError when the cluster cannot be asked. */
export async function restoreHeld(
  record: ApplicationRecord,
  context: Pick<EngineContext, 'verify' | 'log' | 'kube' | 'readAgeKeys' | 'judges' | 'slices'>,
  signal: AbortSignal,
): Promise<Held | undefined> {
  const { verify, log, slices } = context;
  await slices.between();
  const verdict = verify(record.envelope);
  if (!verdict.ok || (verdict.assignment.bundle !== undefined && record.bundle === undefined)) {
    const reason = verdict.ok ? 'its bundle was not kept' : verdict.reason;
    log.warn(
      { application: record.application, reason },
      'kept state cannot be applied; waiting for the ledger',
    );
    return undefined;
  }
  const { assignment } = verdict;
  const { bundle, endHooks } = record;
  const prepared = await prepareContent({ assignment, bundle, endHooks }, context, signal);
  await slices.between();
  const inventory = withoutWrongGuesses(record.inventory, prepared);
  return { ...holdAssignment({ ...record, inventory }, assignment, prepared, undefined), isFresh: true };
}
