import { jsonEqual } from '../../json.ts';
import { checked } from '../checked.ts';
import { genericRules } from '../generic-rules.ts';
import type { KindRules } from '../kind-rules.ts';
import { counted, withStatus } from '../strategies.ts';
import { bindingErrors, mutatingPolicyErrors, validatingPolicyErrors } from './policy-errors.ts';
import { webhookErrors } from './webhook-errors.ts';

const byRevision = { allowsUnconditionalUpdate: false };
const bindings: KindRules = checked(counted({ ...genericRules, ...byRevision }), bindingErrors);

/** Rules of configurations of webhooks, which count every change of their webhooks, also that a list became empty. */
const hooks: KindRules = checked(
  {
    ...genericRules,
    ...byRevision,
    prepareForCreate(draft) {
      draft.metadata.generation = 1;
    },
    prepareForUpdate(draft, old) {
      const same = jsonEqual(draft['webhooks'], old['webhooks']);
      draft.metadata.generation = (old.metadata.generation ?? 0) + (same ? 0 : 1);
    },
  },
  webhookErrors,
);

/** Rules of admission policies in CEL, of their bindings, and of admission webhooks. */
export const admissionRules: Readonly<Record<string, KindRules>> = {
  'validatingadmissionpolicies.admissionregistration.k8s.io': checked(
    counted({ ...withStatus, ...byRevision }),
    validatingPolicyErrors,
  ),
  'mutatingadmissionpolicies.admissionregistration.k8s.io': checked(
    counted({ ...genericRules, ...byRevision }),
    mutatingPolicyErrors,
  ),
  'validatingwebhookconfigurations.admissionregistration.k8s.io': hooks,
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': hooks,
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': bindings,
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': bindings,
};
