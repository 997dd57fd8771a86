import { dnsLabelProblems, labelKeyProblems, labelValueProblems, subdomainProblems } from '@meridian/cel';
import { duplicate, invalid, notSupported, required, tooMany } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { itemsAt, memberOf, objectAt, textAt, textsAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { goEqual } from '../../schema/go-equal.ts';
import { labelErrors } from '../metadata.ts';
import { addressErrors, endpointAddressErrors, strictAddressErrors } from '../validation/address-errors.ts';
import { parseAddress } from '../validation/addresses.ts';
import { itemsWithPaths, needed } from '../validation/checks.ts';
import { formErrors, optionalForm, textIn } from '../validation/go-fields.ts';

const protocols = ['SCTP', 'TCP', 'UDP'];
const mostEndpoints = 1_000;
const mostAddresses = 100;
const mostHints = 8;

/** What is wrong with a slice of endpoints. Endpoints that did not change are not looked at again. */
export function endpointSliceErrors(slice: KubeObject, old?: KubeObject): FieldError[] {
  const type = textIn(slice, 'addressType');
  const unchanged = old !== undefined && goEqual(old['endpoints'], slice['endpoints']);
  return [
    ...needed(type, 'addressType', ['FQDN', 'IPv4', 'IPv6']),
    ...portsErrors(slice),
    ...(unchanged ? [] : endpointsErrors(slice, type)),
  ];
}

function portsErrors(slice: KubeObject): FieldError[] {
  const names = new Set<string>();
  return itemsWithPaths(slice['ports'], 'ports').flatMap(([port, at]) => {
    const name = textIn(port, 'name');
    const again = names.has(name) ? [duplicate(`${at}.name`, name)] : [];
    names.add(name);
    return [...optionalForm(name, `${at}.name`, dnsLabelProblems), ...again, ...protocolErrors(port, at)];
  });
}

function protocolErrors(port: JsonObject, at: string): FieldError[] {
  const protocol = textIn(port, 'protocol');
  const application = textAt(port, 'appProtocol');
  return [
    ...(protocols.includes(protocol) ? [] : [notSupported(`${at}.protocol`, protocol, protocols)]),
    ...(application === undefined ? [] : formErrors(application, `${at}.appProtocol`, labelKeyProblems)),
  ];
}

function endpointsErrors(slice: KubeObject, type: string): FieldError[] {
  const endpoints = itemsWithPaths(slice['endpoints'], 'endpoints');
  if (endpoints.length > mostEndpoints) return [tooMany('endpoints', endpoints.length, mostEndpoints)];
  return endpoints.flatMap(([endpoint, at]) => endpointErrors(endpoint, at, type));
}

function endpointErrors(endpoint: JsonObject, at: string, type: string): FieldError[] {
  const path = `${at}.addresses`;
  const addresses = itemsAt(endpoint, 'addresses').filter((address) => typeof address === 'string');
  const [node, host] = [textAt(endpoint, 'nodeName'), textAt(endpoint, 'hostname')];
  return [
    ...countErrors(addresses.length, path),
    ...addresses.flatMap((address, index) =>
      (memberOf(byType, type) ?? nothing)(address, `${path}[${String(index)}]`, path),
    ),
    ...(node === undefined ? [] : formErrors(node, `${at}.nodeName`, subdomainProblems)),
    ...labelErrors(textsAt(endpoint, 'deprecatedTopology'), `${at}.deprecatedTopology`),
    ...(host === undefined ? [] : formErrors(host, `${at}.hostname`, dnsLabelProblems)),
    ...hintErrors(objectAt(endpoint, 'hints'), `${at}.hints`),
  ];
}

function countErrors(count: number, path: string): FieldError[] {
  if (count === 0) return [required(path, 'must contain at least 1 address')];
  return count > mostAddresses ? [tooMany(path, count, mostAddresses)] : [];
}

type AddressCheck = (address: string, path: string, all: string) => FieldError[];

const nothing: AddressCheck = () => [];

const byType: Readonly<Record<string, AddressCheck>> = {
  IPv4: (address, path, all) =>
    ofFamily(addressErrors(address, path), address, { path, all, family: 'IPv4' }),
  IPv6: (address, path, all) =>
    ofFamily(strictAddressErrors(address, path), address, { path, all, family: 'IPv6' }),
  FQDN: (address, path) => qualifiedNameErrors(address, path),
};

function ofFamily(
  malformed: FieldError[],
  address: string,
  { path, all, family }: { readonly path: string; readonly all: string; readonly family: 'IPv4' | 'IPv6' },
): FieldError[] {
  if (malformed.length > 0) return malformed;
  const fits = parseAddress(address)?.family === family;
  return [
    ...(fits ? [] : [invalid(all, address, `must be an ${family} address`)]),
    ...endpointAddressErrors(address, path),
  ];
}

function qualifiedNameErrors(given: string, path: string): FieldError[] {
  if (given === '') return [required(path)];
  const name = given.replace(/\.$/, '');
  const problems = subdomainProblems(name);
  if (problems.length > 0) return [invalid(path, name, problems.join(','))];
  if (name.includes('.')) return [];
  return [invalid(path, name, 'should be a domain with at least two segments separated by dots')];
}

function hintErrors(hints: JsonObject | undefined, at: string): FieldError[] {
  const kinds = [
    ['forZones', labelValueProblems],
    ['forNodes', subdomainProblems],
  ] as const;
  for (const [field] of kinds) {
    const count = itemsAt(hints, field).length;
    if (count > mostHints) return [tooMany(`${at}.${field}`, count, mostHints)];
  }
  return kinds.flatMap(([field, problems]) => namedErrors(hints?.[field], `${at}.${field}`, problems));
}

function namedErrors(
  list: JsonObject[string],
  path: string,
  problems: (text: string) => string[],
): FieldError[] {
  const names = new Set<string>();
  return itemsWithPaths(list, path).flatMap(([item, at]) => {
    const name = textIn(item, 'name');
    const again = names.has(name) ? [duplicate(`${at}.name`, name)] : [];
    names.add(name);
    return [...again, ...formErrors(name, `${at}.name`, problems)];
  });
}
