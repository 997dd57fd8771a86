import { forbidden, GoText, invalid } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { isObject, itemsAt, objectAt, textsAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { goEqual } from '../../schema/go-equal.ts';
import { goInternalText } from '../../schema/go-internal.ts';
import { checked } from '../checked.ts';
import { genericRules } from '../generic-rules.ts';
import type { KindRules, RuleContext } from '../kind-rules.ts';
import { annotationErrors, labelErrors } from '../metadata.ts';
import { counted, withStatus } from '../strategies.ts';
import { claimErrors } from './claim-errors.ts';
import { deviceClassErrors } from './device-class-errors.ts';

const adminLabel = 'resource.kubernetes.io/admin-access';

/** Rules of devices that pods ask for by claims (dynamic resource allocation). */
export const deviceRules: Readonly<Record<string, KindRules>> = {
  'deviceclasses.resource.k8s.io': checked(counted(genericRules), deviceClassErrors),
  'resourceclaims.resource.k8s.io': {
    ...withStatus,
    validateCreate: (claim, context) => [
      ...adminErrors(claim, ['spec'], context),
      ...claimErrors(objectAt(claim, 'spec'), 'spec'),
    ],
    validateUpdate: (claim, old) => specChange(claim, old, 'resource.ResourceClaimSpec'),
  },
  'resourceclaimtemplates.resource.k8s.io': {
    ...genericRules,
    validateCreate: (template, context) => [
      ...adminErrors(template, ['spec', 'spec'], context),
      ...templateErrors(template),
    ],
    validateUpdate: (template, old) => [
      ...templateErrors(template),
      ...specChange(template, old, 'resource.ResourceClaimTemplateSpec'),
    ],
  },
};

/** What the metadata of a template may not say, in Go's order. */
const unset = [
  ...['name', 'generateName', 'namespace', 'selfLink', 'uid', 'resourceVersion', 'generation'],
  ...['creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'],
  ...['ownerReferences', 'finalizers', 'managedFields'],
];

function templateErrors(template: KubeObject): FieldError[] {
  const metadata = objectAt(template, 'spec', 'metadata');
  return [
    ...annotationErrors(textsAt(metadata, 'annotations'), 'spec.metadata.annotations'),
    ...labelErrors(textsAt(metadata, 'labels'), 'spec.metadata.labels'),
    ...unset
      .filter((field) => metadata?.[field] !== undefined)
      .map((field) => forbidden(`spec.metadata.${field}`, 'cannot be set')),
    ...claimErrors(objectAt(template, 'spec', 'spec'), 'spec.spec'),
  ];
}

/** The first request that wants access to devices in use, in a namespace that is not for administrators. */
function adminErrors(object: KubeObject, spec: readonly string[], context: RuleContext): FieldError[] {
  const requests = itemsAt(object, ...spec, 'devices', 'requests');
  const index = requests.findIndex(
    (request) => isObject(request) && objectAt(request, 'exactly')?.['adminAccess'] === true,
  );
  if (index < 0) return [];
  const namespace = context.lookup('namespaces', '', object.metadata.namespace ?? '');
  if (namespace?.metadata.labels?.[adminLabel] === 'true') return [];
  const why = `admin access to devices requires the \`${adminLabel}: true\` label on the containing namespace`;
  return [forbidden(`spec.devices.requests[${String(index)}].adminAccess`, why)];
}

/** A template's metadata stands beside its spec in the internal type. */
function specChange(object: KubeObject, old: KubeObject, type: string): FieldError[] {
  if (goEqual(object['spec'], old['spec'])) return [];
  const { metadata, ...spec } = objectAt(object, 'spec') ?? {};
  const shown = goInternalText({ ...(isObject(metadata) ? metadata : {}), ...spec }, type);
  return [invalid('spec', new GoText(shown), 'field is immutable')];
}
