import { duplicate, invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import { addressesOf, familiesOf, isHeadless, noAddress } from '../services/spec.ts';
import { addressErrors } from './address-errors.ts';
import { parseAddress } from './addresses.ts';

const path = 'spec.clusterIPs';
const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];

/** What is wrong with the cluster addresses of a service and their families (ValidateServiceClusterIPsRelatedFields). */
export function clusterAddressErrors(spec: JsonObject, old?: JsonObject): FieldError[] {
  if (spec['type'] === 'ExternalName') return [];
  const [addresses, known] = [addressesOf(spec), addressesOf(old)];
  const malformed = addresses.flatMap((address, index) => {
    if (index === 0 && address === noAddress) {
      return addresses.length > 1
        ? [invalid(path, [...addresses], "'None' must be the first and only value")]
        : [];
    }
    return known.includes(address) ? [] : addressErrors(address, `${path}[${String(index)}]`);
  });
  const errors = [
    ...firstErrors(spec, addresses),
    ...familyErrors(familiesOf(spec)),
    ...policyErrors(spec['ipFamilyPolicy']),
    ...malformed,
    ...(addresses.length > 2 ? [invalid(path, [...addresses], 'may only hold up to 2 values')] : []),
  ];
  if (malformed.length > 0) return errors;
  return [...errors, ...pairErrors(addresses), ...matchErrors(spec)];
}

/** Nothing said is no policy, but an empty text is one that nobody knows. */
function policyErrors(policy: Json | undefined): FieldError[] {
  return typeof policy === 'string' && !policies.includes(policy)
    ? [notSupported('spec.ipFamilyPolicy', policy, policies)]
    : [];
}

/** `clusterIP` is the first of `clusterIPs`. */
function firstErrors(spec: JsonObject, addresses: readonly string[]): FieldError[] {
  const address = textAt(spec, 'clusterIP') ?? '';
  if (address === '') {
    return addresses.length === 0
      ? []
      : [invalid(path, [...addresses], 'must be empty when `clusterIP` is not specified')];
  }
  if (addresses.length === 0) return [required(path)];
  return addresses[0] === address
    ? []
    : [invalid(path, [...addresses], 'first value must match `clusterIP`')];
}

function familyErrors(families: readonly string[]): FieldError[] {
  return families.flatMap((family, index) => {
    const at = `spec.ipFamilies[${String(index)}]`;
    return [
      ...(['IPv4', 'IPv6'].includes(family) ? [] : [notSupported(at, family, ['IPv4', 'IPv6'])]),
      ...(families.indexOf(family) < index ? [duplicate(at, family)] : []),
    ];
  });
}

function pairErrors(addresses: readonly string[]): FieldError[] {
  if (addresses.length < 2) return [];
  const families = new Set(addresses.map((address) => parseAddress(address)?.family));
  return families.size === 2
    ? []
    : [invalid(path, [...addresses], 'may specify no more than one IP for each IP family')];
}

function matchErrors(spec: JsonObject): FieldError[] {
  if (isHeadless(spec)) return [];
  const families = familiesOf(spec);
  return addressesOf(spec).flatMap((address, index) => {
    const expected = families[index];
    const found = parseAddress(address)?.family;
    if (expected === undefined || found === expected || !['IPv4', 'IPv6'].includes(expected)) return [];
    const why = `expected an ${expected} value as indicated by \`ipFamilies[${String(index)}]\``;
    return [invalid(`${path}[${String(index)}]`, address, why)];
  });
}
