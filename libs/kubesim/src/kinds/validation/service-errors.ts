import { subdomainProblems } from '@meridian/cel';
import { forbidden, invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { isObject, numberAt, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { labelErrors } from '../metadata.ts';
import { addressesOf, familiesOf, isHeadless, noAddress, textsOf } from '../services/spec.ts';
import { addressErrors, endpointAddressErrors } from './address-errors.ts';
import { clusterAddressErrors } from './service-address-errors.ts';
import {
  allocationErrors,
  balancerClassErrors,
  externalTrafficErrors,
  sourceRangeErrors,
} from './service-balancer-errors.ts';
import { clusterOnlyPortErrors, portsErrors, repeatedPortErrors } from './service-port-errors.ts';

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const longestAffinity = 86_400;

/** What is wrong with a service (ValidateService of pkg/apis/core/validation), in the real server's order. */
export function serviceErrors(service: KubeObject, old: KubeObject | undefined): FieldError[] {
  const spec = objectAt(service, 'spec') ?? {};
  return [
    ...hintErrors(service),
    ...typeErrors(spec),
    ...portsErrors(spec),
    ...labelErrors(selectorOf(spec), 'spec.selector'),
    ...affinityErrors(spec),
    ...clusterAddressErrors(spec, objectAt(old, 'spec')),
    ...externalAddressErrors(spec, objectAt(old, 'spec')),
    ...neededOf(spec, 'type', types),
    ...clusterOnlyPortErrors(spec),
    ...repeatedPortErrors(spec),
    ...sourceRangeErrors(service, spec, old),
    ...allocationErrors(spec),
    ...balancerClassErrors(spec),
    ...externalTrafficErrors(spec),
    ...internalTrafficErrors(spec),
    ...distributionErrors(spec),
  ];
}

const oldHints = 'service.kubernetes.io/topology-aware-hints';
const hints = 'service.kubernetes.io/topology-mode';

function hintErrors({ metadata: { annotations = {} } }: KubeObject): FieldError[] {
  const [mode, before] = [annotations[hints], annotations[oldHints]];
  if (mode === undefined || before === undefined || mode === before) return [];
  const why = `must match annotations[${oldHints}] when both are specified`;
  return [invalid(`metadata.annotations[${hints}]`, mode, why)];
}

function typeErrors(spec: JsonObject): FieldError[] {
  const type = textAt(spec, 'type') ?? '';
  const portless = numberOfPorts(spec) === 0 && !isHeadless(spec) && type !== 'ExternalName';
  const errors = portless ? [required('spec.ports')] : [];
  if (type === 'ExternalName') return [...errors, ...externalNameErrors(spec)];
  if (!isHeadless(spec) || !['LoadBalancer', 'NodePort'].includes(type)) return errors;
  const why = `may not be set to 'None' for ${type} services`;
  return [...errors, invalid('spec.clusterIPs[0]', noAddress, why)];
}

function numberOfPorts(spec: JsonObject): number {
  return Array.isArray(spec['ports']) ? spec['ports'].length : 0;
}

function externalNameErrors(spec: JsonObject): FieldError[] {
  const path = 'spec.externalName';
  const name = (textAt(spec, 'externalName') ?? '').replace(/\.$/, '');
  const given = [
    ...(addressesOf(spec).length > 0 ? ['clusterIPs'] : []),
    ...(familiesOf(spec).length > 0 ? ['ipFamilies'] : []),
    ...(spec['ipFamilyPolicy'] === undefined ? [] : ['ipFamilyPolicy']),
  ];
  return [
    ...given.map((field) => forbidden(`spec.${field}`, 'may not be set for ExternalName services')),
    ...(name === ''
      ? [required(path)]
      : subdomainProblems(name).map((problem) => invalid(path, name, problem))),
  ];
}

function selectorOf(spec: JsonObject): Record<string, string> {
  const selector = isObject(spec['selector']) ? spec['selector'] : {};
  return Object.fromEntries(
    Object.entries(selector).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
  );
}

function affinityErrors(spec: JsonObject): FieldError[] {
  const errors = neededOf(spec, 'sessionAffinity', ['ClientIP', 'None']);
  const config = objectAt(spec, 'sessionAffinityConfig');
  const path = 'spec.sessionAffinityConfig';
  if (spec['sessionAffinity'] === 'None' && config !== undefined) {
    return [...errors, forbidden(path, 'must not be set when session affinity is None')];
  }
  const seconds = numberAt(config, 'clientIP', 'timeoutSeconds');
  if (spec['sessionAffinity'] !== 'ClientIP' || seconds === undefined) return errors;
  if (seconds > 0 && seconds <= longestAffinity) return errors;
  const why = `must be greater than 0 and less than ${String(longestAffinity)}`;
  return [...errors, invalid(`${path}.clientIP.timeoutSeconds`, seconds, why)];
}

function neededOf(spec: JsonObject, field: string, supported: readonly string[]): FieldError[] {
  const value = textAt(spec, field) ?? '';
  if (value === '') return [required(`spec.${field}`)];
  return supported.includes(value) ? [] : [notSupported(`spec.${field}`, value, supported)];
}

function externalAddressErrors(spec: JsonObject, old: JsonObject | undefined): FieldError[] {
  const known = textsOf(old, 'externalIPs');
  return textsOf(spec, 'externalIPs').flatMap((address, index) => {
    const path = `spec.externalIPs[${String(index)}]`;
    const malformed = known.includes(address) ? [] : addressErrors(address, path);
    return malformed.length > 0 ? malformed : endpointAddressErrors(address, path);
  });
}

function internalTrafficErrors(spec: JsonObject): FieldError[] {
  const policy = textAt(spec, 'internalTrafficPolicy');
  const path = 'spec.internalTrafficPolicy';
  if (policy === undefined) {
    const needs = ['ClusterIP', 'LoadBalancer', 'NodePort'].includes(textAt(spec, 'type') ?? '');
    return needs ? [required(path)] : [];
  }
  return ['Cluster', 'Local'].includes(policy) ? [] : [notSupported(path, policy, ['Cluster', 'Local'])];
}

function distributionErrors(spec: JsonObject): FieldError[] {
  const distribution = textAt(spec, 'trafficDistribution');
  const known = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
  return distribution === undefined || known.includes(distribution)
    ? []
    : [notSupported('spec.trafficDistribution', distribution, known)];
}
