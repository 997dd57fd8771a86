import { creating, setting, updating } from '../mutate.ts';
import type { Mutation } from '../mutate.ts';
import type { ContractCase, Session } from '../session.ts';
import { sampleOf } from '../objects.ts';

const job = (field: string, value: unknown) => setting('Job', `spec.${field}`, value);
const cron = (field: string, value: unknown) => setting('CronJob', `spec.${field}`, value);
const set = (field: string, value: unknown) => setting('StatefulSet', `spec.${field}`, value);
const daemons = (field: string, value: unknown) => setting('DaemonSet', `spec.${field}`, value);
const deployment = (field: string, value: unknown) => setting('Deployment', `spec.${field}`, value);

const claim = (name: string, more: object = {}) => ({
  metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...more },
});

const onCreate: readonly Mutation[] = [
  setting('Job', 'metadata.name', 'with.dots'),
  job('completions', -1),
  job('completions', 0),
  job('ttlSecondsAfterFinished', -1),
  job('activeDeadlineSeconds', -1),
  job('backoffLimitPerIndex', 1),
  job('maxFailedIndexes', 1),
  job('managedBy', 'nobody'),
  job('managedBy', 'example.com/batch'),
  job('manualSelector', true),
  job('suspend', true),
  job('podReplacementPolicy', 'Later'),
  job('podFailurePolicy', { rules: [{}] }),
  job('podFailurePolicy', {
    rules: [
      { action: 'Retry', onExitCodes: { operator: 'Some', values: [2, 1, 1, 0], containerName: 'none' } },
      { action: 'FailIndex', onPodConditions: [{ type: 'Ready' }] },
    ],
  }),
  job('podFailurePolicy', {
    rules: [
      { action: 'Count', onExitCodes: { operator: 'In', values: [] }, onPodConditions: [{ type: '', status: 'Maybe' }] },
    ],
  }),
  job('successPolicy', { rules: [{ succeededCount: 1 }] }),
  job('template.spec.activeDeadlineSeconds', 5),
  job('template.metadata.labels', { 'job-name': 'other' }),
  job('template.metadata.labels', { app: 'train' }),
  job('template.spec.restartPolicy', 'Sometimes'),
  cron('schedule', '61 * * * *'),
  cron('schedule', '* * * * SUN-FRI/2'),
  cron('schedule', '@every 5m'),
  cron('schedule', '@sometimes'),
  cron('schedule', '* * * JAN *'),
  cron('schedule', '5-1 * * * *'),
  cron('schedule', 'CRON_TZ=Mars/Base 0 0 * * *'),
  cron('timeZone', ''),
  cron('timeZone', 'Local'),
  cron('timeZone', 'europe/berlin'),
  cron('timeZone', 'Europe/Berlin'),
  cron('startingDeadlineSeconds', -1),
  cron('successfulJobsHistoryLimit', -1),
  cron('jobTemplate.spec.selector', { matchLabels: { a: 'b' } }),
  cron('jobTemplate.spec.manualSelector', true),
  cron('jobTemplate.spec.template.spec.restartPolicy', undefined),
  setting('CronJob', 'metadata.name', 'with.dots'),
  setting('StatefulSet', 'metadata.name', 'with.dots'),
  set('serviceName', 'Bad_Name'),
  set('updateStrategy', { type: 'OnDelete', rollingUpdate: { partition: 1 } }),
  set('updateStrategy', { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0 } }),
  set('updateStrategy', { type: 'RollingUpdate' }),
  set('persistentVolumeClaimRetentionPolicy', { whenDeleted: 'Burn' }),
  set('volumeClaimTemplates', [claim('models', { accessModes: [] })]),
  set('volumeClaimTemplates', [claim('models', { resources: { requests: { storage: '1500m' } } })]),
  set('volumeClaimTemplates', [claim('models', { volumeMode: 'Tape', storageClassName: 'Bad_Class' })]),
  set('revisionHistoryLimit', -1),
  set('template.spec.hostname', 'Bad_Host'),
  set('template.spec.activeDeadlineSeconds', 5),
  set('selector', {}),
  daemons('updateStrategy', { type: 'Slowly' }),
  daemons('updateStrategy', { type: 'OnDelete' }),
  daemons('updateStrategy', { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } }),
  daemons('updateStrategy', { rollingUpdate: { maxSurge: '150%', maxUnavailable: 0 } }),
  daemons('selector', undefined),
  daemons('selector', {}),
  daemons('template.spec.restartPolicy', 'OnFailure'),
  deployment('strategy', { rollingUpdate: { maxSurge: '0%', maxUnavailable: 'none' } }),
  deployment('progressDeadlineSeconds', -3),
  deployment('revisionHistoryLimit', -1),
  deployment('selector.matchExpressions', [{ key: 'bad key', operator: 'In', values: [] }]),
  deployment('selector.matchExpressions', [{ key: 'app', operator: 'Exists', values: ['x'] }]),
  deployment('template.spec.activeDeadlineSeconds', 5),
  deployment('template.metadata.annotations', { 'bad key': '' }),
  deployment('template.spec.nodeSelector', { 'beta.kubernetes.io/arch': 'amd64' }),
  deployment('template.spec.ephemeralContainers', [{ name: 'debug', image: 'x' }]),
  deployment('template.spec.hostNetwork', true),
  deployment('template.spec.serviceAccount', 'old-name'),
  setting('Deployment', 'metadata.name', 'with.dots'),
  setting('ReplicaSet', 'spec.selector', {}),
  setting('ReplicaSet', 'spec.minReadySeconds', -1),
  setting('ReplicationController', 'spec.selector', { app: 'other' }),
  setting('ReplicationController', 'spec.replicas', -1),
  setting('ReplicationController', 'spec.template', undefined),
  setting('ReplicationController', 'metadata.name', 'with.dots'),
  setting('PodTemplate', 'template.spec.containers', []),
  setting('PodTemplate', 'template.metadata.labels', { 'bad key': '' }),
];

