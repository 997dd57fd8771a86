import type { JobCheck } from '@meridian/fleet';
import { describe, expect, it } from 'vitest';
import { isJobOf, jobFor, jobRefOf } from './check-job.ts';
import type { JobRun } from './check-job.ts';
import { leftJobUid, nextJobStep } from './job-step.ts';

const pod = { containers: [{ name: 'smoke', image: 'registry.example/smoke:1' }] };
const check: JobCheck = {
  id: 'smoke',
  when: 'healthy',
  kind: 'job',
  spec: { template: { spec: pod } },
  timeoutMs: 90_500,
};
const run: JobRun = { application: 'web', namespace: 'ml', check, run: '0123456789abcdef' };
const withSpec = (spec: JobCheck['spec']): JobRun => ({ ...run, check: { ...check, spec } });

function built(of: JobRun = run) {
  const made = jobFor(of);
  if (!made.ok) throw new Error(made.problem);
  return made.job;
}

describe('the Job of a check', () => {
  it('runs once, ends in time, stays a day, and is named as what it is', () => {
    expect(built()).toEqual({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: jobRefOf(run).name,
        namespace: 'ml',
        labels: { 'meridian.dev/check': 'smoke', 'meridian.dev/checked-application': 'web' },
        annotations: { 'meridian.dev/check-run': '0123456789abcdef' },
      },
      spec: {
        backoffLimit: 0,
        activeDeadlineSeconds: 91,
        ttlSecondsAfterFinished: 86_400,
        template: { spec: { restartPolicy: 'Never', ...pod } },
      },
    });
  });

  it('has what its spec says, but never more time than its check', () => {
    const spec = {
      backoffLimit: 3,
      activeDeadlineSeconds: 10,
      ttlSecondsAfterFinished: 600,
      template: { metadata: { labels: { a: 'b' } }, spec: { ...pod, restartPolicy: 'OnFailure' } },
    };
    expect(built(withSpec(spec))['spec']).toEqual(spec);
    const endless = { ...spec, activeDeadlineSeconds: 99_999, ttlSecondsAfterFinished: 0 };
    expect(built(withSpec(endless))['spec']).toMatchObject({
      activeDeadlineSeconds: 91,
      ttlSecondsAfterFinished: 300,
    });
  });

  it.each<[string, JobCheck['spec'], string]>([
    ['nothing', {}, 'no template.spec'],
    ['no pod', { template: { spec: 7 } }, 'no template.spec'],
    ['no containers', { template: { spec: { containers: [] } } }, 'no template.spec.containers'],
    [
      'containers that are none',
      { template: { spec: { containers: ['a'] } } },
      'containers[0] of its spec has no image',
    ],
    ['a selector', { selector: {}, template: { spec: pod } }, 'a selector of its own'],
    ['a pause', { suspend: true, template: { spec: pod } }, 'is suspended'],
  ])('is refused with %s, and says what is wrong', (_what, spec, text) => {
    const made = jobFor(withSpec(spec));
    expect(made).toMatchObject({ ok: false });
    expect(!made.ok && made.problem).toContain(text);
  });

  it('has one name for application and id, of at most 63 characters, and another for others', () => {
    const long = 'a'.repeat(63);
    const name = (application: string, id: string) =>
      jobRefOf({ application, namespace: 'ml', check: { ...check, id } }).name;
    expect(name(long, long)).toHaveLength(63);
    expect(name(long, long)).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
    expect(name('a-b', 'c')).not.toBe(name('a', 'b-c'));
    expect(name(`${long.slice(1)}b`, 'x')).not.toBe(name(`${long.slice(1)}c`, 'x'));
    expect(name('web', 'smoke')).toBe(name('web', 'smoke'));
    expect(name('web', 'smoke')).toMatch(/^web-smoke-[0-9a-f]{10}$/);
  });
});

