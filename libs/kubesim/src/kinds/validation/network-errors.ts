import { isIP } from 'node:net';
import { invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { isObject, itemsAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { itemsWithPaths, needed } from './checks.ts';

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix'];
const notAnAddress = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

/** What is wrong with the paths of an ingress. */
export function ingressErrors(ingress: KubeObject): FieldError[] {
  const spec = isObject(ingress['spec']) ? ingress['spec'] : {};
  return itemsWithPaths(spec['rules'], 'spec.rules').flatMap(([rule, at]) => {
    const http = isObject(rule['http']) ? rule['http'] : {};
    return itemsWithPaths(http['paths'], `${at}.http.paths`).flatMap(pathErrors);
  });
}

function pathErrors([path, at]: readonly [JsonObject, string]): FieldError[] {
  const type = textAt(path, 'pathType');
  if (type === undefined) return [required(`${at}.pathType`, 'pathType must be specified')];
  const given = textAt(path, 'path') ?? '';
  const errors = pathTypes.includes(type) ? [] : [notSupported(`${at}.pathType`, type, pathTypes)];
  if (given !== '' && !given.startsWith('/'))
    errors.push(invalid(`${at}.path`, given, 'must be an absolute path'));
  const backend = isObject(path['backend']) ? path['backend'] : {};
  if (backend['service'] === undefined && backend['resource'] === undefined) {
    errors.push(invalid(`${at}.backend`, '', 'resource or service backend is required'));
  }
  return errors;
}

/** What is wrong with the types of a network policy. */
export function networkPolicyErrors(policy: KubeObject): FieldError[] {
  const types = ['Ingress', 'Egress'];
  return itemsAt(policy, 'spec', 'policyTypes').flatMap((type, index) =>
    typeof type !== 'string' || types.includes(type)
      ? []
      : [notSupported(`spec.policyTypes[${String(index)}]`, type, types)],
  );
}

/** What is wrong with a slice of endpoints. */
export function endpointSliceErrors(slice: KubeObject): FieldError[] {
  const type = textAt(slice, 'addressType') ?? '';
  const isAddress = type !== 'FQDN';
  return [
    ...needed(type, 'addressType', ['FQDN', 'IPv4', 'IPv6']),
    ...itemsWithPaths(slice['endpoints'], 'endpoints').flatMap(([endpoint, at]) =>
      itemsAt(endpoint, 'addresses').flatMap((address, index) =>
        isAddress && typeof address === 'string' && isIP(address) === 0
          ? [invalid(`${at}.addresses[${String(index)}]`, address, notAnAddress)]
          : [],
      ),
    ),
  ];
}
