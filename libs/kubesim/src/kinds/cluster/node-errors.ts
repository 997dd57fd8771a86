import { labelKeyProblems, labelValueProblems } from '@meridian/cel';
import {
  duplicate,
  forbidden,
  GoText,
  goJson,
  invalid,
  notSupported,
  required,
} from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { itemsAt, jsonEqual, textAt, textsAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { goInternalText } from '../../schema/go-internal.ts';
import { isNegative, isWhole } from '../policy/quantities.ts';
import { isCountedWhole } from '../policy/resource-names.ts';
import { textsOf } from '../services/spec.ts';
import { rangeErrors } from '../validation/address-errors.ts';
import { parseRange } from '../validation/addresses.ts';
import { itemsWithPaths } from '../validation/checks.ts';
import { formErrors, textIn } from '../validation/go-fields.ts';

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** What is wrong with a node that is new. */
export function nodeErrors(node: KubeObject): FieldError[] {
  return [...taintErrors(node), ...amountErrors(node), ...rangesErrors(node)];
}

/** What is wrong with a changed node: its ranges and its provider stay once they are set. */
export function nodeChange(node: KubeObject, old: KubeObject): FieldError[] {
  const [spec, before] = [node['spec'], old['spec']];
  const provider = textAt(before, 'providerID') ?? '';
  return [
    ...amountErrors(node),
    ...addressErrors(node),
    ...rangeChange(textsAtSpec(node), textsAtSpec(old)),
    ...(provider !== '' && textAt(spec, 'providerID') !== provider
      ? [forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid')]
      : []),
    ...taintErrors(node),
  ];
}

function textsAtSpec(node: KubeObject): readonly string[] {
  const spec = node['spec'];
  return typeof spec === 'object' && spec !== null && !Array.isArray(spec) ? textsOf(spec, 'podCIDRs') : [];
}

function rangeChange(now: readonly string[], before: readonly string[]): FieldError[] {
  const why = 'node updates may not change podCIDR except from "" to valid';
  if (before.length === 0) return [];
  if (now.length !== before.length) return [forbidden('spec.podCIDRs', why)];
  return before.flatMap((range, index) => (now[index] === range ? [] : [forbidden('spec.podCIDRs', why)]));
}

function rangesErrors(node: KubeObject): FieldError[] {
  const ranges = textsAtSpec(node);
  const path = 'spec.podCIDRs';
  const malformed = ranges.flatMap((range, index) => rangeErrors(range, `${path}[${String(index)}]`));
  if (ranges.length < 2) return malformed;
  const families = new Set(ranges.map((range) => parseRange(range)?.address.family));
  const isPair = families.size === 2 && ranges.length === 2;
  return isPair
    ? malformed
    : [...malformed, invalid(path, [...ranges], 'may specify no more than one CIDR for each IP family')];
}

function amountErrors(node: KubeObject): FieldError[] {
  return ['capacity', 'allocatable'].flatMap((field) =>
    Object.entries(textsAt(node, 'status', field)).flatMap(([name, amount]) => {
      const path = `status.${field}.${name}`;
      return [
        ...(isNegative(amount) ? [invalid(path, amount, 'must be greater than or equal to 0')] : []),
        ...(isCountedWhole(name) && !isWhole(amount) ? [invalid(path, amount, 'must be an integer')] : []),
      ];
    }),
  );
}

function addressErrors(node: KubeObject): FieldError[] {
  const addresses = itemsAt(node, 'status', 'addresses');
  return addresses.flatMap((address, index) =>
    addresses.findIndex((one) => jsonEqual(one, address)) < index
      ? [duplicate(`status.addresses[${String(index)}]`, new GoText(goJson(address)))]
      : [],
  );
}

function taintErrors(node: KubeObject): FieldError[] {
  const seen = new Set<string>();
  const taints = itemsWithPaths(itemsOf(node), 'metadata.taints');
  return taints.flatMap(([taint, at]) => {
    const pair = `${textIn(taint, 'key')} ${textIn(taint, 'effect')}`;
    const again = seen.has(pair) ? [repeated(taint, at)] : [];
    seen.add(pair);
    return [...oneTaintErrors(taint, at), ...again];
  });
}

function itemsOf(node: KubeObject): JsonObject[string] {
  return [...itemsAt(node, 'spec', 'taints')];
}

function repeated(taint: JsonObject, at: string): FieldError {
  const shown = new GoText(goInternalText(taint, 'core.Taint'));
  return { ...duplicate(at, shown), detail: 'taints must be unique by key and effect pair' };
}

function oneTaintErrors(taint: JsonObject, at: string): FieldError[] {
  const effect = textIn(taint, 'effect');
  return [
    ...formErrors(textIn(taint, 'key'), `${at}.key`, labelKeyProblems),
    ...formErrors(textIn(taint, 'value'), `${at}.value`, labelValueProblems),
    ...(effect === '' ? [required(`${at}.effect`)] : []),
    ...(effect === '' || effects.includes(effect) ? [] : [notSupported(`${at}.effect`, effect, effects)]),
  ];
}
