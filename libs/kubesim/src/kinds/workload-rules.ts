import type { FieldError } from '../errors/field-error.ts';
import { objectAt } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { checked } from './checked.ts';
import { daemonSetRules } from './daemon-set-rules.ts';
import { keepAllButStatus } from './generic-rules.ts';
import { jobRules } from './job-rules.ts';
import type { KindRules } from './kind-rules.ts';
import { counted, countedTemplate, withStatus } from './strategies.ts';
import { cronJobUpdateErrors, newCronJobErrors } from './validation/cron-job-errors.ts';
import { podTemplateErrors } from './validation/pod-template-errors.ts';
import { newStatefulSetErrors, statefulSetUpdateErrors } from './validation/stateful-set-errors.ts';
import {
  daemonSetErrors,
  deploymentErrors,
  replicaSetErrors,
  replicationControllerErrors,
  selectorChange,
} from './validation/workload-errors.ts';
import { statusChecks } from './validation/workload-status-errors.ts';
import {
  controllerWarnings,
  cronJobWarnings,
  daemonSetWarnings,
  podTemplateKindWarnings,
  statefulSetWarnings,
  workloadWarnings,
} from './warnings/workload-warnings.ts';

type Check = (object: KubeObject) => FieldError[];
type ChangeCheck = (object: KubeObject, old: KubeObject) => FieldError[];

const counting = counted(withStatus);

/** Rules of workloads beside pods (pkg/registry/{apps,batch,core}, pkg/apis/{apps,batch,core}/validation). */
export const workloadRules: Readonly<Record<string, KindRules>> = {
  'deployments.apps': {
    ...checked(counted(withStatus, 'annotations'), deploymentErrors, selectorChange),
    status: { prepareForUpdate: keepAllButStatusAndLabels, validateUpdate: statusChecks.deployments },
    resetFields: { '': ['status'], status: ['spec', 'metadata.labels'] },
    warnings: workloadWarnings,
  },
  'replicasets.apps': {
    ...checked(counting, replicaSetErrors, selectorChange),
    status: statusWith(statusChecks.replicaSets),
    warnings: workloadWarnings,
  },
  'statefulsets.apps': {
    ...counting,
    name: 'dns-label',
    prepareForCreate(draft, context) {
      counting.prepareForCreate?.(draft, context);
      dropUnavailable(draft);
    },
    prepareForUpdate(draft, old, context) {
      dropUnavailable(draft);
      counting.prepareForUpdate?.(draft, old, context);
    },
    validateCreate: newStatefulSetErrors,
    validateUpdate: statefulSetUpdateErrors,
    status: statusWith(statusChecks.statefulSets),
    warnings: statefulSetWarnings,
  },
  'daemonsets.apps': {
    ...checkedBefore(daemonSetRules, daemonSetErrors, selectorChange),
    status: statusWith(statusChecks.daemonSets),
    warnings: daemonSetWarnings,
  },
  'jobs.batch': jobRules,
  'cronjobs.batch': {
    ...counting,
    validateCreate: newCronJobErrors,
    validateUpdate: cronJobUpdateErrors,
    warnings: cronJobWarnings,
  },
  replicationcontrollers: {
    ...checked(counting, replicationControllerErrors),
    name: 'declared-subdomain',
    status: statusWith(statusChecks.replicaSets),
    dependents: 'Orphan',
    warnings: controllerWarnings,
  },
  podtemplates: {
    ...checked(countedTemplate, (template) => podTemplateErrors(objectAt(template, 'template'), 'template')),
    warnings: podTemplateKindWarnings,
  },
};

function statusWith(validateUpdate: ChangeCheck): NonNullable<KindRules['status']> {
  return { prepareForUpdate: keepAllButStatus, validateUpdate };
}

/** The status of a deployment cannot bring labels with it. */
function keepAllButStatusAndLabels(draft: KubeObject, old: KubeObject): void {
  keepAllButStatus(draft, old);
  const { labels } = old.metadata;
  if (labels === undefined) delete draft.metadata.labels;
  else draft.metadata.labels = { ...labels };
}

/** How many pods of a stateful set may be away at once is a feature that is off, and forgotten. */
function dropUnavailable(draft: KubeObject): void {
  const update = objectAt(draft, 'spec', 'updateStrategy', 'rollingUpdate');
  if (update !== undefined) delete update['maxUnavailable'];
}

/** Daemon sets look at the change first. */
function checkedBefore(rules: KindRules, check: Check, change: ChangeCheck): KindRules {
  return {
    ...checked(rules, check),
    validateUpdate: (object, old) => [...change(object, old), ...check(object)],
  };
}
