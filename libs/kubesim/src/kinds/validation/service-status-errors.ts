import { subdomainProblems } from '@meridian/cel';
import { forbidden, invalid, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { itemsAt, textAt, valueAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { addressErrors } from './address-errors.ts';
import { parseAddress } from './addresses.ts';
import { itemsWithPaths, oneOf } from './checks.ts';

const at = 'status.loadBalancer.ingress';

/** What is wrong with the status of a service. */
export function serviceStatusErrors(service: KubeObject, old: KubeObject): FieldError[] {
  const ingress = valueAt(service, 'status', 'loadBalancer', 'ingress');
  if (textAt(service, 'spec', 'type') !== 'LoadBalancer') {
    const given = itemsAt(service, 'status', 'loadBalancer', 'ingress').length > 0;
    return given ? [forbidden(at, "may only be used when `spec.type` is 'LoadBalancer'")] : [];
  }
  const known = itemsAt(old, 'status', 'loadBalancer', 'ingress').map((one) => textAt(one, 'ip') ?? '');
  return itemsWithPaths(ingress, at).flatMap(([point, path]) => pointErrors(point, path, known));
}

function pointErrors(point: JsonObject, path: string, known: readonly string[]): FieldError[] {
  const [address, mode] = [textAt(point, 'ip') ?? '', textAt(point, 'ipMode')];
  return [
    ...(address === '' || known.includes(address) ? [] : addressErrors(address, `${path}.ip`)),
    ...modeErrors(mode, `${path}.ipMode`, address !== ''),
    ...hostErrors(textAt(point, 'hostname') ?? '', `${path}.hostname`),
  ];
}

function modeErrors(mode: string | undefined, path: string, hasAddress: boolean): FieldError[] {
  if (mode === undefined) return hasAddress ? [required(path, 'must be specified when `ip` is set')] : [];
  if (!hasAddress) return [forbidden(path, 'may not be specified when `ip` is not set')];
  return oneOf(mode, path, ['Proxy', 'VIP']);
}

function hostErrors(host: string, path: string): FieldError[] {
  if (host === '') return [];
  const errors = subdomainProblems(host).map((problem) => invalid(path, host, problem));
  return parseAddress(host) === undefined
    ? errors
    : [...errors, invalid(path, host, 'must be a DNS name, not an IP address')];
}
