import { invalid, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { itemsAt, jsonEqual, numberAt, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { notNegative } from './checks.ts';
import { specOf } from './workload-errors.ts';

/** What a job's status says, read once for its many checks. */
interface JobFacts {
  readonly spec: JsonObject;
  readonly status: JsonObject;
  /** Which conditions are true. */
  readonly is: (type: string) => boolean;
  readonly isFinished: boolean;
}

function factsOf(job: KubeObject): JobFacts {
  const status = objectAt(job, 'status') ?? {};
  const is = (type: string) =>
    itemsAt(status, 'conditions').some(
      (condition) => textAt(condition, 'type') === type && textAt(condition, 'status') === 'True',
    );
  return { spec: specOf(job), status, is, isFinished: is('Complete') || is('Failed') };
}

/** What is wrong with a status of a job (ValidateJobUpdateStatus of pkg/apis/batch/validation). Only what changed is looked at. */
export function jobStatusErrors(job: KubeObject, old: KubeObject): FieldError[] {
  const [now, before] = [factsOf(job), factsOf(old)];
  const counted = ['active', 'succeeded', 'failed', 'ready', 'terminating'];
  return [
    ...counted.flatMap((field) => notNegative(now.status[field], `status.${field}`)),
    ...endChecks
      .filter((check) => check.looks(now, before) && check.isWrong(now))
      .map((check) => check.error(now)),
    ...successErrors(now),
    ...changeErrors(now, before),
  ];
}

function ofConditions(why: string): FieldError {
  return { type: 'FieldValueInvalid', field: 'status.conditions', detail: why };
}

function changed(now: JobFacts, before: JobFacts, field: string): boolean {
  return !jsonEqual(now.status[field], before.status[field]);
}

function turned(now: JobFacts, before: JobFacts, type: string): boolean {
  return now.is(type) !== before.is(type);
}

/** A check that is made when something it is about changed: what is wrong, and the error for it. */
interface Check {
  readonly looks: (now: JobFacts, before: JobFacts) => boolean;
  readonly isWrong: (now: JobFacts) => boolean;
  readonly error: (now: JobFacts) => FieldError;
}

/** Whether one of some conditions turned, or one of some fields changed. */
function about(types: readonly string[], fields: readonly string[] = []): Check['looks'] {
  return (now, before) =>
    types.some((type) => turned(now, before, type)) || fields.some((field) => changed(now, before, field));
}

/** Whether the job ended or began again, or a field changed. */
function aboutEnd(field: string): Check['looks'] {
  return (now, before) => now.isFinished !== before.isFinished || changed(now, before, field);
}

function countOf({ status }: JobFacts, field: string): number {
  return numberAt(status, field) ?? 0;
}

function timeOf({ status }: JobFacts, field: string): string | undefined {
  return textAt(status, field);
}

function both(types: readonly string[], words: string, looks = about(types)): Check {
  return {
    looks,
    isWrong: ({ is }) => types.every(is),
    error: () => ofConditions(`cannot set ${words} conditions`),
  };
}

function onlyWith(type: string, other: string, looks: Check['looks']): Check {
  return {
    looks,
    isWrong: ({ is }) => is(type) && !is(other),
    error: () => ofConditions(`cannot set ${type}=True condition without the ${other}=true condition`),
  };
}

const end = 'status.completionTime';

const endChecks: readonly Check[] = [
  both(['Complete', 'Failed'], 'Complete=True and Failed=true'),
  both(['Complete', 'FailureTarget'], 'Complete=True and FailureTarget=true'),
  {
    looks: about(['Complete'], ['completionTime']),
    isWrong: (now) => timeOf(now, 'completionTime') !== undefined && !now.is('Complete'),
    error: (now) =>
      invalid(
        end,
        timeOf(now, 'completionTime'),
        'cannot set completionTime when there is no Complete=True condition',
      ),
  },
  {
    looks: about(['Complete'], ['completionTime']),
    isWrong: (now) => timeOf(now, 'completionTime') === undefined && now.is('Complete'),
    error: () => required(end, 'completionTime is required for Complete jobs'),
  },
  {
    looks: about([], ['startTime', 'completionTime']),
    isWrong: (now) => (timeOf(now, 'completionTime') ?? '~') < (timeOf(now, 'startTime') ?? ''),
    error: (now) => invalid(end, timeOf(now, 'completionTime'), 'must be equal to or after `startTime`'),
  },
  onlyWith('Failed', 'FailureTarget', about(['Failed'])),
  onlyWith('Complete', 'SuccessCriteriaMet', about(['Complete', 'SuccessCriteriaMet'])),
  {
    looks: aboutEnd('active'),
    isWrong: (now) => now.isFinished && countOf(now, 'active') > 0,
    error: (now) => invalid('status.active', countOf(now, 'active'), 'active>0 is invalid for finished job'),
  },
  {
    looks: aboutEnd('startTime'),
    isWrong: (now) => now.isFinished && timeOf(now, 'startTime') === undefined && !isEmptied(now),
    error: () => required('status.startTime', 'startTime is required for finished job'),
  },
  {
    looks: aboutEnd('terminating'),
    isWrong: (now) => now.isFinished && countOf(now, 'terminating') > 0,
    error: (now) =>
      invalid('status.terminating', countOf(now, 'terminating'), 'terminating>0 is invalid for finished job'),
  },
  {
    looks: about([], ['ready', 'active']),
    isWrong: (now) => countOf(now, 'ready') > countOf(now, 'active'),
    error: (now) => invalid('status.ready', countOf(now, 'ready'), 'cannot set more ready pods than active'),
  },
];

/** A job that waits and has nothing to do may end without having started. */
function isEmptied({ spec }: JobFacts): boolean {
  return spec['suspend'] === true && spec['completions'] === 0;
}

function successErrors({ spec, is }: JobFacts): FieldError[] {
  const errors: FieldError[] = [];
  if (is('SuccessCriteriaMet') && is('Failed')) {
    errors.push(ofConditions('cannot set SuccessCriteriaMet=True and Failed=true conditions'));
  }
  if (is('SuccessCriteriaMet') && is('FailureTarget')) {
    errors.push(ofConditions('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'));
  }
  if (objectAt(spec, 'successPolicy') !== undefined && !is('SuccessCriteriaMet') && is('Complete')) {
    const why = 'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True';
    errors.push(ofConditions(why));
  }
  return errors;
}

function changeErrors(now: JobFacts, before: JobFacts): FieldError[] {
  const gone = ['Failed', 'Complete', 'FailureTarget'].filter((type) => before.is(type) && !now.is(type));
  const less = (field: string) => (numberAt(now.status, field) ?? 0) < (numberAt(before.status, field) ?? 0);
  const free =
    now.spec['completionMode'] === 'Indexed' && jsonEqual(now.spec['completions'], now.spec['parallelism']);
  const fewer = ['failed', ...(free ? [] : ['succeeded'])].filter(less);
  return [
    ...gone.map((type) => ofConditions(`cannot disable the terminal ${type}=True condition`)),
    ...fewer.map((field) =>
      invalid(`status.${field}`, numberAt(now.status, field) ?? 0, `cannot decrease the ${field} counter`),
    ),
    ...timeChange(now, before),
    ...(before.is('SuccessCriteriaMet') && !now.is('SuccessCriteriaMet')
      ? [ofConditions('cannot disable the SuccessCriteriaMet=True condition')]
      : []),
  ];
}

function timeChange(now: JobFacts, before: JobFacts): FieldError[] {
  const errors: FieldError[] = [];
  const [end, start] = ['completionTime', 'startTime'].map((field) => textAt(now.status, field));
  const lasts = textAt(before.status, 'completionTime') !== undefined && end !== undefined;
  if (lasts && changed(now, before, 'completionTime')) {
    errors.push(invalid('status.completionTime', end, 'field is immutable'));
  }
  const started = textAt(before.status, 'startTime') !== undefined;
  if (started && changed(now, before, 'startTime') && now.spec['suspend'] !== true) {
    errors.push(
      invalid('status.startTime', start ?? null, 'field is immutable for unsuspended job once set'),
    );
  }
  return errors;
}
