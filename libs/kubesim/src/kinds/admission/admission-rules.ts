import { checked } from '../checked.ts';
import { genericRules } from '../generic-rules.ts';
import type { KindRules } from '../kind-rules.ts';
import { counted, withStatus } from '../strategies.ts';
import { bindingErrors, mutatingPolicyErrors, validatingPolicyErrors } from './policy-errors.ts';

const byRevision = { allowsUnconditionalUpdate: false };
const bindings: KindRules = checked(counted({ ...genericRules, ...byRevision }), bindingErrors);

/** Rules of admission policies in CEL and of their bindings. */
export const admissionRules: Readonly<Record<string, KindRules>> = {
  'validatingadmissionpolicies.admissionregistration.k8s.io': checked(
    counted({ ...withStatus, ...byRevision }),
    validatingPolicyErrors,
  ),
  'mutatingadmissionpolicies.admissionregistration.k8s.io': checked(
    counted({ ...genericRules, ...byRevision }),
    mutatingPolicyErrors,
  ),
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': bindings,
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': bindings,
};
