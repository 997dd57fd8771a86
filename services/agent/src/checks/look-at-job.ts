import { isPausedAt } from '@meridian/fleet';
import type { Assignment, JobCheck } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import { FaultError, errorText } from '@meridian/runtime';
import { actingFor } from '../applications/acting.ts';
import type { EngineContext } from '../applications/context.ts';
import type { Held } from '../applications/held.ts';
import { LimitFault } from '../limits/limited-kube.ts';
import type { LeftJob } from './check-book.ts';
import { jobFor, jobRefOf } from './check-job.ts';
import type { JobRun } from './check-job.ts';
import type { CheckResult } from './check-state.ts';
import { leftJobUid, nextJobStep } from './job-step.ts';

/** A look at the Job of a check. */
export interface JobLook {
  readonly job: JobRun;
  /** Why the Job must not be made yet; one that is there is looked at all the same. */
  readonly waits: CheckResult | undefined;
  readonly ranMs: number;
  readonly signal: AbortSignal;
}

/** How soon to come again for a permit, or to see what was just made or deleted. */
const soonMs = 2_000;

/** The Job of a check of an assignment. */
export function jobRunOf({ application, namespace }: Assignment, check: JobCheck, run: string): JobRun {
  return { application, namespace, check, run };
}

/**
 * Takes one step with the Job of a check: make it, see how it goes, or clear the way. It is read by the rights of the agent and
 * written by those of the application, within the limits of this cluster. Throws FaultError when the cluster cannot be asked now.
 */
export async function lookAtJob(context: EngineContext, held: Held, look: JobLook): Promise<CheckResult> {
  const { job, waits, ranMs, signal } = look;
  const misplaced = misplacedText(job, context);
  if (misplaced !== undefined) return failed(misplaced);
  const live = await context.limiter.run(() => context.kube.get(jobRefOf(job), signal));
  const step = nextJobStep(job, live, ranMs);
  if (step.do === 'tell') return step.result;
  const stop = stopText(context, held);
  if (stop !== undefined) return { kind: 'nothing', message: stop };
  if (step.do === 'remove') return removeBefore(context, held.assignment, { ...look, uid: step.uid });
  return waits ?? make(context, held.assignment, look);
}

/**
 * Deletes the Job of a check that nobody asks for any more, unless it has ended; gives whether there is nothing left to do. What
 * cannot be known or done now is tried again.
 */
export async function removeLeftJob(
  context: EngineContext,
  held: Held,
  { left, signal }: { readonly left: LeftJob; readonly signal: AbortSignal },
): Promise<boolean> {
  if (stopText(context, held) !== undefined) return false;
  const { assignment, check, run } = left;
  const job = jobRunOf(assignment, check, run);
  const ref = jobRefOf(job);
  try {
    const live = await context.limiter.run(() => context.kube.get(ref, signal));
    const uid = leftJobUid(job, live);
    if (uid === undefined) return true;
    if (!takes(context, assignment, 'deletions')) return false;
    const { kube } = actingFor(context, assignment);
    await context.limiter.run(() => kube.remove(ref, uid, signal));
    context.log.info(
      { application: job.application, object: ref.name, reason: 'its check is not asked for any more' },
      'deleted the Job of a check',
    );
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    if (!(error instanceof FaultError)) throw error;
    context.log.warn(
      { application: job.application, object: ref.name, error: errorText(error) },
      'the Job of a check that is not asked for any more cannot be deleted',
    );
    return false;
  }
}

function misplacedText(
  { application, namespace }: JobRun,
  { ownNamespace }: EngineContext,
): string | undefined {
  if (namespace === '')
    return `application ${application} has no namespace in which a Job could run; give it one`;
  return namespace === ownNamespace
    ? `namespace ${namespace} is that of this agent, where no application may run anything; give the application another one`
    : undefined;
}

/** By the present assignment and limits themselves: the turn that heeds them for objects may be yet to come. */
function stopText({ limits, clock }: EngineContext, { assignment: { pause } }: Held): string | undefined {
  const stopped = limits.stopped();
  if (stopped !== undefined) return `no Job is made or deleted: ${stopped}`;
  return isPausedAt(pause, clock.nowMs())
    ? `no Job is made or deleted while the application is paused by ${pause?.author ?? 'somebody'}`
    : undefined;
}

async function make(context: EngineContext, assignment: Assignment, look: JobLook): Promise<CheckResult> {
  const built = jobFor(look.job);
  if (!built.ok) return failed(built.problem);
  if (!takes(context, assignment, 'writes')) return waitsForRate;
  try {
    const { kube } = actingFor(context, assignment);
    await context.limiter.run(() => kube.put(built.job, look.signal));
  } catch (error) {
    if (look.signal.aborted || !(error instanceof FaultError)) throw error;
    return refusal(error, built.job);
  }
  const { name, namespace = '' } = built.job.metadata;
  context.log.info({ application: assignment.application, object: name }, 'made the Job of a check');
  return { kind: 'running', message: `Job ${namespace}/${name} runs` };
}

/** Only what the API server will never take is an end; what a person may lift is waited for. */
function refusal(error: FaultError, { metadata: { name } }: KubeObject): CheckResult {
  // Somebody made one since we looked: the next look tells whose it is.
  if (error.code === 'conflict')
    return { kind: 'nothing', message: `Job ${name} is there by now`, againMs: soonMs };
  if (error.code === 'invalid' && !(error instanceof LimitFault))
    return failed(`Job ${name} is refused: ${errorText(error)}`);
  return { kind: 'nothing', message: `Job ${name} cannot be made: ${errorText(error)}` };
}

async function removeBefore(
  context: EngineContext,
  assignment: Assignment,
  { job, uid, signal }: JobLook & { readonly uid: string },
): Promise<CheckResult> {
  if (!takes(context, assignment, 'deletions')) return waitsForRate;
  const { kube } = actingFor(context, assignment);
  const ref = jobRefOf(job);
  await context.limiter.run(() => kube.remove(ref, uid, signal));
  return {
    kind: 'nothing',
    message: `Job ${ref.namespace}/${ref.name} of the run before is being deleted`,
    againMs: soonMs,
  };
}

function takes(
  { limits: { pace }, clock }: EngineContext,
  { application }: Assignment,
  share: 'writes' | 'deletions',
): boolean {
  return pace.take(share, application, clock.monotonicMs());
}

const waitsForRate: CheckResult = {
  kind: 'nothing',
  message: 'it waits for the change rate that the limits of this cluster allow',
  againMs: soonMs,
};

const failed = (message: string): CheckResult => ({ kind: 'ended', phase: 'failed', message });
