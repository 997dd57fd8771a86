import { itemsAt, numberAt, objectAt, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import {
  at,
  count,
  filledText,
  isMet,
  lengthOf,
  none,
  numberOf,
  text,
  textsOf,
  conditionOf,
  unset,
} from './cell.ts';
import type { Cell, Cells } from './cell.ts';
import { humanDuration } from './human-duration.ts';

const webhooks: Cells = { Webhooks: lengthOf('webhooks') };
const policyBinding: Cells = { PolicyName: text('spec.policyName'), ParamRef: paramRef };

/** Columns of what limits, grants and checks, by group resource. */
export const policyCells: Readonly<Record<string, Cells>> = {
  configmaps: { Data: (object) => sizeOf(object, 'data') + sizeOf(object, 'binaryData') },
  secrets: { Type: text('type'), Data: (object) => sizeOf(object, 'data') },
  namespaces: { Status: text('status.phase') },
  resourcequotas: { Request: (object) => quota(object, true), Limit: (object) => quota(object, false) },
  'poddisruptionbudgets.policy': {
    'Min Available': (object) => amount(object, 'spec.minAvailable'),
    'Max Unavailable': (object) => amount(object, 'spec.maxUnavailable'),
    'Allowed Disruptions': count('status.disruptionsAllowed'),
  },
  'rolebindings.rbac.authorization.k8s.io': binding(),
  'clusterrolebindings.rbac.authorization.k8s.io': binding(),
  'leases.coordination.k8s.io': { Holder: text('spec.holderIdentity') },
  'certificatesigningrequests.certificates.k8s.io': {
    SignerName: filledText('spec.signerName', none),
    Requestor: text('spec.username'),
    RequestedDuration(request) {
      const seconds = numberAt(request, 'spec', 'expirationSeconds');
      return seconds === undefined ? none : humanDuration(seconds * 1_000);
    },
    Condition: signingState,
  },
  'apiservices.apiregistration.k8s.io': {
    Service(object) {
      const service = objectAt(object, 'spec', 'service');
      if (service === undefined) return 'Local';
      return `${textAt(service, 'namespace') ?? ''}/${textAt(service, 'name') ?? ''}`;
    },
    Available(object) {
      const status = textAt(conditionOf(object, 'Available'), 'status') ?? 'Unknown';
      const reason = textAt(conditionOf(object, 'Available'), 'reason') ?? '';
      return isMet(object, 'Available') || reason === '' ? status : `${status} (${reason})`;
    },
  },
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': webhooks,
  'validatingwebhookconfigurations.admissionregistration.k8s.io': webhooks,
  'validatingadmissionpolicies.admissionregistration.k8s.io': {
    Validations: lengthOf('spec.validations'),
    ParamKind: paramKind,
  },
  'mutatingadmissionpolicies.admissionregistration.k8s.io': {
    Mutations: lengthOf('spec.mutations'),
    ParamKind: paramKind,
  },
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': policyBinding,
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': policyBinding,
  'flowschemas.flowcontrol.apiserver.k8s.io': {
    PriorityLevel: text('spec.priorityLevelConfiguration.name'),
    MatchingPrecedence: count('spec.matchingPrecedence'),
    DistinguisherMethod: text('spec.distinguisherMethod.type', none),
    MissingPL: (schema) => textAt(conditionOf(schema, 'Dangling'), 'status') ?? '?',
  },
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': {
    Type: text('spec.type'),
    NominalConcurrencyShares: within('spec.limited', 'nominalConcurrencyShares'),
    Queues: within('spec.limited.limitResponse.queuing', 'queues'),
    HandSize: within('spec.limited.limitResponse.queuing', 'handSize'),
    QueueLengthLimit: within('spec.limited.limitResponse.queuing', 'queueLengthLimit'),
  },
};

function sizeOf(object: KubeObject, field: string): number {
  return Object.keys(objectAt(object, field) ?? {}).length;
}

/** A number of a part that an object may not have. */
function within(part: string, field: string): Cell {
  return (object) =>
    objectAt(object, ...part.split('.')) === undefined ? none : numberOf(object, `${part}.${field}`);
}

function quota(object: KubeObject, requests: boolean): string {
  const hard = objectAt(object, 'status', 'hard') ?? {};
  const used = objectAt(object, 'status', 'used') ?? {};
  return Object.keys(hard)
    .filter((name) => name.startsWith('limits.') !== requests)
    .sort()
    .map((name) => `${name}: ${textAt(used, name) ?? '0'}/${textAt(hard, name) ?? '0'}`)
    .join(', ');
}

function amount(object: KubeObject, path: string): string {
  const found = at(object, path);
  return typeof found === 'number' || typeof found === 'string' ? String(found) : 'N/A';
}

function binding(): Cells {
  const subjects = (kind: string, show: (subject: Json) => string): Cell => {
    return (object) =>
      itemsAt(object, 'subjects')
        .filter((subject) => textAt(subject, 'kind') === kind)
        .map(show)
        .join(', ');
  };
  const name = (subject: Json) => textAt(subject, 'name') ?? '';
  return {
    Role: (object) => `${textAt(object, 'roleRef', 'kind') ?? ''}/${textAt(object, 'roleRef', 'name') ?? ''}`,
    Users: subjects('User', name),
    Groups: subjects('Group', name),
    ServiceAccounts: subjects(
      'ServiceAccount',
      (subject) => `${textAt(subject, 'namespace') ?? ''}/${name(subject)}`,
    ),
  };
}

/** The conditions of a signing request count whatever their status says. */
function signingState(request: KubeObject): string {
  const has = (type: string) => conditionOf(request, type) !== undefined;
  const decided = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending';
  const issued = (textAt(request, 'status', 'certificate') ?? '') !== '';
  return `${decided}${has('Failed') ? ',Failed' : ''}${issued ? ',Issued' : ''}`;
}

function paramKind(policy: KubeObject): string {
  const kind = objectAt(policy, 'spec', 'paramKind');
  return kind === undefined ? unset : `${textAt(kind, 'apiVersion') ?? ''}/${textAt(kind, 'kind') ?? ''}`;
}

function paramRef(policy: KubeObject): string {
  const found = objectAt(policy, 'spec', 'paramRef');
  const name = textAt(found, 'name') ?? '';
  const namespace = textAt(found, 'namespace') ?? '';
  if (name !== '') return `${namespace === '' ? '*' : namespace}/${name}`;
  const chosen = objectAt(found, 'selector');
  return chosen === undefined ? unset : goSelector(chosen);
}

/** A label selector as the `String()` of its Go type writes it. */
function goSelector(selector: JsonObject): string {
  const labels = Object.entries(objectAt(selector, 'matchLabels') ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const equal = labels.map(([key, value]) => `${key}: ${typeof value === 'string' ? value : ''},`).join('');
  const others = itemsAt(selector, 'matchExpressions').map((expression) => {
    const [key, operator] = ['key', 'operator'].map((field) => textAt(expression, field) ?? '');
    const values = textsOf(itemsAt(expression, 'values')).join(' ');
    return `LabelSelectorRequirement{Key:${key ?? ''},Operator:${operator ?? ''},Values:[${values}],},`;
  });
  return `&LabelSelector{MatchLabels:map[string]string{${equal}},MatchExpressions:[]LabelSelectorRequirement{${others.join('')}},}`;
}
