import { at } from '../body.ts';
import { job, jobTemplate } from './samples.ts';
import { script, step } from './script.ts';
import type { Script } from './script.ts';
import { condition } from './stage.ts';
import type { Stage } from './stage.ts';

const sees = ['jobs', 'pods', 'events'];

const create =
  (spec = {}) =>
  (stage: Stage) =>
    stage.create('jobs', 'Job', job(spec));
const change = (spec: object) => (stage: Stage) => stage.merge('jobs', 'once', { spec });

const untilTrue = (type: string) => (stage: Stage) =>
  stage.until('jobs', 'once', (once) => condition(once, type)?.['status'] === 'True');
const complete = untilTrue('Complete');
const failed = untilTrue('Failed');
const untilCount = (field: string, count: number) => (stage: Stage) =>
  stage.until('jobs', 'once', (once) => (at(once, `status.${field}`) ?? 0) === count);

/** A template whose pods run for as long as told. */
const running = (time: string, image = 'once:1', spec = {}) =>
  jobTemplate(image, spec, { 'sandbox.meridian.dev/run-time': time });

const long = running('5m');
const rules = (...list: object[]) => ({ podFailurePolicy: { rules: list } });

/** What jobs and cron jobs come to. */
export const jobScripts: readonly Script[] = [
  script('a job completes', sees, step(create(), complete)),
  script(
    'a job completes as often as asked, so many at once',
    sees,
    step(create({ completions: 4, parallelism: 2 }), complete),
  ),
  script('a job of any number ends once one pod succeeded', sees, step(create({ parallelism: 2 }), complete)),
  script(
    'a job fails at its limit and waits before it tries again',
    sees,
    step(create({ backoffLimit: 1, template: jobTemplate('fail:1') }), failed),
  ),
  script(
    'a job without a second chance fails',
    sees,
    step(create({ backoffLimit: 0, template: jobTemplate('fail:1') }), failed),
  ),
  script(
    'a job is stopped at its deadline',
    sees,
    step(create({ activeDeadlineSeconds: 2, template: long }), failed),
  ),
  script(
    'an indexed job works on each index',
    sees,
    step(create({ completionMode: 'Indexed', completions: 5, parallelism: 3 }), complete),
  ),
  script(
    'an indexed job counts failures by index',
    sees,
    step(
      create({
        ...{ completionMode: 'Indexed', completions: 2, parallelism: 2, backoffLimitPerIndex: 0 },
        template: jobTemplate('fail:1'),
      }),
      failed,
    ),
  ),
  script(
    'an indexed job may not fail too many indexes',
    sees,
    step(
      create({
        ...{
          completionMode: 'Indexed',
          completions: 4,
          // One after the other: how many of two pods failed when the job is looked at depends on the moment.
          parallelism: 1,
          backoffLimitPerIndex: 0,
          maxFailedIndexes: 1,
        },
        template: jobTemplate('fail:1'),
      }),
      failed,
    ),
  ),
  script(
    'a success policy ends an indexed job early',
    ['jobs'],
    step(
      create({
        ...{ completionMode: 'Indexed', completions: 6, parallelism: 2, template: running('2s') },
        successPolicy: { rules: [{ succeededIndexes: '0-1', succeededCount: 2 }] },
      }),
      complete,
    ),
  ),
  script(
    'a failure policy fails a job at once',
    sees,
    step(
      create({
        ...{ backoffLimit: 5, template: jobTemplate('fail:1') },
        ...rules({ action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } }),
      }),
      failed,
    ),
  ),
  script(
    'a failure policy fails one index',
    sees,
    step(
      create({
        ...{
          completionMode: 'Indexed',
          completions: 1,
          backoffLimitPerIndex: 3,
          template: jobTemplate('fail:1'),
        },
        ...rules({ action: 'FailIndex', onExitCodes: { operator: 'NotIn', values: [7] } }),
      }),
      failed,
    ),
  ),
  script(
    'a job is made suspended, goes on, and is suspended again',
    sees,
    step(create({ suspend: true, template: long, parallelism: 2 }), untilTrue('Suspended')),
    step(change({ suspend: false }), untilCount('ready', 2)),
    step(change({ suspend: true }), async (stage) => {
      await untilTrue('Suspended')(stage);
      await stage.untilAll('pods', (pods) => pods.length === 0);
    }),
  ),
  script(
    'a job runs fewer pods when told',
    sees,
    step(create({ parallelism: 3, completions: 5, template: long }), untilCount('ready', 3)),
    step(change({ parallelism: 1 }), untilCount('ready', 1)),
  ),
  script(
    'a finished job is deleted after its time',
    sees,
    step(create({ ttlSecondsAfterFinished: 1 }), (stage) =>
      stage.untilAll('jobs', (jobs) => jobs.length === 0),
    ),
  ),
  script(
    'a job is deleted with the pods that it runs',
    sees,
    step(create({ template: long }), untilCount('ready', 1)),
    step(
      (stage) => stage.remove('jobs', 'once', { propagationPolicy: 'Background' }),
      (stage) => stage.untilAll('pods', (pods) => pods.length === 0),
    ),
  ),
  script(
    'a pod of a job that is deleted counts as failed',
    sees,
    step(create({ template: long }), untilCount('ready', 1)),
    step(
      async (stage) => {
        const [first] = await stage.list('pods');
        await stage.remove('pods', String(at(first, 'metadata.name')));
      },
      untilCount('failed', 1),
    ),
  ),
  script(
    'a job is made from a suspended cron job by hand',
    [...sees, 'cronjobs'],
    step((stage) =>
      stage.create('cronjobs', 'CronJob', {
        metadata: { name: 'nightly' },
        spec: { schedule: '0 3 * * *', suspend: true, jobTemplate: { spec: { template: jobTemplate() } } },
      }),
    ),
    step(async (stage) => {
      const nightly = await stage.get('cronjobs', 'nightly');
      return stage.create('jobs', 'Job', {
        metadata: {
          name: 'once',
          annotations: { 'cronjob.kubernetes.io/instantiate': 'manual' },
          ownerReferences: [
            {
              ...{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'nightly', controller: true },
              uid: at(nightly, 'metadata.uid'),
            },
          ],
        },
        spec: { template: jobTemplate() },
      });
    }, complete),
  ),
  script(
    'a cron job starts a job every minute and keeps few of them',
    ['cronjobs', 'pods'],
    step(
      (stage) =>
        stage.create('cronjobs', 'CronJob', {
          metadata: { name: 'often', creationTimestamp: null },
          spec: {
            ...{ schedule: '* * * * *', timeZone: 'Europe/Berlin', concurrencyPolicy: 'Forbid' },
            jobTemplate: { spec: { template: jobTemplate() } },
          },
        }),
      (stage) =>
        stage.until('cronjobs', 'often', (often) => at(often, 'status.lastSuccessfulTime') !== undefined),
    ),
  ),
];
