import { labelKeyProblems } from '@meridian/cel';
import { duplicate, forbidden, invalid, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { objectAt, textsAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { itemsWithPaths } from '../validation/checks.ts';
import { formErrors, textIn } from '../validation/go-fields.ts';
import { nanoOf } from './quantities.ts';
import { containerResourceErrors, isExtended, resourceNameErrors } from './resource-names.ts';

const one = 1_000_000_000n;
const types = ['Pod', 'Container', 'PersistentVolumeClaim'];

/** What is wrong with a range of limits. */
export function limitRangeErrors(range: KubeObject): FieldError[] {
  const seen = new Set<string>();
  return itemsWithPaths(objectAt(range, 'spec')?.['limits'], 'spec.limits').flatMap(([limit, at]) => {
    const type = textIn(limit, 'type');
    const again = seen.has(type) ? [duplicate(`${at}.type`, type)] : [];
    seen.add(type);
    return [...typeErrors(type, `${at}.type`), ...again, ...limitErrors(limit, type, at)];
  });
}

function typeErrors(type: string, path: string): FieldError[] {
  const malformed = formErrors(type, path, labelKeyProblems);
  if (malformed.length > 0 || type.includes('/') || types.includes(type)) return malformed;
  return [invalid(path, type, 'must be a standard limit type or fully qualified')];
}

function limitErrors(limit: JsonObject, type: string, at: string): FieldError[] {
  const nameErrors = ['Pod', 'Container'].includes(type) ? containerResourceErrors : resourceNameErrors;
  const named = (field: string) =>
    Object.keys(textsAt(limit, field)).flatMap((name) => nameErrors(name, `${at}.${field}[${name}]`));
  const defaults = ['default', 'defaultRequest'];
  return [
    ...named('max'),
    ...named('min'),
    ...(type === 'Pod'
      ? defaults
          .filter((field) => Object.keys(textsAt(limit, field)).length > 0)
          .map((field) => forbidden(`${at}.${field}`, "may not be specified when `type` is 'Pod'"))
      : defaults.flatMap(named)),
    ...storageErrors(limit, type, at),
    ...named('maxLimitRequestRatio'),
    ...resourcesOf(limit).flatMap((name) => orderErrors(amountsOf(limit, name, type), name, at)),
  ];
}

function storageErrors(limit: JsonObject, type: string, at: string): FieldError[] {
  const bounded = ['min', 'max'].some((field) => textsAt(limit, field)['storage'] !== undefined);
  if (type !== 'PersistentVolumeClaim' || bounded) return [];
  const why = 'either minimum or maximum storage value is required, but neither was provided';
  return [required(`${at}.limits`, why)];
}

const fields = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;
type Amounts = Readonly<Partial<Record<(typeof fields)[number], string>>>;

function resourcesOf(limit: JsonObject): readonly string[] {
  return [...new Set(fields.flatMap((field) => Object.keys(textsAt(limit, field))))];
}

function amountsOf(limit: JsonObject, name: string, type: string): Amounts {
  const usable = type === 'Pod' ? fields.filter((field) => !field.startsWith('default')) : fields;
  return Object.fromEntries(
    usable.flatMap((field) => {
      const amount = textsAt(limit, field)[name];
      return amount === undefined ? [] : [[field, amount]];
    }),
  );
}

/** What must not be greater than what, where it is told and which of the two is shown. */
const orders = [
  { low: 'min', high: 'max', at: 'min', shows: 'min' },
  { low: 'min', high: 'defaultRequest', at: 'defaultRequest', shows: 'defaultRequest' },
  { low: 'defaultRequest', high: 'max', at: 'defaultRequest', shows: 'defaultRequest' },
  { low: 'defaultRequest', high: 'default', at: 'defaultRequest', shows: 'defaultRequest' },
  { low: 'min', high: 'default', at: 'default', shows: 'min' },
  { low: 'default', high: 'max', at: 'default', shows: 'max' },
] as const;

function orderErrors(amounts: Amounts, name: string, at: string): FieldError[] {
  const errors = orders.flatMap((order) => {
    const [low, high] = [amounts[order.low], amounts[order.high]];
    if (low === undefined || high === undefined || nanoOf(low) <= nanoOf(high)) return [];
    const why = `${called(order.low, order.high)} value ${low} is greater than ${called(order.high, order.low)} value ${high}`;
    return [invalid(`${at}.${order.at}[${name}]`, amounts[order.shows], why)];
  });
  return [...errors, ...ratioErrors(amounts, name, at), ...sharedErrors(amounts, name, at)];
}

function called(field: string, other: string): string {
  if (field === 'defaultRequest') return 'default request';
  return field === 'default' && other === 'defaultRequest' ? 'default limit' : field;
}

function ratioErrors(
  { min, max, maxLimitRequestRatio: ratio }: Amounts,
  name: string,
  at: string,
): FieldError[] {
  if (ratio === undefined) return [];
  const path = `${at}.maxLimitRequestRatio[${name}]`;
  const errors = nanoOf(ratio) < one ? [invalid(path, ratio, `ratio ${ratio} is less than 1`)] : [];
  if (min === undefined || max === undefined) return errors;
  const most = Number(nanoOf(max)) / Number(nanoOf(min));
  if (Number(nanoOf(ratio)) / Number(one) <= most) return errors;
  return [...errors, invalid(path, ratio, `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`)];
}

/** Devices cannot be promised twice: what is asked for is what is allowed. */
function sharedErrors(amounts: Amounts, name: string, at: string): FieldError[] {
  const { default: limit, defaultRequest: request } = amounts;
  const shared = !isExtended(name) && !name.startsWith('hugepages-');
  if (shared || limit === undefined || request === undefined || nanoOf(limit) === nanoOf(request)) return [];
  const why = `default value ${limit} must equal to defaultRequest value ${request} in ${name}`;
  return [invalid(`${at}.defaultRequest[${name}]`, request, why)];
}
