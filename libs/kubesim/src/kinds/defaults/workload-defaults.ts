import { draftOf, isObject, itemsAt, objectAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { fill, fillEmpty } from '../../schema/set-defaults.ts';
import type { TypeDefaults } from '../../schema/set-defaults.ts';

/** Where a daemon set's count of templates is kept, which once was a field. */
export const templateGeneration = 'deprecated.daemonset.template.generation';

/** Defaults of workloads (pkg/apis/{apps,batch}/v1/defaults.go of k8s.io/kubernetes). */
export const workloadDefaults: Readonly<Record<string, TypeDefaults>> = {
  DeploymentSpec(spec) {
    fill(spec, { replicas: 1, strategy: {}, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
    rolling(spec, 'strategy', { maxUnavailable: '25%', maxSurge: '25%' });
  },
  DaemonSetSpec(spec) {
    fill(spec, { updateStrategy: {}, revisionHistoryLimit: 10 });
    rolling(spec, 'updateStrategy', { maxUnavailable: 1, maxSurge: 0 });
  },
  StatefulSetSpec(spec) {
    fill(spec, {
      podManagementPolicy: 'OrderedReady',
      updateStrategy: {},
      persistentVolumeClaimRetentionPolicy: {},
      replicas: 1,
      revisionHistoryLimit: 10,
    });
    for (const claim of itemsAt(spec, 'volumeClaimTemplates')) {
      // Go forgets what a client says here.
      if (isObject(claim)) Object.assign(claim, { apiVersion: 'v1', kind: 'PersistentVolumeClaim' });
    }
    const strategy = objectAt(spec, 'updateStrategy') ?? {};
    if (strategy['type'] === undefined) fill(strategy, { type: 'RollingUpdate', rollingUpdate: {} });
    const update = objectAt(strategy, 'rollingUpdate');
    if (strategy['type'] === 'RollingUpdate' && update !== undefined) fill(update, { partition: 0 });
    const retention = objectAt(spec, 'persistentVolumeClaimRetentionPolicy');
    if (retention !== undefined) fill(retention, { whenDeleted: 'Retain', whenScaled: 'Retain' });
  },
  ReplicaSetSpec: (spec) => fill(spec, { replicas: 1 }),
  ReplicationControllerSpec: (spec) => fill(spec, { replicas: 1 }),
  ReplicationController(controller) {
    const labels = objectAt(controller, 'spec', 'template', 'metadata', 'labels');
    const spec = objectAt(controller, 'spec');
    if (labels === undefined || spec === undefined) return;
    fillEmpty(spec, { selector: labels });
    fillLabels(controller, labels);
  },
  Job(job) {
    const labels = objectAt(job, 'spec', 'template', 'metadata', 'labels');
    if (labels !== undefined) fillLabels(job, labels);
    const spec = objectAt(job, 'spec');
    if (spec !== undefined) jobDefaults(spec);
  },
  DaemonSet(daemonSet) {
    const metadata = objectAt(daemonSet, 'metadata');
    if (metadata === undefined) return;
    metadata['annotations'] = { [templateGeneration]: '0', ...objectAt(metadata, 'annotations') };
  },
  PodFailurePolicyOnPodConditionsPattern(pattern) {
    // Go always writes this field, also when nothing was said.
    if (pattern['status'] === undefined || pattern['status'] === '') pattern['status'] = 'True';
  },
  CronJobSpec: (spec) =>
    fill(spec, {
      concurrencyPolicy: 'Allow',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    }),
};

const mostRetries = 2 ** 31 - 1;

/** Of jobs only: the template of a cron job keeps what it says, because Go defaults Job and not JobSpec. */
function jobDefaults(spec: JsonObject): void {
  if (spec['completions'] === undefined && spec['parallelism'] === undefined) spec['completions'] = 1;
  fill(spec, {
    parallelism: 1,
    backoffLimit: spec['backoffLimitPerIndex'] === undefined ? 6 : mostRetries,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: spec['podFailurePolicy'] === undefined ? 'TerminatingOrFailed' : 'Failed',
    manualSelector: false,
  });
}

function rolling(spec: JsonObject, field: string, defaults: JsonObject): void {
  const strategy = objectAt(spec, field);
  if (strategy === undefined) return;
  fill(strategy, { type: 'RollingUpdate' });
  if (strategy['type'] !== 'RollingUpdate') return;
  fill(strategy, { rollingUpdate: {} });
  const update = strategy['rollingUpdate'];
  if (isObject(update)) fill(update, defaults);
}

function fillLabels(object: JsonObject, labels: JsonObject): void {
  const metadata = objectAt(object, 'metadata');
  if (metadata !== undefined) fillEmpty(metadata, { labels: draftOf(labels) });
}
