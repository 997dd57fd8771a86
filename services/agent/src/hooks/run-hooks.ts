import { readHook } from '@meridian/manifests';
import type { KubeObject, Phase } from '@meridian/manifests';
import { backoffMs } from '@meridian/retry';
import { FaultError, errorText } from '@meridian/runtime';
import { applyContent } from '../applications/apply-content.ts';
import type { EngineContext } from '../applications/context.ts';
import { limitOf, takePermit } from '../applications/held-limits.ts';
import { hooksOf, objectName } from '../applications/held.ts';
import type { Held } from '../applications/held.ts';
import type { DesiredObject } from '../assignments/prepare.ts';
import { applicationLabel, hookRunAnnotation } from '../ports.ts';
import type { HookRun } from '../ports.ts';
import type { HookBook, HookObject } from './hook-book.ts';
import { runMark, runOf, withRun } from './hook-record.ts';

/** In which phase hooks are run, and how. */
export interface HookTurn {
  readonly phase: Phase;
  readonly signal: AbortSignal;
}

/** How soon a hook is looked at again while the object of the run before goes: it may be one that no watch tells of. */
const clearingMs = 1_000;

/** A hook that has failed has done some work: a migration, a test. It is not repeated like a call. */
const retryPolicy = { firstMs: 10_000, factor: 2, capMs: 300_000 };

/** Kinds that run to an end, and not again because they are applied again. */
const runsOnce: ReadonlySet<string> = new Set(['batch/Job', '/Pod', 'argoproj.io/Workflow']);

type Step = Pick<HookRun, 'id' | 'phase' | 'attempt' | 'uid'>;

/**
 * Takes one step with each of these hooks: make its object, see how it goes, or start again. It never waits: the watch
 * wakes the application when an object has ended. Throws FaultError when the cluster cannot be asked now.
 */
export async function runHooks(
  context: EngineContext,
  held: Held,
  { hooks, ...turn }: HookTurn & { readonly hooks: readonly DesiredObject[] },
): Promise<void> {
  const allowed = hooks.filter((hook) => limitOf(held, hook) === undefined);
  const steps = await Promise.allSettled(allowed.map((hook) => stepHook(context, held, { ...turn, hook })));
  // Only when all have ended: a step that is still under way would meet those of the next turn.
  for (const step of steps) if (step.status === 'rejected') throw step.reason;
}

async function stepHook(
  context: EngineContext,
  held: Held,
  turn: HookTurn & { readonly hook: DesiredObject },
) {
  const { hook, phase, signal } = turn;
  const mayRetry = (held.hookRetryAtMs ?? 0) <= context.clock.monotonicMs() && canRepeat(hook, phase);
  const step = nextStep(runOf(hooksOf(held), hook.id, phase), { id: hook.id, phase, mayRetry });
  if (!step) return;
  const run = await ran(context, held, { hook, step, signal });
  setRun(held, run);
  if (run.state !== 'failed') return;
  const pauseMs = backoffMs(retryPolicy, run.attempt - 1, context.random());
  held.hookRetryAtMs = context.clock.monotonicMs() + pauseMs;
}

/** What was for a failure is not repeated, nor what has to stay as it ended and would have to go for that. */
function canRepeat({ entry: { group, kind }, hook }: DesiredObject, phase: Phase): boolean {
  const isCleared = hook?.deletePolicies.some((policy) => policy !== 'HookSucceeded') === true;
  return phase !== 'SyncFail' && (isCleared || !runsOnce.has(`${group}/${kind}`));
}

async function ran(context: EngineContext, held: Held, advanced: Advance): Promise<HookRun> {
  const { hook, step, signal } = advanced;
  try {
    return await advance(context, held, advanced);
  } catch (error) {
    if (signal.aborted || !(error instanceof FaultError)) throw error;
    if (error.code === 'not_found') held.hasNamespace = false;
    const isEnd = step.phase === 'PreDelete' || step.phase === 'PostDelete';
    if (isEnd && (await isNamespaceGoing(context, hook, signal)))
      return { ...step, state: 'succeeded', reason: 'its namespace goes, so that it cannot run any more' };
    if (error.retry === 'later') throw named(error, hook, step.phase);
    return { ...step, state: 'failed', reason: errorText(error) };
  }
}

/** The message of a turn that ends early says which hook it was about. */
function named(error: FaultError, hook: DesiredObject, phase: Phase): FaultError {
  const message = `${hookName(hook, phase)}: ${errorText(error)}`;
  return new FaultError(error.code, message, { retry: error.retry, cause: error });
}

/** Whether nothing can be made where a hook would run. */
async function isNamespaceGoing(
  context: EngineContext,
  { entry: { namespace } }: DesiredObject,
  signal: AbortSignal,
): Promise<boolean> {
  if (namespace === '') return false;
  const ref = { apiVersion: 'v1', kind: 'Namespace', namespace: '', name: namespace };
  const live = await context.limiter.run(() => context.kube.get(ref, signal));
  return live?.metadata.deletionTimestamp !== undefined || live === undefined;
}

/** The step that a hook is at: that of its run, or of the next; undefined when it has ended. */
function nextStep(
  run: HookRun | undefined,
  { id, phase, mayRetry }: Pick<HookRun, 'id' | 'phase'> & { readonly mayRetry: boolean },
): Step | undefined {
  if (!run) return { id, phase, attempt: 1, uid: '' };
  if (run.state === 'running') return run;
  return run.state === 'failed' && mayRetry ? { id, phase, attempt: run.attempt + 1, uid: '' } : undefined;
}

