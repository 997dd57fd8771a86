import { at, conditionOf, numberAt, says } from './read.ts';
import { degraded, healthy, progressing, suspended } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/** Job: as Flux reads it. kstatus calls a running Job done, which would open the next wave before a migration ends. */
export function judgeJob(object: unknown): Verdict {
  const failed = conditionOf(object, 'Failed');
  if (failed?.status === 'True') return degraded(`the job failed: ${says(failed)}`);
  if (conditionOf(object, 'Complete')?.status === 'True') return healthy('the job is complete');
  if (at(object, 'spec', 'suspend') === true && conditionOf(object, 'Suspended')?.status === 'True') {
    return suspended('the job is suspended');
  }
  const wanted = numberAt(object, ['spec', 'completions'], 1);
  const succeeded = numberAt(object, ['status', 'succeeded'], 0);
  const active = numberAt(object, ['status', 'active'], 0);
  if (at(object, 'status', 'startTime') === undefined) return progressing('the job has not started');
  return progressing(
    `${succeeded} of ${wanted} completions are done, ${active} ${active === 1 ? 'pod is' : 'pods are'} active`,
  );
}

/** CronJob: accepted is enough (a run that fails is not the fault of the release); Suspended while `spec.suspend`. */
export function judgeCronJob(object: unknown): Verdict {
  if (at(object, 'spec', 'suspend') === true) return suspended('the cron job is suspended');
  return healthy('the cron job is scheduled');
}
