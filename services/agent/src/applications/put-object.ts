import { fieldsAtVersion } from '@meridian/diff';
import { FaultError, errorText } from '@meridian/runtime';
import type { DesiredObject } from '../assignments/prepare.ts';
import { applyContent } from './apply-content.ts';
import type { Written } from './apply-content.ts';
import type { EngineContext } from './context.ts';
import { objectName } from './held.ts';
import type { Held } from './held.ts';
import type { ObjectBook } from './object-book.ts';
import { wayOf, whyNotReplaced } from './replacement.ts';
import type { Way } from './replacement.ts';

/** One object that is to be as the bundle has it. */
export interface Put {
  readonly book: ObjectBook;
  readonly content: DesiredObject;
  /** The autoscaler that has the replicas of the object, as people write it. */
  readonly autoscaler: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Applies an object, or takes it as it is when it is to be written only once, and gives what is in the cluster then. Where
 * nothing but fields that cannot be changed is in the way, it is made anew if that is allowed. Throws FaultError.
 */
export async function putObject(context: EngineContext, held: Held, put: Put): Promise<Written> {
  const { content, signal } = put;
  if (content.options.write === 'once') {
    const live = await context.kube.get(content.entry, signal);
    if (live) return { object: live, left: [] };
  }
  try {
    return await apply(context, put);
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    if (await moveManagers(context, put, error)) return apply(context, put);
    const fields = context.kube.immutableFields(error);
    if (fields.length === 0) throw error;
    return await replace(context, held, { ...put, refusal: error, fields });
  }
}

const apply = ({ kube }: EngineContext, { content, autoscaler, signal }: Put): Promise<Written> =>
  applyContent({ kube, content, autoscaler, signal });

/**
 * Brings the managed fields of an object to the version that it is applied at, when that is what an apply stumbles over: the
 * API server reads what each manager owns in the version that it wrote, and a field that only a later version has, filled in
 * by a default, is unknown there. False when there is nothing to bring.
 */
async function moveManagers(context: EngineContext, put: Put, refusal: FaultError): Promise<boolean> {
  const { content, signal } = put;
  if (!context.kube.isAboutOtherVersion(refusal)) return false;
  const live = await context.kube.get(content.entry, signal);
  const managedFields = live && fieldsAtVersion(live, content.object.apiVersion);
  if (!managedFields) return false;
  await context.kube.rewriteManagers(live, managedFields, signal);
  return true;
}

interface Replace extends Put {
  readonly refusal: FaultError;
  /** What cannot be changed. */
  readonly fields: readonly string[];
}

/**
 * Deletes the object that is in the way and makes it anew, once the API server has said that it would take the new one: its
 * validation, admission and policies are asked first, so that a mistake in the bundle deletes nothing. A kill after the
 * deletion leaves an object that is missing, which the next turn makes.
 */
async function replace(context: EngineContext, held: Held, put: Replace): Promise<Written> {
  const { content, refusal, signal } = put;
  const { kube } = context;
  const why = whyNotReplaced(content, held.assignment);
  if (why !== undefined) throw still(refusal, why);
  const { application } = held.assignment;
  const way = wayOf(await kube.get(content.entry, signal), application);
  if (way.way === 'blocked') throw still(refusal, way.why);
  if (way.way === 'free') return apply(context, put);
  if (way.way === 'wait') throw waiting(put, way);
  const fault = await kube.tryCreate(content.object, signal);
  if (fault)
    throw still(refusal, `it was not deleted, because made anew it would be refused: ${errorText(fault)}`);
  await kube.remove(content.entry, way.uid, signal);
  tell(context, held, put);
  const left = wayOf(await kube.get(content.entry, signal), application);
  if (left.way === 'wait') throw waiting(put, left);
  return apply(context, put);
}

/** The refusal stands, and more is to be said of it. */
function still(refusal: FaultError, more: string): FaultError {
  return new FaultError(refusal.code, `${errorText(refusal)}; ${more}`, { retry: refusal.retry });
}

/** The watch tells when it is gone; until then the application looks at it again and again, and deletes nothing more. */
function waiting({ book, content }: Put, { why }: Way & { readonly way: 'wait' }): FaultError {
  book.isReplaced = true;
  return new FaultError('conflict', `${objectName(content.entry)} cannot be made yet: ${why}`, {
    retry: 'later',
  });
}

function tell(context: EngineContext, { assignment }: Held, { content, fields }: Replace): void {
  const { application, revision } = assignment;
  const object = objectName(content.entry);
  const message = `deleted ${object} to make it again, because ${fields.join(', ')} cannot be changed`;
  context.log.warn({ application, object, reason: message }, 'replaced an object');
  context.tell({ level: 'warning', type: 'object.replaced', application, revision, message });
}
