import type { JsonObject, KubeObject } from '@meridian/manifests';
import { isJsonObject } from '../json.ts';
import { checkRunAnnotation, isJobOf, jobRefOf } from './check-job.ts';
import type { JobRun } from './check-job.ts';
import type { CheckResult } from './check-state.ts';

/** What is to be done about the Job of a check now. */
export type JobStep =
  | { readonly do: 'make' }
  /** It is of a run before, and in the way. */
  | { readonly do: 'remove'; readonly uid: string }
  | { readonly do: 'tell'; readonly result: CheckResult };

/** How long after its own deadline a Job that does not end is given up, for one that no controller looks after. */
const graceMs = 30_000;

/** Decides by what the cluster has under the name of the Job; `ranMs` is how long it was seen to run. */
export function nextJobStep(run: JobRun, live: KubeObject | undefined, ranMs: number): JobStep {
  if (!live) return { do: 'make' };
  const name = `Job ${run.namespace}/${jobRefOf(run).name}`;
  if (!isJobOf(live, run))
    return tell(ended('failed', `${name} is there and was not made for this check; delete or rename it`));
  if (live.metadata.annotations?.[checkRunAnnotation] !== run.run) return removal(live, name);
  const end = endOf(live, name);
  if (end) return tell(end);
  if (live.metadata.deletionTimestamp !== undefined)
    return tell({ kind: 'nothing', message: `${name} is being deleted by somebody`, againMs: 2_000 });
  if (ranMs > run.check.timeoutMs + graceMs)
    return tell(ended('failed', `${name} has not ended in its time; look why no controller ends it`));
  return tell({ kind: 'running', message: `${name} runs` });
}

/** The Job that is to go because nobody asks for it any more; undefined when it is another's, has ended, or goes already. */
export function leftJobUid(run: JobRun, live: KubeObject | undefined): string | undefined {
  const isRunning =
    live !== undefined &&
    isJobOf(live, run) &&
    live.metadata.annotations?.[checkRunAnnotation] === run.run &&
    live.metadata.deletionTimestamp === undefined &&
    endOf(live, '') === undefined;
  return isRunning ? live.metadata.uid : undefined;
}

function removal({ metadata: { uid = '', deletionTimestamp } }: KubeObject, name: string): JobStep {
  if (deletionTimestamp === undefined) return { do: 'remove', uid };
  return tell({ kind: 'nothing', message: `${name} of the run before is being deleted`, againMs: 2_000 });
}

/**
 * How a Job has ended, by its conditions. `SuccessCriteriaMet` and `FailureTarget` settle it before its pods have gone
 * (Kubernetes, "Job termination and cleanup").
 */
function endOf(live: KubeObject, name: string): CheckResult | undefined {
  const conditions = conditionsOf(live);
  const failure = conditions.find(({ type }) => type === 'Failed' || type === 'FailureTarget');
  if (failure) return ended('failed', `${name} failed: ${textOf(failure)}`);
  const success = conditions.some(({ type }) => type === 'Complete' || type === 'SuccessCriteriaMet');
  return success ? ended('succeeded', `${name} is complete`) : undefined;
}

function conditionsOf({ status }: KubeObject): readonly JsonObject[] {
  const conditions = isJsonObject(status) ? status['conditions'] : undefined;
  return Array.isArray(conditions)
    ? conditions.filter(isJsonObject).filter((condition) => condition['status'] === 'True')
    : [];
}

function textOf({ reason, message }: JsonObject): string {
  const texts = [reason, message].filter((text) => typeof text === 'string');
  return texts.filter((text) => text !== '').join(': ');
}

const tell = (result: CheckResult): JobStep => ({ do: 'tell', result });

const ended = (phase: 'succeeded' | 'failed', message: string): CheckResult => ({
  kind: 'ended',
  phase,
  message,
});
