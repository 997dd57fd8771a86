import { isObject, itemsAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { goEqual } from '../../schema/go-equal.ts';
import { genericRules } from '../generic-rules.ts';
import { withImmutable } from '../immutable.ts';
import type { KindRules } from '../kind-rules.ts';
import { counted, countedExactly, countedWhole, withStatus } from '../strategies.ts';
import { endpointSliceErrors } from './endpoint-slice-errors.ts';
import { endpointsErrors } from './endpoints-errors.ts';
import { ingressClassErrors } from './ingress-class-errors.ts';
import { ingressErrors, ingressStatusErrors, ingressWarnings, newIngressErrors } from './ingress-errors.ts';
import { networkPolicyErrors, networkPolicyWarnings } from './network-policy-errors.ts';

const ingresses = counted(withStatus);
const classes = withImmutable(counted(genericRules), 'spec.controller');
const slices = withImmutable(countedWhole, 'addressType');

/** Rules of the kinds by which pods are reached, beside services. */
export const networkRules: Readonly<Record<string, KindRules>> = {
  endpoints: {
    ...genericRules,
    allowsCreateOnUpdate: true,
    validateCreate: (endpoints) => endpointsErrors(endpoints),
    validateUpdate: (endpoints, old) => endpointsErrors(endpoints, old),
  },
  'endpointslices.discovery.k8s.io': {
    ...slices,
    prepareForCreate(draft, context) {
      slices.prepareForCreate?.(draft, context);
      forgetTopology(draft, undefined);
    },
    prepareForUpdate(draft, old, context) {
      forgetTopology(draft, old);
      slices.prepareForUpdate?.(draft, old, context);
    },
    validateCreate: (slice) => endpointSliceErrors(slice),
    validateUpdate: (slice, old, context) => [
      ...endpointSliceErrors(slice, old),
      ...(slices.validateUpdate?.(slice, old, context) ?? []),
    ],
  },
  'ingresses.networking.k8s.io': {
    ...ingresses,
    validateCreate: (ingress) => [...ingressErrors(ingress), ...newIngressErrors(ingress)],
    validateUpdate: ingressErrors,
    warnings: ingressWarnings,
    status: {
      prepareForUpdate: (draft, old, context) => ingresses.status?.prepareForUpdate(draft, old, context),
      validateUpdate: ingressStatusErrors,
    },
  },
  'ingressclasses.networking.k8s.io': {
    ...classes,
    validateCreate: ingressClassErrors,
    validateUpdate: (ingressClass, old, context) => [
      ...(classes.validateUpdate?.(ingressClass, old, context) ?? []),
      ...ingressClassErrors(ingressClass),
    ],
  },
  'networkpolicies.networking.k8s.io': {
    ...countedExactly(genericRules),
    validateCreate: (policy) => networkPolicyErrors(policy),
    validateUpdate: networkPolicyErrors,
    warnings: networkPolicyWarnings,
  },
};

/** Topology of the beta version can be kept and not be written. */
function forgetTopology(draft: KubeObject, old: KubeObject | undefined): void {
  const kept = goEqual(draft['endpoints'], old?.['endpoints']);
  for (const endpoint of itemsAt(draft, 'endpoints').filter(isObject)) {
    if (!kept) delete endpoint['deprecatedTopology'];
  }
}
