import { forbidden, invalid } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { objectAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import {
  addressesOf,
  familiesOf,
  familyPolicyOf,
  isHeadless,
  needsHealthPort,
  sameField,
} from '../services/spec.ts';
import { balancerClassErrors } from './service-balancer-errors.ts';

const notTwice = 'may not change once set';

/** What of a service may not change as it did: its address, its family, its class of balancers. */
export function serviceChange(service: KubeObject, old: KubeObject): FieldError[] {
  const [spec, before] = [objectAt(service, 'spec') ?? {}, objectAt(old, 'spec') ?? {}];
  const outside = [spec, before].some((one) => one['type'] === 'ExternalName');
  return [
    ...(outside ? [] : [...addressChange(spec, before), ...familyChange(spec, before)]),
    ...classChange(spec, before),
    ...balancerClassErrors(spec),
    ...healthPortChange(spec, before),
  ];
}

function addressChange(spec: JsonObject, old: JsonObject): FieldError[] {
  if (isHeadless(spec) && isHeadless(old)) return [];
  const [now, before] = [addressesOf(spec), addressesOf(old)];
  const at = (index: number) => `spec.clusterIPs[${String(index)}]`;
  if (now.length === before.length) {
    return before.flatMap((address, index) =>
      now[index] === address ? [] : [invalid(at(index), [...now], notTwice)],
    );
  }
  if (now.length === 0) return [invalid(at(0), [...now], 'primary clusterIP can not be unset')];
  const first = before.length > 0 && now[0] !== before[0] ? [invalid(at(0), [...now], notTwice)] : [];
  return now.length < before.length ? [...first, ...releaseErrors(spec, now.length, 'clusterIP')] : first;
}

function familyChange(spec: JsonObject, old: JsonObject): FieldError[] {
  if (isHeadless(spec) || isHeadless(old)) return [];
  const [now, before] = [familiesOf(spec), familiesOf(old)];
  const at = 'spec.ipFamilies[0]';
  if (now.length === before.length) {
    return before.flatMap((family, index) =>
      now[index] === family ? [] : [invalid(at, [...now], notTwice)],
    );
  }
  const first =
    now.length > 0 && before.length > 0 && now[0] !== before[0]
      ? [invalid(at, [...addressesOf(spec)], notTwice)]
      : [];
  return now.length < before.length ? [...first, ...releaseErrors(spec, now.length, 'ipFamily')] : first;
}

function releaseErrors(spec: JsonObject, left: number, what: string): FieldError[] {
  const policy = familyPolicyOf(spec);
  if (left !== 1 || policy === 'SingleStack') return [];
  const why = `must be set to 'SingleStack' when releasing the secondary ${what}`;
  return [invalid('spec.ipFamilyPolicy', policy === '' ? null : policy, why)];
}

function classChange(spec: JsonObject, old: JsonObject): FieldError[] {
  const both = spec['type'] === 'LoadBalancer' && old['type'] === 'LoadBalancer';
  if (!both || sameField(spec, old, 'loadBalancerClass')) return [];
  return [invalid('spec.loadBalancerClass', spec['loadBalancerClass'], notTwice)];
}

function healthPortChange(spec: JsonObject, old: JsonObject): FieldError[] {
  const both = needsHealthPort(spec) && needsHealthPort(old);
  if (!both || sameField(spec, old, 'healthCheckNodePort')) return [];
  return [forbidden('spec.healthCheckNodePort', 'field is immutable')];
}