function setRun(held: Held, run: HookRun): void {
  const hooks = hooksOf(held);
  const before = runOf(hooks, run.id, run.phase);
  const isSame =
    before?.attempt === run.attempt &&
    before.state === run.state &&
    before.uid === run.uid &&
    before.reason === run.reason;
  if (!isSame) held.record = { ...held.record, hooks: withRun(hooks, run) };
}

interface Advance {
  readonly hook: DesiredObject;
  readonly step: Step;
  readonly signal: AbortSignal;
}

interface Start extends Advance {
  readonly book: HookBook;
  readonly mark: string;
}

async function advance(
  context: EngineContext,
  held: Held,
  { hook, step, signal }: Advance,
): Promise<HookRun> {
  if (hook.problem !== undefined) return failed(step, hook.problem);
  const { application } = held.assignment;
  const owner = context.claims.claim(hook.id, application);
  if (owner !== application) return failed(step, `application ${owner} has an object of this name already`);
  const book = bookOfHook(held, hook);
  const mark = runMark(hooksOf(held), step);
  const live = book.object?.mark === mark ? undefined : await ask(context, { hook, book, signal });
  if (book.object?.mark === mark) return outcome(step, book.object);
  if (step.uid !== '') return failed(step, 'its object was deleted while it ran');
  const start = { hook, step, signal, book, mark };
  return live ? startOver(context, held, { ...start, live }) : make(context, held, start);
}

/** Starts a run where an object is there already. */
async function startOver(
  context: EngineContext,
  held: Held,
  { live, ...start }: Start & { readonly live: KubeObject },
): Promise<HookRun> {
  const { hook, step, signal } = start;
  if (!isHookOf(live, held))
    return failed(step, 'an object of this name is there that is no hook; delete it or rename the hook');
  if (hook.hook?.deletePolicies.includes('BeforeHookCreation'))
    return clear(context, held, { hook, step, live, signal });
  const { group, kind } = hook.entry;
  if (!runsOnce.has(`${group}/${kind}`)) return make(context, held, start);
  return failed(
    step,
    'the object of an earlier run is there and would not run again; delete it, or give the hook the delete policy BeforeHookCreation',
  );
}

async function make(
  context: EngineContext,
  held: Held,
  { hook, step, signal, book, mark }: Start,
): Promise<HookRun> {
  if (!takePermit(context, held, 'writes')) return { ...step, state: 'running', reason: waitingReason };
  const content = { ...hook, object: marked(hook.object, mark) };
  // By the policy of its application for other field managers, like any object; nothing scales a hook.
  const { object: made } = await context.limiter.run(() =>
    applyContent({ kube: context.kube, content, autoscaler: undefined, signal }),
  );
  if (!context.watches.isWatched(hook.object)) context.kindsChanged();
  return outcome(step, book.take(made, context.clock.nowMs()));
}

async function ask(
  context: EngineContext,
  {
    hook,
    book,
    signal,
  }: { readonly hook: DesiredObject; readonly book: HookBook; readonly signal: AbortSignal },
): Promise<KubeObject | undefined> {
  const live = await context.limiter.run(() => context.kube.get(hook.entry, signal));
  if (live) book.take(live, context.clock.nowMs());
  else book.takeMissing();
  return live;
}

/**
 * Whether an object was made for a hook, by us or by the tool that ran it before us. One that the application has had as an
 * object like any other is none: it may hold data, and only the deletions that are allowed may take it away.
 */
function isHookOf(live: KubeObject, { assignment }: Held): boolean {
  const label = live.metadata.labels?.[applicationLabel];
  return (label === undefined || label === assignment.application) && readHook(live).hook !== undefined;
}

/** Deletes the object of an earlier run. */
async function clear(
  context: EngineContext,
  held: Held,
  { hook, step, live, signal }: Advance & { readonly live: KubeObject },
): Promise<HookRun> {
  const { uid = '' } = live.metadata;
  if (live.metadata.deletionTimestamp === undefined && takePermit(context, held, 'deletions'))
    await context.limiter.run(() => context.kube.remove(hook.entry, uid, signal));
  held.hooksAtMs = context.clock.monotonicMs() + clearingMs;
  return { ...step, state: 'running', reason: 'the object of the run before is being deleted' };
}

function outcome(step: Step, { uid, verdict: { health, reason } }: HookObject): HookRun {
  if (health === 'Degraded') return { ...step, uid, state: 'failed', reason };
  return { ...step, uid, state: health === 'Healthy' ? 'succeeded' : 'running', reason };
}

const waitingReason = 'it waits for the change rate that the limits of this cluster allow';

const failed = (step: Step, reason: string): HookRun => ({ ...step, state: 'failed', reason });

function marked(object: KubeObject, mark: string): KubeObject {
  const annotations = { ...object.metadata.annotations, [hookRunAnnotation]: mark };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

function bookOfHook(held: Held, { id }: DesiredObject): HookBook {
  const book = held.hookBooks.get(id);
  if (!book) throw new TypeError(`hook ${id} has no book`);
  return book;
}

/** A hook as people read of it: `PreSync hook Job ml/migrate`. */
export function hookName({ entry }: DesiredObject, phase: Phase): string {
  return `${phase} hook ${objectName(entry)}`;
}
