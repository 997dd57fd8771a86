import { adoptFields, standsAsApplied } from '@meridian/diff';
import { keyText } from '@meridian/manifests';
import type { KubeObject } from '@meridian/manifests';
import { FaultError } from '@meridian/runtime';
import type { DesiredObject } from '../assignments/prepare.ts';
import { fieldManager } from '../ports.ts';
import { isAdoptedIn } from './adopt-managers.ts';
import { createAutoscalers } from './autoscalers.ts';
import type { Autoscalers } from './autoscalers.ts';
import type { EngineContext } from './context.ts';
import { bookOf } from './held.ts';
import type { Held } from './held.ts';
import { limitOf } from './held-limits.ts';
import type { TurnOptions } from './turn.ts';

/**
 * After a start: objects of which the watch has told that they stand as an agent has applied them are taken as applied, and
 * no call is made for them. Whatever is not sure is applied again, which is never wrong. Others may work in between: an object
 * counts as it is when it is looked at, and the rest is left when a newer assignment waits.
 */
export async function takeStanding(
  context: EngineContext,
  held: Held,
  options: Pick<TurnOptions, 'signal' | 'isSuperseded' | 'onSeen'>,
): Promise<void> {
  const uids = new Map(held.record.inventory.map((entry) => [keyText(entry), entry.uid]));
  const autoscalers = createAutoscalers(context, held, options.signal);
  for (const desired of held.desired) {
    await context.slices.between();
    if (options.signal.aborted || options.isSuperseded()) return;
    const book = bookOf(held, desired);
    const { live } = book;
    if (live === undefined || book.applied || !isStanding(desired, live, uids.get(desired.id))) continue;
    if (!mayTake(context, held, desired) || (await isAutoscaled(autoscalers, desired))) continue;
    // Somebody may have changed it while autoscalers were asked for.
    if (book.live !== live) continue;
    const found = { object: live, sent: desired.object };
    options.onSeen(book, book.takeDryRun(found, desired, context.clock.nowMs()));
  }
}

/** Whether an apply would surely change nothing, neither values nor who owns them. */
function isStanding(desired: DesiredObject, live: KubeObject, uid: string | undefined): boolean {
  const { object, options, managers, ignoring, problem, isScopeGuessed } = desired;
  const isPlain = options.write === 'always' || options.write === 'merge';
  if (!isPlain || managers.looksFirst || ignoring || isScopeGuessed || problem !== undefined) return false;
  if (live.metadata.deletionTimestamp !== undefined || live.metadata.uid !== uid) return false;
  if (adoptFields(live, { by: fieldManager, isAdopted: isAdoptedIn(desired) })) return false;
  return standsAsApplied(object, live, fieldManager);
}

/** What another application has, and what a limit forbids, is told when it is to be written. */
function mayTake({ claims }: EngineContext, held: Held, desired: DesiredObject): boolean {
  const { application } = held.assignment;
  return limitOf(held, desired) === undefined && claims.claim(desired.id, application) === application;
}

/** Whether an autoscaler has its replicas; also while that cannot be asked. */
async function isAutoscaled(autoscalers: Autoscalers, desired: DesiredObject): Promise<boolean> {
  try {
    return (await autoscalers.of(desired)) !== undefined;
  } catch (error) {
    if (error instanceof FaultError) return true;
    throw error;
  }
}
