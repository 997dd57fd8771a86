import { invalid } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { itemsAt, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { parseAddress } from '../validation/addresses.ts';
import { clusterAddressErrors } from '../validation/service-address-errors.ts';
import { addressesOf, familiesOf, familyPolicyOf, needsAddress, noAddress, sameField } from './spec.ts';

const policyPath = 'spec.ipFamilyPolicy';

/** The families that the cluster has addresses of. */
const configured = ['IPv4'];

/**
 * Decides of which families a service's addresses are, from what it says, what it was and what the cluster has, and writes it
 * into the draft. @returns what cannot be.
 */
export function settleFamilies(spec: JsonObject, old: JsonObject | undefined): FieldError[] {
  if (!needsAddress(spec) || staysPreferred(spec, old)) return [];
  spec['ipFamilyPolicy'] ??= policyFor(spec, old);
  const wrong = clusterAddressErrors(spec);
  if (wrong.length > 0) return wrong;
  const errors = [...releaseErrors(spec, old), ...countErrors(spec), ...inferFamilies(spec)];
  if (errors.length > 0) return errors;
  if (isOfNobody(spec)) {
    settleOfNobody(spec);
    return [];
  }
  const unmet = unmetErrors(spec);
  if (unmet.length === 0 && familiesOf(spec).length === 0) spec['ipFamilies'] = [...configured];
  return unmet;
}

/** Headless without a selector: whatever somebody says that its endpoints are. */
function isOfNobody(spec: JsonObject): boolean {
  return spec['clusterIP'] === noAddress && Object.keys(objectAt(spec, 'selector') ?? {}).length === 0;
}

function settleOfNobody(spec: JsonObject): void {
  const families = familiesOf(spec).length === 0 ? ['IPv4'] : [...familiesOf(spec)];
  if (families.length < 2 && familyPolicyOf(spec) !== 'SingleStack') {
    families.push(families[0] === 'IPv4' ? 'IPv6' : 'IPv4');
  }
  spec['ipFamilies'] = families;
}

/** A service that prefers two families and says so again changes nothing. */
function staysPreferred(spec: JsonObject, old: JsonObject | undefined): boolean {
  if (old === undefined || spec['type'] !== old['type']) return false;
  const policies = [familyPolicyOf(spec), familyPolicyOf(old)];
  return (
    policies.every((policy) => policy === 'PreferDualStack') &&
    sameField(spec, old, 'clusterIPs') &&
    sameField(spec, old, 'ipFamilies')
  );
}

function policyFor(spec: JsonObject, old: JsonObject | undefined): string {
  const before = old === undefined ? '' : familyPolicyOf(old);
  if (before !== '') return before;
  return isOfNobody(spec) ? 'RequireDualStack' : 'SingleStack';
}

function releaseErrors(spec: JsonObject, old: JsonObject | undefined): FieldError[] {
  if (old === undefined) return [];
  const policy = familyPolicyOf(spec);
  if (policy === 'SingleStack') {
    for (const field of ['clusterIPs', 'ipFamilies']) {
      if (sameField(spec, old, field) && spec[field] !== undefined) {
        spec[field] = itemsAt(spec, field).slice(0, 1);
      }
    }
    return [];
  }
  const reduced = (now: readonly string[], before: readonly string[]) =>
    now.length > 0 && now.length < before.length;
  return [
    ...(reduced(addressesOf(spec), addressesOf(old))
      ? [invalid(policyPath, policy, "must be 'SingleStack' to release the secondary cluster IP")]
      : []),
    ...(reduced(familiesOf(spec), familiesOf(old))
      ? [invalid(policyPath, policy, "must be 'SingleStack' to release the secondary IP family")]
      : []),
  ];
}

function countErrors(spec: JsonObject): FieldError[] {
  const policy = familyPolicyOf(spec);
  if (policy !== 'SingleStack') return [];
  const needed = "must be 'RequireDualStack' or 'PreferDualStack' when multiple";
  return [
    ...(addressesOf(spec).length === 2
      ? [invalid(policyPath, policy, `${needed} cluster IPs are specified`)]
      : []),
    ...(familiesOf(spec).length === 2
      ? [invalid(policyPath, policy, `${needed} IP families are specified`)]
      : []),
  ];
}

function inferFamilies(spec: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  const addresses = addressesOf(spec);
  const families = [...familiesOf(spec)];
  for (const [index, address] of addresses.entries()) {
    if (address === noAddress) break;
    if (index < families.length) continue;
    const family = parseAddress(address)?.family ?? 'IPv4';
    if (configured.includes(family)) families.push(family);
    else {
      const why = `${family} is not configured on this cluster`;
      errors.push(invalid(`spec.clusterIPs[${String(index)}]`, [...addresses], why));
    }
  }
  if (families.length > 0) spec['ipFamilies'] = families;
  return errors;
}

function unmetErrors(spec: JsonObject): FieldError[] {
  const policy = textAt(spec, 'ipFamilyPolicy') ?? '';
  return [
    ...(policy === 'RequireDualStack'
      ? [invalid(policyPath, policy, 'this cluster is not configured for dual-stack services')]
      : []),
    ...familiesOf(spec).flatMap((family, index) =>
      configured.includes(family)
        ? []
        : [invalid(`spec.ipFamilies[${String(index)}]`, family, 'not configured on this cluster')],
    ),
  ];
}
