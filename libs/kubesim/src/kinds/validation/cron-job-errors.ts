import { invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { needed, notNegative } from './checks.ts';
import { scheduleProblem } from './cron-schedule.ts';
import { jobTemplateErrors } from './job-errors.ts';
import { textOf } from './pod/forms.ts';
import { shownSelector } from './selector-errors.ts';
import { isKnownZone } from './time-zones.ts';
import { specOf } from './workload-errors.ts';

/** Names of jobs are that of the cron job and eleven characters more. */
const longestName = 52;

/** What is wrong with a cron job that is created (ValidateCronJobCreate of pkg/apis/batch/validation). */
export function newCronJobErrors(cronJob: KubeObject): FieldError[] {
  const name = cronJob.metadata.name ?? '';
  const why = `must be no more than ${String(longestName)} characters`;
  return [
    ...cronJobErrors(specOf(cronJob), undefined),
    ...(name.length > longestName ? [invalid('metadata.name', name, why)] : []),
  ];
}

/** What is wrong with a cron job that is updated; names that are too long may stay. */
export function cronJobUpdateErrors(cronJob: KubeObject, old: KubeObject): FieldError[] {
  return cronJobErrors(specOf(cronJob), specOf(old));
}

function cronJobErrors(spec: JsonObject, old: JsonObject | undefined): FieldError[] {
  const zone = textAt(spec, 'timeZone');
  const policies = ['Allow', 'Forbid', 'Replace'];
  return [
    ...scheduleErrors(spec, old),
    ...notNegative(spec['startingDeadlineSeconds'], 'spec.startingDeadlineSeconds'),
    ...(zone === undefined || zone === textAt(old, 'timeZone') ? [] : zoneErrors(zone)),
    ...needed(textOf(spec, 'concurrencyPolicy'), 'spec.concurrencyPolicy', policies),
    ...templateErrors(objectAt(spec, 'jobTemplate', 'spec') ?? {}),
    ...['successfulJobsHistoryLimit', 'failedJobsHistoryLimit'].flatMap((field) =>
      notNegative(spec[field], `spec.${field}`),
    ),
  ];
}

function scheduleErrors(spec: JsonObject, old: JsonObject | undefined): FieldError[] {
  const path = 'spec.schedule';
  const schedule = textOf(spec, 'schedule');
  if (schedule === '') return [required(path)];
  const problem = scheduleProblem(schedule);
  const errors = problem === undefined ? [] : [invalid(path, schedule, problem)];
  if (!schedule.includes('TZ')) return errors;
  const mayStay = textOf(old, 'schedule').includes('TZ');
  if (!mayStay) {
    const why = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
    return [...errors, invalid(path, schedule, why)];
  }
  const both = 'cannot use both timeZone field and TZ or CRON_TZ in schedule';
  return textAt(spec, 'timeZone') === undefined ? errors : [...errors, invalid(path, schedule, both)];
}

function zoneErrors(zone: string): FieldError[] {
  const path = 'spec.timeZone';
  if (zone === '') return [invalid(path, zone, 'timeZone must be nil or non-empty string')];
  if (!zone.split('/').every(isZonePart)) return [invalid(path, zone, `unknown time zone ${zone}`)];
  const explicit = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
  const errors = zone.toLowerCase() === 'local' ? [invalid(path, zone, explicit)] : [];
  return isKnownZone(zone) ? errors : [...errors, invalid(path, zone, `unknown time zone ${zone}`)];
}

function isZonePart(part: string): boolean {
  return !['.', '..'].includes(part) && /^[A-Za-z.\-_0-9+]{1,14}$/.test(part) && !part.startsWith('-');
}

/** Jobs of a cron job select their pods by themselves. */
function templateErrors(spec: JsonObject): FieldError[] {
  const path = 'spec.jobTemplate.spec';
  const selector = objectAt(spec, 'selector');
  const generated = '`selector` will be auto-generated';
  return [
    ...jobTemplateErrors(spec, path),
    ...(selector === undefined ? [] : [invalid(`${path}.selector`, shownSelector(selector), generated)]),
    ...(spec['manualSelector'] === true
      ? [notSupported(`${path}.manualSelector`, true, ['nil', 'false'])]
      : []),
  ];
}
