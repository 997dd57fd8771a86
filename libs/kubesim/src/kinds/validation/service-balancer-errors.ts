import { labelKeyProblems } from '@meridian/cel';
import { forbidden, invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { numberAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { isReachableFromOutside, needsHealthPort, textsOf } from '../services/spec.ts';
import { rangeErrors } from './address-errors.ts';
import { portNumber } from './checks.ts';

const balancersOnly = "may only be used when `type` is 'LoadBalancer'";
const rangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/** What is wrong with whom a balancer lets in, by field or by annotation. */
export function sourceRangeErrors(
  service: KubeObject,
  spec: JsonObject,
  old: KubeObject | undefined,
): FieldError[] {
  const ranges = textsOf(spec, 'loadBalancerSourceRanges').map((range) => range.trim());
  const isBalancer = spec['type'] === 'LoadBalancer';
  const path = 'spec.LoadBalancerSourceRanges';
  if (ranges.length > 0) {
    return [
      ...(isBalancer ? [] : [forbidden(path, balancersOnly)]),
      ...ranges.flatMap((range, index) => rangeErrors(range, `${path}[${String(index)}]`)),
    ];
  }
  const given = service.metadata.annotations?.[rangesAnnotation];
  if (given === undefined) return [];
  const at = `metadata.annotations[${rangesAnnotation}]`;
  const isNew = old?.metadata.annotations?.[rangesAnnotation] !== given && given.trim() !== '';
  return [
    ...(isBalancer ? [] : [forbidden(at, balancersOnly)]),
    ...(isNew ? given.split(',').flatMap((range) => rangeErrors(range.trim(), at)) : []),
  ];
}

/** What is wrong with whether a balancer gets node ports. */
export function allocationErrors(spec: JsonObject): FieldError[] {
  const given = spec['allocateLoadBalancerNodePorts'] !== undefined;
  if (spec['type'] !== 'LoadBalancer') {
    return given ? [forbidden('spec.allocateLoadBalancerNodePorts', balancersOnly)] : [];
  }
  return given ? [] : [required('allocateLoadBalancerNodePorts')];
}

/** What is wrong with the class of balancers. */
export function balancerClassErrors(spec: JsonObject): FieldError[] {
  const name = textAt(spec, 'loadBalancerClass');
  const path = 'spec.loadBalancerClass';
  if (name === undefined) return [];
  if (spec['type'] !== 'LoadBalancer') return [forbidden(path, balancersOnly)];
  return labelKeyProblems(name).map((problem) => invalid(path, name, problem));
}

/** What is wrong with how traffic from outside comes in. */
export function externalTrafficErrors(spec: JsonObject): FieldError[] {
  return [...externalPolicyErrors(spec), ...healthPortErrors(spec)];
}

function externalPolicyErrors(spec: JsonObject): FieldError[] {
  const policy = textAt(spec, 'externalTrafficPolicy') ?? '';
  const path = 'spec.externalTrafficPolicy';
  if (!isReachableFromOutside(spec)) {
    return policy === '' ? [] : [invalid(path, policy, 'may only be set for externally-accessible services')];
  }
  if (policy === '') return [required(path)];
  return ['Cluster', 'Local'].includes(policy) ? [] : [notSupported(path, policy, ['Cluster', 'Local'])];
}

function healthPortErrors(spec: JsonObject): FieldError[] {
  const port = numberAt(spec, 'healthCheckNodePort') ?? 0;
  const path = 'spec.healthCheckNodePort';
  if (needsHealthPort(spec)) return port === 0 ? [required(path)] : portNumber(port, path);
  const why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
  return port === 0 ? [] : [invalid(path, port, why)];
}
