import { FaultError, errorText } from '@meridian/runtime';
import { withSpan } from '@meridian/telemetry';
import type { DesiredObject } from '../assignments/prepare.ts';
import type { Autoscalers } from './autoscalers.ts';
import type { EngineContext } from './context.ts';
import { afterHeal } from './heal-guard.ts';
import { takePermit } from './held-limits.ts';
import { isFreeze } from '../limits/limited-kube.ts';
import { objectName } from './held.ts';
import type { Held } from './held.ts';
import { isKindMissing, isMisprepared } from './missing-kinds.ts';
import type { Answer, ObjectBook, Seen } from './object-book.ts';
import { putObject } from './put-object.ts';

/** One object to write. */
export interface Write {
  readonly book: ObjectBook;
  readonly content: DesiredObject;
  readonly autoscalers: Autoscalers;
  readonly signal: AbortSignal;
  readonly onSeen: (book: ObjectBook, seen: Seen) => void;
}

interface Failure {
  readonly book: ObjectBook;
  /** Undefined when it is none, because the object may wait. */
  readonly error: string | undefined;
  readonly isRefused: boolean;
  /** It waits for its predecessor to be gone. */
  readonly isWaiting: boolean;
  readonly lacksKind: boolean;
}

const justFailed = { isRefused: false, isWaiting: false, lacksKind: false };

/**
 * Writes objects side by side, whatever becomes of the others. What failed is in the books once all have ended, so that no
 * status names only a part of it. What the change rate of this cluster does not let through now stays as it is.
 */
export async function writeObjects(
  context: EngineContext,
  held: Held,
  writes: readonly Write[],
): Promise<void> {
  const permitted = writes.filter(() => takePermit(context, held, 'writes'));
  const failures = await Promise.all(permitted.map((each) => write(context, held, each)));
  for (const failure of failures) {
    if (!failure) continue;
    const { book, error, isRefused, isWaiting, lacksKind } = failure;
    // The predecessor went while others were written: nothing is in the way any more.
    if (isWaiting && !book.isReplaced) continue;
    book.error = error;
    book.isRefused = isRefused;
    book.lacksKind = lacksKind;
  }
}

async function write(context: EngineContext, held: Held, each: Write): Promise<Failure | undefined> {
  const { book, content, onSeen } = each;
  const { application } = held.assignment;
  if (content.problem !== undefined) return { ...justFailed, book, error: content.problem, isRefused: true };
  const owner = context.claims.claim(content.id, application);
  if (owner !== application) {
    context.askFor(content.id, owner);
    const error = `applications ${owner} and ${application} both name this object, and ${owner} has it already; drop it from one of them`;
    return { ...justFailed, book, error };
  }
  const wasWritten = book.applied !== undefined;
  const isHeal = book.drift !== undefined;
  book.beginApply();
  const { answer, failure } = await applyOne(context, held, each);
  if (answer) tellGiver(context, content.id);
  if (answer && isHeal) book.heals = afterHeal(book.heals, context.clock.monotonicMs());
  for (const seen of book.endApply(answer, context.clock.nowMs())) onSeen(book, seen);
  if (answer) noteWritten(context, each, wasWritten);
  return failure;
}

function noteWritten(
  { clock, watches, kindsChanged }: EngineContext,
  { book, content }: Write,
  wasWritten: boolean,
): void {
  book.altered.written(clock.monotonicMs());
  if (!wasWritten && !watches.isWatched(content.object)) kindsChanged();
}

/** Whoever had the object before need not remember it any more. */
function tellGiver({ claims, askFor }: EngineContext, id: string): void {
  const giver = claims.giverOf(id);
  if (giver !== undefined) askFor(id, giver);
}

/** The answer, or why there is none; neither when it was aborted. */
async function applyOne(
  context: EngineContext,
  held: Held,
  { book, content, autoscalers, signal }: Write,
): Promise<{ readonly answer?: Answer; readonly failure?: Failure }> {
  const isRepeat = held.record.appliedAtMs !== undefined;
  const attributes = { object: objectName(content.entry), application: held.assignment.application };
  try {
    if (await isMisprepared(context, content, signal)) {
      held.isMisprepared = true;
      return { failure: { ...justFailed, book, error: undefined, lacksKind: true } };
    }
    const autoscaler = await autoscalers.of(content);
    const written = await withSpan(context.tracer, 'agent.apply', { attributes }, () =>
      context.limiter.run(() => putObject(context, held, { book, content, autoscaler, signal })),
    );
    return { answer: { ...written, desired: content, isRepeat, autoscaler } };
  } catch (error) {
    // A freeze that began meanwhile is no fault of the object.
    if (signal.aborted || isFreeze(error)) return {};
    if (!(error instanceof FaultError)) throw error;
    return { failure: await failureOf(context, held, { book, content, signal, error }) };
  }
}

async function failureOf(
  context: EngineContext,
  held: Held,
  {
    book,
    content,
    signal,
    error,
  }: Pick<Write, 'book' | 'content' | 'signal'> & { readonly error: FaultError },
): Promise<Failure> {
  const isRefused = error.code === 'invalid';
  const lacksKind = await isKindMissing(context, error, content, signal);
  if (error.code === 'not_found' && !lacksKind) held.hasNamespace = false;
  const text = lacksKind && content.options.missingKind === 'wait' ? undefined : errorText(error);
  return { book, error: text, isRefused, isWaiting: book.isReplaced, lacksKind };
}
