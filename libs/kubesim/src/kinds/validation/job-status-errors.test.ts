import { expect, it } from 'vitest';
import type { JsonObject } from '../../json.ts';
import { jobStatusErrors } from './job-status-errors.ts';

const job = (status: JsonObject) => ({ apiVersion: 'batch/v1', kind: 'Job', metadata: {}, spec: {}, status });
const condition = (type: string) => ({ type, status: 'True' });
const found = (status: JsonObject, before: JsonObject = {}) =>
  jobStatusErrors(job(status), job(before)).map(({ field, detail }) => `${field}: ${detail}`);

it('lets a job start, and end well', () => {
  expect(found({ startTime: '2026-01-01T00:00:00Z', active: 1 })).toEqual([]);
  const ended = {
    startTime: '2026-01-01T00:00:00Z',
    completionTime: '2026-01-01T00:01:00Z',
    conditions: [condition('SuccessCriteriaMet'), condition('Complete')],
  };
  expect(found(ended)).toEqual([]);
});

it('lets no job end without saying when and why', () => {
  expect(found({ conditions: [condition('Complete')] })).toEqual([
    'status.completionTime: completionTime is required for Complete jobs',
    'status.conditions: cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
    'status.startTime: startTime is required for finished job',
  ]);
});

it('lets nothing be taken back that ended', () => {
  const before = { failed: 2, conditions: [condition('FailureTarget')] };
  expect(found({ failed: 1 }, before)).toEqual([
    'status.conditions: cannot disable the terminal FailureTarget=True condition',
    'status.failed: cannot decrease the failed counter',
  ]);
});
