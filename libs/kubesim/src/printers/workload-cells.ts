import { selectorText } from '../api/selector-text.ts';
import { isObject, itemsAt, numberAt, objectAt, textAt } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { kindOf } from '../kube-object.ts';
import {
  at,
  count,
  isMet,
  labels,
  lengthOf,
  none,
  numberOf,
  ofContainers,
  selector,
  since,
  text,
  unset,
} from './cell.ts';
import type { Cell, Cells } from './cell.ts';
import { humanDuration } from './human-duration.ts';

const template: Cells = {
  Containers: (object) => ofContainers(object, 'spec.template.spec', 'name'),
  Images: (object) => ofContainers(object, 'spec.template.spec', 'image'),
  Selector: (object) => selector(object, 'spec.selector'),
};

const readyOfWanted: Cell = (object) =>
  `${String(numberOf(object, 'status.readyReplicas'))}/${String(numberOf(object, 'spec.replicas'))}`;

const replicaSet: Cells = {
  ...template,
  Desired: count('spec.replicas'),
  Current: count('status.replicas'),
  Ready: count('status.readyReplicas'),
};

/** Columns of workloads beside pods, by group resource. */
export const workloadCells: Readonly<Record<string, Cells>> = {
  'deployments.apps': {
    ...template,
    // Other kinds show an empty selector as none.
    Selector: (object) => selectorText(objectAt(object, 'spec', 'selector') ?? {}),
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
    Suspend(object) {
      const suspended = at(object, 'spec.suspend');
      if (typeof suspended !== 'boolean') return unset;
      return suspended ? 'True' : 'False';
    },
    Active: lengthOf('status.active'),
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
      const owners = itemsAt(object, 'metadata', 'ownerReferences');
      const owner = owners.find((one) => isObject(one) && one['controller'] === true);
      if (owner === undefined) return none;
      const { group, kind } = kindOf(textAt(owner, 'apiVersion') ?? '', textAt(owner, 'kind') ?? '');
      const groupKind = group === '' ? kind : `${kind}.${group}`;
      return `${groupKind.toLowerCase()}/${textAt(owner, 'name') ?? ''}`;
    },
    Revision: count('revision'),
  },
};

/** The first of these conditions that a job meets is its status. */
const ends = ['Complete', 'Failed'];
const turns = ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'];

function jobStatus(job: KubeObject): string {
  const first = (types: readonly string[]) => types.find((type) => isMet(job, type));
  const leaving = job.metadata.deletionTimestamp === undefined ? undefined : 'Terminating';
  return first(ends) ?? leaving ?? first(turns) ?? 'Running';
}

function completions(job: KubeObject): string {
  const done = String(numberOf(job, 'status.succeeded'));
  const wanted = numberAt(job, 'spec', 'completions');
  if (wanted !== undefined) return `${done}/${String(wanted)}`;
  const parallel = numberOf(job, 'spec.parallelism');
  return parallel > 1 ? `${done}/1 of ${String(parallel)}` : `${done}/1`;
}

function jobDuration(job: KubeObject, nowMs: number): string {
  const started = textAt(job, 'status', 'startTime');
  if (started === undefined) return '';
  const ended = textAt(job, 'status', 'completionTime');
  return humanDuration((ended === undefined ? nowMs : Date.parse(ended)) - Date.parse(started));
}
