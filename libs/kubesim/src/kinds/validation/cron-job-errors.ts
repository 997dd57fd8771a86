import { invalid, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { notNegative, oneOf } from './checks.ts';
import { jobSpecErrors } from './workload-errors.ts';

/** Names of jobs are that of the cron job and eleven characters more. */
const longestName = 52;

/** What is wrong with a cron job (ValidateCronJobCreate of pkg/apis/batch/validation). */
export function cronJobErrors(cronJob: KubeObject): FieldError[] {
  const spec = objectAt(cronJob, 'spec') ?? {};
  const name = cronJob.metadata.name ?? '';
  const limits = ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit'];
  return [
    ...scheduleErrors(spec),
    ...limits.flatMap((field) => notNegative(spec[field], `spec.${field}`)),
    ...oneOf(spec['concurrencyPolicy'], 'spec.concurrencyPolicy', ['Allow', 'Forbid', 'Replace']),
    ...jobSpecErrors(objectAt(spec, 'jobTemplate', 'spec') ?? {}, 'spec.jobTemplate.spec'),
    ...(name.length > longestName
      ? [invalid('metadata.name', name, `must be no more than ${String(longestName)} characters`)]
      : []),
  ];
}

function scheduleErrors(spec: JsonObject): FieldError[] {
  const schedule = textAt(spec, 'schedule') ?? '';
  const zone = textAt(spec, 'timeZone');
  const zoned = zone === undefined ? [] : zoneErrors(zone);
  if (schedule === '') return [required('spec.schedule'), ...zoned];
  if (schedule.includes('TZ')) {
    const why = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
    return [invalid('spec.schedule', schedule, why), ...zoned];
  }
  const fields = schedule.trim().split(/\s+/);
  if (schedule.startsWith('@') || fields.length === 5) return zoned;
  const why = `expected exactly 5 fields, found ${String(fields.length)}: [${fields.join(' ')}]`;
  return [invalid('spec.schedule', schedule, why), ...zoned];
}

function zoneErrors(zone: string): FieldError[] {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return [];
  } catch {
    return [invalid('spec.timeZone', zone, `unknown time zone ${zone}`)];
  }
}
