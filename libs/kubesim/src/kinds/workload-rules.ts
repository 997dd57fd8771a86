import { objectAt } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { FieldError } from '../errors/field-error.ts';
import { checked } from './checked.ts';
import { daemonSetRules } from './daemon-set-rules.ts';
import { jobRules } from './job-rules.ts';
import type { KindRules } from './kind-rules.ts';
import { counted, withStatus } from './strategies.ts';
import { cronJobErrors } from './validation/cron-job-errors.ts';
import {
  daemonSetErrors,
  deploymentErrors,
  jobSpecErrors,
  replicaSetErrors,
  selectorChange,
  statefulSetChange,
  statefulSetErrors,
} from './validation/workload-errors.ts';

type Check = (object: KubeObject) => FieldError[];
type ChangeCheck = (object: KubeObject, old: KubeObject) => FieldError[];

/** Rules of workloads beside pods (pkg/registry/{apps,batch}, pkg/apis/{apps,batch}/validation). */
export const workloadRules: Readonly<Record<string, KindRules>> = {
  'deployments.apps': checked(counted(withStatus, 'annotations'), deploymentErrors, selectorChange),
  'replicasets.apps': checked(counted(withStatus), replicaSetErrors, selectorChange),
  'statefulsets.apps': checked(counted(withStatus), statefulSetErrors, statefulSetChange),
  'daemonsets.apps': checkedBefore(daemonSetRules, daemonSetErrors, selectorChange),
  'jobs.batch': checked(jobRules, (job) => jobSpecErrors(objectAt(job, 'spec') ?? {}, 'spec')),
  'cronjobs.batch': checked(counted(withStatus), cronJobErrors),
  replicationcontrollers: { ...counted(withStatus), dependents: 'Orphan' },
};

/** Daemon sets look at the change first. */
function checkedBefore(rules: KindRules, check: Check, change: ChangeCheck): KindRules {
  return {
    ...checked(rules, check),
    validateUpdate: (object, old) => [...change(object, old), ...check(object)],
  };
}
