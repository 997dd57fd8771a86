import { numberAt, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { templateGeneration } from '../defaults/workload-defaults.ts';
import { itemsWithPaths } from '../validation/checks.ts';
import { claimSpecWarnings } from './claim-warnings.ts';
import { nameWarnings, templateWarnings } from './pod-warnings.ts';

function templateOf(object: KubeObject): JsonObject | undefined {
  return objectAt(object, 'spec', 'template');
}

/** Whether an object is new or was changed in what its generation counts. */
function isChanged(object: KubeObject, old: KubeObject | undefined): boolean {
  return old === undefined || object.metadata.generation !== old.metadata.generation;
}

/** What a server warns of a replication controller. Of one that changes it warns of what was there before. */
export function controllerWarnings(object: KubeObject, old: KubeObject | undefined): string[] {
  if (old === undefined) return workloadWarnings(object, old);
  return isChanged(object, old) ? templateWarnings(templateOf(old), 'spec.template') : [];
}

/** What a server warns of a deployment or a replica set. */
export function workloadWarnings(object: KubeObject, old: KubeObject | undefined): string[] {
  const names = old === undefined ? nameWarnings(object) : [];
  return isChanged(object, old)
    ? [...names, ...templateWarnings(templateOf(object), 'spec.template')]
    : names;
}

/** What a server warns of a daemon set, which counts its templates. */
export function daemonSetWarnings(object: KubeObject, old: KubeObject | undefined): string[] {
  const count = (one: KubeObject) => one.metadata.annotations?.[templateGeneration];
  const changed = old === undefined || count(object) !== count(old);
  return changed ? templateWarnings(templateOf(object), 'spec.template') : [];
}

/** What a server warns of a template of pods that is an object of its own. */
export function podTemplateKindWarnings(object: KubeObject, old: KubeObject | undefined): string[] {
  return isChanged(object, old) ? templateWarnings(objectAt(object, 'template'), 'template') : [];
}

/** What a server warns of a stateful set, its claims included. */
export function statefulSetWarnings(object: KubeObject, old: KubeObject | undefined): string[] {
  const limit = numberAt(object, 'spec', 'revisionHistoryLimit') ?? 0;
  const claims = itemsWithPaths(
    objectAt(object, 'spec')?.['volumeClaimTemplates'],
    'spec.volumeClaimTemplates',
  );
  // The server forgets `spec` in the path of a new claim, and writes it large in that of an old one.
  const within = old === undefined ? '' : '.Spec';
  const endless = 'a negative value retains all historical revisions; a value >= 0 is recommended';
  return [
    ...(isChanged(object, old) ? templateWarnings(templateOf(object), 'spec.template') : []),
    ...claims.flatMap(([claim, path]) =>
      claimSpecWarnings(objectAt(claim, 'spec') ?? {}, `${path}${within}`),
    ),
    ...(limit < 0 ? [`spec.revisionHistoryLimit: ${endless}`] : []),
  ];
}

/** What a server warns of a job. */
export function jobWarnings(object: KubeObject, old: KubeObject | undefined): string[] {
  const names = old === undefined ? nameWarnings(object) : [];
  return isChanged(object, old)
    ? [...names, ...jobSpecWarnings(objectAt(object, 'spec') ?? {}, 'spec')]
    : names;
}

const manyCompletions = 100_000;
const manyAtOnce = 10_000;

function jobSpecWarnings(spec: JsonObject, path: string): string[] {
  const isHuge =
    spec['completionMode'] === 'Indexed' &&
    (numberAt(spec, 'completions') ?? 0) > manyCompletions &&
    (numberAt(spec, 'parallelism') ?? 0) > manyAtOnce;
  const words =
    'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail';
  return [
    ...(isHuge ? [`${path}: ${words}`] : []),
    ...templateWarnings(objectAt(spec, 'template'), `${path}.template`),
  ];
}

/** What a server warns of a cron job. */
export function cronJobWarnings(object: KubeObject, old: KubeObject | undefined): string[] {
  const schedule = textAt(object, 'spec', 'schedule') ?? '';
  const spec = objectAt(object, 'spec', 'jobTemplate', 'spec') ?? {};
  const zoned =
    'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details';
  return [
    ...(old === undefined ? nameWarnings(object) : []),
    ...(isChanged(object, old) ? jobSpecWarnings(spec, 'spec.jobTemplate.spec') : []),
    ...(old !== undefined && schedule.includes('TZ') ? [zoned] : []),
  ];
}
