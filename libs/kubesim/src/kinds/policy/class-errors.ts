import { dnsLabelProblems } from '@meridian/cel';
import { duplicate, forbidden, GoText, invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { itemsAt, numberAt, objectAt, textAt, textsAt } from '../../json.ts';
import type { Json } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { labelErrors } from '../metadata.ts';
import { goInternalText } from '../../schema/go-internal.ts';
import { notNegative } from '../validation/checks.ts';
import { formErrors, numberIn, textIn } from '../validation/go-fields.ts';
import { tolerationsErrors } from '../validation/pod/scheduling-errors.ts';
import { resourceErrors } from '../validation/resource-errors.ts';

const mostUserPriority = 1_000_000_000;
const systemClasses: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};

/** What is wrong with a class of priorities. */
export function priorityClassErrors(priorityClass: KubeObject): FieldError[] {
  const policy = textAt(priorityClass, 'preemptionPolicy');
  const known = ['Never', 'PreemptLowerPriority'];
  return [
    ...valueErrors(priorityClass.metadata.name ?? '', priorityClass),
    ...(policy === undefined || known.includes(policy)
      ? []
      : [notSupported('preemptionPolicy', policy, ['PreemptLowerPriority', 'Never'])]),
  ];
}

function valueErrors(name: string, priorityClass: KubeObject): FieldError[] {
  const value = numberIn(priorityClass, 'value');
  if (name.startsWith('system-')) {
    const problem = systemProblem(name, value, priorityClass['globalDefault'] === true);
    const reserved = "priority class names with 'system-' prefix are reserved for system use only. error:";
    return problem === undefined ? [] : [forbidden('metadata.name', `${reserved} ${problem}`)];
  }
  const most = `maximum allowed value of a user defined priority is ${String(mostUserPriority)}`;
  return value > mostUserPriority ? [forbidden('value', most)] : [];
}

function systemProblem(name: string, value: number, isDefault: boolean): string | undefined {
  const expected = systemClasses[name];
  if (expected === undefined) return `${name} is not a known system priority class`;
  if (value !== expected) return `value of ${name} PriorityClass must be ${String(expected)}`;
  return isDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

/** What of a class of priorities may not change. */
export function priorityClassChange(priorityClass: KubeObject, old: KubeObject): FieldError[] {
  const same = (field: string) => priorityClass[field] === old[field];
  return [
    ...(numberIn(priorityClass, 'value') === numberIn(old, 'value')
      ? []
      : [forbidden('value', 'may not be changed in an update.')]),
    ...(same('preemptionPolicy')
      ? []
      : [invalid('preemptionPolicy', priorityClass['preemptionPolicy'], 'field is immutable')]),
  ];
}

/** What is wrong with a class of runtimes. */
export function runtimeClassErrors(runtimeClass: KubeObject): FieldError[] {
  const handler = textIn(runtimeClass, 'handler');
  const overhead = objectAt(runtimeClass, 'overhead');
  const scheduling = objectAt(runtimeClass, 'scheduling');
  return [
    ...(handler === '' ? [required('handler')] : formErrors(handler, 'handler', dnsLabelProblems)),
    ...(overhead === undefined
      ? []
      : resourceErrors({ limits: objectAt(overhead, 'podFixed') ?? {} }, 'overhead')),
    ...labelErrors(textsAt(scheduling, 'nodeSelector'), 'scheduling.nodeSelector'),
    ...tolerationsErrors(scheduling?.['tolerations'], 'scheduling.tolerations'),
    ...repeatedErrors(itemsAt(scheduling, 'tolerations'), 'scheduling.tolerations'),
  ];
}

function repeatedErrors(tolerations: readonly Json[], path: string): FieldError[] {
  const seen = tolerations.map((toleration) => goInternalText(toleration, 'core.Toleration'));
  return seen.flatMap((shown, index) =>
    seen.indexOf(shown) < index ? [duplicate(`${path}[${String(index)}]`, new GoText(shown))] : [],
  );
}

/** What is wrong with a lease. */
export function leaseErrors(lease: KubeObject): FieldError[] {
  const seconds = numberAt(lease, 'spec', 'leaseDurationSeconds');
  return [
    ...(seconds !== undefined && seconds <= 0
      ? [invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0')]
      : []),
    ...notNegative(numberAt(lease, 'spec', 'leaseTransitions'), 'spec.leaseTransitions'),
  ];
}

/** What is wrong with a revision that a controller keeps. */
export function revisionErrors(revision: KubeObject): FieldError[] {
  const absent = revision['data'] === undefined || revision['data'] === null;
  return [
    ...(absent ? [required('data', 'data is mandatory')] : []),
    ...notNegative(revision['revision'], 'revision'),
  ];
}