const onUpdate: readonly Mutation[] = [
  job('suspend', true),
  job('completionMode', 'Indexed'),
  job('selector', undefined),
  job('backoffLimit', 2),
  job('backoffLimitPerIndex', 2),
  job('managedBy', 'example.com/batch'),
  job('template.metadata.labels', { a: 'b' }),
  cron('schedule', 'TZ=UTC'),
  job('podFailurePolicy', { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }] }),
  job('ttlSecondsAfterFinished', 5),
  cron('suspend', true),
  cron('schedule', 'TZ=UTC 0 * * * *'),
  cron('timeZone', 'Mars/Base'),
  set('updateStrategy', { type: 'OnDelete' }),
  set('volumeClaimTemplates', [claim('models')]),
  set('template.spec.containers.0.image', 'other:2'),
  set('template.spec.containers.0.image', ''),
  set('minReadySeconds', 5),
  set('ordinals', { start: 3 }),
  daemons('template.spec.containers.0.image', 'other:2'),
  daemons('updateStrategy', { type: 'OnDelete' }),
  deployment('template.spec.containers.0.image', 'other:2'),
  deployment('strategy', { type: 'Recreate' }),
  deployment('paused', true),
  deployment('template.metadata.annotations', { checksum: 'b' }),
  setting('Deployment', 'metadata.annotations', { 'kubernetes.io/change-cause': 'b' }),
  setting('ReplicationController', 'spec.selector', { app: 'other' }),
  setting('ReplicationController', 'spec.template.spec.containers.0.image', 'other:2'),
  setting('PodTemplate', 'template.spec.containers.0.image', 'other:2'),
];

/** A job that waits to be started may be told where its pods go and what they take. */
function waiting(title: string, path: string, value: unknown): ContractCase {
  return {
    title: `suspended job: ${title}`,
    async run(session: Session) {
      const sample = sampleOf('Job');
      const { path: collection } = sample;
      const object = sample.make(session.namespace);
      job('suspend', true).change(object);
      const made = await session.prepare('POST', collection, object);
      job(path, value).change(made.body);
      await session.ask('PUT', `${collection}/sample`, made.body);
      await session.ask('GET', `${collection}/sample`);
    },
  };
}

const waitingCases: readonly ContractCase[] = [
  waiting('resources of a container', 'template.spec.containers.0.resources', { limits: { cpu: '1' } }),
  waiting('nodes', 'template.spec.nodeSelector', { disk: 'fast' }),
  waiting('tolerations', 'template.spec.tolerations', [{ key: 'gpu', operator: 'Exists' }]),
  waiting('node affinity', 'template.spec.affinity', {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{}] } },
  }),
  waiting('labels of its pods', 'template.metadata.labels.tier', 'batch'),
  waiting('another image', 'template.spec.containers.0.image', 'other:2'),
  waiting('gates', 'template.spec.schedulingGates', [{ name: 'example.com/wait' }]),
  waiting('its start', 'suspend', false),
];

/** Bad and borderline jobs and other workloads, and changes of them. */
export const jobValidationCases: readonly ContractCase[] = [
  ...onCreate.map(creating),
  ...onUpdate.map(updating),
  ...waitingCases,
];
