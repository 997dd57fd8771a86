import { itemsAt, textAt } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { count, labels, none, numberOf, ofContainers, selector, since, text } from './cell.ts';
import type { Cell } from './cell.ts';
import { humanDuration } from './human-duration.ts';

const template: Readonly<Record<string, Cell>> = {
  Containers: (object) => ofContainers(object, 'spec.template.spec', 'name'),
  Images: (object) => ofContainers(object, 'spec.template.spec', 'image'),
  Selector: (object) => selector(object, 'spec.selector'),
};

const readyOfWanted: Cell = (object) =>
  `${String(numberOf(object, 'status.readyReplicas'))}/${String(numberOf(object, 'spec.replicas'))}`;

const replicaSet: Readonly<Record<string, Cell>> = {
  ...template,
  Desired: count('spec.replicas'),
  Current: count('status.replicas'),
  Ready: count('status.readyReplicas'),
};

/** Columns of workloads beside pods, by group resource. */
export const workloadCells: Readonly<Record<string, Readonly<Record<string, Cell>>>> = {
  'deployments.apps': {
    ...template,
    Ready: readyOfWanted,
    'Up-to-date': count('status.updatedReplicas'),
    Available: count('status.availableReplicas'),
  },
  'replicasets.apps': replicaSet,
  replicationcontrollers: { ...replicaSet, Selector: (object) => labels(object, 'spec.selector') },
  'statefulsets.apps': { ...template, Ready: readyOfWanted },
  'daemonsets.apps': {
    ...template,
    Desired: count('status.desiredNumberScheduled'),
    Current: count('status.currentNumberScheduled'),
    Ready: count('status.numberReady'),
    'Up-to-date': count('status.updatedNumberScheduled'),
    Available: count('status.numberAvailable'),
    'Node Selector': (object) => labels(object, 'spec.template.spec.nodeSelector'),
  },
  'jobs.batch': { ...template, Status: jobStatus, Completions: completions, Duration: jobDuration },
  'cronjobs.batch': {
    Schedule: text('spec.schedule'),
    Timezone: text('spec.timeZone', none),
    Suspend: (object) => (textOfFlag(object) ? 'True' : 'False'),
    Active: (object) => itemsAt(object, 'status', 'active').length,
    'Last Schedule': (object, nowMs) => {
      const last = textAt(object, 'status', 'lastScheduleTime');
      return last === undefined ? none : since(last, nowMs);
    },
    Containers: (object) => ofContainers(object, 'spec.jobTemplate.spec.template.spec', 'name'),
    Images: (object) => ofContainers(object, 'spec.jobTemplate.spec.template.spec', 'image'),
    Selector: (object) => selector(object, 'spec.jobTemplate.spec.selector'),
  },
  podtemplates: {
    Containers: (object) => ofContainers(object, 'template.spec', 'name'),
    Images: (object) => ofContainers(object, 'template.spec', 'image'),
    'Pod Labels': (object) => labels(object, 'template.metadata.labels'),
  },
  'controllerrevisions.apps': {
    Controller(object) {
      const owner = itemsAt(object, 'metadata', 'ownerReferences')[0];
      if (owner === undefined) return none;
      const { group, version, kind } = ownerKind(
        textAt(owner, 'apiVersion') ?? '',
        textAt(owner, 'kind') ?? '',
      );
      const shown = group === '' ? `${kind}.${version}` : `${kind.toLowerCase()}.${group}`;
      return `${shown}/${textAt(owner, 'name') ?? ''}`;
    },
    Revision: count('revision'),
  },
};

function ownerKind(apiVersion: string, kind: string): { group: string; version: string; kind: string } {
  const [first = '', second] = apiVersion.split('/');
  return second === undefined ? { group: '', version: first, kind } : { group: first, version: second, kind };
}

function textOfFlag(object: KubeObject): boolean {
  const { spec } = object;
  return typeof spec === 'object' && spec !== null && !Array.isArray(spec) && spec['suspend'] === true;
}

function jobStatus(job: KubeObject): string {
  const met = (type: string) =>
    itemsAt(job, 'status', 'conditions').some(
      (condition) => textAt(condition, 'type') === type && textAt(condition, 'status') === 'True',
    );
  if (met('Complete')) return 'Complete';
  if (met('Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (met('Suspended')) return 'Suspended';
  return met('FailureTarget')
    ? 'FailureTarget'
    : met('SuccessCriteriaMet')
      ? 'SuccessCriteriaMet'
      : 'Running';
}

function completions(job: KubeObject): string {
  const done = String(numberOf(job, 'status.succeeded'));
  const wanted = numberOf(job, 'spec.completions');
  if (wanted > 0) return `${done}/${String(wanted)}`;
  const parallel = numberOf(job, 'spec.parallelism');
  return parallel > 1 ? `${done}/1 of ${String(parallel)}` : `${done}/1`;
}

function jobDuration(job: KubeObject, nowMs: number): string {
  const started = textAt(job, 'status', 'startTime');
  if (started === undefined) return '';
  const ended = textAt(job, 'status', 'completionTime');
  return humanDuration((ended === undefined ? nowMs : Date.parse(ended)) - Date.parse(started));
}
