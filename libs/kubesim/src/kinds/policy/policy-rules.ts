import { objectAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { checked } from '../checked.ts';
import { genericRules, keepAllButStatus } from '../generic-rules.ts';
import { withImmutable } from '../immutable.ts';
import type { KindRules } from '../kind-rules.ts';
import { counted, withStatus } from '../strategies.ts';
import { autoscalerErrors, autoscalerStatusErrors } from './autoscaler-errors.ts';
import { autoscalerVersions } from './autoscaler-versions.ts';
import {
  leaseErrors,
  priorityClassChange,
  priorityClassErrors,
  revisionErrors,
  runtimeClassErrors,
} from './class-errors.ts';
import { disruptionBudgetErrors, disruptionBudgetStatusErrors } from './disruption-budget-errors.ts';
import { limitRangeErrors } from './limit-range-errors.ts';
import { quotaChange, quotaErrors, quotaStatusErrors } from './quota-errors.ts';

/** Rules of budgets, quotas, limits, classes and what else only says how others should be. */
export const policyRules: Readonly<Record<string, KindRules>> = {
  'horizontalpodautoscalers.autoscaling': {
    ...withStatus,
    validateCreate: (autoscaler) => autoscalerErrors(autoscaler),
    validateUpdate: autoscalerErrors,
    status: { prepareForUpdate: keepAllButStatus, validateUpdate: autoscalerStatusErrors },
    versions: autoscalerVersions,
  },
  'poddisruptionbudgets.policy': {
    ...checked(counted(withStatus), disruptionBudgetErrors),
    allowsUnconditionalUpdate: false,
    status: { prepareForUpdate: keepAllButStatus, validateUpdate: disruptionBudgetStatusErrors },
  },
  resourcequotas: {
    ...checked(withStatus, quotaErrors, quotaChange),
    status: { prepareForUpdate: keepAllButStatus, validateUpdate: quotaStatusErrors },
  },
  limitranges: {
    ...checked(genericRules, limitRangeErrors),
    allowsCreateOnUpdate: true,
  },
  'priorityclasses.scheduling.k8s.io': {
    ...counted(genericRules),
    validateCreate: priorityClassErrors,
    validateUpdate: priorityClassChange,
  },
  'runtimeclasses.node.k8s.io': {
    ...withImmutable(genericRules, 'handler'),
    validateCreate: runtimeClassErrors,
    allowsCreateOnUpdate: true,
    allowsUnconditionalUpdate: false,
  },
  'leases.coordination.k8s.io': {
    ...checked(genericRules, leaseErrors),
    prepareForCreate: forgetElection,
    prepareForUpdate: forgetElection,
    allowsCreateOnUpdate: true,
    allowsUnconditionalUpdate: false,
  },
  'controllerrevisions.apps': checked(withImmutable(genericRules, 'data'), revisionErrors),
};

/** Coordinated elections are off unless a cluster asks for them. */
function forgetElection(lease: KubeObject): void {
  const spec = objectAt(lease, 'spec');
  delete spec?.['strategy'];
  delete spec?.['preferredHolder'];
}