describe('what the cluster has under the name of a Job', () => {
  const live = (changes: object = {}, status: object = {}) => {
    const job = built();
    return { ...job, metadata: { ...job.metadata, uid: 'u1', ...changes }, status } as never;
  };
  const ended = (...types: string[]) => ({
    conditions: types.map((type) => ({ type, status: 'True', reason: 'Why', message: 'because' })),
  });

  it('is made when there is nothing, and looked at while it runs', () => {
    expect(nextJobStep(run, undefined, 0)).toEqual({ do: 'make' });
    expect(nextJobStep(run, live(), 0)).toMatchObject({ do: 'tell', result: { kind: 'running' } });
  });

  it.each([
    ['Complete', 'succeeded'],
    ['SuccessCriteriaMet', 'succeeded'],
    ['Failed', 'failed'],
    ['FailureTarget', 'failed'],
  ])('has ended with the condition %s: %s', (type, phase) => {
    expect(nextJobStep(run, live({}, ended(type)), 0)).toMatchObject({ result: { kind: 'ended', phase } });
    const open = { conditions: [{ type, status: 'False' }] };
    expect(nextJobStep(run, live({}, open), 0)).toMatchObject({ result: { kind: 'running' } });
  });

  it('has failed when it says both, and tells the reason', () => {
    const step = nextJobStep(run, live({}, ended('SuccessCriteriaMet', 'Failed')), 0);
    expect(step).toMatchObject({
      result: { phase: 'failed', message: expect.stringContaining('failed: Why: because') as string },
    });
  });

  it.each<[string, object]>([
    ['nobody has labelled', { labels: {} }],
    [
      'is of another check',
      { labels: { 'meridian.dev/check': 'load', 'meridian.dev/checked-application': 'web' } },
    ],
    [
      'is of another application',
      { labels: { 'meridian.dev/check': 'smoke', 'meridian.dev/checked-application': 'api' } },
    ],
    [
      'is an object of an application',
      {
        labels: {
          'meridian.dev/check': 'smoke',
          'meridian.dev/checked-application': 'web',
          'meridian.dev/application': 'web',
        },
      },
    ],
  ])('is never touched nor taken for a result when it %s', (_what, changes) => {
    const step = nextJobStep(run, live(changes, ended('Complete')), 0);
    expect(step).toMatchObject({ do: 'tell', result: { kind: 'ended', phase: 'failed' } });
    expect(leftJobUid(run, live(changes))).toBeUndefined();
  });

  it('goes by its UID when it is of the run before, and is no result of this one', () => {
    const annotations = { 'meridian.dev/check-run': 'ffffffffffffffff' };
    expect(nextJobStep(run, live({ annotations }, ended('Complete')), 0)).toEqual({
      do: 'remove',
      uid: 'u1',
    });
    const going = live({ annotations, deletionTimestamp: 'now' });
    expect(nextJobStep(run, going, 0)).toMatchObject({ do: 'tell', result: { kind: 'nothing' } });
  });

  it('is given up when no controller ends it, and not before', () => {
    expect(nextJobStep(run, live(), 120_500)).toMatchObject({ result: { kind: 'running' } });
    expect(nextJobStep(run, live(), 120_501)).toMatchObject({ result: { phase: 'failed' } });
  });

  it('is not known while somebody deletes it', () => {
    expect(nextJobStep(run, live({ deletionTimestamp: 'now' }), 0)).toMatchObject({
      result: { kind: 'nothing' },
    });
  });

  it('is deleted when nobody asks for it only while it runs, and only the very run', () => {
    expect(leftJobUid(run, live())).toBe('u1');
    expect(leftJobUid(run, undefined)).toBeUndefined();
    expect(leftJobUid(run, live({}, ended('Failed')))).toBeUndefined();
    expect(leftJobUid({ ...run, run: 'ffffffffffffffff' }, live())).toBeUndefined();
    expect(leftJobUid(run, live({ deletionTimestamp: 'now' }))).toBeUndefined();
  });

  it('is told from others by both labels', () => {
    expect(isJobOf(built(), run)).toBe(true);
    expect(isJobOf(built(), { ...run, application: 'api' })).toBe(false);
  });
});
